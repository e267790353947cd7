"""What a check of the project gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ecsync.errors import EcsyncError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

    from ecsync.config import Settings


@dataclass(frozen=True)
class Checked:
    """The result of one check; `status` is the exit status of a fault.

    What is good may still have a remark: `detail` says it, `hint` what could be done.
    """

    name: str
    good: bool
    detail: str = ""
    hint: str = ""
    status: int = 0


@dataclass(frozen=True)
class Scene:
    """What the checks look at: the settings, the clock (UTC text), and the master where it can be read."""

    settings: Settings
    now: str
    master: sa.Connection | None = None


Check = Callable[[Scene], "Iterator[Checked]"]


def good(name: str, remark: str = "", hint: str = "") -> Checked:
    """Return a check that found nothing wrong, with or without a remark."""
    return Checked(name, good=True, detail=remark, hint=hint)


def wrong(name: str, status: int, detail: str, hint: str = "") -> Checked:
    """Return a fault; `hint` says how to mend it."""
    return Checked(name, good=False, detail=detail, hint=hint, status=status)


def tried(name: str, act: Callable[[], Any]) -> Checked:
    """Return how an act went: good, or the fault that it raised."""
    try:
        act()
    except EcsyncError as error:
        return wrong(name, error.exit_status, error.message, error.hint)
    return good(name)
