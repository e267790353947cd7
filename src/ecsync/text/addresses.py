"""Japanese addresses: their prefecture and their house number."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from ecsync.text.faults import TextFault

if TYPE_CHECKING:
    from collections.abc import Collection

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
