"""Code tables: the partner's codes and ours, each in a YAML of its own; entries may have dates."""

from __future__ import annotations

from datetime import date  # noqa: TC003  (pydantic reads it)
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, PrivateAttr, model_validator

from ecsync.locale import _
from ecsync.mapping.model_words import MappingName, Text, Title, Words
from ecsync.text.folding import fold_key


def fold_name(text: str) -> str:
    """Return a header or a code as it is compared with the mapping's: as keys are."""
    return fold_key(text)


class Entry(Words):
    """What a code means, on the days from `from` up to and including `until`."""

    value: Text
    from_: date | None = Field(default=None, alias="from")
    until: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_ and self.until and self.from_ > self.until:
            raise ValueError(_("from lies after until"))
        return self

    @property
    def dated(self) -> bool:
        """Tell whether it holds on some days only."""
        return self.from_ is not None or self.until is not None

    def holds(self, day: date | None) -> bool:
        """Tell whether it holds on that day; without a day only an undated entry does."""
        if day is None:
            return not self.dated
        return (self.from_ is None or self.from_ <= day) and (self.until is None or day <= self.until)


def _as_entries(value: object) -> object:
    items = value if isinstance(value, (list, tuple)) else [value]
    return [item if isinstance(item, (dict, Entry)) else {"value": item} for item in items]


Entries = Annotated[tuple[Entry, ...], BeforeValidator(_as_entries), Field(min_length=1)]


class CodeTable(Words):
    """A code table. `entries` maps each code to a value, or to dated values; codes compare after NFKC.

    `codes` names the code list of the entities that every value must stand in (inbound tables).
    """

    table: MappingName
    title: Title
    documented_at: str = ""
    codes: str = ""
    entries: dict[str, Entries] = Field(min_length=1)

    _folded: dict[str, tuple[Entry, ...]] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _fold(self) -> Self:
        for code, entries in self.entries.items():
            folded = fold_name(code)
            if folded in self._folded:
                raise ValueError(_("the code {code} stands twice (after NFKC)").format(code=code))
            self._folded[folded] = entries
        return self

    @property
    def dated(self) -> bool:
        """Tell whether any entry has dates, so that a lookup needs a day."""
        return any(entry.dated for entries in self.entries.values() for entry in entries)

    def on(self, day: date | None = None) -> dict[str, str]:
        """Return folded code -> value as it holds on that day; without a day only the undated entries."""
        return {
            code: entry.value
            for code, entries in self._folded.items()
            for entry in entries[::-1]
            if entry.holds(day)
        }
