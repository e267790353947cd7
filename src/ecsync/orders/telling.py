"""Say in a run what people decided since the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.master.decisions import UNTOLD
from ecsync.orders.decision_catalogue import DECISIONS

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

_UNTOLD: Final = """
SELECT channel, order_no, kind, decided_by FROM staff_decision WHERE run_id = :untold ORDER BY decision_id
"""


def tell_decisions(ctx: RunContext) -> None:
    """Add a note for every decision that no run has told yet: the order, who, and what; never the note of it."""
    found = ctx.rows(_UNTOLD, untold=UNTOLD)
    for channel, order_no, kind, by in found:
        ctx.findings.add("decision_taken", f"{channel} {order_no}", by=by, reason=DECISIONS[kind].word)
    if found:
        ctx.execute(
            "UPDATE staff_decision SET run_id = :run WHERE run_id = :untold", run=ctx.run_id, untold=UNTOLD
        )
