"""Yen, counts and tax rates as partners write them, read into integers without a float on the way."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from ecsync.text.faults import TextFault
from ecsync.text.folding import fold_key
from ecsync.text.spreadsheet import is_scientific

# Accounting programs write a minus as a triangle.
_NUMBER: Final = re.compile(
    r"(?P<sign>[-+△▲]?)\s*(?P<whole>[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?P<part>[0-9]*))?"
)
_YEN_BEFORE: Final = re.compile(r"^([-+△▲]?)\s*[¥\\]\s*")
_YEN_AFTER: Final = re.compile(r"\s*円$")
_RATE: Final = re.compile(r"(?P<number>[0-9]{1,3}(?:\.[0-9]{1,6})?)\s*(?P<percent>%?)")
# Far beyond any amount, and far below what a 64-bit column holds when a million of them are added up.
_MAX_DIGITS: Final = 12


def parse_integer(text: str) -> int | TextFault:
    """Return a whole number; full-width digits, commas, a sign (△ is minus) and `.00` are taken."""
    return _whole(fold_key(text))


def parse_yen(text: str) -> int | TextFault:
    """Return an amount in yen: as parse_integer, with `¥` before or `円` after it. A fraction is refused."""
    written = _YEN_AFTER.sub("", _YEN_BEFORE.sub(r"\1", fold_key(text)))
    return _whole(written)


def parse_rate(text: str) -> int | TextFault:
    """Return a tax rate in basis points: `0.1`, `10` and `10%` are 1000, `0.08` is 800, `0` is 0.

    Below one it is a ratio, else a percentage: no consumption tax is 1 % or 100 %.
    """
    written = fold_key(text)
    if not written:
        return TextFault.EMPTY
    match = _RATE.fullmatch(written)
    if match is None:
        return TextFault.NOT_A_RATE
    number = Decimal(match["number"])
    points = number * (100 if match["percent"] or number >= 1 else 10_000)
    if points != int(points) or points > 10_000:  # noqa: PLR2004 - basis points of the whole
        return TextFault.NOT_A_RATE
    return int(points)


def _whole(written: str) -> int | TextFault:
    if not written:
        return TextFault.EMPTY
    if is_scientific(written):
        return TextFault.EXCEL_DAMAGE
    match = _NUMBER.fullmatch(written)
    if match is None:
        return TextFault.NOT_A_NUMBER
    if (match["part"] or "").strip("0"):
        return TextFault.FRACTION
    digits = match["whole"].replace(",", "").lstrip("0") or "0"
    if len(digits) > _MAX_DIGITS:
        return TextFault.TOO_LARGE
    return -int(digits) if match["sign"] in {"-", "△", "▲"} else int(digits)
