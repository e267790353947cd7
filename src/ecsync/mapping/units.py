"""Whole records of a byte stream, a block at a time, with the physical line where each begins.

Quotes are counted: a line end between an odd and an even quote belongs to a cell. Bounded by the block
and the longest record that is allowed; no Python object per record.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from ecsync.mapping.bytestream import BLOCK
from ecsync.mapping.rejects import FileFault

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

QUOTE: Final = 0x22
LF: Final = 0x0A
CR: Final = 0x0D
MAX_RECORD: Final = 4 << 20


class Place(NamedTuple):
    """Where in the stream a record begins: byte offset and physical line (1-based)."""

    offset: int
    line: int


class FaultAtError(Exception):
    """A fault at a place of the stream; `scan` says where in the file that is."""

    def __init__(
        self, fault: FileFault, place: Place, *, cell: int = 0, params: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(fault)
        self.fault = fault
        self.place = place
        self.cell = cell
        self.params = params


@dataclass(frozen=True)
class Unit:
    """Whole records that stand together.

    `starts` and `ends` bound the content of each record within `data`; its line end lies between `ends` and
    `stops`. `line_ends` holds the last byte of every physical line, `inside` tells for each byte whether a
    quote is open (None: there is no quote). `closed` is false where the last record has no line end.
    """

    data: bytes
    begin: Place
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    stops: NDArray[np.int64]
    line_ends: NDArray[np.int64]
    inside: NDArray[np.bool_] | None
    closed: bool

    @property
    def array(self) -> NDArray[np.uint8]:
        """Return the bytes as numbers."""
        return np.frombuffer(self.data, np.uint8)

    @property
    def blank(self) -> NDArray[np.bool_]:
        """Tell for each record whether it is an empty line."""
        blank: NDArray[np.bool_] = self.starts == self.ends
        return blank

    @property
    def lines(self) -> NDArray[np.int64]:
        """Return the physical line where each record begins."""
        lines: NDArray[np.int64] = self.begin.line + np.searchsorted(self.line_ends, self.starts)
        return lines

    @property
    def cut_in_cell(self) -> bool:
        """Tell whether the data ends inside a quoted cell."""
        return not self.closed and self.inside is not None and bool(self.inside[-1])

    def place(self, position: int) -> Place:
        """Return where in the stream a position within `data` lies."""
        line = self.begin.line + int(np.searchsorted(self.line_ends, position))
        return Place(self.begin.offset + position, line)


def skip_lines(stream: io.BufferedIOBase, count: int) -> Place:
    """Read `count` physical lines away and return where the next one begins."""
    offset = 0
    for _number in range(count):
        line = stream.readline(MAX_RECORD)
        offset += len(line)
    return Place(offset, count + 1)


def units(stream: io.BufferedIOBase, begin: Place, *, quoted: bool = True) -> Iterator[Unit]:
    """Yield the records from `begin` on, where the stream stands; every record is in exactly one unit.

    Where cells are not `quoted`, a quote is a sign like any other.

    Raises FaultAtError for a NUL byte and for a record longer than MAX_RECORD.
    """
    rest = b""
    while True:
        block = stream.read(BLOCK)
        if not block:
            break
        _refuse_nul(block, rest, begin)
        unit = _split(rest + block, begin, last=False, quoted=quoted)
        used = int(unit.stops[-1]) if len(unit.stops) else 0
        if len(unit.data) - used > MAX_RECORD:
            raise FaultAtError(FileFault.RECORD_TOO_LONG, unit.place(used), params={"limit": str(MAX_RECORD)})
        rest = unit.data[used:]
        if used:
            yield _cut(unit, used)
            begin = unit.place(used)
    if rest:
        yield _split(rest, begin, last=True, quoted=quoted)


def _refuse_nul(block: bytes, rest: bytes, begin: Place) -> None:
    at = block.find(b"\0")
    if at >= 0:
        before = rest + block[:at]
        lines = before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")
        raise FaultAtError(FileFault.NUL_BYTE, Place(begin.offset + len(before), begin.line + lines))


def _split(data: bytes, begin: Place, *, last: bool, quoted: bool) -> Unit:
    array = np.frombuffer(data, np.uint8)
    inside = None
    if quoted and b'"' in data:
        inside = np.logical_xor.accumulate(array == QUOTE)
    line_ends = _line_ends(data, array, last=last)
    stops = (line_ends if inside is None else line_ends[~inside[line_ends]]) + 1
    closed = bool(len(stops)) and int(stops[-1]) == len(data)
    if last and not closed:
        stops = np.append(stops, len(data))
    starts = np.concatenate((np.zeros(1, np.int64), stops))[: len(stops)]
    ends = stops - _line_end_lengths(array, starts, stops)
    if last and not closed:
        ends[-1] = len(data)
    return Unit(data, begin, starts, ends, stops, line_ends, inside, closed=closed)


def _line_ends(data: bytes, array: NDArray[np.uint8], *, last: bool) -> NDArray[np.int64]:
    line_feeds = array == LF
    if b"\r" not in data:
        return np.flatnonzero(line_feeds)
    alone = array == CR
    alone[:-1] &= ~line_feeds[1:]
    # Whether the CR at the very end stands alone is known once the next block is there.
    alone[-1] &= last
    return np.flatnonzero(line_feeds | alone)


def _line_end_lengths(
    array: NDArray[np.uint8], starts: NDArray[np.int64], stops: NDArray[np.int64]
) -> NDArray[np.int64]:
    before = np.maximum(stops - 2, starts)
    crlf: NDArray[np.bool_] = (before < stops - 1) & (array[stops - 1] == LF) & (array[before] == CR)
    return np.where(crlf, np.int64(2), np.int64(1))


def _cut(unit: Unit, used: int) -> Unit:
    if used == len(unit.data):
        return unit
    count = int(np.searchsorted(unit.line_ends, used))
    inside = None if unit.inside is None else unit.inside[:used]
    return replace(unit, data=unit.data[:used], line_ends=unit.line_ends[:count], inside=inside, closed=True)
