"""The declared table of signs that are written as others, `replacements.tsv`: data, so that people can read it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

_TABLE: Final = Path(__file__).with_name("replacements.tsv")
_MARKS: Final = ("Mn", "Me")


@dataclass(frozen=True)
class Replacements:
    """What the table says. `same` and `dropped` hold for keys too, `form` for what people read."""

    same: dict[str, str] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)
    forms: dict[str, str] = field(default_factory=dict)
    ranges: list[tuple[int, int, str]] = field(default_factory=list)
    pictures: list[tuple[int, int]] = field(default_factory=list)

    def form_of(self, sign: str) -> str:
        """Return another form of a sign; '' where it has none."""
        if sign in self.forms:
            return self.forms[sign]
        rule = next((rule for first, last, rule in self.ranges if first <= ord(sign) <= last), "")
        form = _by_rule(sign, rule)
        return "" if form == sign else form.strip()

    def is_picture(self, sign: str) -> bool:
        """Tell whether a sign is one of those that have no other form and may be left out of a free text."""
        return any(first <= ord(sign) <= last for first, last in self.pictures)


def _by_rule(sign: str, rule: str) -> str:
    if rule == "plain":
        apart = unicodedata.normalize("NFKD", sign)
        return "".join(one for one in apart if unicodedata.category(one) not in _MARKS)
    if rule == "nfc":
        return unicodedata.normalize("NFC", sign)
    return unicodedata.normalize("NFKC", sign) if rule else sign


@cache
def declared() -> Replacements:
    """Return the table."""
    table = Replacements()
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        kind, points, _sign, written = line.split("\t")
        ends = [int(point.removeprefix("U+"), 16) for point in points.split("..")]
        if kind == "same":
            table.same[chr(ends[0])] = " " if written == "space" else written
        elif kind == "dropped":
            table.dropped.update(map(chr, range(ends[0], ends[-1] + 1)))
        elif kind == "picture":
            table.pictures.append((ends[0], ends[-1]))
        elif written in {"nfc", "nfkc", "plain"}:
            table.ranges.append((ends[0], ends[-1], written))
        else:
            table.forms[chr(ends[0])] = written
    return table
