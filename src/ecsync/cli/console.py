"""Print for people: tables and lines; full width when piped, no control codes off a terminal."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

from ecsync.cli import state

if TYPE_CHECKING:
    from ecsync.report.run_summary import Block

_WIDE = 10_000


def _write(text: str, stream: TextIO | None) -> None:
    if stream is None:
        return
    try:
        print(text, file=stream)
    except (OSError, ValueError):
        _give_up(stream)


def _give_up(stream: TextIO) -> None:
    """Say no more where nobody reads (a closed pipe, a full disk); what was done keeps its exit status."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def finish() -> None:
    """Write out what is still buffered."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            _give_up(stream)


def say(text: str = "") -> None:
    """Print a line for a person on stdout, unless --quiet or --json."""
    if not state.current().quiet and not state.current().json:
        _write(text, sys.stdout)


def talk(text: str) -> None:
    """Print a remark on stderr, unless --quiet."""
    if not state.current().quiet:
        _write(text, sys.stderr)


def complain(text: str) -> None:
    """Print on stderr why the command did not end well, --quiet or not."""
    _write(text, sys.stderr)


def data(value: object) -> None:
    """Print data as JSON on stdout when --json is given."""
    if state.current().json:
        _write(json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True), sys.stdout)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table, unless --quiet or --json."""
    if state.current().quiet or state.current().json:
        return
    from rich import box  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    terminal = sys.stdout is not None and sys.stdout.isatty()
    drawn = Table(box=box.SIMPLE_HEAD if terminal else box.ASCII2, show_edge=False, pad_edge=False)
    for column in columns:
        drawn.add_column(column, overflow="fold", no_wrap=not terminal)
    for row in rows:
        drawn.add_row(*(_plain(cell) for cell in row))
    lines = io.StringIO()
    Console(
        file=lines,
        force_terminal=terminal,
        width=None if terminal else _WIDE,
        highlight=False,
        markup=False,
        soft_wrap=not terminal,
    ).print(drawn)
    _write(lines.getvalue().removesuffix("\n"), sys.stdout)


def _plain(cell: str) -> str:
    return "".join(character if character.isprintable() else " " for character in cell)


def show(blocks: Iterable[Block]) -> None:
    """Print the blocks of a report."""
    for block in blocks:
        say()
        say(f"■ {block.heading}")
        for line in block.lines:
            say(f"  {line}")
        if block.rows:
            table(block.columns, block.rows)
