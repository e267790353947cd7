"""A report as a workbook: a sheet per page, codes as text, the header frozen, made for A4."""

from __future__ import annotations

import io
import re
import unicodedata
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter

from ecsync.report.cells import plain, shown
from ecsync.text.spreadsheet import neutralise

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from ecsync.report.blocks import Block, Cell, Column, Page, Report

_A4: Final = 9
_FONT: Final = "Yu Gothic"
_NARROWEST: Final = 6
_WIDEST: Final = 48
_LONGEST_NAME: Final = 31
# A workbook of the same report is the same bytes: it carries no moment of its making.
_MADE: Final = datetime(2020, 1, 1)  # noqa: DTZ001  (a workbook knows no time zone)


def as_xlsx(report: Report) -> bytes:
    """Return the workbook."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": plain(report.title), "created": _MADE})
    book.formats[0].set_font_name(_FONT)
    styles = _Styles(book)
    names: set[str] = set()
    for page in report.sheets or report.all_pages:
        _Sheet(book.add_worksheet(_sheet_name(page.title, names)), styles).write(report, page)
    book.close()
    return out.getvalue()


def _sheet_name(title: str, taken: set[str]) -> str:
    """Return a name that Excel takes: no sign of a reference, 31 characters, each once."""
    stem = re.sub(r"[\[\]:*?/\\']", " ", plain(title)).strip() or "1"
    name, number = stem[:_LONGEST_NAME], 1
    while name.casefold() in taken:
        number += 1
        name = f"{stem[: _LONGEST_NAME - len(str(number)) - 1]} {number}"
    taken.add(name.casefold())
    return name


class _Styles:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._figures: dict[str, Any] = {}
        self.title = self._made(bold=True, font_size=16)
        self.heading = self._made(bold=True, font_size=12, font_color="#1F3A5F")
        self.header = self._made(
            bold=True, bg_color="#E8EEF5", border=1, border_color="#C5CFDA", text_wrap=True
        )
        self.text = self._made(text_wrap=True, border=1, border_color="#D9DFE6")
        self.code = self._made(num_format="@", border=1, border_color="#D9DFE6")
        self.line = self._made()
        self.note = self._made(italic=True, font_color="#5A6673")

    def _made(self, **properties: Any) -> Any:  # noqa: ANN401  (XlsxWriter's own class)
        return self._book.add_format({"font_name": _FONT, "valign": "top", **properties})

    def of(self, column: Column) -> Any:  # noqa: ANN401
        """Return the format of a column's cells."""
        if column.kind == "code":
            return self.code
        if column.kind in {"text", "short"}:
            return self.text
        number = ("¥#,##0" if column.kind == "yen" else "#,##0") + (f'"{column.unit}"' if column.unit else "")
        if number not in self._figures:
            self._figures[number] = self._made(num_format=number, border=1, border_color="#D9DFE6")
        return self._figures[number]


class _Sheet:
    """One worksheet, written from the top down."""

    def __init__(self, sheet: Worksheet, styles: _Styles) -> None:
        self._sheet = sheet
        self._styles = styles
        self._row = 0
        self._widths: dict[int, int] = {}

    def write(self, report: Report, page: Page) -> None:
        """Write a page and set it up for printing."""
        self._line(page.title, self._styles.title)
        for about in report.about:
            self._line(about, self._styles.note)
        tables = [block for block in page.blocks if block.rows]
        # A sheet has one filter and one frozen header: they go to its longest table.
        main = max(tables, key=lambda block: len(block.rows) + len(block.rest), default=None)
        for block in page.blocks:
            self._row += 1
            self._block(block, is_main=block is main, only=len(tables) == 1)
        for column, width in self._widths.items():
            self._sheet.set_column(column, column, width)
        self._print_setup()

    def _line(self, text: str, style: object) -> None:
        self._sheet.write_string(self._row, 0, neutralise(plain(text)), style)
        self._row += 1

    def _block(self, block: Block, *, is_main: bool, only: bool) -> None:
        self._line(block.heading, self._styles.heading)
        for line in block.lines:
            self._line(line, self._styles.line)
        if block.is_empty and block.empty:
            self._line(block.empty, self._styles.line)
        if block.rows:
            self._table(block, is_main=is_main, only=only)
        for note in block.notes:
            self._line(note, self._styles.note)

    def _table(self, block: Block, *, is_main: bool, only: bool) -> None:
        columns = block.table_columns
        top = self._row
        for number, column in enumerate(columns):
            self._sheet.write_string(top, number, plain(column.title), self._styles.header)
            self._widen(number, column.title)
        rows = (*block.rows, *block.rest)
        for offset, row in enumerate(rows, start=1):
            for number, (cell, column) in enumerate(zip(row, columns, strict=True)):
                self._cell(top + offset, number, cell, column)
        self._row = top + len(rows) + 1
        if is_main:
            self._sheet.autofilter(top, 0, self._row - 1, len(columns) - 1)
            if only:
                self._sheet.freeze_panes(top + 1, 0)
                self._sheet.repeat_rows(top)

    def _cell(self, row: int, number: int, cell: Cell, column: Column) -> None:
        style = self._styles.of(column)
        if isinstance(cell, int) and column.kind in {"count", "yen"}:
            self._sheet.write_number(row, number, cell, style)
        elif cell is None:
            self._sheet.write_blank(row, number, None, style)
        else:
            self._sheet.write_string(row, number, neutralise(plain(str(cell))), style)
        self._widen(number, shown(cell, column))

    def _widen(self, number: int, text: str) -> None:
        cells = sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text) + 2
        self._widths[number] = max(self._widths.get(number, _NARROWEST), min(cells, _WIDEST))

    def _print_setup(self) -> None:
        self._sheet.set_paper(_A4)
        self._sheet.set_landscape()
        self._sheet.fit_to_pages(1, 0)
        self._sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        self._sheet.set_footer("&L&A&R&P / &N")
        self._sheet.hide_gridlines(2)
