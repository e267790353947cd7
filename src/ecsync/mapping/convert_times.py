"""Times and dates of a file, read by their declared formats.

Nearly every order has a time of its own, and strptime is slow: the forms that most partners write are
first matched as a whole, and everything else goes to `ecsync.text.dates`.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from ecsync.text.dates import Moment, parse_date, parse_time

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ecsync.text.faults import TextFault

_DAY: Final = r"(?:19|2[0-9])[0-9]{2}%s[0-9]{2}%s[0-9]{2}"
# Newer Pythons read 24:00:00 as the next day.
_CLOCK: Final = r"(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}"
# format -> the texts that it reads and that datetime.fromisoformat reads alike, once / is -
_PLAIN_TIMES: Final = {
    "%Y-%m-%d %H:%M:%S": re.compile(_DAY % ("-", "-") + " " + _CLOCK, re.ASCII),
    "%Y/%m/%d %H:%M:%S": re.compile(_DAY % ("/", "/") + " " + _CLOCK, re.ASCII),
    "%Y-%m-%dT%H:%M:%S": re.compile(_DAY % ("-", "-") + "T" + _CLOCK, re.ASCII),
    "%Y-%m-%dT%H:%M:%S%z": re.compile(
        _DAY % ("-", "-") + "T" + _CLOCK + r"(?:Z|[+-][0-9]{2}:[0-9]{2})", re.ASCII
    ),
}
_PLAIN_DATES: Final = {
    "%Y-%m-%d": re.compile(_DAY % ("-", "-"), re.ASCII),
    "%Y/%m/%d": re.compile(_DAY % ("/", "/"), re.ASCII),
}
_MINUTE: Final = timedelta(minutes=1)


def time_reader(formats: Sequence[str], zone_name: str) -> Callable[[str], Moment | TextFault]:
    """Return what reads one time: the first format that fits decides, without `%z` in the named zone."""
    zone = ZoneInfo(zone_name)
    plain = _PLAIN_TIMES.get(formats[0])

    def read(text: str) -> Moment | TextFault:
        if plain is None or not plain.fullmatch(text):
            return parse_time(text, formats, zone)
        try:
            moment = datetime.fromisoformat(text.replace("/", "-"))
        except ValueError:
            return parse_time(text, formats, zone)
        if moment.tzinfo is None:
            offset = moment.replace(tzinfo=zone).utcoffset() or timedelta()
            utc = moment - offset
        else:
            offset = moment.utcoffset() or timedelta()
            utc = moment.astimezone(UTC).replace(tzinfo=None)
        return Moment(f"{utc.isoformat()}Z", offset // _MINUTE)

    return read


def date_reader(formats: Sequence[str]) -> Callable[[str], str | TextFault]:
    """Return what reads one date: the first format that fits decides."""
    plain = _PLAIN_DATES.get(formats[0])

    def read(text: str) -> str | TextFault:
        if plain is None or not plain.fullmatch(text):
            return parse_date(text, formats)
        try:
            return date.fromisoformat(text.replace("/", "-")).isoformat()
        except ValueError:
            return parse_date(text, formats)

    return read
