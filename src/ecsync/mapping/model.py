"""The mapping language: one closed vocabulary for files that come in and files that go out.

`InboundMapping` turns a partner's rows into a canonical frame, `OutboundMapping` a frame into a partner's
rows. Nothing here reads a file: `catalogue` loads and checks, `reader` and `writer` carry out.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, PrivateAttr, Tag, model_validator

from ecsync.entities import ENTITIES, Entity
from ecsync.locale import _
from ecsync.mapping.model_file import AsOf, Duplicates, InboundFile, OutboundFile
from ecsync.mapping.model_in import (
    DEFAULT_READING,
    CountedColumn,
    FromColumn,
    Header,
    InColumn,
    Reading,
)
from ecsync.mapping.model_out import DEFAULT_WRITING, OutColumn, ValueColumn, Writing
from ecsync.mapping.model_rows import FillDown, Pair  # noqa: TC001  (fields of a model)
from ecsync.mapping.model_total import LINES, Formula, Total, TotalWord
from ecsync.mapping.model_words import Condition, MappingName, SettingName, Text, Title, Words
from ecsync.mapping.tables import CodeTable, fold_name

__all__ = [
    "CodeTable",
    "Formula",
    "Header",
    "InboundMapping",
    "Mapping",
    "MappingWord",
    "OutboundMapping",
    "Total",
    "fold_name",
]


class _Declared(Words):
    # The words of another mapping hold where this one says nothing else; see `basing`.
    mapping: MappingName
    title: Title
    based_on: str = ""
    entity: str
    documented_at: str = ""
    # What stands for {channel.NAME} and {warehouse.NAME} where the project says nothing.
    settings: dict[SettingName, Text] = Field(default={})

    _words: dict[str, Any] = PrivateAttr(default_factory=dict)
    _path: Path = PrivateAttr(default=Path())
    _fingerprint: str = PrivateAttr(default="")
    _tables: dict[str, CodeTable] = PrivateAttr(default_factory=dict)

    @property
    def frame(self) -> Entity:
        """Return the canonical frame; KeyError where `check` was not asked first."""
        return ENTITIES[self.entity]

    @property
    def path(self) -> Path:
        """Return the YAML that it came from."""
        return self._path

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 over the mapping and its code tables; a plan is stale when it changes."""
        return self._fingerprint

    @property
    def tables(self) -> dict[str, CodeTable]:
        """Return the code tables that its columns name."""
        return self._tables

    @property
    def words(self) -> dict[str, Any]:
        """Return it as plain data, as its YAML has it, with what it takes over from the mapping it is based on."""
        return self._words

    def reworded(self, words: dict[str, Any]) -> Self:
        """Return what other plain data make, with everything else that is known of this mapping."""
        copy = type(self).model_validate(words)
        copy.__pydantic_private__ = {**(self.__pydantic_private__ or {}), "_words": words}
        return copy

    def worded(self, words: dict[str, Any]) -> Self:
        """Return the mapping with its plain data."""
        copy = self.model_copy()
        copy._words = words  # noqa: SLF001  (the copy is ours)
        return copy

    def placed(self, path: Path, fingerprint: str, tables: dict[str, CodeTable]) -> Self:
        """Return the mapping with its origin and its code tables."""
        copy = self.model_copy()
        copy._path = path  # noqa: SLF001  (the copy is ours)
        copy._fingerprint = fingerprint  # noqa: SLF001
        copy._tables = tables  # noqa: SLF001
        return copy


