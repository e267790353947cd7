"""The tracking numbers that a warehouse tells with its shipments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.shipping.labels import SUSPECT_NUMBER

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

# Told with several lines or boxes, a number counts from the first of them.
_NUMBERED: Final = """
INSERT INTO parcel_tracking (parcel_no, tracking_no, carrier, ship_date, run_id)
SELECT n.parcel_no, n.tracking_no, n.carrier, n.business_date, :run
FROM (
  SELECT w.parcel_no, w.tracking_no, w.carrier, w.business_date,
         ROW_NUMBER() OVER (PARTITION BY w.parcel_no, w.tracking_no ORDER BY w.at, w.event_id) AS nth
  FROM tmp_event e
  JOIN warehouse_event w ON w.warehouse = e.warehouse AND w.event_id = e.event_id
  WHERE e.verdict = 'ok' AND e.kind = 'shipped' AND w.tracking_no <> ''
) n
WHERE n.nth = 1
  AND NOT EXISTS (SELECT 1 FROM parcel_tracking p
                  WHERE p.parcel_no = n.parcel_no AND p.tracking_no = n.tracking_no)
ORDER BY n.parcel_no, n.tracking_no
"""

_UNNUMBERED: Final = """
INSERT INTO parcel_tracking (parcel_no, tracking_no, carrier, ship_date, run_id)
SELECT n.parcel_no, '', n.carrier, n.business_date, :run
FROM (
  SELECT w.parcel_no, w.carrier, w.business_date,
         ROW_NUMBER() OVER (PARTITION BY w.parcel_no ORDER BY w.at, w.event_id) AS nth
  FROM tmp_event e
  JOIN warehouse_event w ON w.warehouse = e.warehouse AND w.event_id = e.event_id
  WHERE e.verdict = 'ok' AND e.kind = 'shipped'
) n
WHERE n.nth = 1 AND NOT EXISTS (SELECT 1 FROM parcel_tracking p WHERE p.parcel_no = n.parcel_no)
ORDER BY n.parcel_no
"""

_SUSPECT: Final = f"""
SELECT DISTINCT i.channel, i.order_no, p.parcel_no
FROM tmp_event e
JOIN warehouse_event w ON w.warehouse = e.warehouse AND w.event_id = e.event_id
JOIN parcel_tracking p ON p.parcel_no = w.parcel_no AND p.tracking_no = w.tracking_no
JOIN shipping_instruction i ON i.parcel_no = p.parcel_no
WHERE e.verdict = 'ok' AND e.kind = 'shipped' AND {SUSPECT_NUMBER}
ORDER BY i.channel, i.order_no, p.parcel_no
"""  # noqa: S608


def take_tracking_numbers(ctx: RunContext) -> None:
    """Keep the tracking numbers of accepted shipments, several per parcel; a parcel without any gets one row with ''.

    A number whose check digit is wrong is named in the findings, and kept. Reads the scratch table tmp_event.
    """
    ctx.execute(_NUMBERED, run=ctx.run_id)
    ctx.execute(_UNNUMBERED, run=ctx.run_id)
    for channel, order_no, parcel_no in ctx.rows(_SUSPECT):
        ctx.findings.add("tracking_suspect", f"{channel} {order_no} ({parcel_no})")
