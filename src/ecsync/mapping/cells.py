"""The cells of a column for a whole batch: every distinct value is rendered once, then taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ecsync.errors import ConfigurationError
from ecsync.locale import _
from ecsync.mapping.cell_text import CellFault, CellFormat, Rendered, TextRules
from ecsync.mapping.choosing import equal_rows
from ecsync.mapping.gluing import glued
from ecsync.mapping.limits import Limits
from ecsync.mapping.model_out import (
    DEFAULT_WRITING,
    ChosenColumn,
    FixedColumn,
    JoinedColumn,
    PositionColumn,
    RunningColumn,
    SettingColumn,
    Split,
    ValueColumn,
    part_of,
)
from ecsync.mapping.values_out import Formatter, formatter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Mapping as Settings

    from numpy.typing import NDArray

    from ecsync.mapping.model import OutboundMapping
    from ecsync.mapping.model_out import OutColumn, Writes

    Indices = NDArray[np.int64]

_SEPARATOR: Final = "\x1f"  # between a value and its day; no value holds a control sign of this kind


class Cells:
    """A column of a batch: the bytes of each distinct text, and which of them stands in each row.

    `odd` holds, by their number, the texts that cannot be written, are cut, or in which signs were replaced.
    """

    def __init__(self, texts: pa.Array, indices: Indices, odd: dict[int, Rendered] | None = None) -> None:
        self.texts = texts
        self.indices = indices
        self.odd = odd or {}

    @classmethod
    def of(cls, rendered: Sequence[Rendered], indices: Indices) -> Cells:
        """Return the cells of texts that were rendered one by one."""
        odd = {number: one for number, one in enumerate(rendered) if _is_odd(one)}
        return cls(pa.array([one.cell for one in rendered], pa.binary()), indices, odd)

    @property
    def faulty(self) -> NDArray[np.bool_]:
        """Return which rows hold a text that cannot be written."""
        marks = np.zeros(len(self.texts), dtype=bool)
        marks[[number for number, one in self.odd.items() if one.fault is not None]] = True
        return marks[self.indices]

    def changed(self, kept: NDArray[np.bool_]) -> Iterator[tuple[Rendered, Indices]]:
        """Yield the texts that are not written as they were, and in which of the kept rows each stands."""
        marks = np.zeros(len(self.texts), dtype=bool)
        marks[[number for number, one in self.odd.items() if one.replaced or one.is_cut]] = True
        rows = np.flatnonzero(kept & marks[self.indices])
        numbers = self.indices[rows]
        order = np.argsort(numbers, kind="stable")
        found, starts = np.unique(numbers[order], return_index=True)
        for number, of_one in zip(found.tolist(), np.split(rows[order], starts[1:]), strict=False):
            yield self.odd[number], of_one

    def at(self, row: int) -> Rendered:
        """Return the rendered text of one row."""
        number = int(self.indices[row])
        return self.odd.get(number) or Rendered(self.texts[number].as_py())

    def take(self, rows: Indices) -> pa.Array:
        """Return the bytes of some rows, in their order."""
        return self.texts.take(pa.array(self.indices[rows]))


def _is_odd(one: Rendered) -> bool:
    return one.fault is not None or bool(one.replaced) or one.is_cut


class CellColumn(Protocol):
    """Make the cells of one column."""

    def cells(self, batch: pa.RecordBatch, group: Indices) -> Cells:
        """Return the cells; `group` numbers the record group of each row."""


def cell_column(
    source: OutColumn,
    mapping: OutboundMapping,
    cells: CellFormat,
    settings: Settings[str, str],
    today: str = "",
) -> CellColumn:
    """Return what makes the cells of a column; raise ConfigurationError where a setting is missing."""
    if isinstance(source, FixedColumn):
        return _Fixed(cells.of_ours(source.const))
    if isinstance(source, SettingColumn):
        text = settings.get(source.setting, source.default)
        if text is None:
            raise ConfigurationError(
                _("{mapping} needs the setting {name}").format(mapping=mapping.mapping, name=source.setting)
            )
        return _Fixed(_rules(source, mapping, cells).render(text, text, ""))
    if isinstance(source, PositionColumn):
        marks = source.position
        return _Position(
            [cells.finish(mark) for mark in (marks.single, marks.first, marks.middle, marks.last)]
        )
    if isinstance(source, RunningColumn):
        return _RunningInGroup(cells)
    if isinstance(source, ChosenColumn):
        return _Chosen(source, mapping, cells, settings, today)
    return _Text(source, mapping, cells, today)


def positions(group: Indices) -> tuple[Indices, Indices]:
    """Return the number of each row in its group from 1, and the number of rows of that group."""
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    lengths = np.diff(np.append(starts, len(group)))
    return np.arange(len(group)) - np.repeat(starts, lengths) + 1, np.repeat(lengths, lengths)


def _rules(source: Writes, mapping: OutboundMapping, cells: CellFormat) -> TextRules:
    table = mapping.tables[source.table] if source.table is not None else None
    for_people = _is_for_people(source, mapping)
    if not isinstance(source, Split) or source.part is None:
        return TextRules(source, table, cells, for_people=for_people)
    parts = {
        other.part: other.limit(cells.encoding)[0] or 0
        for _header, other in mapping.named_columns
        if isinstance(other, Split) and other.part is not None and part_of(other) == part_of(source)
    }
    limits = [parts[number] for number in sorted(parts)]
    return TextRules(source, table, cells, limits, source.part, for_people=for_people)


def _is_for_people(source: Writes, mapping: OutboundMapping) -> bool:
    """Tell whether people read the text of a column: words of ours and keys of a partner are compared."""
    if source.map is not None or source.table is not None:
        return False
    if isinstance(source, ValueColumn):
        # A key that is told with a row is no column of its frame.
        column = mapping.frame.by_name.get(source.value)
        return column is not None and column.is_for_people
    if isinstance(source, JoinedColumn):
        return all(mapping.frame.by_name[name].is_for_people for name in source.join)
    return isinstance(source, SettingColumn) and source.setting.startswith("sender.")


class TakenOnly:
    """What the partner's layout has a place for: no cells of the file, but rows that do not fit are faulty."""

    def __init__(self, condition: dict[str, tuple[str, ...]]) -> None:
        """Take the canonical columns and the values that they may have."""
        self._condition = condition

    def cells(self, batch: pa.RecordBatch, group: Indices) -> Cells:  # noqa: ARG002  (the protocol)
        """Return nothing where a row fits, and its fault where it does not."""
        fits = equal_rows(batch, self._condition)
        return Cells.of([Rendered(b"", CellFault("not_taken")), Rendered(b"")], fits.astype(np.int64))


