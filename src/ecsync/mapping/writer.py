"""Canonical rows -> the partner's bytes: streaming, the same bytes for the same rows, whole record groups or none.

A text that the partner cannot read keeps its row back, and with it every row of its record group and business key;
it is reported and never replaced by a question mark. Formula starters stay as they are: escaping them would change
the partner's data.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ecsync.mapping.cell_text import CellFormat
from ecsync.mapping.cells import CellColumn, Cells, TakenOnly, cell_column, numbered
from ecsync.mapping.choosing import chosen_rows
from ecsync.mapping.model_out import RunningColumn
from ecsync.mapping.naming import file_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Mapping as Settings
    from pathlib import Path

    from numpy.typing import NDArray

    from ecsync.mapping.model import OutboundMapping

__all__ = ["Change", "Refused", "WriteOptions", "Written", "file_name", "write_file"]

BUSINESS_KEY: Final = "business_key"


class Refused(NamedTuple):
    """A business key whose rows were all left out, for the first text that could not be written."""

    business_key: str
    column: str
    rule: str  # a key of WRITE_RULES
    code_point: str = ""


class Change(NamedTuple):
    """What was written otherwise in a column: a sign, or with '' for its code point a text that was cut to length.

    `written` is '' where the sign was left out; `business_key` is that of the first row.
    """

    column: str
    code_point: str
    written: str
    row_count: int
    business_key: str


@dataclass(frozen=True)
class WriteOptions:
    """What a file needs beside its rows.

    `settings` are the project's by dotted name, as in sender.name; `today` is the day from which `days` count, ""
    where they are not asked.
    """

    settings: Settings[str, str] = field(default_factory=dict)
    today: str = ""


@dataclass(frozen=True)
class Written:
    """A written file, what was written otherwise in it, and what was left out."""

    sha256: str
    size: int
    row_count: int
    changes: tuple[Change, ...] = ()
    refused: tuple[Refused, ...] = ()


def write_file(
    mapping: OutboundMapping,
    batches: Iterable[pa.RecordBatch],
    target: Path,
    options: WriteOptions = WriteOptions(),
) -> Written:
    """Write the rows to `target` and return what was written.

    Each batch has the columns that the mapping names; a column `business_key`, where there is one, says which rows
    are told together (else the frame's key). Rows that do not belong into the file are passed over; those of a record
    group and of a business key stand together.
    Raises ConfigurationError where a setting is missing; OSError as the disk gives it. Making the file durable is
    the caller's.
    """
    with target.open("wb") as file:
        writing = _Writing(mapping, file, options)
        rows = (chosen_rows(mapping, batch) for batch in batches)
        for batch in _whole_units(rows, mapping):
            writing.add(batch)
        return writing.finish()


class _Writing:
    def __init__(self, mapping: OutboundMapping, file: BinaryIO, options: WriteOptions) -> None:
        self._mapping = mapping
        self._cells = CellFormat(mapping.file)
        self._columns: list[tuple[str, CellColumn | None]] = [
            (
                name,
                None
                if _counts_file(source)
                else cell_column(source, mapping, self._cells, options.settings, options.today),
            )
            for name, source in mapping.named_columns
        ]
        self._taken = [(title, TakenOnly(condition)) for title, condition in mapping.takes_only.items()]
        self._delimiter = self._cells.encode(mapping.file.delimiter)
        self._line_end = self._cells.encode(mapping.file.line_end)
        self._file = file
        self._digest = hashlib.sha256()
        self._size = 0
        self._rows = 0
        self._owed = b""  # the line end of the last row: some partners want none
        self._refused: dict[str, Refused] = {}
        self._changes: dict[tuple[str, str, str], tuple[int, str]] = {}
        self._put(self._cells.mark)
        for row in mapping.file.preamble:
            self._put_row(row)
        if mapping.file.header:
            self._put_row(mapping.header)

    def add(self, batch: pa.RecordBatch) -> None:
        """Write the rows of whole record groups."""
        group = _numbered_changes(batch, self._mapping.group)
        columns = [(name, column.cells(batch, group) if column else None) for name, column in self._columns]
        asked = [(title, one.cells(batch, group)) for title, one in self._taken]
        faulty = np.zeros(batch.num_rows, dtype=bool)
        for _name, cells in (*asked, *columns):
            if cells is not None:
                faulty |= cells.faulty
        unit = _units(batch, self._mapping)
        kept = ~np.isin(unit, np.unique(unit[faulty])) if faulty.any() else ~faulty
        keys = _business_keys(batch, self._mapping)
        self._report_refused([*asked, *columns], keys, unit, faulty)
        rows = np.flatnonzero(kept)
        if not len(rows):
            return
        for name, cells in columns:
            if cells is not None:
                self._report_changed(name, cells, keys, kept)
        arrays = [(cells or self._running(kept)).take(rows) for _name, cells in columns]
        self._put(self._owed)
        self._put_rows(arrays)
        self._rows += len(rows)

    def _running(self, kept: NDArray[np.bool_]) -> Cells:
        return numbered(np.cumsum(kept) + self._rows, self._cells)

    def finish(self) -> Written:
        """Write what is owed and say what was written."""
        if self._mapping.file.final_newline:
            self._put(self._owed)
        return Written(
            sha256=self._digest.hexdigest(),
            size=self._size,
            row_count=self._rows,
            changes=tuple(Change(*what, *count) for what, count in self._changes.items()),
            refused=tuple(self._refused.values()),
        )

    def _put_row(self, texts: Iterable[str]) -> None:
        cells = [self._cells.of_ours(text).cell for text in texts]
        self._put(self._owed)
        self._put(self._delimiter.join(cells))
        self._owed = self._line_end

    def _put_rows(self, columns: list[pa.Array]) -> None:
        lines = pc.binary_join_element_wise(*columns, pa.scalar(self._delimiter, pa.binary()))
        ended = pc.binary_join_element_wise(
            lines, pa.scalar(self._line_end, pa.binary()), pa.scalar(b"", pa.binary())
        )
        offsets = np.frombuffer(ended.buffers()[1], dtype=np.int32)[
            ended.offset : ended.offset + len(ended) + 1
        ]
        content = memoryview(ended.buffers()[2])[int(offsets[0]) : int(offsets[-1]) - len(self._line_end)]
        self._put(content)
        self._owed = self._line_end

    def _put(self, content: bytes | memoryview) -> None:
        self._file.write(content)
        self._digest.update(content)
        self._size += len(content)

    def _report_refused(
        self,
        columns: list[tuple[str, Cells | None]],
        keys: pa.Array,
        unit: NDArray[np.int64],
        faulty: NDArray[np.bool_],
    ) -> None:
        reasons: dict[int, tuple[str, str, str]] = {}
        for row in np.flatnonzero(faulty).tolist():
            if unit[row] in reasons:
                continue
            name, fault = next(
                (name, cells.at(row).fault) for name, cells in columns if cells and cells.at(row).fault
            )
            if fault is not None:
                reasons[int(unit[row])] = (name, fault.rule, fault.code_point)
        if not reasons:
            return
        for row in np.flatnonzero(np.isin(unit, list(reasons))).tolist():
            key = str(keys[row].as_py())
            self._refused.setdefault(key, Refused(key, *reasons[int(unit[row])]))

    def _report_changed(self, name: str, cells: Cells, keys: pa.Array, kept: NDArray[np.bool_]) -> None:
        found: dict[tuple[str, str, str], list[NDArray[np.int64]]] = {}
        for one, rows in cells.changed(kept):
            for code_point, written in (*one.replaced, *((("", ""),) if one.is_cut else ())):
                found.setdefault((name, code_point, written), []).append(rows)
        for what, parts in sorted(found.items()):
            count, first = self._changes.get(what) or (0, str(keys[min(int(rows[0]) for rows in parts)]))
            self._changes[what] = (count + sum(map(len, parts)), first)


def _counts_file(source: object) -> bool:
    return isinstance(source, RunningColumn) and source.running == "file"


def _whole_units(batches: Iterable[pa.RecordBatch], mapping: OutboundMapping) -> Iterator[pa.RecordBatch]:
    """Yield batches that never end inside a record group or a business key."""
    held: pa.RecordBatch | None = None
    for batch in batches:
        if not batch.num_rows:
            continue
        joined = batch if held is None else _concatenated(held, batch)
        last = int(np.flatnonzero(_unit_starts(joined, mapping))[-1])
        held = joined.slice(last)
        if last:
            yield joined.slice(0, last)
    if held is not None:
        yield held


def _concatenated(first: pa.RecordBatch, second: pa.RecordBatch) -> pa.RecordBatch:
    table = pa.Table.from_batches([first, second]).combine_chunks()
    return table.to_batches()[0]


def _unit_starts(batch: pa.RecordBatch, mapping: OutboundMapping) -> NDArray[np.bool_]:
    """Return where a new unit begins: a unit ends where both its record group and its business key do."""
    starts = np.ones(batch.num_rows, dtype=bool)
    if mapping.group:
        starts &= _changes(batch, mapping.group)
    if BUSINESS_KEY in batch.schema.names:
        starts &= _changes(batch, (BUSINESS_KEY,))
    return starts


def _units(batch: pa.RecordBatch, mapping: OutboundMapping) -> NDArray[np.int64]:
    return np.cumsum(_unit_starts(batch, mapping)).astype(np.int64)


def _numbered_changes(batch: pa.RecordBatch, names: tuple[str, ...]) -> NDArray[np.int64]:
    changes = _changes(batch, names) if names else np.ones(batch.num_rows, dtype=bool)
    return np.cumsum(changes).astype(np.int64)


def _changes(batch: pa.RecordBatch, names: tuple[str, ...]) -> NDArray[np.bool_]:
    """Return which rows differ from the one before in any of the columns; the first row does."""
    changed = np.zeros(batch.num_rows, dtype=bool)
    changed[:1] = True
    for name in names:
        codes = (
            batch.column(name)
            .dictionary_encode(null_encoding="encode")
            .indices.to_numpy(zero_copy_only=False)
        )
        changed[1:] |= codes[1:] != codes[:-1]
    return changed


def _business_keys(batch: pa.RecordBatch, mapping: OutboundMapping) -> pa.Array:
    if BUSINESS_KEY in batch.schema.names:
        return batch.column(BUSINESS_KEY)
    parts = [pc.fill_null(batch.column(name).cast(pa.string()), "") for name in mapping.frame.key]
    return parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, ":")
