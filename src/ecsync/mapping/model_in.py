"""Inbound columns: where a canonical column's value comes from in the partner's row, and how it is read.

A column is the name of a header, or an object with exactly one source word:
`from` one header; `join` several, glued; `first` the first that is not blank; `sum` several amounts added;
`const` a fixed value; `when` the first case whose named headers equal; `only` what several cells say alike;
`counted` a key for rows that have none; `total` an amount added over the rows of a record; `difference` one amount
less others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from ecsync.locale import _
from ecsync.mapping.model_words import (
    Alone,
    Condition,
    Marks,
    Nameable,
    Text,
    Words,
    Zoned,
    as_list,
    exactly_one,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# text           as written, outer blanks gone     key        folded as keys are compared (SKU, order number)
# code           one of the entity's code list     flag       0 | 1 (blank is 0)
# yen, count     whole numbers                     rate       basis points, see `unit`
# datetime       `formats`, `zone` -> UTC and the sibling `<column>_offset`
# date           `formats`                         postcode   1234567
# phone          digits; Excel's lost zero back    tracking   digits; scientific notation is refused
# address_check  flag: 1 where the address is plausible
# prefecture     that which an address in one piece begins with; after_prefecture the rest of it
# family_first   a name of two parts in Japanese, turned round: the family name leads
Reading = Literal[
    "text",
    "key",
    "code",
    "yen",
    "count",
    "rate",
    "flag",
    "datetime",
    "date",
    "postcode",
    "phone",
    "tracking",
    "address_check",
    "prefecture",
    "after_prefecture",
    "family_first",
]
# The reading of a canonical kind where the mapping does not name one.
DEFAULT_READING: dict[str, Reading] = {
    "text": "text",
    "code": "code",
    "yen": "yen",
    "count": "count",
    "rate": "rate",
    "flag": "flag",
    "time": "datetime",
    "date": "date",
}


class Header(Nameable):
    """A header of the partner: `name`, or `any` of several spellings; `nth` of equal ones; may be missing.

    Names are compared after NFKC.
    """

    short = "name"
    name: str | None = None
    any: tuple[str, ...] | None = None
    nth: int = Field(default=1, ge=1, le=99)
    optional: bool = False

    @model_validator(mode="after")
    def _one_spelling(self) -> Self:
        exactly_one(_("a header"), name=self.name, any=self.any or None)
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Return its spellings, the preferred one first."""
        return (self.name,) if self.name is not None else self.any or ()


class Reads(Zoned):
    """What is done with the text that was found; blank cells are absent, an unknown code is an error.

    `as` is by default the reading of the canonical column's kind. `map` and `table` turn the partner's codes
    into ours before that (compared after NFKC). `empty` lists texts that mean absent, `empty_starts` what such texts
    begin with. `required` refuses the row where the value is absent. `before` keeps the part before the first such
    sign, `between` what stands between the last pair of such marks. `unit` says how a rate is written: fraction 0.1,
    percent 10 or 10%, named "VAT 10%". `unsigned`: an amount that some write with a minus and some without.
    `optional`: every header of this column may be missing. `entry`: the cell holds lines `key: value`, and only the
    value of the first of these keys counts. `drop_leading`: one such sign at the beginning is no part of the text.
    `is`: a flag that is 1 where the text is one of these.
    """

    as_: Reading | None = Field(default=None, alias="as")
    map: dict[str, Text] | None = None
    table: str | None = None
    formats: tuple[str, ...] = ()
    unit: Literal["fraction", "percent", "named"] = "fraction"
    empty: tuple[Text, ...] = ()
    empty_starts: tuple[Text, ...] = ()
    before: str = ""
    between: Marks | None = None
    entry: Annotated[tuple[Text, ...], BeforeValidator(as_list)] = ()
    drop_leading: str = ""
    is_: Annotated[tuple[Text, ...], BeforeValidator(as_list)] = Field(default=(), alias="is")
    unsigned: bool = False
    required: bool = False
    optional: bool = False

    @model_validator(mode="after")
    def _one_code_list(self) -> Self:
        if self.map is not None and self.table is not None:
            raise ValueError(_("map and table exclude each other"))
        return self

    @property
    def sources(self) -> tuple[Header, ...]:
        """Return the headers as the mapping wrote them."""
        return ()

    @property
    def headers(self) -> tuple[Header, ...]:
        """Return the headers it reads; with `optional` on the column each of them is optional."""
        if not self.optional:
            return self.sources
        return _missing_allowed(self.sources)


def _missing_allowed(headers: tuple[Header, ...]) -> tuple[Header, ...]:
    return tuple(header.model_copy(update={"optional": True}) for header in headers)


class FromColumn(Reads, Nameable):
    """The cell under one header; `per` names the header of the pieces among which an amount is divided."""

    short = "from"
    from_: Header = Field(alias="from")
    per: Header | None = None

    @property
    def sources(self) -> tuple[Header, ...]:
        """Return its header, and that of the pieces."""
        return (self.from_,) if self.per is None else (self.from_, self.per)

    @property
    def takes_whole(self) -> bool:
        """Tell whether the column is what the cell says, all of it and nothing else."""
        return not (self.before or self.between) and self.per is None and self.from_.nth == 1


class JoinColumn(Reads):
    """Cells glued with `separator`, blank ones left out; `pad` gives each cell its zeros back, a single one too."""

    join: tuple[Header, ...] = Field(min_length=1)
    pad: tuple[int, ...] = ()
    separator: str = ""

    @model_validator(mode="after")
    def _pad_fits(self) -> Self:
        if self.pad and len(self.pad) != len(self.join):
            raise ValueError(_("pad needs one width for each joined header"))
        if len(self.join) == 1 and not self.pad:
            raise ValueError(_("join glues several cells, or pads one; write from"))
        return self

    @property
    def sources(self) -> tuple[Header, ...]:
        """Return its headers in order."""
        return self.join


