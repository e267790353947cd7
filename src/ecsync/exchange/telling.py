"""What a finding keeps of a partner that could not be reached, or let us not in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.locale import N_

if TYPE_CHECKING:
    from ecsync.errors import EcsyncError

_WAIT: Final = N_("Wait for the next run; if it stays so, tell whoever looks after the system")


def unreachable(error: EcsyncError) -> dict[str, str]:
    """Return the reason, and what to do about this very fault."""
    return {"reason": error.message, "advice": error.hint or _WAIT}