class InboundMapping(_Declared):
    """A partner's file as it comes in.

    `columns` holds canonical column -> source. `unused` lists headers that the partner writes and nothing here
    needs (`any` where the partner's user chooses them); every other one is reported as unknown.
    `unfixed` lists amounts that mean "not fixed yet": such a
    yen value becomes null and sets `unfixed_flag`. `skip_rows_when` drops (and counts) rows that are none, and
    `keep_rows_when` all others, after `fill_down` has given continuation rows what the row above them says.
    With `pair` the frame is made of two files.
    """

    nature: Literal["events", "state", "snapshot"]
    as_of: AsOf = AsOf(from_="mtime")
    file: InboundFile
    pair: Pair | None = None
    duplicates: Duplicates | None = None
    unfixed: tuple[int, ...] = ()
    fill_down: tuple[FillDown, ...] = ()
    skip_rows_when: tuple[Condition, ...] = ()
    keep_rows_when: tuple[Condition, ...] = ()
    columns: dict[str, InColumn] = Field(min_length=1)
    unused: Literal["any"] | tuple[str, ...] = ()
    totals: tuple[TotalWord, ...] = ()

    _other: InboundMapping | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _events_have_a_key(self) -> Self:
        if self.nature == "events" and self.duplicates is None:
            raise ValueError(_("nature: events needs duplicates, or an event sent again would count twice"))
        return self

    @property
    def headers(self) -> tuple[Header, ...]:
        """Return every header it reads, each once, a required reading before an optional one."""
        within = (name for rule in self.fill_down for name in rule.within)
        conditions_of_rows = (*self.skip_rows_when, *self.keep_rows_when)
        asked = (name for condition in conditions_of_rows for name in condition)
        conditions = (Header(name=name) for name in (*within, *asked))
        found: dict[tuple[tuple[str, ...], int], Header] = {}
        for header in (*(h for column in self.columns.values() for h in column.headers), *conditions):
            key = (tuple(map(fold_name, header.names)), header.nth)
            if key not in found or not header.optional:
                found[key] = header
        return tuple(found.values())

    @property
    def has_other(self) -> bool:
        """Tell whether the other half of its pair was found."""
        return self._other is not None

    @property
    def other(self) -> InboundMapping:
        """Return the mapping of the other file of the pair; TypeError where there is none."""
        if self._other is None:
            message = f"{self.mapping} has no other half"
            raise TypeError(message)
        return self._other

    def beside(self, other: InboundMapping) -> InboundMapping:
        """Return the mapping with the other half of its pair."""
        copy = self.model_copy()
        copy._other = other  # noqa: SLF001  (the copy is ours)
        return copy

    @property
    def part(self) -> Entity:
        """Return the frame without the columns that this file does not fill: all that its rows can break."""
        filled = tuple(
            column
            for column in self.frame.columns
            if column.name in self.columns or column.name.removesuffix("_offset") in self.columns
        )
        return replace(self.frame, columns=filled)

    @property
    def pair_column(self) -> str:
        """Return the canonical column that joins the two files of a pair; '' where no column takes it whole."""
        return "" if self.pair is None else self._whole_columns().get(fold_name(self.pair.key), "")

    @property
    def totals_wait(self) -> bool:
        """Tell whether its totals need more than one row at a time: those of a pair, or of all lines of an order."""
        return self.pair is not None or any(LINES in total.names for total in self.totals)

    def reading(self, column: str) -> Reading:
        """Return how a canonical column is read: its `as`, else the reading of its kind."""
        return self.columns[column].as_ or DEFAULT_READING[self.frame.by_name[column].kind]

    def duplicate_key(self) -> tuple[str, ...]:
        """Return the canonical columns that hold the `duplicates` key; empty where none is declared."""
        if self.duplicates is None:
            return ()
        by_header = self._whole_columns()
        return tuple(by_header.get(fold_name(name), name) for name in self.duplicates.key)

    @property
    def counted_columns(self) -> tuple[str, ...]:
        """Return the canonical columns whose key is made for rows that have none."""
        return tuple(name for name, source in self.columns.items() if isinstance(source, CountedColumn))

    def _whole_columns(self) -> dict[str, str]:
        """Return the canonical columns that take a header whole, by the folded header."""
        return {
            fold_name(name): column
            for column, source in self.columns.items()
            if isinstance(source, FromColumn) and source.takes_whole
            for name in source.from_.names
        }


NamedColumn = Annotated[dict[str, OutColumn], Field(min_length=1, max_length=1)]


class OutboundMapping(_Declared):
    """A partner's file as it goes out.

    `columns` is a list in the partner's order, each `header: source`. `group` names the canonical columns of
    a record group (its rows stand together): where one row cannot be written, none of its group is.
    Only rows that `keep_rows_when` names, where it names any, and none that `skip_rows_when` names belong into the
    file; the others stay untold, for another file of the same entity.
    `takes_only` says what the partner's layout has a place for: rows that do not fit one of its conditions are
    refused under that condition's name.
    """

    file: OutboundFile
    group: tuple[str, ...] = ()
    keep_rows_when: tuple[Condition, ...] = ()
    skip_rows_when: tuple[Condition, ...] = ()
    takes_only: dict[str, Condition] = Field(default={})
    columns: tuple[NamedColumn, ...] = Field(min_length=1)

    @property
    def named_columns(self) -> tuple[tuple[str, OutColumn], ...]:
        """Return (header, source) in the partner's order."""
        return tuple(item for column in self.columns for item in column.items())

    @property
    def header(self) -> tuple[str, ...]:
        """Return the header names in the partner's order."""
        return tuple(name for name, _source in self.named_columns)

    def writing(self, source: ValueColumn) -> Writing:
        """Return how a canonical value is written: its `as`, else the writing of its kind."""
        return source.as_ or DEFAULT_WRITING[self.frame.by_name[source.value].kind]


def direction_of(value: object) -> str:
    """Return `in` or `out` for the raw or the finished mapping: a list of columns goes out."""
    if isinstance(value, dict):
        return "out" if isinstance(value.get("columns"), list) else "in"
    return "out" if isinstance(value, OutboundMapping) else "in"


Mapping = InboundMapping | OutboundMapping
MappingWord = Annotated[
    Annotated[InboundMapping, Tag("in")] | Annotated[OutboundMapping, Tag("out")], Discriminator(direction_of)
]
