"""Half-width kana: what carriers print under a name."""

from __future__ import annotations

import unicodedata
from typing import Final

_HALF_FIRST, _HALF_LAST = "\uff61", "\uff9f"
_HIRAGANA_FIRST, _HIRAGANA_LAST = "\u3041", "\u3096"
_TO_KATAKANA: Final = 0x60
_OTHERS: Final = {"\u3099": "\uff9e", "\u309a": "\uff9f", "\u3000": " ", "\u30fb": "\uff65"}


def _half_by_full() -> dict[str, str]:
    halves = map(chr, range(ord(_HALF_FIRST), ord(_HALF_LAST) + 1))
    return {unicodedata.normalize("NFKC", half): half for half in halves} | _OTHERS


_HALF: Final = _half_by_full()


def to_half_kana(text: str) -> str:
    """Return kana, hiragana too, and signs of ASCII in half width; what has none is left as it is."""
    return "".join(_half(sign) for sign in unicodedata.normalize("NFKD", _katakana(text)))


def first_wide(text: str) -> str:
    """Return the first sign that is not half-width, "" where all are."""
    return next(
        (sign for sign in text if not (" " <= sign <= "~" or _HALF_FIRST <= sign <= _HALF_LAST)),
        "",
    )


def _katakana(text: str) -> str:
    return "".join(
        chr(ord(sign) + _TO_KATAKANA) if _HIRAGANA_FIRST <= sign <= _HIRAGANA_LAST else sign for sign in text
    )


def _half(sign: str) -> str:
    return _HALF.get(sign, sign)
