"""Take staged products, set components and channel listings into the master."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.products.listings import take_listings
from ecsync.products.newest import RowMerge, Value, merge_rows
from ecsync.products.sets import merge_sets

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

_PRODUCTS: Final = RowMerge(
    staging="stg_products",
    target="product",
    key=(("sku", "sku"),),
    values=(
        Value("s.name", "name"),
        Value("s.jan", "jan"),
        Value("s.supplier", "supplier"),
        Value("s.cost", "cost", integer=True),
        Value("s.price", "price", integer=True),
        Value("s.tax_rate", "tax_rate", integer=True),
    ),
    known_as_of="t.as_of",
    keeps_as_of=True,
)

# Said once, when it comes or changes. A code of 12 is one of 13 whose leading zero is not written.
_SHORT_JANS: Final = """
SELECT sku, LENGTH(jan) FROM product
WHERE run_id = :run AND jan <> '' AND LENGTH(jan) NOT IN (8, 12, 13)
ORDER BY sku
"""


def merge_products(ctx: RunContext) -> None:
    """Take stg_products into product; a product that no file names stays.

    product.as_of is that of the file which brought the present content. Where owners.yaml makes ecsync the
    owner of products, files only add SKUs and change none.
    """
    if ctx.scalar("SELECT COUNT(*) FROM stg_products"):
        merge_rows(ctx, _PRODUCTS, may_overwrite=ctx.settings.owners.product == "core")
        for sku, digits in ctx.rows(_SHORT_JANS, run=ctx.run_id):
            ctx.findings.add("jan_suspect", str(sku), digits=digits)


def merge_set_components(ctx: RunContext) -> None:
    """Take stg_set_components into set_component, set by set."""
    if ctx.scalar("SELECT COUNT(*) FROM stg_set_components"):
        merge_sets(ctx)


def merge_listings(ctx: RunContext) -> None:
    """Take stg_channel_listings into channel_listing and channel_stock (qty_seen, seen_at).

    A listing's sku is its sku_code, else its item_code, where a product has it, else ''. Order lines are
    resolved again by the orders room, which runs after.
    """
    take_listings(ctx)
