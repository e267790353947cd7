"""A report as text: tables drawn for a terminal's width, or plain and untruncated where none is given."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from ecsync.locale import _
from ecsync.report.cells import is_figure, plain, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecsync.report.blocks import Block, Report

# Wide enough for any row: a file or a pipe has no edge.
_NO_EDGE: Final = 10_000


def as_text(report: Report, *, width: int | None = None) -> str:
    """Return the report's blocks; with `width`, wrapped and coloured for a terminal."""
    return blocks_as_text(report.blocks, width=width)


def blocks_as_text(blocks: Iterable[Block], *, width: int | None = None) -> str:
    """Return blocks one below the other."""
    return "".join(_block(block, width) for block in blocks)


def _block(block: Block, width: int | None) -> str:
    lines = ["", f"■ {plain(block.heading)}"]
    lines.extend(f"  {plain(line)}" for line in block.lines)
    if block.is_empty and block.empty:
        lines.append(f"  {plain(block.empty)}")
    text = "\n".join(lines) + "\n"
    if block.rows:
        text += table(block, width=width)
    if block.rest:
        text += "  " + _("{count} more; --format html or xlsx shows all of them").format(
            count=f"{len(block.rest):,}"
        )
        text += "\n"
    return text + "".join(f"  {plain(note)}\n" for note in block.notes)


def table(block: Block, *, width: int | None = None) -> str:
    """Return the table of a block."""
    from rich import box  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    columns = block.table_columns
    drawn = Table(box=box.SIMPLE_HEAD if width else box.ASCII2, show_edge=False, pad_edge=False)
    for column in columns:
        drawn.add_column(
            plain(column.title),
            overflow="fold",
            no_wrap=width is None,
            justify="right" if is_figure(column) else "left",
        )
    for row in block.rows:
        drawn.add_row(*(shown(cell, column) for cell, column in zip(row, columns, strict=True)))
    lines = io.StringIO()
    Console(
        file=lines,
        force_terminal=width is not None,
        width=width or _NO_EDGE,
        highlight=False,
        markup=False,
        soft_wrap=width is None,
    ).print(drawn)
    return "".join(f"{line.rstrip()}\n" for line in lines.getvalue().splitlines())
