"""What the core system is told of the units that came into a warehouse: receipts, returns to stock, adjustments.

The money of a return stands in the books' own document; `receipt_id` of a return is the key of that booking.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

# A wrong receipt is mended by an adjustment, so that one without the other would leave the core system wrong.
RECEIPT_KINDS: Final = "('receipt', 'return', 'adjustment')"
RECEIPT_KEY: Final = "e.kind || ':' || e.warehouse || ':' || e.event_id"

# What happened before a warehouse's opening, or before its cut-over, was told by the old ways.
RECEIPTS: Final = f"""
SELECT {RECEIPT_KEY} AS receipt_id, e.kind, e.business_date AS received_on, e.warehouse, e.event_id, e.sku, e.qty,
       COALESCE(l.channel, '') AS channel, COALESCE(l.order_no, '') AS order_no, COALESCE(l.line_id, '') AS line_id,
       e.parcel_no, {RECEIPT_KEY} AS business_key
FROM warehouse_event e
LEFT JOIN instruction_line l ON l.parcel_no = e.parcel_no AND l.line_no = e.line_no
LEFT JOIN sales_order o ON o.channel = l.channel AND o.order_no = l.order_no
LEFT JOIN (SELECT m.warehouse, MIN(m.effective_at) AS at FROM stock_movement m
           WHERE m.movement_key >= 'opening:' AND m.movement_key < 'opening;'
           GROUP BY m.warehouse) g ON g.warehouse = e.warehouse
WHERE e.kind IN {RECEIPT_KINDS} AND e.verdict = 'ok' AND e.posted_flag = 1
  AND e.at >= COALESCE(g.at, '') AND COALESCE(o.state, '') <> 'foreign' AND {{since}} AND {{untold}}
ORDER BY e.business_date, e.warehouse, e.event_id
"""  # noqa: S608 - constants only


def since(cutovers: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Return what leaves out the events of each warehouse from before its cut-over, and the values it takes."""
    named = list(enumerate(sorted(cutovers.items())))
    sql = " AND ".join(f"NOT (e.warehouse = :place{n} AND e.at < :since{n})" for n, _cutover in named)
    values = {f"place{n}": place for n, (place, _at) in named}
    return sql or "1 = 1", {**values, **{f"since{n}": at for n, (_place, at) in named}}
