"""Outbound columns: what stands in each column of the partner's file.

A column has exactly one source word: `value` a canonical column; `const` a fixed text; `setting` a value of
ecsync.toml; `join` several canonical columns, glued; `running` a number that counts rows; `position` the
place in the record group; `when` the first case whose canonical columns equal.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from ecsync.locale import _
from ecsync.mapping.model_words import Alone, Condition, Marks, Text, Words, Zoned

# text      as it is                  number    whole number       yen  whole number, no separators
# date      `format` (%Y-%m-%d)       datetime  `format`, `zone`   flag 0 | 1
# percent   1000 -> 10                fraction  1000 -> 0.1        half_kana  half-width kana
Writing = Literal["text", "number", "yen", "flag", "date", "datetime", "percent", "fraction", "half_kana"]
DEFAULT_WRITING: dict[str, Writing] = {
    "text": "text",
    "code": "text",
    "yen": "yen",
    "count": "number",
    "rate": "percent",
    "flag": "flag",
    "time": "datetime",
    "date": "date",
}


class Writes(Zoned):
    """What is done with a value before it is written.

    `map` and `table` turn our codes into the partner's (an unknown code refuses the row; `on` names the date
    column that picks the entry of a dated table). `default` stands where the value is absent or, with `map`,
    not in it. `max_bytes` counts in the partner's encoding, `max_chars` characters of any width; `overflow: error`
    refuses the row, `cut` cuts between characters. `emoji: drop` leaves out emoji that the partner cannot read, which
    else refuse the row.
    """

    map: dict[str, Text] | None = None
    table: str | None = None
    on: str | None = None
    default: Text | None = None
    max_bytes: int | None = Field(default=None, ge=1, le=100_000)
    max_chars: int | None = Field(default=None, ge=1, le=100_000)
    overflow: Literal["error", "cut"] = "error"
    emoji: Literal["error", "drop"] = "error"

    @model_validator(mode="after")
    def _one_code_list(self) -> Self:
        if self.map is not None and self.table is not None:
            raise ValueError(_("map and table exclude each other"))
        if self.on is not None and self.table is None:
            raise ValueError(_("on: picks an entry of a dated table; name the table"))
        if self.max_bytes is not None and self.max_chars is not None:
            raise ValueError(_("max_bytes and max_chars exclude each other"))
        return self

    def limit(self, encoding: str) -> tuple[int | None, str]:
        """Return how long its text may be, in bytes of the encoding that is returned beside it."""
        if self.max_chars is not None:
            return 4 * self.max_chars, "utf-32-le"
        return self.max_bytes, encoding

    @property
    def values(self) -> tuple[str, ...]:
        """Return the canonical columns it needs."""
        return () if self.on is None else (self.on,)

    @property
    def is_required(self) -> bool:
        """Tell whether a row without a text here is refused."""
        return False


class Days(Words):
    """Days counted from the day of the run: `from` and `until` are the first and the last that the partner takes."""

    from_: int = Field(alias="from", ge=-3_660, le=3_660)
    until: int = Field(ge=-3_660, le=3_660)


class ValueColumn(Writes):
    """A canonical column. `part` n of a long text, cut at sensible places into pieces of `max_bytes`.

    What the partner does not take refuses the row: an absent value where it is `required`, an amount below `minimum`
    or above `maximum`, a date outside `days`. `piece` n of a key that was joined with `separator`. `between`: the marks
    that are written on both sides of a value that is there. `again`: what further rows of the record group say instead.
    """

    value: str
    as_: Writing | None = Field(default=None, alias="as")
    format: str = ""
    part: int | None = Field(default=None, ge=1, le=9)
    required: bool = False
    minimum: int | None = None
    maximum: int | None = None
    days: Days | None = None
    piece: int | None = Field(default=None, ge=1, le=99)
    separator: str = ""
    between: Marks | None = None
    again: Text | None = None

    @model_validator(mode="after")
    def _part_has_a_size(self) -> Self:
        _check_part(self)
        if (self.piece is None) == bool(self.separator):
            raise ValueError(_("piece and separator belong together"))
        if self.between and (self.map is not None or self.table is not None or self.part is not None):
            raise ValueError(_("between stands around a value as it is, without map, table and part"))
        return self

    @property
    def values(self) -> tuple[str, ...]:
        """Return the canonical columns it needs."""
        return (self.value, *super().values)

    @property
    def is_required(self) -> bool:
        """Tell whether `required` is said."""
        return self.required


class JoinedColumn(Writes):
    """Several canonical columns glued with `separator`, absent ones left out; `part` n of a text that is cut to fit."""

    join: tuple[str, ...] = Field(min_length=2)
    separator: str = ""
    part: int | None = Field(default=None, ge=1, le=9)

    @model_validator(mode="after")
    def _part_has_a_size(self) -> Self:
        _check_part(self)
        return self

    @property
    def values(self) -> tuple[str, ...]:
        """Return the canonical columns it needs."""
        return (*self.join, *super().values)


class FixedColumn(Writes, Alone):
    """A text that every row has."""

    idle = frozenset(Writes.model_fields)
    const: Text


class SettingColumn(Writes):
    """A value of the project's settings, such as sender.name; `part` n of one that is cut to fit."""

    setting: str
    part: int | None = Field(default=None, ge=1, le=9)

    @model_validator(mode="after")
    def _part_has_a_size(self) -> Self:
        _check_part(self)
        return self


