"""Japanese addresses: their prefecture, their house number, and parts that fit a label."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from ecsync.text.faults import TextFault
from ecsync.text.widths import byte_length

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

# In the order of their official numbers (JIS X 0401).
# fmt: off
PREFECTURES: Final = (
    "北海道", "青森県", "岩手県", "宮城県", "秋田県", "山形県", "福島県", "茨城県", "栃木県", "群馬県",
    "埼玉県", "千葉県", "東京都", "神奈川県", "新潟県", "富山県", "石川県", "福井県", "山梨県", "長野県",
    "岐阜県", "静岡県", "愛知県", "三重県", "滋賀県", "京都府", "大阪府", "兵庫県", "奈良県", "和歌山県",
    "鳥取県", "島根県", "岡山県", "広島県", "山口県", "徳島県", "香川県", "愛媛県", "高知県", "福岡県",
    "佐賀県", "長崎県", "熊本県", "大分県", "宮崎県", "鹿児島県", "沖縄県",
)
# fmt: on
_BY_SHORT_NAME: Final = {name if name == "北海道" else name[:-1]: name for name in PREFECTURES}

_SPACE: Final = " \u3000"
_KANJI_DIGITS: Final = "〇一二三四五六七八九十百千"
_ARABIC: Final = re.compile(r"[0-9]")
# A kanji digit is a number only before a word that counts, before another number, or at an end:
# 八王子, 六本木 and 四ツ谷 are names.
_KANJI_NUMBER: Final = re.compile(
    rf"[{_KANJI_DIGITS}]+(?:丁目|番|号|条|線|区画|地割|[のノ][{_KANJI_DIGITS}]|[-‐―－ー−]|\s|$)"
)

# What a break costs, by what it tears; and what a part costs, so that no more are used than needed.
_AT_SPACE: Final = 0
_AFTER_NUMBER: Final = 1
_AFTER_UNIT: Final = 2
_BETWEEN_KINDS: Final = 4
_ANYWHERE: Final = 20
_IN_A_WORD: Final = 200
_IN_A_CHARACTER: Final = 2_000
_PER_PART: Final = 6

_UNITS: Final = ("丁目", "番地", "番", "号", "都", "道", "府", "県", "市", "区", "町", "村", "郡")
_COUNTERS: Final = ("丁目", "番", "号", "条", "線", "階", "室", "棟", "区")
_HYPHENS: Final = frozenset("-‐―－−")
# These join two numbers; elsewhere they are letters.
_NUMBER_JOINERS: Final = _HYPHENS | frozenset("ーのノ")


def prefecture_of(name: str) -> str:
    """Return the full name of a prefecture for `東京都`, `東京` or `東京 `; "" for anything else."""
    plain = unicodedata.normalize("NFKC", name).strip()
    return plain if plain in PREFECTURES else _BY_SHORT_NAME.get(plain, "")


def split_prefecture(address: str) -> tuple[str, str]:
    """Return the prefecture that an address begins with, and the rest; ("", address) where it has none."""
    stripped = address.lstrip(_SPACE)
    # Every prefecture has three or four signs, and none of three begins one of four.
    for length in (3, 4):
        if stripped[:length] in PREFECTURES:
            return stripped[:length], stripped[length:].lstrip(_SPACE)
    return "", address


def address_fault(prefecture: str, rest: str, without_number: Collection[str] = ()) -> TextFault | None:
    """Return why a parcel would not arrive at `prefecture` + `rest`; None where it is plausible.

    `rest` is city and address together. `without_number` names towns where houses have no number: an
    address that holds one of them needs none.
    """
    if not prefecture_of(prefecture):
        return TextFault.PREFECTURE_UNKNOWN
    plain = unicodedata.normalize("NFKC", rest).strip()
    if not plain:
        return TextFault.EMPTY
    if _ARABIC.search(plain) or _KANJI_NUMBER.search(plain):
        return None
    return None if any(town in rest for town in without_number) else TextFault.NO_HOUSE_NUMBER


def is_plausible(prefecture: str, rest: str, without_number: Collection[str] = ()) -> bool:
    """Tell whether a parcel can arrive: a known prefecture, and a house number or a town without numbers."""
    return address_fault(prefecture, rest, without_number) is None


def split_address(address: str, limits: Sequence[int], encoding: str) -> tuple[str, ...] | TextFault:
    """Return `address` in exactly `len(limits)` parts, each within its limit of bytes; they join to it again.

    Breaks stand at spaces, after a house number or after 丁目, 番地, 市, 区 ... before a word is torn, and
    parts that are not needed are "" at the end. An address that does not fit is TextFault.TOO_LONG.
    The address is folded already: `encoding` takes every character of it.
    """
    widths = [0, *accumulate(byte_length(sign, encoding) for sign in address)]
    length = len(address)
    if limits and widths[-1] <= limits[0]:
        return (address, *[""] * (len(limits) - 1))
    costs = _break_costs(address)

    @cache
    def cheapest(start: int, part: int) -> tuple[int, int] | None:
        """Return the least cost from `start` on, and where the part that begins there ends."""
        if part == len(limits):
            return None
        if widths[length] - widths[start] <= limits[part]:
            return _PER_PART, length
        end = bisect_right(widths, widths[start] + limits[part]) - 1
        best: tuple[int, int] | None = None
        # From the right, so that of equal breaks the later one fills the part.
        for at in range(end, start, -1):
            rest = cheapest(at, part + 1)
            if rest is not None and (best is None or rest[0] + costs[at] < best[0] - _PER_PART):
                best = (rest[0] + costs[at] + _PER_PART, at)
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


def _break_costs(address: str) -> list[int]:
    """Return, for every place in the address, what a break before the sign there costs."""
    kinds = _kinds(address)
    return [0, *(_break_cost(address, kinds, at) for at in range(1, len(address)))]


def _break_cost(address: str, kinds: list[str], at: int) -> int:
    kind, next_kind = kinds[at - 1], kinds[at]
    cost = _ANYWHERE if kind == next_kind else _BETWEEN_KINDS
    if next_kind == "mark":
        cost = _IN_A_CHARACTER
    elif kind == "space" and next_kind != "space":
        cost = _AT_SPACE
    elif kind == next_kind and kind != "kanji":
        cost = _IN_A_WORD
    elif kind == "number":
        # 丁目 and 番地 belong to the number before them.
        cost = _IN_A_WORD if address.startswith(_COUNTERS, at) else _AFTER_NUMBER
    elif address.endswith(_UNITS, 0, at) and not address.endswith(_UNITS, 0, at + 1):
        cost = _AFTER_UNIT
    return cost


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
    if unicodedata.category(sign) in {"Mn", "Me"}:
        return "mark"
    name = unicodedata.name(sign, "")
    scripts = (("LATIN", "latin"), ("KATAKANA", "katakana"), ("CJK", "kanji"), ("HIRAGANA", "kanji"))
    return next((script for part, script in scripts if part in name), "other")
