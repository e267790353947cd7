"""Close the orders that have left in full, and those of which nothing has to leave."""

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
      AND l.ships_flag = 1
      AND (a.sku IS NULL OR l.qty * a.per_unit > COALESCE((
        SELECT CAST(SUM(s.shipped_qty) AS BIGINT) FROM instruction_line s
        WHERE s.channel = l.channel AND s.order_no = l.order_no AND s.line_id = l.line_id AND s.sku = a.sku), 0)))
"""


# A gift card, a download: done when an order like any other would be instructed.
_NOTHING_TO_SHIP: Final = """
INSERT INTO order_without_parcel (channel, order_no, done_on, run_id)
SELECT o.channel, o.order_no, :day, :run FROM sales_order o
WHERE o.state = 'open' AND o.payment_state IN ('confirmed', 'not_needed')
  AND EXISTS (SELECT 1 FROM order_line l WHERE l.channel = o.channel AND l.order_no = o.order_no AND l.qty > 0)
  AND NOT EXISTS (SELECT 1 FROM order_line l WHERE l.channel = o.channel AND l.order_no = o.order_no
                  AND l.qty > 0 AND l.ships_flag = 1)
  AND NOT EXISTS (SELECT 1 FROM order_hold h WHERE h.channel = o.channel AND h.order_no = o.order_no
                  AND h.closed_at = '')
  AND NOT EXISTS (SELECT 1 FROM order_wait w WHERE w.channel = o.channel AND w.order_no = o.order_no
                  AND w.kind = 'money')
  AND NOT EXISTS (SELECT 1 FROM instruction_line i WHERE i.channel = o.channel AND i.order_no = o.order_no
                  AND i.qty > i.short_qty + i.recalled_qty)
  AND NOT EXISTS (SELECT 1 FROM order_without_parcel p WHERE p.channel = o.channel AND p.order_no = o.order_no)
ORDER BY o.channel, o.order_no
"""

_DONE: Final = """
UPDATE sales_order SET state = 'shipped', run_id = :run
WHERE state = 'open' AND EXISTS (
  SELECT 1 FROM order_without_parcel p WHERE p.channel = sales_order.channel AND p.order_no = sales_order.order_no
    AND p.run_id = :run AND p.done_on = :day)
"""


def close_orders_without_parcel(ctx: RunContext) -> int:
    """Set open orders of which nothing has to leave to `shipped`, with their day, once their money is there."""
    done = ctx.execute(_NOTHING_TO_SHIP, day=ctx.business_date, run=ctx.run_id).rowcount
    if done:
        ctx.execute(_DONE, day=ctx.business_date, run=ctx.run_id)
    return done


def close_shipped_orders(ctx: RunContext) -> int:
    """Set open orders to `shipped` when every line has left in full; return how many."""
    return ctx.execute(_CLOSE, run=ctx.run_id).rowcount