Split = ValueColumn | SettingColumn | JoinedColumn


def _check_part(source: Split) -> None:
    if source.part is not None and source.max_bytes is None and source.max_chars is None:
        raise ValueError(_("part needs max_bytes or max_chars"))


def part_of(source: Split) -> str:
    """Return what is cut into parts: a canonical column, several that are joined, or a setting."""
    if isinstance(source, JoinedColumn):
        return " + ".join((*source.join, source.separator))
    return source.value if isinstance(source, ValueColumn) else f"setting {source.setting}"


class RunningColumn(Writes, Alone):
    """A number that counts the written rows from 1: of the file, or of the record group."""

    idle = frozenset(Writes.model_fields)
    running: Literal["file", "group"]


class Positions(Words):
    """The partner's marks for the place of a row in its record group."""

    single: Text
    first: Text
    middle: Text
    last: Text


class PositionColumn(Writes, Alone):
    """The place of the row in its record group (`group:` of the mapping), in the partner's marks."""

    idle = frozenset(Writes.model_fields)
    position: Positions


class OutCase(Words):
    """One case of `when`: `if` names canonical columns and values; a case without it always fits."""

    if_: Condition | None = Field(default=None, alias="if")
    then: OutColumn


class ChosenColumn(Writes, Alone):
    """The column of the first case that fits; empty where none does."""

    idle = frozenset(Writes.model_fields)
    when: tuple[OutCase, ...] = Field(min_length=1)

    @property
    def values(self) -> tuple[str, ...]:
        """Return the canonical columns of its conditions and of its cases."""
        asked = tuple(name for case in self.when for name in (case.if_ or {}))
        return (*asked, *(name for case in self.when for name in case.then.values), *super().values)


SOURCE_WORDS = ("value", "join", "const", "setting", "running", "position", "when")


def _source_word(value: object) -> str | None:
    if isinstance(value, dict):
        return next((word for word in SOURCE_WORDS if word in value), None)
    return next((word for word in SOURCE_WORDS if hasattr(value, word)), None)


OutColumn = Annotated[
    Annotated[ValueColumn, Tag("value")]
    | Annotated[JoinedColumn, Tag("join")]
    | Annotated[FixedColumn, Tag("const")]
    | Annotated[SettingColumn, Tag("setting")]
    | Annotated[RunningColumn, Tag("running")]
    | Annotated[PositionColumn, Tag("position")]
    | Annotated[ChosenColumn, Tag("when")],
    Discriminator(
        _source_word,
        custom_error_type="source_word",
        custom_error_message="a column needs one of: " + ", ".join(SOURCE_WORDS),
    ),
]

OutCase.model_rebuild()
ChosenColumn.model_rebuild()
