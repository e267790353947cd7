"""What a label means: its parcel has left, whole, on the day that the label names, or else its instruction."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from ecsync.config import Warehouse
from ecsync.locale import N_
from ecsync.master.scratch import analyze, fill, scratch_tables

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

# Why a label is not taken for a shipment, in staff's words.
REASONS: Final[dict[str, str]] = {
    "unknown_parcel": N_("no such parcel was instructed at this warehouse"),
    "not_to_ship": N_("nothing of the parcel was to be shipped any more"),
}
_AFTER_NOTICE: Final = "after_notice"

_GATHER: Final = """
INSERT INTO tmp_label (warehouse, parcel_no, tracking_no, carrier, ship_date, old_verdict, verdict)
SELECT r.warehouse, r.parcel_no, r.tracking_no, r.carrier, COALESCE(NULLIF(r.ship_date, ''), i.ship_date, ''),
       r.verdict, ''
FROM parcel_result r
LEFT JOIN shipping_instruction i ON i.parcel_no = r.parcel_no AND i.warehouse = r.warehouse
WHERE r.verdict <> 'ok'
"""

_LINES: Final = (
    "EXISTS (SELECT 1 FROM instruction_line l WHERE l.parcel_no = tmp_label.parcel_no AND {condition})"
)
_OPEN: Final = _LINES.format(condition="l.qty > l.shipped_qty + l.short_qty + l.recalled_qty")
_LEFT: Final = _LINES.format(condition="l.shipped_qty > 0")
_NUMBER: Final = (
    "EXISTS (SELECT 1 FROM parcel_tracking p WHERE p.parcel_no = tmp_label.parcel_no AND {condition})"
)

# `ships`: its open lines leave with it. `counts`: the parcel has left already, and this is one more number of it.
_JUDGE: Final = f"""
UPDATE tmp_label SET verdict = CASE
  WHEN NOT EXISTS (SELECT 1 FROM shipping_instruction i
                   WHERE i.parcel_no = tmp_label.parcel_no AND i.warehouse = tmp_label.warehouse)
    THEN 'unknown_parcel'
  WHEN ship_date > :today THEN 'waiting'
  WHEN {_NUMBER.format(condition="p.tracking_no = tmp_label.tracking_no")} AND NOT {_OPEN} THEN 'ok'
  WHEN {_OPEN} THEN 'ships'
  WHEN NOT {_LEFT} THEN 'not_to_ship'
  WHEN {_NUMBER.format(condition="p.noticed_flag = 1")} THEN '{_AFTER_NOTICE}'
  ELSE 'counts' END
"""  # noqa: S608

_DAYS: Final = """
SELECT DISTINCT warehouse, ship_date FROM tmp_label WHERE verdict = 'ships' ORDER BY warehouse, ship_date
"""

# One shipment per line, numbered by what it is, not by the file that told it. The tracking numbers are kept below.
_SHIP: Final = """
INSERT INTO warehouse_event (warehouse, event_id, kind, parcel_no, line_no, sku, qty, tracking_no, carrier,
                             at, at_offset, business_date, verdict, run_id)
SELECT t.warehouse, 'label:' || l.parcel_no || ':' || CAST(l.line_no AS TEXT), 'shipped', l.parcel_no, l.line_no,
       l.sku, l.qty - l.shipped_qty - l.short_qty - l.recalled_qty, '', t.carrier,
       d.at, d.at_offset, t.ship_date, 'pending', :run
FROM (
  SELECT warehouse, parcel_no, carrier, ship_date,
         ROW_NUMBER() OVER (PARTITION BY parcel_no ORDER BY ship_date, tracking_no) AS nth
  FROM tmp_label WHERE verdict = 'ships'
) t
JOIN tmp_left d ON d.warehouse = t.warehouse AND d.ship_date = t.ship_date
JOIN instruction_line l ON l.parcel_no = t.parcel_no AND l.qty > l.shipped_qty + l.short_qty + l.recalled_qty
WHERE t.nth = 1
  AND NOT EXISTS (SELECT 1 FROM warehouse_event e WHERE e.warehouse = t.warehouse
                  AND e.event_id = 'label:' || l.parcel_no || ':' || CAST(l.line_no AS TEXT))
ORDER BY l.parcel_no, l.line_no
"""

# A parcel that was said to have left without a number has one now; its shop was not told yet.
_NOT_WITHOUT: Final = """
DELETE FROM parcel_tracking
WHERE tracking_no = '' AND noticed_flag = 0
  AND EXISTS (SELECT 1 FROM tmp_label t
              WHERE t.parcel_no = parcel_tracking.parcel_no AND t.verdict IN ('ships', 'counts'))
"""

_NUMBERS: Final = """
INSERT INTO parcel_tracking (parcel_no, tracking_no, carrier, ship_date, run_id)
SELECT t.parcel_no, t.tracking_no, t.carrier, t.ship_date, :run
FROM tmp_label t
WHERE t.verdict IN ('ships', 'counts')
  AND NOT EXISTS (SELECT 1 FROM parcel_tracking p
                  WHERE p.parcel_no = t.parcel_no AND p.tracking_no = t.tracking_no)
