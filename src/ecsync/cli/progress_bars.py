"""Progress of long work on stderr: a bar on a terminal, a line per step with --verbose elsewhere, else nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from ecsync.cli import console, state
from ecsync.locale import _
from ecsync.progress import Listener, listening
from ecsync.report.cells import plain

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_PAUSE: Final = 0.1  # seconds between two drawings of a bar


@contextmanager
def shown() -> Iterator[None]:
    """Show the progress of the work inside the block, as far as this command line wants it."""
    options = state.current()
    if options.quiet or options.json:
        yield
    elif sys.stderr is not None and sys.stderr.isatty():
        from rich.console import Console  # noqa: PLC0415
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

        columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
        # Drawn by hand: no thread runs beside the work.
        bars = Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False)
        with bars, listening(_Bars(bars)):
            yield
    elif options.verbose:
        with listening(_Lines()):
            yield
    else:
        yield


def _title(what: str, about: str) -> str:
    return f"{_(what)} {plain(about)}".rstrip()


class _Bars(Listener):
    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._task: TaskID | None = None
        self._drawn = 0.0

    def begin(self, what: str, about: str, total: int | None) -> None:
        """Show a bar; one without a known end moves to and fro."""
        self._task = self._bars.add_task(_title(what, about), total=total)
        self._draw()

    def advance(self, count: int) -> None:
        """Move the bar, drawn ten times a second at most."""
        if self._task is not None:
            self._bars.advance(self._task, count)
        if time.monotonic() - self._drawn >= _PAUSE:
            self._draw()

    def end(self) -> None:
        """Take the bar away."""
        if self._task is not None:
            self._bars.remove_task(self._task)
            self._task = None

    def _draw(self) -> None:
        self._bars.refresh()
        self._drawn = time.monotonic()


class _Lines(Listener):
    def __init__(self) -> None:
        self._title = ""
        self._done = 0

    def begin(self, what: str, about: str, total: int | None) -> None:  # noqa: ARG002  (a line has no end to reach)
        """Note what begins."""
        self._title, self._done = _title(what, about), 0

    def advance(self, count: int) -> None:
        """Count."""
        self._done += count

    def end(self) -> None:
        """Say what was done."""
        console.talk(f"{self._title}: {self._done:,}")
