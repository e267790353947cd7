"""Decide which shipments each channel is told of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

# A cancelled order that left all the same is the customer's return to come: its shop is not told.
_DECIDE: Final = """
INSERT INTO shipping_notice (channel, order_no, dest_id, tracking_no, carrier, ship_date, decided_at, run_id)
SELECT n.channel, n.order_no, n.dest_id, n.tracking_no, n.carrier, n.ship_date, :now, :run
FROM (
  SELECT i.channel, i.order_no, i.dest_id, p.tracking_no, p.carrier, p.ship_date,
         ROW_NUMBER() OVER (PARTITION BY i.channel, i.order_no, i.dest_id, p.tracking_no
                            ORDER BY p.ship_date, p.parcel_no) AS nth
  FROM parcel_tracking p
  JOIN shipping_instruction i ON i.parcel_no = p.parcel_no
  JOIN sales_order o ON o.channel = i.channel AND o.order_no = i.order_no
  WHERE p.noticed_flag = 0 AND o.state IN ('open', 'shipped')
) n
WHERE n.nth = 1
  AND NOT EXISTS (SELECT 1 FROM shipping_notice s
                  WHERE s.channel = n.channel AND s.order_no = n.order_no
                    AND s.dest_id = n.dest_id AND s.tracking_no = n.tracking_no)
ORDER BY n.channel, n.order_no, n.dest_id, n.tracking_no
"""

_REMEMBER: Final = """
UPDATE parcel_tracking SET noticed_flag = 1, run_id = :run
WHERE noticed_flag = 0 AND EXISTS (
  SELECT 1 FROM shipping_instruction i
  JOIN shipping_notice s ON s.channel = i.channel AND s.order_no = i.order_no AND s.dest_id = i.dest_id
  WHERE i.parcel_no = parcel_tracking.parcel_no AND s.tracking_no = parcel_tracking.tracking_no)
"""


def decide_notices(ctx: RunContext) -> int:
    """Decide one notice per destination and tracking number that has left, each once; return how many.

    A parcel that left without a number is told with ''. Orders of the old system and cancelled ones get none.
    """
    decided = ctx.execute(_DECIDE, now=ctx.now, run=ctx.run_id).rowcount
    ctx.execute(_REMEMBER, run=ctx.run_id)
    return decided