class _Fixed:
    def __init__(self, rendered: Rendered) -> None:
        self._rendered = rendered

    def cells(self, batch: pa.RecordBatch, group: Indices) -> Cells:  # noqa: ARG002  (the protocol)
        return Cells.of([self._rendered], np.zeros(batch.num_rows, dtype=np.int64))


class _Position:
    def __init__(self, marks: list[Rendered]) -> None:
        self._marks = marks

    def cells(self, batch: pa.RecordBatch, group: Indices) -> Cells:  # noqa: ARG002  (the protocol)
        number, size = positions(group)
        chosen = np.select([size == 1, number == 1, number == size], [0, 1, 3], default=2)
        return Cells.of(self._marks, chosen.astype(np.int64))


class _RunningInGroup:
    def __init__(self, cells: CellFormat) -> None:
        self._cells = cells

    def cells(self, batch: pa.RecordBatch, group: Indices) -> Cells:  # noqa: ARG002  (the protocol)
        number, _size = positions(group)
        return numbered(number, self._cells)


def numbered(numbers: Indices, cells: CellFormat) -> Cells:
    """Return the cells of whole numbers."""
    distinct, indices = np.unique(numbers, return_inverse=True)
    return Cells.of([cells.finish(str(number)) for number in distinct], indices.astype(np.int64))


