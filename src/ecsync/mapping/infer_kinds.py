"""What one cell can be: for each kind a question that is answered from the cell alone, and never by halves.

A kind that is claimed of a column holds for each of its filled cells; what a kind accepts, the reading that goes
with it reads.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Final

from ecsync.text.addresses import PREFECTURES, split_prefecture
from ecsync.text.amounts import parse_yen
from ecsync.text.phones import normalise_phone
from ecsync.text.postcodes import normalise_postcode

if TYPE_CHECKING:
    from collections.abc import Callable

    # The form in which a cell is of the kind, "" where it is not.
    Question = Callable[[str], str]

_WHOLE: Final = re.compile(r"0|-?[1-9][0-9]{0,11}")
_LOST: Final = re.compile(r"[-+△▲¥\\ ]*0[0-9]")
_DECIMAL: Final = re.compile(r"-?[0-9]{1,12}\.[0-9]{1,6}")
_PERCENT: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,4})?%")
_DIGITS: Final = re.compile(r"[0-9]+")
_MAIL: Final = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[A-Za-z]{2,}")
_CLOCK: Final = re.compile(r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?")
_DAY: Final = re.compile(
    r"(?P<date>(?P<y>[0-9]{4})(?P<s>[-/.])(?P<m>[0-9]{1,2})(?P=s)(?P<d>[0-9]{1,2})"
    r"|(?P<cy>20[0-9]{2})(?P<cm>[0-9]{2})(?P<cd>[0-9]{2})"
    r"|(?P<ky>[0-9]{4})年(?P<km>[0-9]{1,2})月(?P<kd>[0-9]{1,2})日)"
    r"(?:(?P<gap>[ T])(?P<clock>(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?P<sec>:[0-5][0-9])?)"
    r"(?P<zone> ?(?:Z|[+-][0-9]{2}:?[0-9]{2}))?)?"
)
_YEAR_LAST: Final = re.compile(
    r"(?P<a>[0-9]{1,2})(?P<s>[-/.])(?P<b>[0-9]{1,2})(?P=s)(?P<y>[0-9]{4})"
    r"(?: (?P<clock>(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?P<sec>:[0-5][0-9])?))?"
)
_FIRST_YEAR, _LAST_YEAR = 1900, 2999
_EAN: Final = re.compile(r"[0-9]{8}|[0-9]{13}")
_TWELVE: Final = re.compile(r"[0-9]{12}")
_DIVIDER: Final = 7


@cache
def _is_day(year: str, month: str, day: str) -> bool:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return False
    return _FIRST_YEAR <= found.year <= _LAST_YEAR


def _day(text: str, *, timed: bool) -> str:
    found = _DAY.fullmatch(text)
    if found is None or (found["clock"] is not None) != timed:
        return ""
    if found["y"]:
        parts, form = (found["y"], found["m"], found["d"]), f"%Y{found['s']}%m{found['s']}%d"
    elif found["cy"]:
        parts, form = (found["cy"], found["cm"], found["cd"]), "%Y%m%d"
    else:
        parts, form = (found["ky"], found["km"], found["kd"]), "%Y年%m月%d日"
    if not _is_day(*parts):
        return ""
    if not timed:
        return form
    zone = found["zone"] or ""
    gap_of_zone = " " if zone.startswith(" ") else ""
    return f"{form}{found['gap']}%H:%M{':%S' if found['sec'] else ''}{gap_of_zone + '%z' if zone else ''}"


def _year_last(text: str, *, month_first: bool) -> str:
    found = _YEAR_LAST.fullmatch(text)
    if found is None:
        return ""
    month, day = (found["a"], found["b"]) if month_first else (found["b"], found["a"])
    if not _is_day(found["y"], month, day):
        return ""
    first, second = ("%m", "%d") if month_first else ("%d", "%m")
    clock = f" %H:%M{':%S' if found['sec'] else ''}" if found["clock"] else ""
    return f"{first}{found['s']}{second}{found['s']}%Y{clock}"


def _yen(text: str) -> str:
    if _WHOLE.fullmatch(text):
        return "plain"
    return "written" if not _LOST.match(text) and isinstance(parse_yen(text), int) else ""


def _postcode(text: str) -> str:
    if not isinstance(normalise_postcode(text), str):
        return ""
    return "digits" if text.isdecimal() else "hyphen"


def _phone(text: str) -> str:
    if not isinstance(normalise_phone(text), str):
        return ""
    return "digits" if text.isdecimal() else "hyphen"


def _ean(text: str) -> str:
    if not _EAN.fullmatch(text):
        return ""
    figures = [int(sign) for sign in reversed(text)]
    return "jan" if (sum(figures[0::2]) + 3 * sum(figures[1::2])) % 10 == 0 else ""


def _tracking(text: str) -> str:
    return "tracking" if _TWELVE.fullmatch(text) and int(text[:-1]) % _DIVIDER == int(text[-1]) else ""


def _address(text: str) -> str:
    prefecture, rest = split_prefecture(text)
    return "address" if prefecture and rest else ""


def _whole_match(pattern: re.Pattern[str], form: str) -> Question:
    return lambda text: form if pattern.fullmatch(text) else ""


# The first that every filled cell fits is the column's: what says more stands before what says less.
KINDS: Final[dict[str, Question]] = {
    "flag": lambda text: "flag" if text in {"0", "1"} else "",
    "date": lambda text: _day(text, timed=False),
    "time": lambda text: _day(text, timed=True),
    "month_first": lambda text: _year_last(text, month_first=True),
    "day_first": lambda text: _year_last(text, month_first=False),
    "prefecture": lambda text: "prefecture" if text in PREFECTURES else "",
    "mail": _whole_match(_MAIL, "mail"),
    "phone": _phone,
    "jan": _ean,
    "tracking": _tracking,
    "integer": _whole_match(_WHOLE, "integer"),
    "postcode": _postcode,
    "yen": _yen,
    "percent": _whole_match(_PERCENT, "percent"),
    "decimal": _whole_match(_DECIMAL, "decimal"),
    "clock": _whole_match(_CLOCK, "clock"),
    "digits": _whole_match(_DIGITS, "digits"),
    "address": _address,
}
# What follows from a kind is not told beside it.
IMPLIED: Final[dict[str, frozenset[str]]] = {
    "flag": frozenset({"integer", "yen", "digits"}),
    "date": frozenset({"integer", "yen", "digits", "jan"}),
    "phone": frozenset({"digits"}),
    "jan": frozenset({"digits", "integer", "yen"}),
    "tracking": frozenset({"digits", "integer", "yen"}),
    "integer": frozenset({"yen", "digits"}),
    "postcode": frozenset({"digits"}),
    "decimal": frozenset({"yen"}),
}
# Kinds whose cells are about a person, whatever the header says.
PERSONAL: Final = frozenset({"mail", "phone", "postcode", "address", "prefecture"})


def shape_of(text: str, most: int = 24) -> str:
    """Return how a cell is made without what it says: 9 for a digit, a for a letter, あ for other signs of words."""
    made = "".join(
        "9"
        if sign.isdecimal()
        else "a"
        if sign.isascii() and sign.isalpha()
        else "あ"
        if sign.isalnum()
        else sign
        for sign in text[:most]
    )
    return made + ("…" if len(text) > most else "")
