"""Take every event of a warehouse in once, whatever file it comes in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.master.scratch import analyze, fill, scratch_tables
from ecsync.shipping.local_days import spans_of

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

_TEXTS: Final = ("kind", "parcel_no", "sku", "tracking_no", "carrier", "at")
_NUMBERS: Final = ("line_no", "qty", "at_offset")
_NO_NUMBER: Final = "-9223372036854775807"

_SAME: Final = " AND ".join(
    [f"e.{name} = stg_warehouse_events.{name}" for name in _TEXTS]
    + [
        f"COALESCE(e.{name}, {_NO_NUMBER}) = COALESCE(stg_warehouse_events.{name}, {_NO_NUMBER})"
        for name in _NUMBERS
    ]
)

_DIFFER: Final = " OR ".join(
    [f"MIN({name}) <> MAX({name})" for name in _TEXTS]
    + [f"MIN(COALESCE({name}, {_NO_NUMBER})) <> MAX(COALESCE({name}, {_NO_NUMBER}))" for name in _NUMBERS]
)

_UNDATED: Final = """
UPDATE stg_warehouse_events SET verdict = 'quarantined', verdict_reason = 'required:at'
WHERE verdict = '' AND at = ''
"""

_KNOWN: Final = f"""
UPDATE stg_warehouse_events
SET verdict = CASE WHEN {_SAME} THEN 'unchanged' ELSE 'quarantined' END,
    verdict_reason = CASE WHEN {_SAME} THEN '' ELSE 'event_conflict:event_id' END
FROM warehouse_event AS e
WHERE e.warehouse = stg_warehouse_events.src_party AND e.event_id = stg_warehouse_events.event_id
  AND stg_warehouse_events.verdict = ''
"""  # noqa: S608

_CONTRADICTORY: Final = f"""
UPDATE stg_warehouse_events SET verdict = 'quarantined', verdict_reason = 'event_conflict:event_id'
FROM (
  SELECT src_party AS party, event_id AS told FROM stg_warehouse_events
  WHERE verdict = '' GROUP BY src_party, event_id HAVING {_DIFFER}
) AS c
WHERE c.party = stg_warehouse_events.src_party AND c.told = stg_warehouse_events.event_id
  AND stg_warehouse_events.verdict = ''
"""  # noqa: S608

_NEW: Final = """
UPDATE stg_warehouse_events
SET verdict = CASE WHEN r.nth = 1 THEN 'new' ELSE 'duplicate' END,
    verdict_reason = CASE WHEN r.nth = 1 THEN '' ELSE 'identical' END
FROM (
  SELECT src_row AS told_in, ROW_NUMBER() OVER (PARTITION BY src_party, event_id ORDER BY src_row) AS nth
  FROM stg_warehouse_events WHERE verdict = ''
) AS r
WHERE r.told_in = stg_warehouse_events.src_row
"""

# `pending` until the rules have judged it, in the same transaction.
_ADD: Final = """
INSERT INTO warehouse_event (warehouse, event_id, kind, parcel_no, line_no, sku, qty, tracking_no, carrier,
                             at, at_offset, business_date, verdict, run_id)
SELECT s.src_party, s.event_id, s.kind, s.parcel_no, s.line_no, s.sku, s.qty, s.tracking_no, s.carrier,
       s.at, COALESCE(s.at_offset, 0), d.business_date, 'pending', :run
FROM stg_warehouse_events s
JOIN tmp_day d ON s.at >= d.from_at AND s.at < d.before_at
WHERE s.verdict = 'new'
ORDER BY s.src_party, s.event_id
"""

_SOURCES: Final = """
INSERT INTO event_source (warehouse, event_id, file_id, line, run_id)
SELECT s.src_party, s.event_id, s.src_file, s.src_line, :run
FROM stg_warehouse_events s
WHERE s.verdict = 'new'
"""


def take_in_events(ctx: RunContext) -> int:
    """Move new rows of stg_warehouse_events to warehouse_event, verdict `pending`, and settle the verdict of each row.

    An event of a warehouse counts once. The same id with another content is put aside (`event_conflict`):
    against the master the newcomer, within a run all of them, so that no order of files decides.
    The business date is that of the event's moment in the project's zone. Returns how many are new.
    """
    ctx.execute(_UNDATED)
    ctx.execute(_KNOWN)
    ctx.execute(_CONTRADICTORY)
    if not ctx.execute(_NEW).rowcount:
        return 0
    utc_dates = [
        str(row[0])
        for row in ctx.rows(
            "SELECT DISTINCT SUBSTR(at, 1, 10) FROM stg_warehouse_events WHERE verdict = 'new' ORDER BY 1"
        )
    ]
    with scratch_tables(
        ctx, tmp_day="business_date TEXT, from_at TEXT, before_at TEXT, PRIMARY KEY (from_at)"
    ):
        fill(ctx, "tmp_day", spans_of(utc_dates, ctx.settings.zone))
        analyze(ctx, "tmp_day")
        ctx.execute(_SOURCES, run=ctx.run_id)
        return ctx.execute(_ADD, run=ctx.run_id).rowcount
