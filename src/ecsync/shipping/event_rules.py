"""Judge what a warehouse told against what it was instructed to do; refused events stay, and are judged again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.locale import N_

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

SCRATCH: Final = (
    "warehouse TEXT, event_id TEXT, kind TEXT, parcel_no TEXT, line_no BIGINT, sku TEXT, qty BIGINT, "
    "at TEXT, old_verdict TEXT, verdict TEXT, PRIMARY KEY (warehouse, event_id)"
)

# Why an event does not fit, in staff's words.
REASONS: Final[dict[str, str]] = {
    "unknown_parcel": N_("no such parcel was instructed at this warehouse"),
    "unknown_line": N_("the parcel has no such line"),
    "sku_differs": N_("the parcel's line holds another SKU"),
    "bad_quantity": N_("its quantity cannot be right"),
    "no_sku": N_("it names no SKU"),
    "over_shipment": N_("it is more than was instructed and is still open"),
    "over_return": N_("it is more than has left"),
    "no_recall": N_("no recall of this parcel was asked for"),
    "nothing_left": N_("nothing of the parcel is open any more"),
}

_GATHER: Final = """
INSERT INTO tmp_event (warehouse, event_id, kind, parcel_no, line_no, sku, qty, at, old_verdict, verdict)
SELECT e.warehouse, e.event_id, e.kind, e.parcel_no, e.line_no, e.sku, e.qty, e.at, e.verdict, ''
FROM warehouse_event e
WHERE e.posted_flag = 0 AND e.verdict <> 'ok'
"""

_PARCEL: Final = """EXISTS (SELECT 1 FROM shipping_instruction i
    WHERE i.parcel_no = tmp_event.parcel_no AND i.warehouse = tmp_event.warehouse)"""
_RECALL: Final = "EXISTS (SELECT 1 FROM recall r WHERE r.parcel_no = tmp_event.parcel_no)"
_LINE: Final = """EXISTS (SELECT 1 FROM instruction_line l
    WHERE l.parcel_no = tmp_event.parcel_no AND l.line_no = tmp_event.line_no{condition})"""

# Judged by itself; what depends on the other events of its parcel stays '' for the steps below.
_ALONE: Final = f"""
UPDATE tmp_event SET verdict = CASE
  WHEN kind IN ('receipt', 'adjustment', 'sold') AND sku = '' THEN 'no_sku'
  WHEN kind = 'receipt' THEN CASE WHEN COALESCE(qty, 0) > 0 THEN 'ok' ELSE 'bad_quantity' END
  WHEN kind IN ('adjustment', 'sold') THEN CASE WHEN COALESCE(qty, 0) <> 0 THEN 'ok' ELSE 'bad_quantity' END
  WHEN NOT {_PARCEL} THEN 'unknown_parcel'
  WHEN kind IN ('recalled', 'refused') AND NOT {_RECALL} THEN 'no_recall'
  WHEN kind = 'refused' OR (kind = 'recalled' AND line_no IS NULL AND qty IS NULL) THEN ''
  WHEN NOT {_LINE.format(condition="")} THEN 'unknown_line'
  WHEN NOT (kind = 'recalled' AND sku = '') AND NOT {_LINE.format(condition=" AND l.sku = tmp_event.sku")}
    THEN 'sku_differs'
  WHEN kind = 'recalled' AND qty IS NULL THEN ''
  WHEN COALESCE(qty, 0) <= 0 THEN 'bad_quantity'
  ELSE '' END
"""  # noqa: S608

_OPEN_UNITS: Final = "l.qty - l.shipped_qty - l.short_qty - l.recalled_qty"
_LEFT_UNITS: Final = "l.shipped_qty - l.returned_qty"

# In the order of time as long as the line has room. One that never fits is passed over, and those behind it get
# their turn in the next round: the outcome is that of taking them one by one.
_FITTING: Final = """
UPDATE tmp_event SET verdict = 'fits'
FROM (
  SELECT e.warehouse, e.event_id, {room} AS room,
         SUM(e.qty) OVER (PARTITION BY e.parcel_no, e.line_no ORDER BY e.at, e.event_id
                          ROWS UNBOUNDED PRECEDING) AS up_to_here
  FROM tmp_event e
  JOIN instruction_line l ON l.parcel_no = e.parcel_no AND l.line_no = e.line_no
  WHERE e.verdict = '' AND e.kind IN ({kinds}) AND e.qty <= {room}
) AS f
WHERE f.up_to_here <= f.room AND f.warehouse = tmp_event.warehouse AND f.event_id = tmp_event.event_id
"""

_BOOK: Final = """
UPDATE instruction_line
SET shipped_qty = instruction_line.shipped_qty + d.shipped, short_qty = instruction_line.short_qty + d.short,
    recalled_qty = instruction_line.recalled_qty + d.recalled,
    returned_qty = instruction_line.returned_qty + d.returned, run_id = :run
