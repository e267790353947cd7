"""Japanese postcodes: seven digits, kept without the hyphen."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from ecsync.text.faults import TextFault
from ecsync.text.folding import fold_key

_SEVEN: Final = re.compile(r"[0-9]{7}")
_WRITTEN: Final = re.compile(r"〒?\s*([0-9]{3})[-\sー]?([0-9]{4})")


def normalise_postcode(text: str) -> str | TextFault:
    """Return the seven digits of `123-4567`, `1234567`, `〒123-4567` or their full-width forms.

    Six digits are refused: which zero a spreadsheet program took is not ours to guess.
    """
    written = fold_key(text)
    if not written:
        return TextFault.EMPTY
    match = _WRITTEN.fullmatch(written)
    if match is None:
        return TextFault.NOT_A_POSTCODE
    digits = match[1] + match[2]
    # 001 is the lowest area there is.
    return TextFault.NOT_A_POSTCODE if digits.startswith("000") else digits


def join_postcode(area: str, town: str) -> str | TextFault:
    """Return the seven digits of a postcode in two columns, with the leading zeros of each column put back.

    A column of its own has a known width (3 and 4), so zeros that a spreadsheet program took are certain.
    """
    first, second = (unicodedata.normalize("NFKC", part).strip() for part in (area, town))
    if not first and not second:
        return TextFault.EMPTY
    if not first or not second:
        return TextFault.NOT_A_POSTCODE
    return normalise_postcode(first.zfill(3) + second.zfill(4))


def hyphenated(postcode: str) -> str:
    """Return `123-4567` for `1234567`; any other text as it is."""
    return f"{postcode[:3]}-{postcode[3:]}" if _SEVEN.fullmatch(postcode) else postcode
