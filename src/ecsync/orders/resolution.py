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

_SKU: Final = f"""
COALESCE(
  {_CORRECTED.format(value="m.value", field="sku")},
  (SELECT NULLIF(c.sku, '') FROM channel_listing c WHERE c.channel = order_line.channel
     AND c.item_key = order_line.item_key AND c.sku_key = order_line.sku_key),
  (SELECT p.sku FROM product p WHERE p.sku = order_line.sku_code AND p.sku <> ''),
  '')
"""  # noqa: S608

_IN_WAREHOUSE: Final = (
    "EXISTS (SELECT 1 FROM instruction_line i WHERE i.channel = order_line.channel "
    "AND i.order_no = order_line.order_no AND i.line_id = order_line.line_id "
    "AND (i.shipped_qty > 0 OR i.qty > i.shipped_qty + i.short_qty + i.recalled_qty))"
)

# `{orders}` yields (channel, order_no); so only their lines are looked up, not the history.
_RESOLVE_SKUS: Final = f"""
UPDATE order_line SET sku = {_SKU}, run_id = :run
WHERE (channel, order_no) IN ({{orders}}) AND sku <> {_SKU} AND (sku = '' OR NOT {_IN_WAREHOUSE})
"""  # noqa: S608

_RATE: Final = (
    f"COALESCE({_CORRECTED.format(value='CAST(m.value AS BIGINT)', field='tax_rate')}, order_line.file_tax_rate, "  # noqa: S608
    "(SELECT p.tax_rate FROM product p WHERE p.sku = order_line.sku AND p.sku <> ''))"
)
_RESOLVE_RATES: Final = f"""
UPDATE order_line SET tax_rate = {_RATE}, run_id = :run
WHERE (channel, order_no) IN ({{orders}}) AND COALESCE(tax_rate, -1) <> COALESCE({_RATE}, -1)
  AND (tax_rate IS NULL OR NOT {_IN_WAREHOUSE})
"""  # noqa: S608


_OPEN: Final = "SELECT o.channel, o.order_no FROM sales_order o WHERE o.state = 'open'"


def resolve_lines(ctx: RunContext, orders: str = _OPEN) -> None:
    """Set sku and tax_rate of the lines of open orders from listings and products, where they differ.

    `orders` is a query of (channel, order_no) that takes the place of all open orders.
    """
    for statement in (_RESOLVE_SKUS, _RESOLVE_RATES):
        ctx.execute(statement.format(orders=orders), run=ctx.run_id)