class _Text:
    """A canonical value, or several glued, through the words of its column."""

    def __init__(self, source: OutColumn, mapping: OutboundMapping, cells: CellFormat, today: str) -> None:
        self._source = source
        self._rules = _rules(source, mapping, cells)
        self._by_name = mapping.frame.by_name
        self._limits = Limits(source, today)
        self._pieces = _most_pieces(source, mapping)
        self._cells = cells
        # A value of such a column is its own text, if nothing in it needs a second look.
        self._is_plain = (
            self._limits.are_none
            and not self._pieces
            and source.on is None
            and source.map is None
            and source.table is None
            and source.max_chars is None
            and not (isinstance(source, Split) and source.part is not None)
            and not (isinstance(source, ValueColumn) and source.between)
        )

    def cells(self, batch: pa.RecordBatch, group: Indices) -> Cells:
        source = self._source
        if isinstance(source, JoinedColumn):
            values = self._joined(batch, source)
            form: Formatter = str
        elif isinstance(source, ValueColumn):
            values = batch.column(source.value)
            writing = source.as_ or DEFAULT_WRITING[self._by_name[source.value].kind]
            form = formatter(writing, source.format, source.zone)
        else:
            raise TypeError(type(source).__name__)
        values = pc.fill_null(values.cast(pa.string()), "")
        if source.on is not None:
            day = pc.fill_null(batch.column(source.on).cast(pa.string()), "")
            values = pc.binary_join_element_wise(values, day, _SEPARATOR)
        distinct = values.dictionary_encode()
        indices = distinct.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        texts, odd = self._written(distinct.dictionary, form)
        if isinstance(source, ValueColumn) and source.again is not None:
            number, _size = positions(group)
            mark = pa.array([self._cells.finish(source.again).cell], pa.binary())
            indices = np.where(number > 1, len(texts), indices)
            texts = pa.concat_arrays([texts.cast(pa.binary()), mark])
        return Cells(texts, indices, odd)

    def _written(self, values: pa.Array, form: Formatter) -> tuple[pa.Array, dict[int, Rendered]]:
        """Return the bytes of distinct values, and what is odd about some; most are written as they are."""
        if not self._is_plain or form is not str:
            plain = np.zeros(len(values), dtype=bool)
        else:
            plain = self._cells.is_written_as_it_is(values, self._source.max_bytes)
        others = np.flatnonzero(~plain)
        rendered = [self._render(value, form) for value in values.take(pa.array(others)).to_pylist()]
        odd = {int(number): one for number, one in zip(others, rendered, strict=True) if _is_odd(one)}
        if not len(others):
            return self._cells.quoted(values), odd
        cells = pa.array([one.cell for one in rendered], pa.binary())
        return pc.replace_with_mask(self._cells.quoted(values), pa.array(~plain), cells), odd

    def _render(self, value: str, form: Formatter) -> Rendered:
        day = ""
        if self._source.on is not None:
            value, _sep, day = value.rpartition(_SEPARATOR)
        broken = self._limits.broken_by(value)
        if broken is not None:
            return Rendered(b"", broken)
        if self._pieces and isinstance(self._source, ValueColumn):
            pieces = value.split(self._source.separator) if value else []
            # What could not be put together again would name something else at the partner's.
            if len(pieces) > self._pieces or "" in pieces:
                return Rendered(b"", CellFault("delimiter"))
            value = "".join(pieces[(self._source.piece or 1) - 1 : self._source.piece])
        text = form(value) if value else value
        if text and isinstance(self._source, ValueColumn) and self._source.between:
            text = text.join(self._source.between)
        return self._rules.render(text, value, day)

    def _joined(self, batch: pa.RecordBatch, source: JoinedColumn) -> pa.Array:
        texts = []
        for name in source.join:
            form = formatter(DEFAULT_WRITING[self._by_name[name].kind])
            distinct = pc.fill_null(batch.column(name).cast(pa.string()), "").dictionary_encode()
            written = pa.array(
                [form(value) if value else None for value in distinct.dictionary.to_pylist()], pa.string()
            )
            texts.append(written.take(distinct.indices))
        return glued(texts, source.separator)


def _most_pieces(source: OutColumn, mapping: OutboundMapping) -> int:
    """Return into how many columns the pieces of its key go; 0 where it is no piece."""
    if not isinstance(source, ValueColumn) or source.piece is None:
        return 0
    return max(
        other.piece
        for _header, other in mapping.named_columns
        if isinstance(other, ValueColumn) and other.value == source.value and other.piece is not None
    )


class _Chosen:
    """The cells of the first case whose canonical columns equal; empty where none does."""

    def __init__(
        self,
        source: ChosenColumn,
        mapping: OutboundMapping,
        cells: CellFormat,
        settings: Settings[str, str],
        today: str,
    ) -> None:
        self._cases = [
            (case.if_ or {}, cell_column(case.then, mapping, cells, settings, today)) for case in source.when
        ]
        self._empty = cells.finish("")

    def cells(self, batch: pa.RecordBatch, group: Indices) -> Cells:
        texts = [pa.array([self._empty.cell], pa.binary())]
        odd: dict[int, Rendered] = {}
        count = 1
        chosen = np.zeros(batch.num_rows, dtype=np.int64)
        open_rows = np.ones(batch.num_rows, dtype=bool)
        for condition, column in self._cases:
            fits = open_rows & equal_rows(batch, condition)
            cells = column.cells(batch, group)
            chosen = np.where(fits, cells.indices + count, chosen)
            texts.append(cells.texts)
            odd |= {number + count: one for number, one in cells.odd.items()}
            count += len(cells.texts)
            open_rows &= ~fits
        return Cells(pa.concat_arrays(texts), chosen, odd)