ORDER BY t.parcel_no, t.tracking_no
"""

_WRITE_BACK: Final = """
UPDATE parcel_result SET verdict = t.verdict, run_id = :run
FROM (
  SELECT warehouse AS place, parcel_no AS parcel, tracking_no AS number,
         CASE WHEN verdict IN ('ships', 'counts') THEN 'ok' ELSE verdict END AS verdict
  FROM tmp_label
) AS t
WHERE t.place = parcel_result.warehouse AND t.parcel = parcel_result.parcel_no
  AND t.number = parcel_result.tracking_no AND t.verdict <> parcel_result.verdict
"""

_TO_TELL: Final = """
SELECT t.warehouse, t.parcel_no, t.verdict, COALESCE(i.channel, ''), COALESCE(i.order_no, '')
FROM tmp_label t
LEFT JOIN shipping_instruction i ON i.parcel_no = t.parcel_no
WHERE t.verdict <> t.old_verdict AND t.verdict IN ('unknown_parcel', 'not_to_ship', 'after_notice')
ORDER BY t.warehouse, t.parcel_no, t.tracking_no
"""

# 7DR: the last of twelve digits is the first eleven modulo seven. A hint only: some services count otherwise. Eleven
# digits of yamato and sagawa have lost their leading zero; japan_post has numbers of that length.
SUSPECT_NUMBER: Final = """p.carrier IN ('yamato', 'sagawa', 'japan_post')
  AND CASE WHEN LENGTH(p.tracking_no) = 11 AND p.carrier <> 'japan_post'
           THEN 1
           WHEN LENGTH(p.tracking_no) = 12 AND TRIM(p.tracking_no, '0123456789') = ''
           THEN CASE WHEN CAST(SUBSTR(p.tracking_no, 1, 11) AS BIGINT) % 7
                        <> CAST(SUBSTR(p.tracking_no, 12, 1) AS BIGINT) THEN 1 ELSE 0 END
           ELSE 0 END = 1"""

_SUSPECT: Final = f"""
SELECT DISTINCT i.channel, i.order_no, p.parcel_no
FROM tmp_label p JOIN shipping_instruction i ON i.parcel_no = p.parcel_no
WHERE p.verdict IN ('ships', 'counts') AND {SUSPECT_NUMBER}
ORDER BY i.channel, i.order_no, p.parcel_no
"""  # noqa: S608


def ship_by_labels(ctx: RunContext) -> int:
    """Turn the labels whose day has come into shipments of what is open in their parcels; return how many.

    A label of tomorrow waits until tomorrow. Several labels of one parcel are several boxes. A number that comes
    after the shop was told of the parcel is a person's matter: another box, or a label that was issued anew. What
    does not fit is kept with its reason, named once, and judged again by every later run.
    """
    with scratch_tables(
        ctx,
        tmp_label="warehouse TEXT, parcel_no TEXT, tracking_no TEXT, carrier TEXT, ship_date TEXT, "
        "old_verdict TEXT, verdict TEXT, PRIMARY KEY (warehouse, parcel_no, tracking_no)",
        tmp_left="warehouse TEXT, ship_date TEXT, at TEXT, at_offset BIGINT, PRIMARY KEY (warehouse, ship_date)",
    ):
        if not ctx.execute(_GATHER).rowcount:
            return 0
        analyze(ctx, "tmp_label")
        ctx.execute(_JUDGE, today=ctx.business_date)
        fill(ctx, "tmp_left", _moments(ctx))
        shipped = ctx.execute(_SHIP, run=ctx.run_id).rowcount
        ctx.execute(_NOT_WITHOUT)
        ctx.execute(_NUMBERS, run=ctx.run_id)
        _tell(ctx)
        ctx.execute(_WRITE_BACK, run=ctx.run_id)
    return shipped


def _moments(ctx: RunContext) -> list[dict[str, object]]:
    """Return when what leaves on a day is gone from the shelf: at the warehouse's cut-off, for nobody says it."""
    rows: list[dict[str, object]] = []
    for warehouse, ship_date in ctx.rows(_DAYS):
        cut_off = ctx.settings.warehouses.get(warehouse, Warehouse()).cut_off
        local = datetime.combine(date.fromisoformat(ship_date), cut_off, ctx.settings.zone)
        offset = local.utcoffset()
        rows.append(
            {
                "warehouse": warehouse,
                "ship_date": ship_date,
                "at": local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "at_offset": 0 if offset is None else int(offset.total_seconds()) // 60,
            }
        )
    return rows


def _tell(ctx: RunContext) -> None:
    for warehouse, parcel_no, verdict, channel, order_no in ctx.rows(_TO_TELL):
        if verdict == _AFTER_NOTICE:
            ctx.findings.add("tracking_changed", f"{channel} {order_no}", parcel_no=parcel_no)
        else:
            ctx.findings.add("label_rejected", f"{warehouse} {parcel_no}", reason=REASONS[verdict])
    for channel, order_no, parcel_no in ctx.rows(_SUSPECT):
        ctx.findings.add("tracking_suspect", f"{channel} {order_no} ({parcel_no})")
