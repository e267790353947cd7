"""Whether the first record of a file is a header: judged, never proven, for a row looks like a header to bytes.

Where it cannot be told, the record counts as a row: a name that is shown must not be somebody's address.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from ecsync.locale import N_
from ecsync.mapping.infer_kinds import KINDS
from ecsync.mapping.tables import fold_name

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_ENOUGH: Final = 4
_MOST_ABOVE: Final = 10
_FINGERPRINT: Final = 16

TOLD: Final = {
    "said": N_("you said so"),
    "known": N_("{known} of {cells} cells are headers of known formats"),
    "differs": N_("no cell is of its column's kind, in {typed} columns whose first rows all are"),
    "none": N_("nothing shows that the first record is a header; if it is one, say --header"),
}


@dataclass(frozen=True)
class HeaderSeen:
    """Whether there is a header, why it is thought so (a key of TOLD), and the figures of that sentence."""

    is_there: bool
    reason: str
    params: dict[str, int]
    names: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        """Return what is equal for equal headers, whatever their spaces and widths; '' where there is none."""
        return fingerprint_of(self.names) if self.is_there else ""

    @property
    def doubled(self) -> tuple[str, ...]:
        """Return the names that stand more than once, as they are compared: which is meant, only a person knows."""
        counts = Counter(filter(None, map(fold_name, self.names)))
        return tuple(name for name, count in counts.items() if count > 1)


def fingerprint_of(names: Sequence[str]) -> str:
    """Return the first signs of the SHA-256 of header names as they are compared."""
    return sha256("\n".join(map(fold_name, names)).encode()).hexdigest()[:_FINGERPRINT]


def find_header(records: Sequence[Sequence[str]], known: Collection[str]) -> int:
    """Return which of the first records is made of known header names, 0 where none is."""
    for number, cells in enumerate(records[:_MOST_ABOVE]):
        there = sum(fold_name(cell) in known for cell in cells if cell.strip())
        if 2 * there >= max(2, len(cells)):
            return number
    return 0


def judge_header(
    records: Sequence[Sequence[str]], known: Collection[str], said: bool | None = None
) -> HeaderSeen:
    """Judge the first of these records by the known header names (folded), and by the records below it."""
    first = [cell.strip() for cell in records[0]] if records else []
    places = tuple(f"c{number}" for number in range(1, len(first) + 1))
    there = sum(fold_name(cell) in known for cell in first if cell)
    typed = _typed_columns(records)
    if said is not None:
        is_there, reason = said, "said"
    elif there * _ENOUGH >= max(1, len(first)):
        is_there, reason = True, "known"
    elif typed and _differs(first):
        is_there, reason = True, "differs"
    else:
        is_there, reason = False, "none"
    params = {"known": there, "cells": len(first), "typed": len(typed)}
    return HeaderSeen(is_there, reason, params, tuple(first) if is_there else places)


def _typed_columns(records: Sequence[Sequence[str]]) -> dict[int, list[str]]:
    """Return the kinds that all filled cells below the first record have, by position."""
    found = {}
    for at in range(len(records[0]) if records else 0):
        cells = [row[at].strip() for row in records[1:] if at < len(row) and row[at].strip()]
        kinds = [name for name, question in KINDS.items() if cells and all(map(question, cells))]
        if kinds:
            found[at] = kinds
    return found


def _differs(first: Sequence[str]) -> bool:
    if not all(first) or len({fold_name(cell) for cell in first}) < len(first):
        return False
    # A cell that is a number, a day or an address by itself is a row's, wherever it stands.
    return not any(question(cell) for cell in first for question in KINDS.values())
