"""One pass over the bytes of a file: is it whole, and what shape does it have?

Arrow's CSV reader accepts a file that was cut inside its last quoted cell, glues text after a closing quote
to the cell, drops blank lines and knows no line numbers. So this pass comes first, and refuses the file whole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from ecsync.mapping.bytestream import file_offset, open_bytes
from ecsync.mapping.encodings import other_encoding
from ecsync.mapping.headers import is_header
from ecsync.mapping.rejects import FileFault, refused
from ecsync.mapping.units import CR, LF, QUOTE, FaultAtError, Place, Unit, skip_lines, units
from ecsync.mapping.utf8_witness import Utf8Witness

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from ecsync.mapping.model_file import InboundFile

MAX_COLUMNS: Final = 4_096


@dataclass(frozen=True)
class Scan:
    """The shape of a file that is whole.

    `header` is the raw header record without its line end, b"" where the layout has none; it begins at
    `header_line`. `data` is the place
    of the first record below it in the stream of `open_bytes`; `records` counts those records, blank lines
    left out. `plain` tells that every record is one physical line and none is blank. `line_end` is that of
    the first record.
    """

    header: bytes
    header_line: int
    data: Place
    columns: int
    records: int
    longest: int
    plain: bool
    line_end: bytes


@dataclass
class _Tally:
    records: int = 0
    longest: int = 0
    plain: bool = True


def scan(path: Path, file: InboundFile) -> Scan:
    """Return the shape of the file, or refuse it.

    Raises FileRefusedError with byte offset, line and column for a file that is empty, no text, cut, ragged,
    or whose quotes do not fit.
    """
    try:
        return _scan(path, file)
    except FaultAtError as found:
        # Bytes of these encodings look like NULs and quotes, and the fault that they seem to make is none.
        if other := other_encoding(path, file):
            params = {"found": other, "encoding": file.encoding}
            raise refused(FileFault.ENCODING_OTHER, line=1, params=params) from None
        raise refused(
            found.fault,
            line=found.place.line,
            column=str(found.cell) if found.cell else "",
            offset=file_offset(path, file, found.place.offset),
            params=found.params,
        ) from None


def head(path: Path, file: InboundFile) -> Scan:
    """Return what a file says before its first record: header, place of the data, line end. Counts nothing."""
    with open_bytes(path, file) as stream:
        for unit in units(stream, skip_lines(stream, file.preamble), quoted=file.has_quotes):
            shape = _first_rows(unit, _cell_counts(unit, ord(file.delimiter)), file)
            if shape is not None:
                return shape
    raise refused(FileFault.EMPTY)


def record_lines(path: Path, file: InboundFile, shape: Scan) -> Iterator[NDArray[np.int64]]:
    """Yield the physical lines where the records below the header begin, blank lines left out."""
    with open_bytes(path, file, shape.data.offset) as stream:
        for unit in units(stream, shape.data, quoted=file.has_quotes):
            yield unit.lines[~unit.blank]


def _scan(path: Path, file: InboundFile) -> Scan:
    delimiter = ord(file.delimiter)
    tally = _Tally()
    shape: Scan | None = None
    witness = Utf8Witness(file)
    with open_bytes(path, file) as stream:
        begin = skip_lines(stream, file.preamble)
        for unit in units(stream, begin, quoted=file.has_quotes):
            witness.look(unit.data)
            _check_quotes(unit, delimiter)
            _check_end(unit, delimiter, required=file.final_newline == "required" or not file.has_quotes)
            cells = _cell_counts(unit, delimiter)
            first = 0
            if shape is None:
                shape = _first_rows(unit, cells, file)
                if shape is None:
                    continue
                first = int(np.searchsorted(unit.starts, shape.data.offset - unit.begin.offset))
            _check_cells(unit, cells, first, shape.columns)
            _count(tally, unit, first)
    if shape is None:
        raise refused(FileFault.EMPTY)
    if witness.says_utf8:
        params = {"found": "utf-8", "encoding": file.encoding}
        raise refused(FileFault.ENCODING_OTHER, line=shape.header_line, params=params)
    return replace(shape, records=tally.records, longest=tally.longest, plain=tally.plain)


def _first_rows(unit: Unit, cells: NDArray[np.int64], file: InboundFile) -> Scan | None:
    filled = np.flatnonzero(~unit.blank)
    if not len(filled):
        return None
    row = int(filled[0])
    start, end, stop = int(unit.starts[row]), int(unit.ends[row]), int(unit.stops[row])
    line_end = unit.data[end:stop]
    if file.header == "none":
        data, header, columns = unit.place(start), b"", len(file.names)
    elif file.header == "optional" and not is_header(file, unit.data[start:end]):
        # Columns beyond those that have a name are the partner's own; too few are found ragged.
        data, header, columns = unit.place(start), b"", max(int(cells[row]), len(file.names))
        if file.column_counts and columns not in file.column_counts:
            params = {"found": str(columns), "known": ", ".join(map(str, file.column_counts))}
            raise FaultAtError(FileFault.COLUMN_COUNT, unit.place(start), params=params)
    else:
        # A header without a line end and without a row below it may have been cut between two of its cells.
        if not line_end:
            raise FaultAtError(FileFault.NO_FINAL_NEWLINE, unit.place(start))
        data, header, columns = unit.place(stop), unit.data[start:end], int(cells[row])
    if columns > MAX_COLUMNS:
        params = {"found": str(columns), "limit": str(MAX_COLUMNS)}
        raise FaultAtError(FileFault.TOO_MANY_COLUMNS, unit.place(start), params=params)
    return Scan(header, unit.place(start).line, data, columns, 0, 0, plain=True, line_end=line_end)


def _check_quotes(unit: Unit, delimiter: int) -> None:
    """Refuse quotes that neither open a cell, nor close it, nor are doubled inside one."""
    if unit.inside is None:
        return
    array = unit.array
    quotes = array == QUOTE
    edges = quotes | (array == delimiter) | (array == LF) | (array == CR)
    # The first byte of a unit begins a record, so what stands before it is not asked; nor what comes after the last.
    lone = quotes[1:] & unit.inside[1:] & ~edges[:-1]
    glued = quotes[:-1] & ~unit.inside[:-1] & ~edges[1:]
    if lone.any() or glued.any():
        first_lone = int(np.argmax(lone)) + 1 if lone.any() else len(array)
        first_glued = int(np.argmax(glued)) + 1 if glued.any() else len(array)
        if first_lone < first_glued:
            raise _fault(unit, FileFault.LONE_QUOTE, first_lone, delimiter)
        raise _fault(unit, FileFault.GLUED_TEXT, first_glued, delimiter)


def _check_end(unit: Unit, delimiter: int, *, required: bool) -> None:
    if unit.closed:
        return
    if unit.cut_in_cell:
        opening = int(np.flatnonzero(unit.array == QUOTE)[0::2][-1])
        raise _fault(unit, FileFault.OPEN_QUOTE, opening, delimiter)
    # Only a closing quote shows that the last cell is whole; a bare one may have lost its end.
    if required or unit.data[-1] != QUOTE:
        raise _fault(unit, FileFault.NO_FINAL_NEWLINE, len(unit.data) - 1, delimiter)


def _cell_counts(unit: Unit, delimiter: int) -> NDArray[np.int64]:
    found = unit.array == delimiter
    if unit.inside is not None:
        found &= ~unit.inside
    positions = np.flatnonzero(found)
    counts: NDArray[np.int64] = np.searchsorted(positions, unit.stops) - np.searchsorted(
        positions, unit.starts
    )
    return counts + 1


def _check_cells(unit: Unit, cells: NDArray[np.int64], first: int, columns: int) -> None:
    wrong = np.flatnonzero((cells[first:] != columns) & ~unit.blank[first:])
    if len(wrong):
        row = first + int(wrong[0])
        found = int(cells[row])
        params = {"found": str(found), "expected": str(columns)}
        raise FaultAtError(
            FileFault.RAGGED,
            unit.place(int(unit.starts[row])),
            cell=min(found, columns) + (found > columns),
            params=params,
        )


def _count(tally: _Tally, unit: Unit, first: int) -> None:
    blank = unit.blank[first:]
    tally.records += int(np.count_nonzero(~blank))
    if first < len(unit.starts):
        tally.longest = max(tally.longest, int((unit.stops[first:] - unit.starts[first:]).max()))
        lines_from = int(np.searchsorted(unit.line_ends, unit.starts[first]))
        physical = len(unit.line_ends) - lines_from + (not unit.closed)
        tally.plain &= not blank.any() and physical == len(unit.starts) - first


def _fault(unit: Unit, fault: FileFault, position: int, delimiter: int) -> FaultAtError:
    """Return the fault with its cell, counted within its own record."""
    record = int(np.searchsorted(unit.starts, position, side="right")) - 1
    start = int(unit.starts[record]) if record >= 0 else 0
    part = unit.array[start:position]
    found = part == delimiter
    if unit.inside is not None:
        found = found & ~unit.inside[start:position]
    return FaultAtError(fault, unit.place(position), cell=int(np.count_nonzero(found)) + 1)
