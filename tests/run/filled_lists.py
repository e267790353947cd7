"""Work lists as the desks use them: written, filled in with a spreadsheet program, handed in."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl

from ecsync.master.engine import reading
from ecsync.run.worklist_apply import Applied, apply_worklist
from ecsync.run.worklist_write import write_worklists
from master_under_test import MasterUnderTest
from orders.decided_orders import MIDDAY

HEADER_ROW = 4
DESKS = ("orders", "shipping", "stock", "accounting")
Fill = dict[str, Any]


def write(
    master: MasterUnderTest, folder: Path, *, now: str = MIDDAY, personal: bool = False
) -> dict[str, Path]:
    """Write every list and return the files by desk."""
    with reading(master.engine) as conn:
        written = write_worklists(conn, master.settings, DESKS, folder, now=now, personal=personal)
    return {made.desk: made.path for made in written if made.path is not None}


def table(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a list by column title."""
    sheet = openpyxl.load_workbook(path).worksheets[0]
    rows = list(sheet.iter_rows(min_row=HEADER_ROW, values_only=True))
    return [dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]]


def fill(path: Path, *filled: Fill, target: Path | None = None) -> Path:
    """Fill cells in, row by row, by column title; save the workbook."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    titles = [cell.value for cell in sheet[HEADER_ROW]]
    for number, cells in enumerate(filled, start=HEADER_ROW + 1):
        for title, value in cells.items():
            sheet.cell(number, titles.index(title) + 1).value = value
    to = target or path
    book.save(to)
    return to


def as_csv(path: Path, encoding: str, target: Path) -> Path:
    """Save the list's sheet as CSV, as Excel does: hidden columns and the lines above the table too."""
    sheet = openpyxl.load_workbook(path).worksheets[0]
    out = io.StringIO(newline="")
    for row in sheet.iter_rows(values_only=True):
        csv.writer(out).writerow(["" if cell is None else cell for cell in row])
    target.write_bytes(out.getvalue().encode(encoding))
    return target


def hand_in(
    master: MasterUnderTest, path: Path, *, clock: str = "2026-11-24T05:00:00Z", **options: Any
) -> Applied:
    """Apply a filled list."""
    return apply_worklist(master.settings, path, by=str(options.pop("by", "")), clock=clock, **options)


def fates(applied: Applied) -> list[tuple[str, str]]:
    """Return (fate, message) of every row that was not left blank."""
    return [(row.fate, row.message) for row in applied.rows if row.fate != "blank"]
