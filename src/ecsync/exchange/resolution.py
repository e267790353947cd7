"""`outbox resolve`: a person says what became of a delivery that the machine cannot know."""

from __future__ import annotations

from typing import Final, Literal

from ecsync.errors import UsageError
from ecsync.exchange import outbox
from ecsync.exchange.journal import DeliveryJournal
from ecsync.exchange.outbox import OutboxFile
from ecsync.exchange.stepping import Fence, Stepper
from ecsync.exchange.steps import Steps
from ecsync.locale import N_, _

Verdict = Literal["sent", "resend", "dropped"]

_STATES: Final[dict[Verdict, str]] = {"sent": "verified", "resend": "planned", "dropped": "dropped"}
_DETAILS: Final[dict[Verdict, str]] = {
    "sent": N_("a person saw that it arrived"),
    "resend": N_("a person wants it sent again"),
    "dropped": N_("a person gave it up"),
}


def resolve(
    steps: Steps,
    journal: DeliveryJournal,
    outbox_id: int,
    verdict: Verdict,
    *,
    now: str,
    run_id: int,
    fence: Fence,
) -> OutboxFile:
    """Settle one delivery: it arrived, it is sent again with the next delivery, or it is given up.

    Its business keys stay told in every case. Raises UsageError where it is settled already.
    """
    with steps.begin() as conn:
        file = outbox.get(conn, outbox_id)
    if file.state in outbox.SETTLED:
        raise UsageError(
            _("delivery {number} is settled already: {state}").format(number=outbox_id, state=file.state),
            hint="ecsync outbox list",
        )
    return Stepper(steps, journal, fence, now, run_id).advance(file, _STATES[verdict], _DETAILS[verdict])
