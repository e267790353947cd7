"""Take the warehouses' results: what left, what was short, what came back, what was recalled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecsync.locale import N_
from ecsync.master.scratch import analyze, scratch_tables
from ecsync.shipping.completion import close_shipped_orders
from ecsync.shipping.event_intake import take_in_events
from ecsync.shipping.event_rules import REASONS, SCRATCH, gather_events, judge_events
from ecsync.shipping.label_intake import take_in_labels
from ecsync.shipping.labels import ship_by_labels
from ecsync.shipping.tracking import take_tracking_numbers

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

# A recall has failed as soon as a unit left after all; it succeeded when nothing is left to ship.
_ANSWERS: Final = """
INSERT INTO tmp_answer (parcel_no, answer, at)
SELECT a.parcel_no,
       CASE WHEN a.shipped > 0 THEN 'shipped' WHEN a.open_units = 0 THEN 'recalled' ELSE 'refused' END, a.at
FROM (
  SELECT r.parcel_no, MAX(e.at) AS at,
         SUM(CASE WHEN e.kind = 'shipped' THEN 1 ELSE 0 END) AS shipped,
         SUM(CASE WHEN e.kind = 'refused' THEN 1 ELSE 0 END) AS refused,
         (SELECT CAST(SUM(l.qty - l.shipped_qty - l.short_qty - l.recalled_qty) AS BIGINT)
          FROM instruction_line l WHERE l.parcel_no = r.parcel_no) AS open_units
  FROM recall r
  JOIN tmp_event e ON e.parcel_no = r.parcel_no AND e.verdict = 'ok'
                  AND e.kind IN ('shipped', 'short', 'recalled', 'refused')
  WHERE r.answer = ''
  GROUP BY r.parcel_no
) a
WHERE a.shipped > 0 OR a.refused > 0 OR a.open_units = 0
"""

_ANSWER: Final = """
UPDATE recall SET answer = a.answer, answered_at = a.at, run_id = :run
FROM tmp_answer AS a WHERE a.parcel_no = recall.parcel_no
"""

_FAILED: Final = """
SELECT i.channel, i.order_no, a.parcel_no, a.answer
FROM tmp_answer a JOIN shipping_instruction i ON i.parcel_no = a.parcel_no
WHERE a.answer <> 'recalled'
ORDER BY a.parcel_no
"""

_STATES: Final = """
UPDATE shipping_instruction SET state = n.state, run_id = :run
FROM (
  SELECT u.parcel_no,
         CASE WHEN u.open_units = 0 AND u.shipped = 0 AND u.recalled > 0 THEN 'recalled'
              WHEN u.open_units = 0 THEN 'shipped'
              WHEN EXISTS (SELECT 1 FROM recall r WHERE r.parcel_no = u.parcel_no AND r.answer = '')
              THEN 'recalling' ELSE 'instructed' END AS state
  FROM (
    SELECT l.parcel_no, SUM(l.shipped_qty) AS shipped, SUM(l.recalled_qty) AS recalled,
           SUM(l.qty - l.shipped_qty - l.short_qty - l.recalled_qty) AS open_units
    FROM instruction_line l
    WHERE l.parcel_no IN (SELECT e.parcel_no FROM tmp_event e WHERE e.verdict = 'ok' AND e.parcel_no <> '')
    GROUP BY l.parcel_no
  ) u
) AS n
WHERE n.parcel_no = shipping_instruction.parcel_no AND n.state <> shipping_instruction.state
"""

_SHORT: Final = """
SELECT l.channel, l.order_no, l.sku, CAST(SUM(e.qty) AS BIGINT)
FROM tmp_event e
JOIN instruction_line l ON l.parcel_no = e.parcel_no AND l.line_no = e.line_no
WHERE e.verdict = 'ok' AND e.kind = 'short'
GROUP BY l.channel, l.order_no, l.sku
ORDER BY l.channel, l.order_no, l.sku
"""

_ANSWERS_IN_WORDS: Final = {"shipped": N_("it has left"), "refused": N_("it cannot be stopped")}

_ACCEPTED: Final = "SELECT COUNT(*) FROM tmp_event WHERE verdict = 'ok'"


@dataclass(frozen=True)
class EventsTaken:
    """Say how many events are new to the master, how many were accepted, and how many newly refused."""

    new: int
    accepted: int
    refused: int


def take_events(ctx: RunContext) -> EventsTaken:
    """Take in stg_warehouse_events and stg_parcel_results, and act on every event that fits its parcel.

    What the warehouse tells line by line comes first; a label then ships what is still open of its parcel.

    Accepted events change instruction lines, tracking numbers, answers of recalls, states of parcels,
    and close orders that have left in full. What does not fit is kept with its reason, named once, and
    judged again by every later run. Stock moves when the ledger posts the accepted events.
    """
    new = take_in_events(ctx)
    take_in_labels(ctx)
    taken = _take_pending(ctx, new)
    shipped = ship_by_labels(ctx)
    if shipped:
        left = _take_pending(ctx, shipped)
        taken = EventsTaken(new + shipped, taken.accepted + left.accepted, taken.refused + left.refused)
    close_shipped_orders(ctx)
    return taken


def _take_pending(ctx: RunContext, new: int) -> EventsTaken:
    accepted = 0
    refused: list[tuple[str, str, str]] = []
    with scratch_tables(
        ctx, tmp_event=SCRATCH, tmp_answer="parcel_no TEXT, answer TEXT, at TEXT, PRIMARY KEY (parcel_no)"
    ):
        if gather_events(ctx):
            analyze(ctx, "tmp_event")
            refused = judge_events(ctx)
            _answer_recalls(ctx)
            ctx.execute(_STATES, run=ctx.run_id)
            take_tracking_numbers(ctx)
            _tell_short_picks(ctx)
            accepted = int(ctx.scalar(_ACCEPTED))
    for warehouse, event_id, reason in refused:
        ctx.findings.add("event_rejected", f"{warehouse} {event_id}", reason=REASONS[reason])
    return EventsTaken(new, accepted, len(refused))


def _answer_recalls(ctx: RunContext) -> None:
    if not ctx.execute(_ANSWERS).rowcount:
        return
    ctx.execute(_ANSWER, run=ctx.run_id)
    for channel, order_no, parcel_no, answer in ctx.rows(_FAILED):
        ctx.findings.add(
            "recall_failed", f"{channel} {order_no} ({parcel_no})", answer=_ANSWERS_IN_WORDS[answer]
        )


def _tell_short_picks(ctx: RunContext) -> None:
    for channel, order_no, sku, units in ctx.rows(_SHORT):
        ctx.findings.add("short_pick", f"{channel} {order_no}", sku=sku, qty=units)
