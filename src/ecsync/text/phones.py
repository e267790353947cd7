"""Japanese phone numbers: the hyphens of the source are kept, as only the caller knows the area codes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ecsync.text.faults import TextFault
from ecsync.text.folding import fold_key
from ecsync.text.spreadsheet import is_scientific

if TYPE_CHECKING:
    from collections.abc import Sequence

_WRITTEN: Final = re.compile(r"[0-9]+(?:-[0-9]+)*")
_SEPARATORS: Final = re.compile(r"[-\s.()ー]+")
_JAPAN: Final = re.compile(r"^\+81-?(?:0-?)?")
# Eleven digits: mobile and IP phones (0x0), and free calls with 0800.
_ELEVEN: Final = re.compile(r"0[5-9]0[0-9]{8}")
_TEN: Final = re.compile(r"0(?![5-9]0)[1-9][0-9]{8}")


def normalise_phone(text: str, *, restore_zero: bool = False) -> str | TextFault:
    """Return the number in half-width digits, with a hyphen wherever the source divides it.

    `+81` becomes `0`. `restore_zero` gives back the one leading zero that a spreadsheet program took,
    where the number is right with it. Ten or eleven digits, beginning with 0; anything else is a fault.
    """
    written = fold_key(text)
    if not written:
        return TextFault.EMPTY
    if is_scientific(written):
        return TextFault.EXCEL_DAMAGE
    number = _JAPAN.sub("0", _SEPARATORS.sub("-", written).strip("-"))
    if not _WRITTEN.fullmatch(number):
        return TextFault.NOT_A_PHONE
    if restore_zero and not number.startswith("0") and _is_phone("0" + number):
        number = "0" + number
    return number if _is_phone(number) else TextFault.NOT_A_PHONE


def join_phone(parts: Sequence[str], *, restore_zero: bool = False) -> str | TextFault:
    """Return the number that stands in several columns (area, exchange, line); empty ones are left out."""
    return normalise_phone("-".join(part for part in parts if part.strip()), restore_zero=restore_zero)


def phone_digits(phone: str) -> str:
    """Return the digits alone: the form in which two numbers are compared, and that most labels take."""
    return "".join(sign for sign in phone if sign.isdecimal())


def _is_phone(number: str) -> bool:
    digits = phone_digits(number)
    return bool(_TEN.fullmatch(digits) or _ELEVEN.fullmatch(digits))
