"""File names: what a pattern makes of date, number and party, and what a name says about its content's time."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ecsync.errors import ConfigurationError
from ecsync.locale import _
from ecsync.text.dates import utc_text

if TYPE_CHECKING:
    from ecsync.mapping.model import OutboundMapping
    from ecsync.mapping.model_file import AsOf

_FIELD = re.compile(r"\{(date|seq|party)(?::([^{}]*))?\}")
# What strptime takes for each directive of a date pattern; the name must hold exactly so many digits.
_DIGITS = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2, "y": 2}


def file_name(mapping: OutboundMapping, *, date: date, sequence: int, party: str) -> str:
    """Return the name of a file that goes out; raise ConfigurationError where it is not safe as a name."""

    def filled(match: re.Match[str]) -> str:
        name, form = match[1], match[2] or ""
        if name == "date":
            return date.strftime(form or "%Y%m%d")
        return format(sequence, form) if name == "seq" else party

    name = _FIELD.sub(filled, mapping.file.name)
    if not name or name.startswith(".") or re.search(r"[/\\\x00-\x1f\x7f]", name):
        raise ConfigurationError(
            _("{mapping} gives a file name that is not safe").format(mapping=mapping.mapping)
        )
    return name


def as_of_from_name(as_of: AsOf, name: str) -> str:
    """Return the UTC text of the time in a file name; "" where the name does not fit the pattern."""
    form = ""
    expression = ""
    at = 0
    for match in _FIELD.finditer(as_of.pattern):
        form = match[2] or "%Y%m%d"
        expression += re.escape(as_of.pattern[at : match.start()]) + f"({_digits(form)})"
        at = match.end()
    found = re.fullmatch(expression + re.escape(as_of.pattern[at:]), name)
    if found is None or not form:
        return ""
    try:
        moment = datetime.strptime(found[1], form)  # noqa: DTZ007  (the mapping names the zone)
    except ValueError:
        return ""
    return utc_text(moment.replace(tzinfo=ZoneInfo(as_of.zone)))


def _digits(form: str) -> str:
    return "".join(
        rf"\d{{{_DIGITS[part[1]]}}}" if part[0] == "%" and part[1:] in _DIGITS else re.escape(part)
        for part in re.findall(r"%.|[^%]+", form)
    )
