"""How the bytes of a file are divided: delimiter, quotes, rows above the header, line ends; over every record."""

from __future__ import annotations

import csv
import io
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from ecsync.errors import FileRefusedError
from ecsync.mapping.bytestream import cell_encoding, open_bytes
from ecsync.mapping.model_file import InboundFile
from ecsync.mapping.rejects import FileFault
from ecsync.mapping.scan import scan
from ecsync.mapping.units import CR, LF, QUOTE, skip_lines, units

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecsync.mapping.scan import Scan
    from ecsync.mapping.units import Unit

DELIMITERS: Final = (",", "\t", ";", "|")
_HEAD: Final = 256 * 1024
_MOST_ABOVE: Final = 100
# Where a quote opens no cell it is a sign like any other; where it closes none the file may have been cut.
_QUOTE_FAULTS: Final = frozenset({FileFault.LONE_QUOTE, FileFault.GLUED_TEXT})


class HeadRecord(NamedTuple):
    """One of the first records, and the physical lines above it."""

    above: int
    cells: list[str]


@dataclass(frozen=True)
class Division:
    """One delimiter, tried over the whole file; where it does not hold, the refusal says at which line."""

    delimiter: str
    file: InboundFile
    shape: Scan | None
    refusal: FileRefusedError | None = None

    @property
    def columns(self) -> int:
        """Return how many cells every record has; 0 where the records differ."""
        return self.shape.columns if self.shape else 0


@dataclass(frozen=True)
class LineEnds:
    """How the records end (CRLF, LF, CR, or nothing after the last), and how many line ends stand inside cells."""

    records: dict[str, int]
    in_cells: int
    quoted: int
    cells: int
    blank: int

    @property
    def final(self) -> bool:
        """Tell whether the last record has a line end."""
        return not self.records.get("", 0)


@dataclass(frozen=True)
class Layout:
    """The division that is taken, all that were tried, and the line ends.

    `records` counts every record below the rows above, a header among them.
    """

    chosen: Division
    tried: tuple[Division, ...]
    ends: LineEnds

    @property
    def file(self) -> InboundFile:
        """Return the words of `file:`, as if the first record were a header."""
        return self.chosen.file

    @property
    def shape(self) -> Scan:
        """Return the shape of the file."""
        assert self.chosen.shape is not None  # noqa: S101  (only one that holds is chosen)
        return self.chosen.shape

    @property
    def records(self) -> int:
        """Return how many records there are."""
        return self.shape.records + 1

    @property
    def proven(self) -> bool:
        """Tell whether one delimiter alone gives every record the same number of cells, more than one."""
        return self.chosen.columns > 1 and sum(one.columns > 1 for one in self.tried) == 1


def find_layout(path: Path, encoding: str) -> Layout:
    """Try every delimiter that the file begins with. Raises FileRefusedError where no division holds."""
    plain = InboundFile(encoding=encoding, final_newline="optional")  # type: ignore[arg-type]
    text, _cut = _head(path, plain)
    found = [one for one in DELIMITERS if one in text] or [","]
    tried = tuple(_divided(path, plain, one, text) for one in found)
    holding = [one for one in tried if one.shape is not None]
    if not holding:
        # The one that most of the first rows follow is the one whose fault helps.
        nearest = max(tried, key=lambda one: _usual(text, one.delimiter)[1])
        assert nearest.refusal is not None  # noqa: S101  (it has no shape)
        raise nearest.refusal
    chosen = max(holding, key=lambda one: one.columns)
    return Layout(chosen, tried, _line_ends(path, chosen))


def head_records(path: Path, file: InboundFile, most: int) -> list[HeadRecord]:
    """Return the first records of a file, cell by cell, from the first below the rows above."""
    text, cut = _head(path, file)
    lines = io.StringIO(text, newline="")
    for _number in range(file.preamble):
        lines.readline()
    found: list[HeadRecord] = []
    above = file.preamble
    for end, cells in _records(lines.read(), file.delimiter, quoted=file.has_quotes):
        found.append(HeadRecord(above, cells))
        above = file.preamble + end
        if len(found) > most:
            return found[:most]
    # The last one is cut where the head is.
    return found[:-1] if cut else found


def _head(path: Path, file: InboundFile) -> tuple[str, bool]:
    with open_bytes(path, file) as stream:
        head = stream.read(_HEAD)
    return head.decode(cell_encoding(file), "ignore"), len(head) == _HEAD


def _records(text: str, delimiter: str, *, quoted: bool = True) -> Iterator[tuple[int, list[str]]]:
    """Yield the records of a text that are not blank, each with the physical line where it ends."""
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
    )
    # What the module cannot read, the scan of the whole file refuses with its place.
    with suppress(csv.Error):
        for cells in reader:
            if cells:
                yield reader.line_num, cells


def _usual(text: str, delimiter: str) -> tuple[int, int]:
    """Return how many cells most of the first records have, and how many of them."""
    counts = Counter(len(cells) for _end, cells in _records(text, delimiter))
    return max(counts.items(), key=lambda one: (one[1] * (one[0] > 1), one[0]), default=(1, 0))


def _rows_above(text: str, delimiter: str) -> int:
    """Return how many physical lines stand above the first record that is as wide as most are."""
    usual, _times = _usual(text, delimiter)
    line = 0
    for end, cells in _records(text, delimiter):
        if len(cells) == usual:
            return line if line <= _MOST_ABOVE else 0
        line = end
    return 0


def _divided(path: Path, plain: InboundFile, delimiter: str, text: str) -> Division:
    file = plain.model_copy(update={"delimiter": delimiter, "preamble": _rows_above(text, delimiter)})
    try:
        return Division(delimiter, file, scan(path, file))
    except FileRefusedError as refusal:
        if refusal.reason not in _QUOTE_FAULTS:
            return Division(delimiter, file, None, refusal)
        first = refusal
    file = file.model_copy(update={"quote": "none"})
    try:
        return Division(delimiter, file, scan(path, file))
    except FileRefusedError:
        # A file whose quotes do not fit is told so, rather than that it has none.
        return Division(delimiter, file, None, first)


def _line_ends(path: Path, division: Division) -> LineEnds:
    file = division.file
    records: Counter[str] = Counter()
    in_cells = quoted = blank = total = 0
    with open_bytes(path, file) as stream:
        for unit in units(stream, skip_lines(stream, file.preamble), quoted=file.has_quotes):
            rows = ~unit.blank
            total += int(np.count_nonzero(rows))
            blank += int(np.count_nonzero(unit.blank))
            length = (unit.stops - unit.ends)[rows]
            last = unit.array[unit.stops - 1][rows]
            records["CRLF"] += int(np.count_nonzero(length == len(b"\r\n")))
            records["LF"] += int(np.count_nonzero((length == 1) & (last == LF)))
            records["CR"] += int(np.count_nonzero((length == 1) & (last == CR)))
            records[""] += int(np.count_nonzero(length == 0))
            in_cells += len(unit.line_ends) - len(unit.stops) + (not unit.closed)
            quoted += _opening_quotes(unit, ord(file.delimiter))
    told = {end: count for end, count in records.items() if count}
    return LineEnds(told, in_cells, quoted, total * division.columns, blank)


def _opening_quotes(unit: Unit, delimiter: int) -> int:
    if unit.inside is None:
        return 0
    array = unit.array
    opening = (array == QUOTE) & unit.inside
    before = array[:-1]
    opening[1:] &= (before == delimiter) | (before == LF) | (before == CR)
    return int(np.count_nonzero(opening))
