"""Turn the cells of a batch into one canonical column: the source words `from`, `join`, `first`, `sum`, `when` ...

A column reader is made once per file and asked once per batch; Python sees distinct texts only.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ecsync.mapping.convert import UNFIXED, Outcome, Refusal, TextReader, is_remembered, text_reader
from ecsync.mapping.converted import Converted, assemble, pieced
from ecsync.mapping.model_in import ConstColumn, FirstColumn, Header, JoinColumn, SumColumn, WhenColumn
from ecsync.mapping.tables import fold_name
from ecsync.text.addresses import is_plausible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from ecsync.entities import Column
    from ecsync.mapping.headers import Layout
    from ecsync.mapping.model import InboundMapping
    from ecsync.mapping.model_in import Reads
    from ecsync.mapping.model_words import Condition
    from ecsync.mapping.raw_cells import RawCells

    Mask = Callable[[RawCells], NDArray[np.bool_]]
    TextsReader = Callable[[tuple[str, ...]], Outcome]

_MOST_REMEMBERED: Final = 50_000


class ColumnReader(ABC):
    """Reads one canonical column out of the cells of a batch.

    `title` names the partner's columns that it reads, as people know them.
    """

    title: str = ""

    @abstractmethod
    def read(self, cells: RawCells) -> Converted:
        """Return the column. Raises UndecodableError."""

    @abstractmethod
    def raw(self, cells: RawCells, rows: NDArray[np.int64]) -> list[str]:
        """Return what the partner wrote in some rows."""


def column_reader(source: Reads, column: Column, mapping: InboundMapping, layout: Layout) -> ColumnReader:
    """Return the reader of a canonical column for a file whose headers stand as `layout` says."""
    if isinstance(source, WhenColumn):
        cases = [
            (condition_mask(case.if_ or {}, layout), column_reader(case.then, column, mapping, layout))
            for case in source.when
        ]
        return _WhenReader(cases, column)
    if isinstance(source, ConstColumn):
        return _ConstReader(text_reader(source, column, mapping)(source.const), column)
    positions = [layout.position(header) for header in source.headers]
    title = " + ".join(dict.fromkeys(layout.name(header) for header in source.headers))
    if column.is_integer and not source.required and all(at is None for at in positions):
        return _ConstReader(None, column)
    reading = source.as_ or mapping.reading(column.name)
    if len(positions) > 1:
        return _CombinedReader(positions, column, _several(source, column, mapping), title)
    plain = not (source.map or source.table or source.empty or source.before or source.required)
    if reading == "text" and plain:
        return _PlainReader(positions[0], title)
    read = text_reader(source, column, mapping)
    return _SingleReader(positions[0], column, read, title, remembered=is_remembered(reading))


def condition_mask(condition: Condition, layout: Layout) -> Mask:
    """Return what tells for each row whether every named header has one of its values."""
    wanted = [
        (layout.position(Header(name=name)), frozenset(map(fold_name, values)))
        for name, values in condition.items()
    ]

    def mask(cells: RawCells) -> NDArray[np.bool_]:
        fits = np.ones(cells.rows, np.bool_)
        for position, values in wanted:
            column = cells.distinct(position)
            fits &= np.array([fold_name(text) in values for text in column.texts], np.bool_)[column.codes]
        return fits

    return mask


def _several(source: Reads, column: Column, mapping: InboundMapping) -> TextsReader:
    if source.as_ == "address_check":
        return lambda texts: int(is_plausible(texts[0], "".join(texts[1:])))
    read = text_reader(source, column, mapping)
    if isinstance(source, SumColumn):
        return _summed(read)
    if isinstance(source, JoinColumn):
        widths = source.pad or (0,) * len(source.join)
        glue = source.separator

        def joined(texts: tuple[str, ...]) -> Outcome:
            parts = zip((text.strip() for text in texts), widths, strict=True)
            return read(glue.join(part.zfill(width) for part, width in parts if part))

        return joined
    if isinstance(source, FirstColumn):
        return lambda texts: read(next((text for text in texts if text.strip()), ""))
    message = f"{type(source).__name__} reads one header"
    raise TypeError(message)


def _summed(read: TextReader) -> TextsReader:
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


class _ConstReader(ColumnReader):
    def __init__(self, outcome: Outcome, column: Column) -> None:
        self._outcome = outcome
        self._column = column
        self.title = column.name

    def read(self, cells: RawCells) -> Converted:
        return assemble([self._outcome], np.zeros(cells.rows, np.int64), self._column)

    def raw(self, cells: RawCells, rows: NDArray[np.int64]) -> list[str]:  # noqa: ARG002
        return [""] * len(rows)


class _PlainReader(ColumnReader):
    """A text as it is written, outer blanks gone: nothing to ask of each."""

    def __init__(self, position: int | None, title: str) -> None:
        self._position = position
        self.title = title

    def read(self, cells: RawCells) -> Converted:
        column = cells.distinct(self._position)
        texts = pc.utf8_trim_whitespace(pa.array(column.texts, pa.string()))
        return Converted(texts.take(pa.array(column.codes)))

    def raw(self, cells: RawCells, rows: NDArray[np.int64]) -> list[str]:
        return _texts(cells, self._position, rows)


class _SingleReader(ColumnReader):
    def __init__(
        self, position: int | None, column: Column, read: TextReader, title: str, *, remembered: bool
    ) -> None:
        self._position = position
        self._column = column
        self._read = read
        self._memory: dict[str, Outcome] | None = {} if remembered else None
        self.title = title

    def read(self, cells: RawCells) -> Converted:
        column = cells.distinct(self._position)
        return assemble(self._outcomes(column.texts), column.codes, self._column)

    def raw(self, cells: RawCells, rows: NDArray[np.int64]) -> list[str]:
        return _texts(cells, self._position, rows)

    def _outcomes(self, texts: list[str]) -> list[Outcome]:
        memory = self._memory
        if memory is None:
            return list(map(self._read, texts))
        if len(memory) > _MOST_REMEMBERED:
            memory.clear()
        for text in texts:
            if text not in memory:
                memory[text] = self._read(text)
        return [memory[text] for text in texts]


class _CombinedReader(ColumnReader):
    def __init__(
        self, positions: Sequence[int | None], column: Column, read: TextsReader, title: str
    ) -> None:
        self._positions = positions
        self._column = column
        self._read = read
        self.title = title

    def read(self, cells: RawCells) -> Converted:
        codes, combinations = cells.combined(self._positions)
        return assemble(list(map(self._read, combinations)), codes, self._column)

    def raw(self, cells: RawCells, rows: NDArray[np.int64]) -> list[str]:
        parts = [_texts(cells, position, rows) for position in self._positions]
        return [" | ".join(texts) for texts in zip(*parts, strict=True)]


class _WhenReader(ColumnReader):
    """The column of the first case that fits; a row is read by its own case only."""

    def __init__(self, cases: Sequence[tuple[Mask, ColumnReader]], column: Column) -> None:
        self._cases = cases
        self._otherwise = _ConstReader(None if column.is_integer else "", column)
        self.title = " / ".join(dict.fromkeys(reader.title for _mask, reader in cases))

    def read(self, cells: RawCells) -> Converted:
        parts = [(rows, reader.read(chosen)) for rows, chosen, reader in self._split(cells)]
        return pieced(parts, cells.rows)

    def raw(self, cells: RawCells, rows: NDArray[np.int64]) -> list[str]:
        found: dict[int, str] = {}
        for own, chosen, reader in self._split(cells):
            asked = np.flatnonzero(np.isin(own, rows))
            found.update(zip(own[asked].tolist(), reader.raw(chosen, asked), strict=True))
        return [found[row] for row in rows.tolist()]

    def _split(self, cells: RawCells) -> list[tuple[NDArray[np.int64], RawCells, ColumnReader]]:
        left = np.ones(cells.rows, np.bool_)
        parts = []
        for mask, reader in [*self._cases, (_every_row, self._otherwise)]:
            chosen = left & mask(cells)
            if chosen.any():
                parts.append((np.flatnonzero(chosen), cells.filter(chosen), reader))
                left &= ~chosen
        return parts


def _every_row(cells: RawCells) -> NDArray[np.bool_]:
    return np.ones(cells.rows, np.bool_)


def _texts(cells: RawCells, position: int | None, rows: NDArray[np.int64]) -> list[str]:
    column = cells.distinct(position)
    return [column.texts[code] for code in column.codes[rows].tolist()]
