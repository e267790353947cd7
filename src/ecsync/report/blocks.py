"""What a report is made of, whatever it is rendered as: blocks of lines and tables, gathered on pages.

Texts are already in the reader's language. Numbers stay numbers until a renderer writes them, so that a
spreadsheet can add them up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# text: wraps. short: a word or two that stay on one line. count, yen: integers.
# code: order numbers, SKUs, file names; never a number.
Kind = Literal["text", "short", "code", "count", "yen"]
# By when the lines of a block ask for something: before the cut-off, today, or never.
When = Literal["", "cut_off", "today", "note"]
Cell = str | int | None


@dataclass(frozen=True)
class Column:
    """A column of a table. `unit` follows each number: 点, 件, (税込)."""

    title: str
    kind: Kind = "text"
    unit: str = ""


@dataclass(frozen=True)
class Block:
    """A heading with lines, a table, or both below it, and notes at its end.

    A column given as text is a text column. `rest` are rows of the table that a
    terminal leaves out (`notes` say how many, and where they are), HTML folds away, and CSV and XLSX hold;
    `empty` is said where there is neither a line nor a row.
    """

    heading: str
    lines: tuple[str, ...] = ()
    columns: tuple[str | Column, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    rest: tuple[tuple[Cell, ...], ...] = ()
    notes: tuple[str, ...] = ()
    when: When = ""
    empty: str = ""

    @property
    def table_columns(self) -> tuple[Column, ...]:
        """Return the columns with their kinds."""
        return tuple(c if isinstance(c, Column) else Column(c) for c in self.columns)

    @property
    def is_empty(self) -> bool:
        """Tell whether there is neither a line nor a row."""
        return not self.lines and not self.rows


@dataclass(frozen=True)
class Page:
    """What one reader gets: a sheet of a workbook, a printed page. `urgent` counts what cannot wait."""

    title: str
    blocks: tuple[Block, ...]
    urgent: int = 0


@dataclass(frozen=True)
class Report:
    """A whole report.

    `blocks` are what a terminal shows; `pages` what HTML shows (one page of `blocks` where none is given);
    `sheets` what a workbook holds (the pages where none is given); `table` is what CSV writes (the only table
    where none is given); `data` is what `--json` gives.
    """

    title: str
    blocks: tuple[Block, ...] = ()
    pages: tuple[Page, ...] = ()
    sheets: tuple[Page, ...] = ()
    table: Block | None = None
    data: object = None
    about: tuple[str, ...] = ()

    @property
    def all_pages(self) -> tuple[Page, ...]:
        """Return the pages; one of all blocks where none was made."""
        return self.pages or (Page(self.title, self.blocks),)


def table_report(
    title: str,
    columns: tuple[str | Column, ...],
    rows: list[tuple[Cell, ...]],
    data: object,
    *,
    lines: tuple[str, ...] = (),
    empty: str = "",
) -> Report:
    """Return the report of a command whose answer is one table."""
    return Report(title, (Block(title, lines, columns, tuple(rows), empty=empty),), data=data)
