"""Print for people: tables and lines; full width when piped, no control codes off a terminal."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

from ecsync.cli import state

if TYPE_CHECKING:
    from ecsync.report.blocks import Block


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


def is_terminal() -> bool:
    """Tell whether a person looks at stdout."""
    return sys.stdout is not None and sys.stdout.isatty()


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table without a heading, unless --quiet or --json."""
    if state.current().quiet or state.current().json:
        return
    from ecsync.report.blocks import Block  # noqa: PLC0415
    from ecsync.report.render_text import table as drawn  # noqa: PLC0415

    block = Block("", columns=tuple(columns), rows=tuple(tuple(row) for row in rows))
    _write(drawn(block, width=_width()).removesuffix("\n"), sys.stdout)


def show(blocks: Iterable[Block]) -> None:
    """Print the blocks of a report, unless --quiet or --json."""
    if state.current().quiet or state.current().json:
        return
    from ecsync.report.render_text import blocks_as_text  # noqa: PLC0415

    _write(blocks_as_text(blocks, width=_width()).removesuffix("\n"), sys.stdout)


def write_bytes(content: bytes) -> None:
    """Write a report's bytes on stdout as they are."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except (OSError, ValueError):
        _give_up(sys.stdout)


def _width() -> int | None:
    return shutil.get_terminal_size().columns if is_terminal() else None
