"""Act on what a person decided about a parcel that the warehouse was told of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ecsync.errors import DecisionRefusedError
from ecsync.locale import _
from ecsync.master import decisions

if TYPE_CHECKING:
    from ecsync.master.context import RunContext
    from ecsync.master.decisions import Decision

_PARCELS: Final = """
SELECT i.parcel_no, i.state,
       (SELECT COUNT(*) FROM parcel_change c WHERE c.parcel_no = i.parcel_no AND c.state = 'open'),
       (SELECT COUNT(*) FROM recall r WHERE r.parcel_no = i.parcel_no)
         + (SELECT COUNT(*) FROM staff_decision d WHERE d.parcel_no = i.parcel_no AND d.kind = 'recall'
            AND d.state = 'active')
FROM shipping_instruction i WHERE i.channel = :channel AND i.order_no = :order_no
ORDER BY i.parcel_no
"""

_SETTLE: Final = """
UPDATE parcel_change SET state = :state, decision_id = :number, run_id = 0
WHERE parcel_no = :parcel_no AND state = 'open'
"""


def decide_on_parcel(ctx: RunContext, decision: Decision, revision: int) -> str:
    """Let a changed parcel ship as instructed, or have it recalled by the next run; return its number.

    Without a number the order's one parcel in the warehouse's hands is meant. Raises DecisionRefusedError where
    there is none, or nothing of it is to be decided.
    """
    found = {
        str(parcel): (str(state), int(changes), int(recalls))
        for parcel, state, changes, recalls in ctx.rows(
            _PARCELS, channel=decision.channel, order_no=decision.order_no
        )
    }
    parcel_no = decision.parcel_no or _only_one(decision, found)
    if parcel_no not in found:
        raise DecisionRefusedError(_no_such(decision, found))
    state, changes, recalls = found[parcel_no]
    if state != "instructed":
        raise DecisionRefusedError(
            _("parcel {parcel} is not with the warehouse any more, or is being recalled").format(
                parcel=parcel_no
            )
        )
    if decision.kind == "recall" and recalls:
        raise DecisionRefusedError(_("parcel {parcel} is recalled once already").format(parcel=parcel_no))
    if decision.kind == "ship_as_instructed" and not changes:
        raise DecisionRefusedError(
            _("nothing about parcel {parcel} waits for a decision").format(parcel=parcel_no)
        )
    number = decisions.record(ctx, replace(decision, parcel_no=parcel_no), revision=revision)
    settled = "accepted" if decision.kind == "ship_as_instructed" else "recalled"
    ctx.execute(_SETTLE, state=settled, number=number, parcel_no=parcel_no)
    return parcel_no


def _only_one(decision: Decision, found: dict[str, tuple[str, int, int]]) -> str:
    told = [parcel for parcel, (state, _changes, _recalls) in found.items() if state == "instructed"]
    if len(told) == 1:
        return told[0]
    raise DecisionRefusedError(_no_such(decision, found), hint="--parcel")


def _no_such(decision: Decision, found: dict[str, tuple[str, int, int]]) -> str:
    if not found:
        return _("the warehouse was told of no parcel of order {order}").format(order=decision.subject)
    return _("say which parcel of order {order} is meant: {parcels}").format(
        order=decision.subject,
        parcels=", ".join(f"{parcel} ({state})" for parcel, (state, _c, _r) in found.items()),
    )
