"""What a finding keeps of a partner that could not be reached, or let us not in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.locale import N_
from ecsync.locale.said import to_keep

if TYPE_CHECKING:
    from ecsync.errors import EcsyncError

_WAIT: Final = N_("Wait for the next run; if it stays so, tell whoever looks after the system")


def unreachable(error: EcsyncError) -> dict[str, str]:
    """Return the reason, and what to do about this very fault."""
    return reasoned(error, _WAIT)


def reasoned(error: EcsyncError, advice: str = "") -> dict[str, str]:
    """Return reason and advice (this one where the error has none) as msgids, and the words in them."""
    reason, words = to_keep(error.message)
    hint, more = to_keep(error.hint or advice)
    return {**words, **more, "reason": reason, "advice": hint}
