"""Turn the cells of a batch into one canonical column: the source words `from`, `join`, `first`, `sum`, `when` ...

A column reader is made once per file and asked once per batch; Python sees distinct texts only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ecsync.mapping.column_reader import ColumnReader, written
from ecsync.mapping.combining import DifferenceReader, TotalReader, divided, summed
from ecsync.mapping.convert import Outcome, Refusal, TextReader, code_map, text_reader
from ecsync.mapping.convert_texts import Texts, texts_reader
from ecsync.mapping.converted import Converted, assemble, pieced
from ecsync.mapping.counting import CountedReader
from ecsync.mapping.gluing import glued
from ecsync.mapping.model_in import (
    ConstColumn,
    CountedColumn,
    DifferenceColumn,
    FirstColumn,
    FromColumn,
    Header,
    JoinColumn,
    OnlyColumn,
    SumColumn,
    TotalColumn,
    WhenColumn,
)
from ecsync.mapping.raw_cells import distinct_texts
from ecsync.mapping.tables import fold_name
from ecsync.text.addresses import PREFECTURES, is_plausible, split_prefecture

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from ecsync.entities import Column
    from ecsync.mapping.headers import Layout
    from ecsync.mapping.model import InboundMapping
    from ecsync.mapping.model_in import Reads
    from ecsync.mapping.model_words import Condition
    from ecsync.mapping.raw_cells import RawCells

    Mask = Callable[[RawCells], NDArray[np.bool_]]
    Combination = Callable[[tuple[str, ...]], Outcome]
    Positions = Sequence[int | None]


def column_reader(source: Reads, column: Column, mapping: InboundMapping, layout: Layout) -> ColumnReader:
    """Return the reader of a canonical column for a file whose headers stand as `layout` says."""
    if isinstance(source, WhenColumn):
        cases = [
            (condition_mask(case.if_ or {}, layout), column_reader(case.then, column, mapping, layout))
            for case in source.when
        ]
        return _WhenReader(cases, column)
    if isinstance(source, ConstColumn):
        # In our own terms, as the check of the mapping has seen: a rate in basis points, whole numbers as they are.
        whole = column.is_integer and source.as_ is None
        outcome = int(source.const) if whole else text_reader(source, column, mapping)(source.const)
        return _ConstReader(outcome, column)
    if isinstance(source, CountedColumn):
        return CountedReader(source, layout)
    if isinstance(source, TotalColumn):
        fits = condition_mask(source.if_ or {}, layout)
        return TotalReader(source, text_reader(source, column, mapping), fits, layout)
    if isinstance(source, DifferenceColumn):
        return DifferenceReader([column_reader(part, column, mapping, layout) for part in source.difference])
    return _reader_of_texts(source, column, mapping, layout)


def _reader_of_texts(source: Reads, column: Column, mapping: InboundMapping, layout: Layout) -> ColumnReader:
    positions = [layout.position(header) for header in source.headers]
    title = " + ".join(dict.fromkeys(layout.name(header) for header in source.headers))
    if column.is_integer and not source.required and all(at is None for at in positions):
        return _ConstReader(None, column)
    if source.as_ == "address_check":
        return _AddressReader(positions, column, title, code_map(source, mapping))
    if isinstance(source, (SumColumn, OnlyColumn)):
        combine = summed if isinstance(source, SumColumn) else _alike
        return _CombinedReader(positions, column, combine(text_reader(source, column, mapping)), title)
    if isinstance(source, FromColumn) and source.per is not None:
        return _CombinedReader(positions, column, divided(text_reader(source, column, mapping)), title)
    return _TextsReader(source, positions, texts_reader(source, column, mapping), title)


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


def _alike(read: TextReader) -> Combination:
    def convert(texts: tuple[str, ...]) -> Outcome:
        said: list[Outcome] = []
        for text in filter(str.strip, texts):
            value = read(text)
            if isinstance(value, Refusal):
                return value
            if value not in said:
                said.append(value)
        return said[0] if len(said) == 1 else None

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


class _TextsReader(ColumnReader):
    """`from`, `join` and `first`: one text for each row, then read as a value."""

    def __init__(self, source: Reads, positions: Positions, texts: Texts, title: str) -> None:
        self._source = source
        self._positions = positions
        self._texts = texts
        self.title = title

    def read(self, cells: RawCells) -> Converted:
        if isinstance(self._source, JoinColumn):
            return self._texts(distinct_texts(_joined(cells, self._positions, self._source)))
        if len(self._positions) == 1:
            return self._texts(cells.distinct(self._positions[0]))
        if isinstance(self._source, FirstColumn):
            return self._texts(distinct_texts(_first(cells, self._positions)))
        message = f"{type(self._source).__name__} reads one header"
        raise TypeError(message)

    def raw(self, cells: RawCells, rows: NDArray[np.int64]) -> list[str]:
        return written(cells, self._positions, rows)


class _CombinedReader(ColumnReader):
    """A value of several texts that are read together."""

    def __init__(self, positions: Positions, column: Column, read: Combination, title: str) -> None:
        self._positions = positions
        self._column = column
        self._read = read
        self.title = title

    def read(self, cells: RawCells) -> Converted:
        codes, combinations = cells.combined(self._positions)
        return assemble(list(map(self._read, combinations)), codes, self._column)

    def raw(self, cells: RawCells, rows: NDArray[np.int64]) -> list[str]:
        return written(cells, self._positions, rows)


class _AddressReader(ColumnReader):
    """Whether a parcel can arrive: the first text names the prefecture (or its code), the others are the rest.

    A first text that goes on behind its prefecture is the beginning of the address itself.
    """

    def __init__(
        self, positions: Positions, column: Column, title: str, codes: Mapping[str, str] | None
    ) -> None:
        self._positions = positions
        self._column = column
        self._codes = codes or {}
        self.title = title

    def read(self, cells: RawCells) -> Converted:
        plausible = self._plain(cells)
        doubtful = np.flatnonzero(~plausible)
        if len(doubtful):
            codes, combinations = cells.filter(~plausible).combined(self._positions)
            answers = [is_plausible(*self._split(texts)) for texts in combinations]
            plausible[doubtful] = np.array(answers, np.bool_)[codes]
        return Converted(pa.array(plausible.astype(np.int64)))

    def raw(self, cells: RawCells, rows: NDArray[np.int64]) -> list[str]:
        return written(cells, self._positions, rows)

    def _split(self, texts: tuple[str, ...]) -> tuple[str, str]:
        leading, rest = split_prefecture(texts[0])
        if leading or len(texts) == 1:
            return leading, rest + "".join(texts[1:])
        return self._prefecture(texts[0]), "".join(texts[1:])

    def _prefecture(self, text: str) -> str:
        return self._codes.get(fold_name(text), text) if self._codes else text

    def _plain(self, cells: RawCells) -> NDArray[np.bool_]:
        """Tell which rows name a prefecture and have a number in the rest, so that nothing needs to be asked."""
        prefecture = cells.distinct(self._positions[0])
        known = np.array([self._prefecture(text) in PREFECTURES for text in prefecture.texts], np.bool_)
        known = known[prefecture.codes]
        numbered = np.zeros(cells.rows, np.bool_)
        for column in map(cells.distinct, self._positions[1:]):
            digits = pc.match_substring_regex(column.values, "[0-9]").to_numpy(zero_copy_only=False)
            numbered |= digits[column.codes]
        plain: NDArray[np.bool_] = known & numbered
        return plain


class _WhenReader(ColumnReader):
    """The column of the first case that fits; a row is read by its own case only."""

    def __init__(self, cases: Sequence[tuple[Mask, ColumnReader]], column: Column) -> None:
        self._cases = cases
        self._otherwise = _ConstReader(None if column.is_integer else "", column)
        read = [reader.title.strip() for _mask, reader in cases if not isinstance(reader, _ConstReader)]
        self.title = " / ".join(dict.fromkeys(read)) or column.name

    def read(self, cells: RawCells) -> Converted:
        parts = [(rows, reader.read(chosen)) for rows, chosen, reader in self._split(cells)]
        return pieced(parts, cells.rows) if parts else self._otherwise.read(cells)

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


def _filled(cells: RawCells, position: int | None, width: int = 0) -> pa.Array:
    """Return the text of each row, outer blanks gone, padded with zeros; null where it is blank."""
    column = cells.distinct(position)
    texts = pc.utf8_trim_whitespace(column.values)
    padded = pc.utf8_lpad(texts, width, padding="0") if width else texts
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), padded).take(pa.array(column.codes))


def _joined(cells: RawCells, positions: Positions, source: JoinColumn) -> pa.Array:
    widths = source.pad or (0,) * len(positions)
    parts = [_filled(cells, position, width) for position, width in zip(positions, widths, strict=True)]
    return glued(parts, source.separator)


def _first(cells: RawCells, positions: Positions) -> pa.Array:
    return pc.coalesce(*(_filled(cells, position) for position in positions), pa.scalar(""))
