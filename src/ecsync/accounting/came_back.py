"""Cancelled orders that left all the same and came back whole, before anything was booked: nothing to book."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.accounting.worktables import fill, is_empty

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

_BACK_AGAIN: Final = """
SELECT channel, order_no
FROM (SELECT l.channel, l.order_no, l.line_id, l.sku,
             SUM(CASE WHEN e.kind = 'shipped' THEN e.qty ELSE -e.qty END) AS away
      FROM (SELECT DISTINCT f.channel, f.order_no FROM acc_fresh f
            JOIN sales_order o ON o.channel = f.channel AND o.order_no = f.order_no
            WHERE o.order_status = 'cancelled'
              AND NOT EXISTS (SELECT 1 FROM booking b WHERE b.channel = f.channel AND b.order_no = f.order_no)) c
      JOIN instruction_line l ON l.channel = c.channel AND l.order_no = c.order_no
      JOIN warehouse_event e ON e.parcel_no = l.parcel_no AND e.line_no = l.line_no
      WHERE e.kind IN ('shipped', 'return') AND e.verdict = 'ok'
      GROUP BY l.channel, l.order_no, l.line_id, l.sku) t
GROUP BY channel, order_no
HAVING MAX(ABS(away)) = 0
"""

_TAKEN: Final = """
UPDATE warehouse_event SET booked_flag = 1, run_id = :run
WHERE kind IN ('shipped', 'return') AND booked_flag = 0 AND verdict = 'ok' AND (parcel_no, line_no) IN (
  SELECT l.parcel_no, l.line_no FROM acc_back_again c
  JOIN instruction_line l ON l.channel = c.channel AND l.order_no = c.order_no)
"""

_NO_LONGER_FRESH: Final = """
DELETE FROM acc_fresh WHERE (channel, order_no) IN (SELECT channel, order_no FROM acc_back_again)
"""


def set_aside(ctx: RunContext) -> None:
    """Take the events of such orders out of acc_fresh, and mark them as dealt with."""
    fill(ctx, "acc_back_again", _BACK_AGAIN)
    if not is_empty(ctx, "acc_back_again"):
        ctx.execute(_TAKEN, run=ctx.run_id)
        ctx.execute(_NO_LONGER_FRESH)
