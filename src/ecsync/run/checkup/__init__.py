"""Check a project from configuration to partners, and say how to mend each fault.

Never stops at the first fault. Nothing is written, neither here nor at a partner's.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from ecsync.errors import EcsyncError
from ecsync.locale import _
from ecsync.run.checkup import (
    calendar_days,
    configuration,
    deliveries,
    endpoints,
    mappings,
    master,
    places,
    schedule,
    untold,
)
from ecsync.run.checkup.checked import Checked, Scene, good, wrong
from ecsync.run.standing import reading

if TYPE_CHECKING:
    from ecsync.config import Settings

__all__ = ["Checked", "check_project"]


def check_project(settings: Settings, now: str) -> list[Checked]:
    """Check everything; the order is that of mending: what is written, what is kept, what is outside."""
    with ExitStack() as stack:
        name = _("master")
        try:
            conn = stack.enter_context(reading(settings))
            readable = good(name)
        except EcsyncError as error:
            conn = None
            readable = wrong(name, error.exit_status, error.message, error.hint)
        scene = Scene(settings, now, conn)
        results = [*mappings.check(scene), *configuration.check(scene), readable]
        for room in (master, deliveries, untold, schedule, calendar_days, places, endpoints):
            results.extend(room.check(scene))
    return results
