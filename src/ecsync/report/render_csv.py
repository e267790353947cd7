"""A report as CSV for people: UTF-8 with the mark that spreadsheet programs look for, formulas made harmless."""

from __future__ import annotations

import codecs
import csv
import io
from typing import TYPE_CHECKING

from ecsync.report.cells import plain
from ecsync.text.spreadsheet import neutralise

if TYPE_CHECKING:
    from ecsync.report.blocks import Block, Cell, Report


def as_csv(report: Report) -> bytes:
    """Return the report's one table; where it has several parts, each below its heading, an empty line between."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    only = report.table or _only_table(report)
    if only is not None:
        writer.writerows(_table(only))
    else:
        for number, block in enumerate(report.blocks):
            if number:
                writer.writerow([])
            writer.writerow([_cell(block.heading)])
            writer.writerows([_cell(line)] for line in block.lines)
            if block.columns:
                writer.writerows(_table(block))
            writer.writerows([_cell(note)] for note in block.notes)
    return codecs.BOM_UTF8 + out.getvalue().encode("utf-8")


def _only_table(report: Report) -> Block | None:
    with_table = [block for block in report.blocks if block.columns]
    return with_table[0] if len(with_table) == 1 else None


def _table(block: Block) -> list[list[str]]:
    return [
        [_cell(column.title) for column in block.table_columns],
        *([_cell(cell) for cell in row] for row in (*block.rows, *block.rest)),
    ]


def _cell(cell: Cell) -> str:
    if cell is None:
        return ""
    return str(cell) if isinstance(cell, int) else neutralise(plain(cell))
