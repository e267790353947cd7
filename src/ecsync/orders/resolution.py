"""Which of our SKUs an order line means, and its tax rate, where the shop's file does not say so itself.

What a person corrected counts first, then the channel's listing, then the code in the order file if it is a
SKU of ours; the rate is the file's, else the product's. Lines in the warehouse's hands keep what they were
instructed with, and only what was unknown is filled in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

# What a person corrected counts first.
_CORRECTED: Final = (
    "(SELECT {value} FROM order_amendment m WHERE m.channel = order_line.channel AND m.order_no = order_line.order_no "
    "AND m.scope = 'line:' || order_line.line_id AND m.field = '{field}' AND m.state IN ('active', 'contested'))"
)

_RATE_OF: Final = "(SELECT r.tax_rate FROM product r WHERE r.sku = {sku} AND r.sku <> '')"

# What a line is taken in with: `s` is a staged row of the channel `w.channel`. Nobody has corrected it yet. Joined, for
# there may be a million of them.
STAGED_SKU: Final = "COALESCE(NULLIF(c.sku, ''), p.sku, '')"
STAGED_SOURCES: Final = """
LEFT JOIN channel_listing c ON c.channel = w.channel AND c.item_key = s.item_key AND c.sku_key = s.sku_key
LEFT JOIN product p ON p.sku = s.sku_code AND p.sku <> ''"""
STAGED_RATE: Final = f"COALESCE(s.tax_rate, {_RATE_OF.format(sku=STAGED_SKU)})"

_SKU: Final = (
    f"COALESCE({_CORRECTED.format(value='m.value', field='sku')}, "  # noqa: S608
    "(SELECT NULLIF(c.sku, '') FROM channel_listing c WHERE c.channel = order_line.channel "
    "AND c.item_key = order_line.item_key AND c.sku_key = order_line.sku_key), "
    "(SELECT p.sku FROM product p WHERE p.sku = order_line.sku_code AND p.sku <> ''), '')"
)

_IN_WAREHOUSE: Final = (
    "EXISTS (SELECT 1 FROM instruction_line i WHERE i.channel = order_line.channel "
    "AND i.order_no = order_line.order_no AND i.line_id = order_line.line_id "
    "AND (i.shipped_qty > 0 OR i.qty > i.shipped_qty + i.short_qty + i.recalled_qty))"
)

_RATE: Final = (
    f"COALESCE({_CORRECTED.format(value='CAST(m.value AS BIGINT)', field='tax_rate')}, order_line.file_tax_rate, "
    f"{_RATE_OF})"
)
_RATE_MAY_CHANGE: Final = f"(tax_rate IS NULL OR NOT {_IN_WAREHOUSE})"

# `{orders}` yields (channel, order_no): only their lines are looked up, not the history. A SKU brings its rate along.
_RESOLVE_SKUS: Final = f"""
UPDATE order_line SET sku = {_SKU},
  tax_rate = CASE WHEN {_RATE_MAY_CHANGE} THEN {_RATE.format(sku=_SKU)} ELSE tax_rate END, run_id = :run
WHERE (channel, order_no) IN ({{orders}}) {{lines}} AND sku <> {_SKU} AND (sku = '' OR NOT {_IN_WAREHOUSE})
"""  # noqa: S608
_RESOLVE_RATES: Final = f"""
UPDATE order_line SET tax_rate = {_RATE.format(sku="order_line.sku")}, run_id = :run
WHERE (channel, order_no) IN ({{orders}}) {{lines}}
  AND COALESCE(tax_rate, -1) <> COALESCE({_RATE.format(sku="order_line.sku")}, -1) AND {_RATE_MAY_CHANGE}
"""  # noqa: S608


_OPEN: Final = "SELECT o.channel, o.order_no FROM sales_order o WHERE o.state = 'open'"


def resolve_lines(ctx: RunContext, orders: str = _OPEN, *, also_written: bool = True) -> None:
    """Set sku and tax_rate of the lines of open orders from listings and products, where they differ.

    `orders` is a query of (channel, order_no) that takes the place of all open orders. Without `also_written`, lines
    that this run has written are left out: they have been resolved.
    """
    lines = "" if also_written else "AND order_line.run_id <> :run"
    for statement in (_RESOLVE_SKUS, _RESOLVE_RATES):
        ctx.execute(statement.format(orders=orders, lines=lines), run=ctx.run_id)
