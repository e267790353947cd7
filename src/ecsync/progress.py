"""How far long work has come, told to whoever listens; nobody by default, and nothing depends on it.

Work says `with step(N_("reading"), file.name) as advance:` and `advance(count)` now and then. Whoever shows it
(a bar, a line) listens with `listening(...)`. No clock, no thread and no terminal here.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Listener(Protocol):
    """Show steps. They do not overlap: each ends before the next begins."""

    def begin(self, what: str, about: str, total: int | None) -> None:
        """Begin a step: `what` is a msgid, `about` a file, partner or stage; `total` in units of `advance`."""

    def advance(self, count: int) -> None:
        """Note that so many more units are done."""

    def end(self) -> None:
        """End the step, done or failed."""


class _Audience:
    listener: Listener | None = None


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Let a listener follow the work inside the block."""
    before = _Audience.listener
    _Audience.listener = listener
    try:
        yield
    finally:
        _Audience.listener = before


@contextmanager
def step(what: str, about: str = "", total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Tell of one step of long work; give the function that says how many more units are done."""
    listener = _Audience.listener
    if listener is None:
        yield _unheard
        return
    listener.begin(what, about, total)
    try:
        yield listener.advance
    finally:
        listener.end()


def _unheard(_count: int) -> None:
    """Nobody listens."""
