"""Keys for rows that have none: what a row says, and its number among equal ones of the same record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from ecsync.mapping.column_reader import ColumnReader, written
from ecsync.mapping.converted import Converted
from ecsync.mapping.tables import fold_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ecsync.mapping.headers import Layout
    from ecsync.mapping.model_in import CountedColumn
    from ecsync.mapping.raw_cells import RawCells

_SIGN: Final = " / "
# The same price is written 1100, 1100.0 and 1100.00 by different exporters.
_WHOLE_NUMBER: Final = re.compile(r"([0-9]+)\.0*")


class CountedReader(ColumnReader):
    """`counted`: texts of a row, folded, then `#1`, `#2` ... among the rows of its record that say the same.

    Sees whole records. Equal rows are numbered in the order of everything else that they say, so the keys of
    a record are the same whatever the order of its rows. Where alike ones are one, they bear the same number.
    """

    def __init__(self, source: CountedColumn, layout: Layout) -> None:
        self._counted = [layout.position(header) for header in source.counted]
        self._are_one = source.alike == "one"
        self._within = [layout.position(header) for header in source.within]
        self.title = " + ".join(layout.name(header) for header in source.counted)

    def read(self, cells: RawCells) -> Converted:
        """Return the keys."""
        codes, texts = cells.combined(self._counted)
        names = [_SIGN.join(filter(None, map(_folded, parts))) for parts in texts]
        # Two spellings of one price are the same text: number the texts, not the spellings.
        distinct = {name: code for code, name in enumerate(dict.fromkeys(names))}
        same = np.array([distinct[name] for name in names], np.int64)[codes]
        record = np.cumsum(record_starts(cells, self._within))
        numbers = self._numbers(cells, record * len(distinct) + same)
        keys = [f"{names[code]} #{number}" for code, number in zip(codes.tolist(), numbers, strict=True)]
        return Converted(pa.array(keys, pa.string()))

    def raw(self, cells: RawCells, rows: NDArray[np.int64]) -> list[str]:
        """Return what the partner wrote in some rows."""
        return written(cells, self._counted, rows)

    def _numbers(self, cells: RawCells, groups: NDArray[np.int64]) -> list[int]:
        numbers = [1] * len(groups)
        order = np.argsort(groups, kind="stable")
        starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
        for rows in np.split(order, starts[1:]):
            if len(rows) > 1:
                said = [tuple(map(_folded, texts)) for texts in cells.said(rows)]
                ranked = sorted(range(len(rows)), key=lambda at: said[at])
                number = 0
                for before, at in zip([None, *ranked], ranked, strict=False):
                    if before is None or not self._are_one or said[at] != said[before]:
                        number += 1
                    numbers[int(rows[at])] = number
        return numbers


def record_starts(cells: RawCells, within: list[int | None]) -> NDArray[np.bool_]:
    """Return which rows begin a record: those that differ from the row above in one of these columns."""
    codes, _texts = cells.combined(within)
    starts = np.ones(len(codes), np.bool_)
    starts[1:] = codes[1:] != codes[:-1]
    return starts


def _folded(text: str) -> str:
    folded = fold_name(text)
    number = _WHOLE_NUMBER.fullmatch(folded)
    return number[1] if number else folded
