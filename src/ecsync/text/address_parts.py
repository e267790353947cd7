"""An address in the parts that a label has for it: after the town, before the building, never inside a character."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import cache, lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from ecsync.text.buildings import building_in
from ecsync.text.faults import TextFault
from ecsync.text.graphemes import may_cut
from ecsync.text.widths import byte_length

if TYPE_CHECKING:
    from collections.abc import Sequence

_SPACE: Final = " \u3000"

# What a break costs, by what it tears; and what a part costs, so that no more are used than needed. The building has
# a part of its own where it can.
_BEFORE_BUILDING: Final = -40
_BEFORE_ITS_SPACE: Final = -37
_AT_SPACE: Final = 0
_AFTER_NUMBER: Final = 1
_AFTER_UNIT: Final = 2
_BETWEEN_KINDS: Final = 4
_ANYWHERE: Final = 20
_IN_A_WORD: Final = 200
_A_BLANK_PART: Final = 200
_PER_PART: Final = 6

_UNITS: Final = ("丁目", "番地", "番", "号", "都", "道", "府", "県", "市", "区", "町", "村", "郡")
_COUNTERS: Final = ("丁", "番", "号", "条", "線", "地割", "階", "室", "棟", "区")
_HYPHENS: Final = frozenset("-‐―－−")
_JOINED_NUMBER: Final = re.compile(r"[地番号\d][のノ之]\d")
# These join two numbers; elsewhere they are letters.
_NUMBER_JOINERS: Final = _HYPHENS | frozenset("ーのノ")


def split_address(address: str, limits: Sequence[int], encoding: str) -> tuple[str, ...] | TextFault:
    """Return `address` in exactly `len(limits)` parts, each within its limit of bytes; they join to it again.

    The building begins a part where parts and limits allow it. Other breaks stand at spaces, after a house number or
    after 丁目, 番地, 市, 区 ... before a word is torn, and parts that are not needed are "" at the end. An address that
    does not fit is TextFault.TOO_LONG. The address is folded already: `encoding` takes every character of it.
    """
    return _split(address, tuple(limits), encoding)


# Each part of a label asks for the same addresses, one column after the other.
@lru_cache(maxsize=8_192)
def _split(address: str, limits: tuple[int, ...], encoding: str) -> tuple[str, ...] | TextFault:
    if byte_length(address, encoding) > sum(limits):
        return TextFault.TOO_LONG
    widths = [0, *accumulate(byte_length(sign, encoding) for sign in address)]
    length = len(address)
    costs = _break_costs(address)
    filled = _filled_from(address)

    @cache
    def cheapest(start: int, part: int) -> tuple[int, int] | None:
        """Return the least cost from `start` on, and where the part that begins there ends."""
        if part == len(limits):
            return None
        best: tuple[int, int] | None = None
        if widths[length] - widths[start] <= limits[part]:
            best = _PER_PART, length
        if part + 1 == len(limits):
            return best
        end = min(bisect_right(widths, widths[start] + limits[part]) - 1, length - 1)
        # From the right, so that of equal breaks the later one fills the part.
        for at in range(end, start, -1):
            cost = costs[at]
            if cost is None:
                continue
            if at <= filled[start]:
                cost = _A_BLANK_PART
            rest = cheapest(at, part + 1)
            if rest is not None and (best is None or rest[0] + cost < best[0] - _PER_PART):
                best = (rest[0] + cost + _PER_PART, at)
        return best

    parts: list[str] = []
    start = 0
    for part in range(len(limits)):
        step = cheapest(start, part) if start < length else (0, length)
        if step is None:
            return TextFault.TOO_LONG
        parts.append(address[start : step[1]])
        start = step[1]
    return tuple(parts) if start == length else TextFault.TOO_LONG


def _filled_from(address: str) -> list[int]:
    """Return for every place where the next sign stands that is no space."""
    filled = [len(address)] * (len(address) + 1)
    for at in range(len(address) - 1, -1, -1):
        filled[at] = filled[at + 1] if address[at].isspace() else at
    return filled


def _break_costs(address: str) -> list[int | None]:
    """Return, for every place in the address, what a break before the sign there costs; None inside a character."""
    kinds = _kinds(address)
    costs = [_break_cost(address, kinds, at) if at else 0 for at in range(len(address))]
    number_ends, building = building_in(address)
    if building < len(address):
        costs[number_ends] = _BEFORE_ITS_SPACE
        costs[building] = _BEFORE_BUILDING
    return costs


def _break_cost(address: str, kinds: list[str], at: int) -> int | None:
    kind, next_kind = kinds[at - 1], kinds[at]
    if not may_cut(address, at):
        return None
    cost = _ANYWHERE if kind == next_kind else _BETWEEN_KINDS
    if kind == "space" and next_kind != "space":
        cost = _AT_SPACE
    elif (kind == next_kind and kind != "kanji") or _is_in_a_number(address, at):
        cost = _IN_A_WORD
    elif kind == "number":
        # 丁目 and 番地 belong to the number before them.
        cost = _IN_A_WORD if address.startswith(_COUNTERS, at) else _AFTER_NUMBER
    elif address.endswith(_UNITS, 0, at) and not address.endswith(_UNITS, 0, at + 1):
        cost = _AFTER_UNIT
    return cost


def _is_in_a_number(address: str, at: int) -> bool:
    """Tell whether the place is before or behind の of 5番地の12."""
    joined = _JOINED_NUMBER.search(address, max(at - 2, 0), at + 2)
    return joined is not None and joined.start() < at < joined.end()


def _kinds(address: str) -> list[str]:
    kinds: list[str] = []
    for at, sign in enumerate(address):
        between = address[at - 1 : at].isdecimal() and address[at + 1 : at + 2].isdecimal()
        if sign in _NUMBER_JOINERS and between:
            kinds.append("number")
        elif sign in _HYPHENS and kinds:
            kinds.append(kinds[-1])
        else:
            kinds.append(_script(sign))
    return kinds


@cache
def _script(sign: str) -> str:
    if sign in _SPACE:
        return "space"
    if sign.isdecimal():
        return "number"
    name = unicodedata.name(sign, "")
    scripts = (("LATIN", "latin"), ("KATAKANA", "katakana"), ("CJK", "kanji"), ("HIRAGANA", "kanji"))
    return next((script for part, script in scripts if part in name), "other")
