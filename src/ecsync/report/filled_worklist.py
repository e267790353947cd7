"""Read a work list that somebody filled in: a workbook, or CSV as a spreadsheet program saves it."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
import zlib
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import ParseError

from ecsync.errors import InputRefusedError
from ecsync.locale import _
from ecsync.report import worklist_columns as layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_LARGEST: Final = 20 * 1024 * 1024
_UNPACKED: Final = 200 * 1024 * 1024
_HEADER_WITHIN: Final = 20
_ZIP: Final = b"PK\x03\x04"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_NEEDED: Final = (layout.ORDER, *layout.FILLED_IN, layout.KEY)
_DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    AttributeError,
    EOFError,
    OSError,
)


@dataclass(frozen=True)
class FilledRow:
    """One row as it came back. `number` is its row in the sheet; `was_number` tells of the correction's cell."""

    number: int
    key: str
    order_no: str
    decision: str
    correction: str
    was_number: bool
    who: str
    note: str

    @property
    def is_blank(self) -> bool:
        """Tell whether nobody decided anything in it."""
        return not self.decision and not self.correction


Cell = object


def read_filled(path: Path) -> list[FilledRow]:
    """Return the rows of a filled work list.

    Raises InputRefusedError, in plain words, for a file that is damaged, too large, of an old format, or no work list.
    """
    if path.stat().st_size > _LARGEST:
        raise _refused(path, _("it is too large for a work list"))
    content = path.read_bytes()
    if content.startswith(_OLD_EXCEL):
        raise _refused(path, _("it is of Excel's old format; save it as .xlsx"))
    of_form = _rows_of_workbook if content.startswith(_ZIP) else _rows_of_csv
    rows = of_form(path, content)
    return _filled(path, rows)


def _refused(path: Path, why: str) -> InputRefusedError:
    return InputRefusedError(
        _("{file} was not taken: {why}").format(file=path.name, why=why),
        hint=_("write a new list with `ecsync worklist write`, and fill that in"),
    )


def _rows_of_workbook(path: Path, content: bytes) -> list[tuple[Cell, ...]]:
    import openpyxl  # noqa: PLC0415  (heavy; only this command reads workbooks)

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _UNPACKED:
                raise _refused(path, _("it is too large for a work list"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            try:
                return [tuple(row) for row in book.worksheets[0].iter_rows(values_only=True)]
            finally:
                book.close()
    except _DAMAGED:
        raise _refused(path, _("it is damaged, or no workbook")) from None


def _rows_of_csv(path: Path, content: bytes) -> list[tuple[Cell, ...]]:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        try:
            return [tuple(row) for row in csv.reader(io.StringIO(text, newline=""))]
        except csv.Error:
            break
    raise _refused(path, _("it is neither a workbook nor CSV in UTF-8 or Shift_JIS"))


def _filled(path: Path, rows: Sequence[Sequence[Cell]]) -> list[FilledRow]:
    for top, row in enumerate(rows[:_HEADER_WITHIN]):
        places = {
            column: at for at, cell in enumerate(row) if (column := layout.column_of_title(_text(cell)))
        }
        if layout.KEY in places:
            missing = [_(column) for column in _NEEDED if column not in places]
            if missing:
                raise _refused(path, _("it lacks the columns {columns}").format(columns=", ".join(missing)))
            return list(_read_rows(rows[top + 1 :], places, first=top + 2))
    raise _refused(path, _("it is no work list of ours, or its key column is gone"))


def _read_rows(rows: Iterable[Sequence[Cell]], places: dict[str, int], *, first: int) -> Iterable[FilledRow]:
    for number, row in enumerate(rows, start=first):
        cells = {column: row[at] if at < len(row) else None for column, at in places.items()}
        texts = {column: _text(cell) for column, cell in cells.items()}
        if not any(texts.values()):
            continue
        yield FilledRow(
            number=number,
            key=texts[layout.KEY],
            order_no=texts[layout.ORDER],
            decision=texts[layout.DECISION],
            correction=texts[layout.CORRECTION],
            was_number=isinstance(cells[layout.CORRECTION], int | float),
            who=texts[layout.WHO],
            note=texts[layout.NOTE],
        )


def _text(cell: Cell) -> str:
    """Return a cell as it was meant: dates without a time, numbers without `.0`."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
