"""`outbox resolve`: a person says what became of a delivery that the machine cannot know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.errors import UsageError
from ecsync.exchange import outbox
from ecsync.exchange.stepping import Fence, Stepper, unfenced
from ecsync.locale import N_, _

if TYPE_CHECKING:
    from ecsync.exchange.journal import DeliveryJournal
    from ecsync.exchange.outbox import OutboxFile
    from ecsync.exchange.steps import Steps

_STATES: Final[dict[str, str]] = {"sent": "verified", "resend": "planned", "dropped": "dropped"}
_DETAILS: Final[dict[str, str]] = {
    "sent": N_("a person saw that it arrived"),
    "resend": N_("a person wants it sent again"),
    "dropped": N_("a person gave it up"),
}


def resolve(
    steps: Steps,
    journal: DeliveryJournal,
    outbox_id: int,
    verdict: str,
    *,
    now: str,
    run_id: int = 0,
    fence: Fence = unfenced,
) -> OutboxFile:
    """Settle one delivery: `sent` it arrived, `resend` with the next delivery, `dropped` it is given up.

    Its business keys stay told in every case. Raises UsageError for another word, or where it is settled already.
    """
    if verdict not in _STATES:
        raise UsageError(
            _("say one of: {choices}").format(choices=", ".join(_STATES)), hint="ecsync outbox resolve --help"
        )
    with steps.begin() as conn:
        file = outbox.get(conn, outbox_id)
    if file.state in outbox.SETTLED:
        raise UsageError(
            _("delivery {number} is settled already: {state}").format(number=outbox_id, state=file.state),
            hint="ecsync outbox list",
        )
    return Stepper(steps, journal, fence, now, run_id).advance(file, _STATES[verdict], _DETAILS[verdict])
