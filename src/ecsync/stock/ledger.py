"""Post what the warehouse told to the stock ledger, each event once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.stock.counts import settle_counts
from ecsync.stock.demand import refresh_demand
from ecsync.stock.release import release_excess

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

# What was short was not on the shelf: it leaves the books like a shipment, and is not promised again. What was sold
# over a counter has left too; a return there is less than 0.
_POST: Final = """
INSERT INTO stock_movement (movement_key, warehouse, sku, kind, qty, effective_at, recorded_at, reference, run_id)
SELECT 'event:' || e.warehouse || ':' || e.event_id, e.warehouse, e.sku,
       CASE e.kind WHEN 'shipped' THEN 'shipment' ELSE e.kind END,
       CASE WHEN e.kind IN ('shipped', 'short', 'sold') THEN 0 - e.qty ELSE e.qty END,
       e.at, :now, CASE WHEN e.parcel_no = '' THEN e.event_id ELSE e.parcel_no END, :run
FROM warehouse_event e
WHERE e.posted_flag = 0 AND e.verdict = 'ok'
  AND e.kind IN ('shipped', 'short', 'receipt', 'return', 'adjustment', 'sold')
ORDER BY e.warehouse, e.event_id
"""

_CONSUME: Final = """
UPDATE allocation
SET qty = CASE WHEN allocation.qty > g.units THEN allocation.qty - g.units ELSE 0 END, run_id = :run
FROM (
  SELECT l.channel, l.order_no, l.line_id, l.sku, CAST(SUM(e.qty) AS BIGINT) AS units
  FROM warehouse_event e
  JOIN instruction_line l ON l.parcel_no = e.parcel_no AND l.line_no = e.line_no
  WHERE e.posted_flag = 0 AND e.verdict = 'ok' AND e.kind IN ('shipped', 'short')
  GROUP BY l.channel, l.order_no, l.line_id, l.sku
) AS g
WHERE g.channel = allocation.channel AND g.order_no = allocation.order_no
  AND g.line_id = allocation.line_id AND g.sku = allocation.sku AND allocation.qty > 0
"""

_CLOSE: Final = """
UPDATE warehouse_event SET posted_flag = 1, run_id = :run WHERE posted_flag = 0 AND verdict = 'ok'
"""


def post_events(ctx: RunContext) -> int:
    """Post accepted events that the ledger has not taken: movements, balances, and what they mean for allocations.

    Movements from before the newest snapshot are answered by a count. Units that left, or were short,
    are no longer allocated; units of a recalled parcel are free again unless its order still needs them.
    Returns how many movements were posted.
    """
    posted = ctx.execute(_POST, now=ctx.now, run=ctx.run_id).rowcount
    settle_counts(ctx)
    ctx.execute(_CONSUME, run=ctx.run_id)
    ctx.execute(_CLOSE, run=ctx.run_id)
    refresh_demand(ctx)
    release_excess(ctx)
    return posted
