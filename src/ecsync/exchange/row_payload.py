"""The payload of a flow that goes by rows: a file with a header, whose first column is the business key.

It begins with a byte order mark where it is Unicode; without one it is cp932.
"""

from __future__ import annotations

import codecs
import csv
from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MARKS: Final = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16"}
_LONGEST_CELL: Final = 1 << 24

Row = tuple[str, ...]


class RowPayload:
    """Read a payload row by row, as often as it is asked."""

    def __init__(self, path: Path) -> None:
        """Look at its header."""
        self._path = path
        with path.open("rb") as content:
            start = content.read(4)
        self._encoding = next((name for mark, name in _MARKS.items() if start.startswith(mark)), "cp932")
        self.header: Row = next(self._records(), ())

    def rows(self) -> Iterator[Row]:
        """Yield the rows in their order, without the header."""
        return islice(self._records(), 1, None)

    def portions(self, most: int) -> Iterator[list[tuple[int, Row]]]:
        """Yield the rows with their numbers from 1, at most so many at a time."""
        numbered = enumerate(self.rows(), start=1)
        while portion := list(islice(numbered, most)):
            yield portion

    def _records(self) -> Iterator[Row]:
        csv.field_size_limit(_LONGEST_CELL)
        with self._path.open(encoding=self._encoding, newline="") as text:
            for record in csv.reader(text, strict=True):
                yield tuple(record)
