"""Amounts made of others: added over the rows of a record, one less another, divided among pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ecsync.mapping.column_reader import ColumnReader, written
from ecsync.mapping.convert import UNFIXED, Outcome, Refusal, TextReader
from ecsync.mapping.converted import Converted, Fault
from ecsync.mapping.counting import record_starts
from ecsync.text.amounts import parse_integer
from ecsync.text.faults import TextFault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from ecsync.mapping.headers import Layout
    from ecsync.mapping.model_in import TotalColumn
    from ecsync.mapping.raw_cells import RawCells

    Mask = Callable[[RawCells], NDArray[np.bool_]]


def divided(read: TextReader) -> Callable[[tuple[str, ...]], Outcome]:
    """Return what reads an amount and divides it among the pieces; what does not come out even is refused."""

    def convert(texts: tuple[str, ...]) -> Outcome:
        amount = read(texts[0])
        if not isinstance(amount, int):
            return amount
        pieces = _count(texts[1])
        if isinstance(pieces, Refusal):
            return pieces
        return Refusal(TextFault.FRACTION.value) if not pieces or amount % pieces else amount // pieces

    return convert


def summed(read: TextReader) -> Callable[[tuple[str, ...]], Outcome]:
    """Return what adds amounts; absent where every one is."""

    def convert(texts: tuple[str, ...]) -> Outcome:
        total: int | None = None
        for text in texts:
            amount = read(text)
            if isinstance(amount, Refusal) or amount is UNFIXED:
                return amount
            if isinstance(amount, int):
                total = amount + (total or 0)
        return total

    return convert


class TotalReader(ColumnReader):
    """`total`: what the rows of a record add up to, on each of its rows. Sees whole records, skipped rows too.

    A row that cannot be read makes the sum of its whole record unknown.
    """

    whole_records = True

    def __init__(self, source: TotalColumn, read: TextReader, fits: Mask, layout: Layout) -> None:
        """Take what reads one amount, and which rows count."""
        self._sum = summed(read)
        named = source.total if source.times is None else (*source.total, source.times)
        self._is_multiplied = source.times is not None
        self._amounts = [layout.position(header) for header in named]
        self._within = [layout.position(header) for header in source.within]
        self._fits = fits
        amounts = " + ".join(layout.name(header) for header in source.total)
        self.title = amounts if source.times is None else f"{amounts} × {layout.name(source.times)}"

    def read(self, cells: RawCells) -> Converted:
        """Return the sums."""
        codes, texts = cells.combined(self._amounts)
        outcomes = list(map(self._product, texts))
        record = np.cumsum(record_starts(cells, self._within)) - 1
        counted = self._fits(cells)
        numbers = np.array([one if isinstance(one, int) else 0 for one in outcomes], np.int64)[codes]
        sums = np.zeros(int(record[-1]) + 1 if len(record) else 0, np.int64)
        np.add.at(sums, record[counted], numbers[counted])

        def in_records(kind: list[bool]) -> NDArray[np.bool_]:
            rows = counted & np.array(kind, np.bool_)[codes]
            return np.isin(record, record[rows])

        filled = in_records([isinstance(one, int) for one in outcomes])
        unfixed = in_records([one is UNFIXED for one in outcomes])
        faults = tuple(
            Fault(np.flatnonzero(in_records([one == refusal for one in outcomes])), refusal)
            for refusal in _refusals(outcomes)
        )
        for fault in faults:
            filled[fault.rows] = False
        values = pa.array(sums[record], pa.int64(), mask=~filled | unfixed)
        return Converted(values, faults, unfixed=unfixed if unfixed.any() else None)

    def raw(self, cells: RawCells, rows: NDArray[np.int64]) -> list[str]:
        """Return what the partner wrote in some rows."""
        return written(cells, self._amounts, rows)

    def _product(self, texts: tuple[str, ...]) -> Outcome:
        amount = self._sum(texts[:-1] if self._is_multiplied else texts)
        if not self._is_multiplied or not isinstance(amount, int):
            return amount
        count = _count(texts[-1])
        return amount * count if isinstance(count, int) else count


class DifferenceReader(ColumnReader):
    """`difference`: the first amount less the others, of which an absent one counts 0."""

    def __init__(self, parts: Sequence[ColumnReader]) -> None:
        """Take the readers of the parts."""
        self._parts = parts
        self.whole_records = any(part.whole_records for part in parts)
        self.title = " - ".join(part.title for part in parts)

    def read(self, cells: RawCells) -> Converted:
        """Return what is left."""
        parts = [part.read(cells) for part in self._parts]
        left = parts[0].values
        for part in parts[1:]:
            left = pc.subtract(left, pc.fill_null(part.values, 0))
        unfixed = np.zeros(cells.rows, np.bool_)
        for part in parts:
            if part.unfixed is not None:
                unfixed |= part.unfixed
        return Converted(
            pc.if_else(pa.array(unfixed), pa.scalar(None, pa.int64()), left),
            tuple(fault for part in parts for fault in part.faults),
            unfixed=unfixed if unfixed.any() else None,
        )

    def raw(self, cells: RawCells, rows: NDArray[np.int64]) -> list[str]:
        """Return what the partner wrote in some rows."""
        return [
            " | ".join(texts) for texts in zip(*(part.raw(cells, rows) for part in self._parts), strict=True)
        ]


def _count(text: str) -> int | Refusal:
    found = parse_integer(text)
    return Refusal(found.value) if isinstance(found, TextFault) else found


def _refusals(outcomes: Sequence[Outcome]) -> list[Refusal]:
    found: list[Refusal] = []
    for one in outcomes:
        if isinstance(one, Refusal) and one not in found:
            found.append(one)
    return found
