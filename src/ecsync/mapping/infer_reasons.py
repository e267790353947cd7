"""Which canonical column a column of an undeclared file may be: by its header in known formats, or by its cells.

Each reason says where it is from. One that the cells contradict is none.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecsync.mapping.infer_codes import meanings
from ecsync.mapping.model import InboundMapping
from ecsync.mapping.model_in import FromColumn
from ecsync.mapping.tables import fold_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ecsync.entities import Column, Entity
    from ecsync.mapping.infer_columns import ColumnSeen
from ecsync.mapping.model import Mapping

# The kinds of cells that a canonical kind takes; what is not named takes any.
TAKES: Final = {
    "yen": frozenset({"flag", "integer", "yen", "decimal"}),
    "count": frozenset({"flag", "integer", "yen"}),
    "rate": frozenset({"flag", "integer", "percent", "decimal"}),
    "flag": frozenset({"flag"}),
    "time": frozenset({"time", "date", "month_first", "day_first"}),
    "date": frozenset({"date", "time", "month_first", "day_first"}),
}
_ALIKE: Final = 0.8
_OWN_NAME, _KNOWN, _LIKE, _CELLS = 100, 80, 60, 40
_MOST_WEIGHT: Final = 15
_SHIP: Final = re.compile(r"届|送付|配送先|送り先|受取|受け取|ship|deliver|recipient", re.IGNORECASE)
_BUYER: Final = re.compile(r"注文者|購入|依頼|お客様|buyer|bill|customer", re.IGNORECASE)
_ENDS: Final = (
    (re.compile(r"カナ|かな|フリガナ|kana", re.IGNORECASE), "kana"),
    (re.compile(r"郵便|〒|postal|postcode|zip", re.IGNORECASE), "postcode"),
    (re.compile(r"電話|phone|tel", re.IGNORECASE), "phone"),
    (re.compile(r"都道府県|prefecture", re.IGNORECASE), "prefecture"),
    (re.compile(r"市区|city", re.IGNORECASE), "city"),
    (re.compile(r"住所|address", re.IGNORECASE), "address"),
    (re.compile(r"氏名|名前|お名|人$|name", re.IGNORECASE), "name"),
)


@dataclass(frozen=True)
class Reason:
    """A canonical column, the position of the file's column, and why: own_name, known, like or cells.

    `source` is the known header or format that it rests on, `formats` how many say the same.
    """

    column: str
    at: int
    why: str
    weight: int
    source: str = ""
    formats: int = 0


@dataclass(frozen=True)
class Reasons:
    """The best reason for each canonical column, each from a column of its own; and those that cells contradict."""

    chosen: dict[str, Reason]
    contradicted: dict[str, Reason]


def reasons_for(entity: Entity, columns: Sequence[ColumnSeen], mappings: Sequence[Mapping]) -> Reasons:
    """Return what speaks for the canonical columns of a frame."""
    known = _vocabulary(entity, mappings)
    names = Counter(fold_name(seen.name) for seen in columns)
    codes = {one.name: meanings(one.codes, mappings) for one in entity.columns if one.codes}
    found = [
        reason
        for at, seen in enumerate(columns)
        # Of two equal headers only a person knows which is meant.
        if names[fold_name(seen.name)] == 1
        for reason in (*_reasons(entity, at, seen, known), *_by_codes(at, seen, codes))
    ]
    order = {name: number for number, name in enumerate(entity.column_names)}
    found.sort(key=lambda one: (-one.weight, order[one.column], one.at))
    chosen: dict[str, Reason] = {}
    taken: set[int] = set()
    for reason in found:
        if reason.column in chosen or reason.at in taken or not _fits(entity, columns, reason):
            continue
        chosen[reason.column] = reason
        taken.add(reason.at)
    contradicted: dict[str, Reason] = {}
    for reason in found:
        if reason.column not in chosen and reason.at not in taken:
            contradicted.setdefault(reason.column, reason)
    return Reasons(chosen, contradicted)


def _fits(entity: Entity, columns: Sequence[ColumnSeen], reason: Reason) -> bool:
    return fits(entity.by_name[reason.column], columns[reason.at])


def fits(column: Column, seen: ColumnSeen) -> bool:
    """Tell whether the cells may be read as a canonical column; blank ones, and none at all, say nothing against it."""
    if not seen.filled or column.kind not in TAKES:
        return True
    return seen.kind in TAKES[column.kind]


def _vocabulary(entity: Entity, mappings: Iterable[Mapping]) -> dict[str, dict[str, list[str]]]:
    """Return header (folded) -> canonical column -> the formats that read it so."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for mapping in mappings:
        if not isinstance(mapping, InboundMapping) or mapping.entity != entity.name:
            continue
        for column, source in mapping.columns.items():
            if isinstance(source, FromColumn) and source.takes_whole and column in entity.by_name:
                for name in source.from_.names:
                    found[fold_name(name)][column].append(mapping.mapping)
    return found


def _reasons(
    entity: Entity, at: int, seen: ColumnSeen, known: dict[str, dict[str, list[str]]]
) -> Iterator[Reason]:
    name = fold_name(seen.name)
    if seen.name in entity.by_name:
        yield Reason(seen.name, at, "own_name", _OWN_NAME)
    for column, formats in known.get(name, {}).items():
        weight = _KNOWN + min(len(formats), _MOST_WEIGHT)
        yield Reason(column, at, "known", weight, formats[0], len(formats))
    if name and name not in known:
        for like in difflib.get_close_matches(name, known, n=2, cutoff=_ALIKE):
            for column, formats in known[like].items():
                yield Reason(column, at, "like", _LIKE, like, len(formats))
    column = _by_cells(entity, seen)
    if column:
        yield Reason(column, at, "cells", _CELLS)


def _by_codes(at: int, seen: ColumnSeen, meant: dict[str, dict[str, str]]) -> Iterator[Reason]:
    """Yield the code columns whose codes, as known formats write them, are half of the cells or more."""
    for column, known in meant.items():
        there = sum(count for code, count in (seen.codes or {}).items() if fold_name(code) in known)
        if seen.filled and 2 * there >= seen.filled:
            yield Reason(column, at, "cells", _CELLS)


def _by_cells(entity: Entity, seen: ColumnSeen) -> str:
    """Return the canonical column that the cells speak for, and words of the header that say whose they are."""
    if seen.kind == "jan" and "jan" in entity.by_name:
        return "jan"
    if seen.kind == "mail":
        return "buyer_email" if "buyer_email" in entity.by_name else ""
    whose = "ship" if _SHIP.search(seen.name) else "buyer" if _BUYER.search(seen.name) else ""
    by_kind = seen.kind if seen.kind in {"phone", "postcode", "prefecture", "address"} else ""
    end = by_kind or next((end for pattern, end in _ENDS if pattern.search(seen.name)), "")
    column = f"{whose}_{end}"
    return column if whose and end and column in entity.by_name else ""