class FirstColumn(Reads):
    """The first cell that is not blank."""

    first: tuple[Header, ...] = Field(min_length=2)

    @property
    def sources(self) -> tuple[Header, ...]:
        """Return its headers in order."""
        return self.first


class SumColumn(Reads):
    """Amounts added; absent where every cell is blank."""

    sum: tuple[Header, ...] = Field(min_length=2)

    @property
    def sources(self) -> tuple[Header, ...]:
        """Return its headers in order."""
        return self.sum


class OnlyColumn(Reads):
    """What every cell that is not blank says alike; absent where they differ, or where one of them says nothing."""

    only: tuple[Header, ...] = Field(min_length=2)

    @property
    def sources(self) -> tuple[Header, ...]:
        """Return its headers in order."""
        return self.only


class CountedColumn(Reads, Alone):
    """A key for rows that have none: what these cells say, and the number among its equals in the record.

    Rows of a record stand together and are equal under `within`. They may stand in any order: equals are
    numbered by what else they say, never by their place. `alike: one` gives rows that say the same in every cell one
    key, so that `duplicates` may add them up.
    """

    idle = frozenset(Reads.model_fields)
    counted: tuple[Header, ...] = Field(min_length=1)
    within: tuple[Header, ...] = Field(min_length=1)
    alike: Literal["each", "one"] = "each"

    @property
    def sources(self) -> tuple[Header, ...]:
        """Return the headers of the key, then those of the record."""
        return (*self.counted, *self.within)


class TotalColumn(Reads):
    """One amount or several, added over the rows of a record, each `times` a count, of those rows only that `if` fits.

    Rows of a record stand together and are equal under `within`. Rows that are skipped count too.
    """

    total: Annotated[tuple[Header, ...], BeforeValidator(as_list), Field(min_length=1)]
    times: Header | None = None
    if_: Condition | None = Field(default=None, alias="if")
    within: tuple[Header, ...] = Field(min_length=1)

    @property
    def sources(self) -> tuple[Header, ...]:
        """Return the headers of the amounts, the count and the condition, then those of the record."""
        times = () if self.times is None else (self.times,)
        return (*self.total, *times, *(Header(name=name) for name in self.if_ or {}), *self.within)


class DifferenceColumn(Reads, Alone):
    """The first amount less the others; absent where the first is. The parts read, not the difference."""

    idle = frozenset(Reads.model_fields) - {"optional"}
    difference: tuple[InColumn, ...] = Field(min_length=2)

    @property
    def sources(self) -> tuple[Header, ...]:
        """Return the headers of its parts."""
        return tuple(header for part in self.difference for header in part.headers)


class ConstColumn(Reads, Alone):
    """A value that every row has, in our words."""

    idle = frozenset(Reads.model_fields)
    const: Text


class Case(Words):
    """One case of `when`: `if` names headers and values; a case without it always fits.

    `optional`: its headers may be missing, and are blank then.
    """

    if_: Condition | None = Field(default=None, alias="if")
    then: InColumn
    optional: bool = False

    @property
    def headers(self) -> tuple[Header, ...]:
        """Return the headers of its condition and of its column."""
        asked = tuple(Header(name=name, optional=self.optional) for name in self.if_ or {})
        read = self.then.headers
        return (*asked, *(_missing_allowed(read) if self.optional else read))


class WhenColumn(Reads, Alone):
    """The column of the first case that fits; absent where none does. The case reads, not the `when`."""

    idle = frozenset(Reads.model_fields) - {"optional"}
    when: tuple[Case, ...] = Field(min_length=1)

    @property
    def sources(self) -> tuple[Header, ...]:
        """Return the headers of its conditions and of its cases."""
        return tuple(header for case in self.when for header in case.headers)


SOURCE_WORDS = ("from", "join", "first", "sum", "only", "counted", "total", "difference", "const", "when")


def _source_word(value: object) -> str | None:
    if isinstance(value, str):
        return "from"
    if isinstance(value, dict):
        return next((word for word in SOURCE_WORDS if word in value), None)
    return next((word for word in SOURCE_WORDS if hasattr(value, word) or hasattr(value, f"{word}_")), None)


InColumn = Annotated[
    Annotated[FromColumn, Tag("from")]
    | Annotated[JoinColumn, Tag("join")]
    | Annotated[FirstColumn, Tag("first")]
    | Annotated[SumColumn, Tag("sum")]
    | Annotated[OnlyColumn, Tag("only")]
    | Annotated[CountedColumn, Tag("counted")]
    | Annotated[TotalColumn, Tag("total")]
    | Annotated[DifferenceColumn, Tag("difference")]
    | Annotated[ConstColumn, Tag("const")]
    | Annotated[WhenColumn, Tag("when")],
    Discriminator(
        _source_word,
        custom_error_type="source_word",
        custom_error_message="a column needs one of: " + ", ".join(SOURCE_WORDS),
    ),
]

Case.model_rebuild()
DifferenceColumn.model_rebuild()
WhenColumn.model_rebuild()


def beyond_a_row(columns: Iterable[Reads]) -> Iterator[CountedColumn | TotalColumn]:
    """Yield the sources that look at every row of a record."""
    for source in columns:
        if isinstance(source, (CountedColumn, TotalColumn)):
            yield source
        elif isinstance(source, DifferenceColumn):
            yield from beyond_a_row(source.difference)
