"""Close the orders that have left in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

# A set has left when all of its components have; `allocation` says what a line was taken apart into.
_CLOSE: Final = """
UPDATE sales_order SET state = 'shipped', run_id = :run
WHERE state = 'open'
  AND EXISTS (SELECT 1 FROM instruction_line s
              WHERE s.channel = sales_order.channel AND s.order_no = sales_order.order_no AND s.shipped_qty > 0)
  AND NOT EXISTS (
    SELECT 1 FROM order_line l
    LEFT JOIN allocation a ON a.channel = l.channel AND a.order_no = l.order_no AND a.line_id = l.line_id
    WHERE l.channel = sales_order.channel AND l.order_no = sales_order.order_no AND l.qty > 0
      AND (a.sku IS NULL OR l.qty * a.per_unit > COALESCE((
        SELECT CAST(SUM(s.shipped_qty) AS BIGINT) FROM instruction_line s
        WHERE s.channel = l.channel AND s.order_no = l.order_no AND s.line_id = l.line_id AND s.sku = a.sku), 0)))
"""


def close_shipped_orders(ctx: RunContext) -> int:
    """Set open orders to `shipped` when every line has left in full; return how many."""
    return ctx.execute(_CLOSE, run=ctx.run_id).rowcount
