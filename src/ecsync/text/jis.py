"""The signs of JIS X 0208 (levels 1 and 2) and JIS X 0201: what older label software promises to print."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from ecsync.text.widths import Unencodable

# By their bytes in cp932: rows 1 to 8, then kanji from 亜 to 熙. Beyond lie NEC's and IBM's own signs (①, ㈱, 髙).
_LAST_SIGN: Final = 0x84BE
_FIRST_KANJI: Final = 0x889F
_LAST_KANJI: Final = 0xEAA4


def first_beyond_jis(text: str) -> Unencodable | None:
    """Return the first sign that is no sign of JIS X 0208 or 0201; None where all are.

    A sign that cp932 lacks is one of them.
    """
    for position, sign in enumerate(text, start=1):
        if not sign.isascii() and not _is_jis(sign):
            return Unencodable(f"U+{ord(sign):04X}", position)
    return None


@lru_cache(maxsize=16_384)
def _is_jis(sign: str) -> bool:
    try:
        number = int.from_bytes(sign.encode("cp932"))
    except UnicodeEncodeError:
        return False
    return number <= _LAST_SIGN or _FIRST_KANJI <= number <= _LAST_KANJI
