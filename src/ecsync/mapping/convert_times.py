"""Times and dates of a file, read by their declared formats.

Nearly every order has a time of its own, and strptime is slow: the forms that most partners write are
first matched as a whole, and everything else goes to `ecsync.text.dates`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ecsync.text.dates import Moment, parse_date, parse_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecsync.text.faults import TextFault

# Texts without outer blanks -> UTC texts, which of them were read, and the minutes of the zone's offset.
UtcReader = Callable[[pa.Array], tuple[pa.Array, NDArray[np.bool_], int]]

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
# Zones whose clocks have not moved within the years that the patterns below let through (Japan: since 1952).
_STEADY_ZONES: Final = {"Asia/Tokyo": 540, "UTC": 0}
_STEADY_DAY: Final = r"2[0-9]{3}%s(?:0[1-9]|1[0-2])%s(?:0[1-9]|[12][0-9]|3[01])"
_STEADY_TIMES: Final = {
    "%Y-%m-%d %H:%M:%S": "^" + _STEADY_DAY % ("-", "-") + r" (?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$",
    "%Y/%m/%d %H:%M:%S": "^" + _STEADY_DAY % ("/", "/") + r" (?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$",
}
_IN_EVERY_MONTH: Final = r"^[0-9]{4}-[0-9]{2}-(?:0[1-9]|1[0-9]|2[0-8]) "
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


def utc_reader(formats: Sequence[str], zone_name: str) -> UtcReader | None:
    """Return what reads many times at once; None where the format or the zone needs a look at each."""
    pattern, minutes = _STEADY_TIMES.get(formats[0]), _STEADY_ZONES.get(zone_name)
    if pattern is None or minutes is None:
        return None

    def read(texts: pa.Array) -> tuple[pa.Array, NDArray[np.bool_], int]:
        plain = pc.replace_substring(texts, "/", "-")
        fits = pc.match_substring_regex(texts, pattern)
        try:
            utc = _moments(plain, fits)
        except ValueError:
            # A 30th of February among them: days that not every month has are then looked at one by one.
            fits = pc.and_(fits, pc.match_substring_regex(plain, _IN_EVERY_MONTH))
            utc = _moments(plain, fits)
        texts_utc = np.datetime_as_string(utc - np.timedelta64(minutes, "m"))
        written = pc.binary_join_element_wise(pa.array(texts_utc), "Z", "")
        return written, fits.to_numpy(zero_copy_only=False), minutes

    return read


def _moments(texts: pa.Array, fits: pa.Array) -> NDArray[np.datetime64]:
    chosen = pc.if_else(fits, texts, "2000-01-01 00:00:00").to_numpy(zero_copy_only=False)
    moments: NDArray[np.datetime64] = chosen.astype("datetime64[s]")
    return moments


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