FROM (
  SELECT parcel_no, line_no,
         CAST(SUM(CASE WHEN kind = 'shipped' THEN qty ELSE 0 END) AS BIGINT) AS shipped,
         CAST(SUM(CASE WHEN kind = 'short' THEN qty ELSE 0 END) AS BIGINT) AS short,
         CAST(SUM(CASE WHEN kind = 'recalled' THEN qty ELSE 0 END) AS BIGINT) AS recalled,
         CAST(SUM(CASE WHEN kind = 'return' THEN qty ELSE 0 END) AS BIGINT) AS returned
  FROM tmp_event WHERE verdict = 'fits' GROUP BY parcel_no, line_no
) AS d
WHERE d.parcel_no = instruction_line.parcel_no AND d.line_no = instruction_line.line_no
"""

# A recall answered for a whole parcel, or a whole line of it, takes what the other events leave open.
_WHOLE: Final = """
UPDATE tmp_event SET verdict = 'fits'
FROM (
  SELECT e.warehouse, e.event_id,
         ROW_NUMBER() OVER (PARTITION BY e.parcel_no, COALESCE(e.line_no, 0) ORDER BY e.at, e.event_id) AS nth
  FROM tmp_event e
  WHERE e.verdict = '' AND e.kind = 'recalled' AND e.qty IS NULL
    AND EXISTS (SELECT 1 FROM instruction_line l
                WHERE l.parcel_no = e.parcel_no AND (e.line_no IS NULL OR l.line_no = e.line_no)
                  AND l.qty > l.shipped_qty + l.short_qty + l.recalled_qty)
) AS w
WHERE w.nth = 1 AND w.warehouse = tmp_event.warehouse AND w.event_id = tmp_event.event_id
"""

_BOOK_WHOLE: Final = """
UPDATE instruction_line SET recalled_qty = qty - shipped_qty - short_qty, run_id = :run
WHERE qty > shipped_qty + short_qty + recalled_qty
  AND EXISTS (SELECT 1 FROM tmp_event e
              WHERE e.verdict = 'fits' AND e.parcel_no = instruction_line.parcel_no
                AND (e.line_no IS NULL OR e.line_no = instruction_line.line_no))
"""

_SETTLED: Final = "UPDATE tmp_event SET verdict = 'ok' WHERE verdict = 'fits'"

_REST: Final = """
UPDATE tmp_event SET verdict = CASE
  WHEN kind = 'return' THEN 'over_return'
  WHEN kind = 'refused' AND NOT EXISTS (
    SELECT 1 FROM recall r WHERE r.parcel_no = tmp_event.parcel_no AND r.answer = 'recalled') THEN 'ok'
  WHEN kind = 'refused' OR qty IS NULL THEN 'nothing_left'
  ELSE 'over_shipment' END
WHERE verdict = ''
"""

_WRITE_BACK: Final = """
UPDATE warehouse_event SET verdict = t.verdict, run_id = :run
FROM tmp_event AS t
WHERE t.warehouse = warehouse_event.warehouse AND t.event_id = warehouse_event.event_id
  AND t.verdict <> warehouse_event.verdict
"""

_REFUSED: Final = """
SELECT t.warehouse, t.event_id, t.verdict FROM tmp_event t
WHERE t.verdict <> 'ok' AND t.verdict <> t.old_verdict
ORDER BY t.warehouse, t.event_id
"""


def gather_events(ctx: RunContext) -> int:
    """Fill the scratch table tmp_event with the events that wait for a verdict; return how many."""
    return ctx.execute(_GATHER).rowcount


def judge_events(ctx: RunContext) -> list[tuple[str, str, str]]:
    """Give every gathered event its verdict, and book the units of accepted ones to their instruction lines.

    `ok`, or a key of REASONS. Shipped, short and recalled units together never exceed what was
    instructed, returned ones never what has left. Returns the events refused for a new reason, as
    (warehouse, event id, reason).
    """
    ctx.execute(_ALONE)
    _take_while_it_fits(ctx, "'shipped', 'short', 'recalled'", _OPEN_UNITS)
    if ctx.execute(_WHOLE).rowcount:
        ctx.execute(_BOOK_WHOLE, run=ctx.run_id)
        ctx.execute(_SETTLED)
    _take_while_it_fits(ctx, "'return'", _LEFT_UNITS)
    ctx.execute(_REST)
    ctx.execute(_WRITE_BACK, run=ctx.run_id)
    return [(str(warehouse), str(event), str(reason)) for warehouse, event, reason in ctx.rows(_REFUSED)]


def _take_while_it_fits(ctx: RunContext, kinds: str, room: str) -> None:
    fitting = _FITTING.format(kinds=kinds, room=room)
    while ctx.execute(fitting).rowcount:
        ctx.execute(_BOOK, run=ctx.run_id)
        ctx.execute(_SETTLED)
