"""What a canonical frame is: named, typed columns with their level and their privacy mark."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

# text   str, "" where absent          code   str from a closed list of `ecsync.entities.codes`
# yen    int64 or null                 count  int64 or null (units, rows)
# rate   int64 basis points or null    flag   int64 0 or 1
# time   str `YYYY-MM-DDTHH:MM:SSZ`, "" where absent; a sibling column `<name>_offset` (count, minutes) keeps the zone
# date   str `YYYY-MM-DD`, "" where absent
Kind = Literal["text", "code", "yen", "count", "rate", "flag", "time", "date"]
Level = Literal["order", "destination", "line", "row"]

INTEGER_KINDS: frozenset[str] = frozenset({"yen", "count", "rate", "flag"})


@dataclass(frozen=True)
class Column:
    """Describe one column of a canonical frame.

    `required` means never empty (text) or null (integers). `level` says at which level the value
    is one: an `order` column repeats on every row of its order and counts once. `personal` values
    stand only in the person table, never in findings, logs or revisions. `prose` is read by people and compared with
    nothing. `codes` names the code list.
    """

    name: str
    kind: Kind = "text"
    required: bool = False
    level: Level = "row"
    personal: bool = False
    prose: bool = False
    codes: str = ""
    minimum: int | None = None
    maximum: int | None = None

    @property
    def is_integer(self) -> bool:
        """Tell whether the column is int64 (else it is text that is never null)."""
        return self.kind in INTEGER_KINDS

    @property
    def is_for_people(self) -> bool:
        """Tell whether a sign in it may be written in another form: nobody looks anything up by it."""
        return self.personal or self.prose


@dataclass(frozen=True)
class Entity:
    """Describe a canonical frame: its columns and the natural key of its rows."""

    name: str
    direction: Literal["in", "out"]
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    by_name: dict[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the columns by name."""
        object.__setattr__(self, "by_name", {c.name: c for c in self.columns})

    @property
    def column_names(self) -> tuple[str, ...]:
        """Return the names in their declared order."""
        return tuple(c.name for c in self.columns)

    @property
    def personal_columns(self) -> frozenset[str]:
        """Return the names whose values are personal data."""
        return frozenset(c.name for c in self.columns if c.personal)
