"""Read a partner's file into the canonical frame that its mapping names, a batch at a time.

What is wrong with the file as a whole refuses it; what is wrong with a row puts that row aside, with its
reason. Memory does not grow with the size of the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ecsync.mapping.ahead import one_ahead
from ecsync.mapping.bytestream import cell_encoding
from ecsync.mapping.convert_columns import column_reader, condition_mask
from ecsync.mapping.fill_down import FillDown
from ecsync.mapping.frames import OFFSET, build_frame
from ecsync.mapping.headers import find_headers
from ecsync.mapping.pandera_checks import broken_rules
from ecsync.mapping.parse import raw_batches
from ecsync.mapping.raw_cells import RawCells, UndecodableError
from ecsync.mapping.record_batches import record_positions, whole_records
from ecsync.mapping.records import undecodable
from ecsync.mapping.rejects import FileFault, Reject, refused
from ecsync.mapping.scan import scan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from ecsync.mapping.model import InboundMapping


@dataclass(frozen=True)
class ReadOptions:
    """What a file does not say of itself: when its content was true."""

    file_as_of: str = ""


@dataclass(frozen=True)
class Batch:
    """Rows of the canonical frame, and what was put aside among them.

    `rows` has the entity's columns and `src_line` (int64, the physical line where the record begins); order
    lines also `src_totals_gap` (int64 or null). A row with several faults has a Reject for each of them, and
    counts once in `rejected_rows`. Rejects are in the order of the file.
    """

    rows: pa.RecordBatch
    rejects: list[Reject]
    rejected_rows: int


class _Aside(NamedTuple):
    """Rows of a batch that cannot be used, for one reason in one column."""

    column: str
    reason: str
    params: Mapping[str, str]
    rows: NDArray[np.int64]


class Reader:
    """One file that was found whole. Iterate once; the counts are complete afterwards.

    `rows_in` counts records, those put aside among them, but not `rows_skipped` (skip_rows_when).
    `unknown_columns` are headers that the mapping does not name, `titles` the file's headers behind each canonical
    column. `as_of` is the newest time of the column
    that `as_of: {from: column}` names, else that of the options.
    """

    def __init__(self, path: Path, mapping: InboundMapping, file_name: str, options: ReadOptions) -> None:
        """Scan the file and find its headers. Raises FileRefusedError."""
        self.file_name = file_name
        self._path = path
        self._mapping = mapping
        self._shape = scan(path, mapping.file)
        layout = find_headers(mapping, self._shape.header, self._shape.header_line)
        frame = mapping.frame
        self._part = mapping.part
        self._readers = {
            name: column_reader(source, frame.by_name[name], mapping, layout)
            for name, source in mapping.columns.items()
        }
        self._fill = FillDown(mapping, layout)
        self._record = record_positions(mapping, layout)
        self._skips = [condition_mask(condition, layout) for condition in mapping.skip_rows_when]
        self._keeps = [condition_mask(condition, layout) for condition in mapping.keep_rows_when]
        positions = (layout.position(header) for header in mapping.headers)
        self._positions = [at for at in positions if at is not None]
        self.titles = {name: reader.title for name, reader in self._readers.items()}
        self.rows_in = 0
        self.rows_skipped = 0
        self.unknown_columns = layout.unknown
        self.as_of = options.file_as_of

    def __iter__(self) -> Iterator[Batch]:
        """Yield the rows in the order of the file. Raises FileRefusedError where a cell cannot be decoded."""
        encoding = cell_encoding(self._mapping.file)
        raw = one_ahead(raw_batches(self._path, self._mapping.file, self._shape, self._positions))
        for batch in whole_records(map(self._fill.batch, raw), self._record):
            try:
                yield self._batch(RawCells(batch.columns, batch.lines, encoding))
            except UndecodableError as error:
                raise undecodable(self._path, self._mapping, error.line) from None
        # A name of a place that nobody has would else empty a snapshot without a word.
        if self._keeps and self.rows_skipped and not self.rows_in:
            conditions = (item for one in self._mapping.keep_rows_when for item in one.items())
            kept = ", ".join(f"{name}: {' / '.join(values)}" for name, values in conditions)
            raise refused(FileFault.NOTHING_KEPT, params={"kept": kept})

    def _batch(self, every: RawCells) -> Batch:
        keep = self._not_skipped(every)
        cells = every if keep.all() else every.filter(keep)
        converted = {
            name: reader.read(every).filter(keep) if reader.whole_records else reader.read(cells)
            for name, reader in self._readers.items()
        }
        asides = [
            _Aside(name, str(fault.refusal.reason), fault.refusal.params, fault.rows)
            for name, column in converted.items()
            for fault in column.faults
        ]
        frame = build_frame(self._mapping, converted, cells.lines)
        kept = np.flatnonzero(_kept(asides, cells.rows))
        asides += self._ruled_out(frame, kept)
        good = _kept(asides, cells.rows)
        self.rows_in += cells.rows
        self._note_as_of(frame)
        return Batch(
            rows=frame if good.all() else frame.filter(pa.array(good)),
            rejects=self._rejects(asides, cells, frame),
            rejected_rows=int(np.count_nonzero(~good)),
        )

    def _not_skipped(self, cells: RawCells) -> NDArray[np.bool_]:
        skipped = np.zeros(cells.rows, np.bool_)
        for mask in self._skips:
            skipped |= mask(cells)
        if self._keeps:
            skipped |= ~np.logical_or.reduce([mask(cells) for mask in self._keeps])
        self.rows_skipped += int(np.count_nonzero(skipped))
        return ~skipped

    def _ruled_out(self, frame: pa.RecordBatch, rows: NDArray[np.int64]) -> list[_Aside]:
        """Return what breaks the rules of the entity among these rows; a time and its offset are missing as one."""
        known = self._mapping.frame.by_name
        return [
            _Aside(broken.column, broken.fault.value, broken.params, rows[broken.rows])
            for broken in broken_rules(self._part, frame, rows)
            if not (broken.column.endswith(OFFSET) and broken.column.removesuffix(OFFSET) in known)
        ]

    def _rejects(self, asides: list[_Aside], cells: RawCells, frame: pa.RecordBatch) -> list[Reject]:
        found: list[tuple[int, int, Reject]] = []
        keys = frame.column(self._mapping.frame.key[0])
        for order, aside in enumerate(asides):
            reader = self._readers.get(aside.column)
            title = reader.title if reader else aside.column
            texts = reader.raw(cells, aside.rows) if reader else [""] * len(aside.rows)
            lines = cells.lines[aside.rows].tolist()
            own_keys = keys.take(pa.array(aside.rows)).to_pylist()
            found.extend(
                (line, order, Reject(line, title, aside.reason, aside.params, text, key))
                for line, text, key in zip(lines, texts, own_keys, strict=True)
            )
        found.sort(key=lambda one: one[:2])
        return [reject for _line, _order, reject in found]

    def _note_as_of(self, frame: pa.RecordBatch) -> None:
        if self._mapping.as_of.from_ == "column" and frame.num_rows:
            newest = pc.max(frame.column(self._mapping.as_of.column)).as_py()
            self.as_of = max(self.as_of, newest)


def open_reader(
    path: Path, mapping: InboundMapping, *, file_name: str = "", options: ReadOptions | None = None
) -> Reader:
    """Return the reader of a file that was found whole; `file_name` is the partner's. Raises FileRefusedError."""
    return Reader(path, mapping, file_name or path.name, options or ReadOptions())


def _kept(asides: list[_Aside], rows: int) -> NDArray[np.bool_]:
    keep = np.ones(rows, np.bool_)
    for aside in asides:
        keep[aside.rows] = False
    return keep
