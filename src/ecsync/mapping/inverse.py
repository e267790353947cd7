"""Read a file of ours back: what each column says about the canonical row, where its words can be undone.

Used to prove a mapping on its samples, so it is written apart from the reader: a fault of one does not hide in
the other. Constants, settings, cases and cut texts say nothing and are passed over.
"""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ecsync.mapping.cell_text import CellFormat
from ecsync.mapping.model_out import ValueColumn
from ecsync.text.dates import utc_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecsync.mapping.model import OutboundMapping


def split_file(mapping: OutboundMapping, content: bytes) -> list[list[str]]:
    """Return the cells of the rows of a file, without preamble and header."""
    mark = CellFormat(mapping.file).mark
    text = content.removeprefix(mark).decode(CellFormat(mapping.file).codec)
    source = io.StringIO(text, newline="")
    delimiter = mapping.file.delimiter
    if mapping.file.quote == "none":
        rows = list(csv.reader(source, delimiter=delimiter, quoting=csv.QUOTE_NONE))
    else:
        rows = list(csv.reader(source, delimiter=delimiter))
    return rows[len(mapping.file.preamble) + mapping.file.header :]


def as_received(mapping: OutboundMapping, name: str, text: str) -> str:
    """Return the text of a canonical column as the partner reads it, where its row is written at all."""
    drops = any(source.emoji == "drop" and name in source.values for _header, source in mapping.named_columns)
    return CellFormat(mapping.file).receiver.written(
        text, for_people=mapping.frame.by_name[name].is_for_people, drops_pictures=drops
    )[0]


def read_back(mapping: OutboundMapping, cells: Sequence[str]) -> dict[str, Any]:
    """Return the canonical values that one row of cells tells: int, or str ('' where absent)."""
    told: dict[str, Any] = {}
    parts: dict[str, dict[int, str]] = {}
    pieces: dict[tuple[str, str], dict[int, str]] = {}
    told_of = [
        (source, cell)
        for (_header, source), cell in zip(mapping.named_columns, cells, strict=True)
        if isinstance(source, ValueColumn) and (source.again is None or cell != source.again)
    ]
    for source, cell in told_of:
        if source.overflow == "cut" or source.as_ == "half_kana":
            continue
        if source.part is not None:
            parts.setdefault(source.value, {})[source.part] = cell
        elif source.piece is not None:
            pieces.setdefault((source.value, source.separator), {})[source.piece] = cell
        elif source.table is None and source.map is None and source.default is None:
            told.setdefault(source.value, _value(mapping, source, cell))
    for (name, separator), found in pieces.items():
        told[name] = separator.join(text for _number, text in sorted(found.items()) if text)
    told |= {name: "".join(part[1] for part in sorted(found.items())) for name, found in parts.items()}
    for source, cell in told_of:
        if source.value not in told:
            code = _code(mapping, source, cell, told)
            if code is not None:
                told[source.value] = code
    return told


def _value(mapping: OutboundMapping, source: ValueColumn, cell: str) -> str | int | None:
    writing = mapping.writing(source)
    if cell and source.between:
        cell = cell.removeprefix(source.between[0]).removesuffix(source.between[1])
    if not cell:
        return None if mapping.frame.by_name[source.value].is_integer else ""
    if writing == "percent":
        return int(Decimal(cell) * 100)
    if writing == "fraction":
        return int(Decimal(cell) * 10_000)
    if writing == "date" and source.format:
        return datetime.strptime(cell, source.format).date().isoformat()  # noqa: DTZ007  (a date has no zone)
    if writing == "datetime":
        written = datetime.strptime(cell, source.format or "%Y-%m-%dT%H:%M:%S%z")  # noqa: DTZ007  (below)
        return utc_text(written if written.tzinfo else written.replace(tzinfo=ZoneInfo(source.zone)))
    return int(cell) if mapping.frame.by_name[source.value].is_integer else cell


def _code(mapping: OutboundMapping, source: ValueColumn, cell: str, told: dict[str, Any]) -> str | None:
    """Return the only code of ours that is written so; None where there is none, or several."""
    if source.map is not None:
        codes = source.map
    elif source.table is not None:
        day = told.get(source.on) if source.on else ""
        codes = mapping.tables[source.table].on(date.fromisoformat(day) if day else None)
    else:
        return None
    if not cell and source.default is None:
        return ""
    ours = [code for code, text in codes.items() if text == cell]
    return ours[0] if len(ours) == 1 and cell != source.default else None
