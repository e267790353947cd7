"""The record of what people decide: one row per decision, its note apart, and how a decision ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecsync.master import counters

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

COUNTER: Final = "staff_decision"
# Until a run has told of it.
UNTOLD: Final = 0


@dataclass(frozen=True)
class Decision:
    """What one person decided about one order: `kind` as in orders.decision_catalogue.

    `values` are corrections as (field, value), personal ones among them: they never leave the personal
    tables. `source` is the command or the work list, `source_key` the row of the list it came from.
    """

    kind: str
    channel: str
    order_no: str
    decided_by: str
    note: str = ""
    dest_id: str = ""
    line_id: str = ""
    parcel_no: str = ""
    reason: str = ""
    values: tuple[tuple[str, str], ...] = ()
    source: str = ""
    source_row: int = 0
    source_key: str = ""

    @property
    def subject(self) -> str:
        """Return the order as findings name it."""
        return f"{self.channel} {self.order_no}"


_INSERT: Final = """
INSERT INTO staff_decision (decision_id, kind, channel, order_no, dest_id, line_id, parcel_no, reason, subject,
                            fields, revision, decided_by, decided_at, source, source_row, source_key, run_id)
VALUES (:number, :kind, :channel, :order_no, :dest_id, :line_id, :parcel_no, :reason, :subject,
        :fields, :revision, :by, :now, :source, :source_row, :source_key, :run)
"""

_NOTE: Final = """
INSERT INTO decision_note (decision_id, channel, order_no, note, run_id)
VALUES (:number, :channel, :order_no, :note, :run)
"""

_END: Final = """
UPDATE staff_decision SET state = :state, ended_at = :now, ended_by = :by
WHERE state = 'active' AND kind = :kind AND channel = :channel AND order_no = :order_no
  AND dest_id = :dest_id AND reason = :reason AND decision_id <> :by
"""


def record(ctx: RunContext, decision: Decision, *, revision: int, subject: str = "") -> int:
    """Write a decision and its note, and return its number. `subject` is never a personal value."""
    number = counters.take(ctx.conn, COUNTER, 1)
    ctx.execute(
        _INSERT,
        number=number,
        kind=decision.kind,
        channel=decision.channel,
        order_no=decision.order_no,
        dest_id=decision.dest_id,
        line_id=decision.line_id,
        parcel_no=decision.parcel_no,
        reason=decision.reason,
        subject=subject,
        fields=",".join(sorted(name for name, _value in decision.values)),
        revision=revision,
        by=decision.decided_by,
        now=ctx.now,
        source=decision.source,
        source_row=decision.source_row,
        source_key=decision.source_key,
        run=UNTOLD,
    )
    if decision.note:
        ctx.execute(
            _NOTE,
            number=number,
            channel=decision.channel,
            order_no=decision.order_no,
            note=decision.note,
            run=UNTOLD,
        )
    return number


def end(ctx: RunContext, decision: Decision, kind: str, state: str, *, by: int) -> int:
    """End the active decisions of a kind about the same hold of the same order; return how many."""
    return ctx.execute(
        _END,
        state=state,
        now=ctx.now,
        by=by,
        kind=kind,
        channel=decision.channel,
        order_no=decision.order_no,
        dest_id=decision.dest_id,
        reason=decision.reason,
    ).rowcount
