"""Arrow's CSV reader over the bytes of a file that the scan found whole: only mapped columns, in small batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import csv

from ecsync.mapping.bytestream import BLOCK, file_offset, is_byte_safe, open_bytes
from ecsync.mapping.rejects import FileFault, refused
from ecsync.mapping.scan import record_lines
from ecsync.mapping.units import FaultAtError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from ecsync.mapping.model_file import InboundFile
    from ecsync.mapping.scan import Scan

# Rows are gathered up to this before they are converted: enough that the cost per column and batch does not
# count, few enough that memory stays small.
BATCH_ROWS: Final = 65_536
BATCH_BYTES: Final = 12 << 20


class RawBatch(NamedTuple):
    """Some rows: one binary array per position that was asked for, and the line where each row begins."""

    columns: Mapping[int, pa.Array]
    lines: NDArray[np.int64]


def raw_batches(path: Path, file: InboundFile, shape: Scan, positions: Sequence[int]) -> Iterator[RawBatch]:
    """Yield the rows below the header with the cells at `positions`, in the order of the file.

    Raises FileRefusedError where the file no longer is what the scan saw.
    """
    if not shape.records:
        return
    wanted = sorted(set(positions)) or [0]
    lines = _Lines(path, file, shape)
    rows = 0
    try:
        for table in _gathered(_stream(path, file, shape, wanted)):
            columns = {at: _single(table.column(number)) for number, at in enumerate(wanted)}
            rows += table.num_rows
            yield RawBatch(columns, lines.take(table.num_rows))
    except (pa.ArrowInvalid, StopIteration, FaultAtError):
        # Arrow's own text would hold cells of the file.
        raise refused(FileFault.CHANGED_WHILE_READ) from None
    if rows != shape.records:
        raise refused(FileFault.CHANGED_WHILE_READ)


class _Lines:
    """The physical lines of the rows, as many at a time as a batch has."""

    def __init__(self, path: Path, file: InboundFile, shape: Scan) -> None:
        self._next = shape.data.line
        self._parts = None if shape.plain else record_lines(path, file, shape)
        self._rest = np.zeros(0, np.int64)

    def take(self, count: int) -> NDArray[np.int64]:
        if self._parts is None:
            self._next += count
            return np.arange(self._next - count, self._next)
        parts = [self._rest]
        there = len(self._rest)
        while there < count:
            part = next(self._parts)
            parts.append(part)
            there += len(part)
        lines = np.concatenate(parts)
        self._rest = lines[count:]
        return lines[:count]


def _stream(path: Path, file: InboundFile, shape: Scan, wanted: list[int]) -> Iterator[pa.RecordBatch]:
    names = [str(at) for at in range(shape.columns)]
    included = [str(at) for at in wanted]
    with _native(path, file, shape.data.offset) as stream:
        yield from csv.open_csv(
            stream,
            read_options=csv.ReadOptions(block_size=max(BLOCK, 2 * shape.longest), column_names=names),
            parse_options=csv.ParseOptions(
                delimiter=file.delimiter,
                quote_char='"' if file.has_quotes else False,
                newlines_in_values=file.has_quotes,
            ),
            convert_options=csv.ConvertOptions(
                check_utf8=False,
                include_columns=included,
                column_types=dict.fromkeys(included, pa.binary()),
                strings_can_be_null=False,
            ),
        )


def _native(path: Path, file: InboundFile, offset: int) -> pa.NativeFile:
    if not is_byte_safe(file):
        return pa.PythonFile(open_bytes(path, file, offset), mode="r")
    stream = pa.OSFile(str(path))
    stream.seek(file_offset(path, file, offset))
    return stream


def _gathered(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    waiting: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        waiting.append(batch)
        rows += batch.num_rows
        size += batch.nbytes
        if rows >= BATCH_ROWS or size >= BATCH_BYTES:
            yield pa.Table.from_batches(waiting)
            waiting, rows, size = [], 0, 0
    if rows:
        yield pa.Table.from_batches(waiting)


def _single(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
