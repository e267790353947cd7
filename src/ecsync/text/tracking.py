"""Tracking numbers of the Japanese carriers: digits only."""

from __future__ import annotations

import re
from typing import Final

from ecsync.text.faults import TextFault
from ecsync.text.folding import fold_key
from ecsync.text.spreadsheet import is_scientific

_DIVIDERS: Final = re.compile(r"[-\sー]")
_DIGITS: Final = re.compile(r"[0-9]+")
_MIN_DIGITS: Final = 8
_MAX_DIGITS: Final = 20
# Yamato, Sagawa and Japan Post: twelve digits, the last of them the first eleven modulo seven.
_CHECKED_LENGTH: Final = 12
_TWELVE_ONLY: Final = frozenset({"yamato", "sagawa"})
_CHECKED_CARRIERS: Final = frozenset({"yamato", "sagawa", "japan_post"})


def normalise_tracking(text: str) -> str | TextFault:
    """Return a tracking number as digits, without the hyphens and spaces that people read it by."""
    written = fold_key(text)
    if not written:
        return TextFault.EMPTY
    if is_scientific(written):
        return TextFault.EXCEL_DAMAGE
    digits = _DIVIDERS.sub("", written)
    if not _DIGITS.fullmatch(digits):
        return TextFault.NOT_DIGITS
    return digits if _MIN_DIGITS <= len(digits) <= _MAX_DIGITS else TextFault.WRONG_LENGTH


def is_suspect(tracking_no: str, carrier: str) -> bool:
    """Tell whether a number fails its carrier's check digit (7DR), or has lost a leading zero.

    A warning and no fault, as some services count otherwise. Only twelve digits of yamato, sagawa
    and japan_post are checked, and eleven of the first two are one too few; all others are never suspect.
    """
    if carrier in _TWELVE_ONLY and len(tracking_no) == _CHECKED_LENGTH - 1:
        return True
    if carrier not in _CHECKED_CARRIERS or len(tracking_no) != _CHECKED_LENGTH:
        return False
    return int(tracking_no[:-1]) % 7 != int(tracking_no[-1])
