"""When runs are due: `mon-sat 11:45` or `every 15 minutes from 08:00 to 20:00`, and the times that come of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_DAY: Final = frozenset(range(7))

_DAY: Final = timedelta(days=1)
_WEEK: Final = 8  # from one day round to the same day of the next week
_MINUTES_OF_DAY: Final = 24 * 60
_ENTRY: Final = re.compile(
    r"(?:(?P<days>[a-z,-]+) +)??"
    r"(?:(?P<at>\d{1,2}:\d\d)"
    r"|every (?P<every>\d{1,4}) minutes?(?: from (?P<first>\d{1,2}:\d\d) to (?P<last>\d{1,2}:\d\d))?)"
)


@dataclass(frozen=True)
class RunTimes:
    """Times of one entry: weekdays (0 is Monday), minutes of the day in order, and the interval (0 where none)."""

    days: frozenset[int]
    minutes: tuple[int, ...]
    every: int = 0

    def on(self, day: datetime) -> Iterator[datetime]:
        """Yield the times of the day that `day` lies in, in its time zone."""
        if day.weekday() in self.days:
            for minute in self.minutes:
                yield datetime.combine(day.date(), time(*divmod(minute, 60)), tzinfo=day.tzinfo)


def run_times(text: str) -> RunTimes:
    """Read one entry of `[schedule]`; raise ValueError saying what it may look like."""
    found = _ENTRY.fullmatch(" ".join(text.lower().split()))
    if found is None:
        msg = f'{text!r} is no time; write "11:45", "mon-sat 11:45" or "every 15 minutes from 08:00 to 20:00"'
        raise ValueError(msg)
    days = _days(found["days"]) if found["days"] else EVERY_DAY
    if found["at"]:
        return RunTimes(days, (_minute(found["at"]),))
    first, last = _minute(found["first"] or "00:00"), _minute(found["last"] or "23:59")
    every = int(found["every"])
    if not 1 <= every < _MINUTES_OF_DAY or last < first:
        msg = f"{text!r} gives no time of a day"
        raise ValueError(msg)
    return RunTimes(days, tuple(range(first, last + 1, every)), every)


def next_time(entries: Iterable[RunTimes], after: datetime) -> datetime | None:
    """Return the first time later than `after`, an aware local time; None where there is no entry."""
    candidates = (
        moment
        for entry in entries
        for number in range(_WEEK)
        for moment in entry.on(after + number * _DAY)
        if moment > after
    )
    return min(candidates, default=None)


def last_time(entries: Iterable[RunTimes], until: datetime) -> datetime | None:
    """Return the newest time that is not later than `until`; None where there is no entry."""
    candidates = (
        moment
        for entry in entries
        for number in range(_WEEK)
        for moment in entry.on(until - number * _DAY)
        if moment <= until
    )
    return max(candidates, default=None)


def days_text(days: frozenset[int]) -> str:
    """Return weekdays as they are written: `mon-fri`, `mon,wed`; '' for every day."""
    if days == EVERY_DAY:
        return ""
    ordered = sorted(days)
    if len(ordered) > 2 and ordered == list(range(ordered[0], ordered[-1] + 1)):  # noqa: PLR2004
        return f"{DAYS[ordered[0]]}-{DAYS[ordered[-1]]}"
    return ",".join(DAYS[day] for day in ordered)


def _days(text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if first not in DAYS or (dash and last not in DAYS):
            msg = f"{text!r} names no weekdays; they are {', '.join(DAYS)}"
            raise ValueError(msg)
        start = DAYS.index(first)
        span = (DAYS.index(last) - start) % 7 if dash else 0
        found |= {(start + number) % 7 for number in range(span + 1)}
    return frozenset(found)


def _minute(text: str) -> int:
    hour, _sep, minute = text.partition(":")
    if int(hour) > 23 or int(minute) > 59:  # noqa: PLR2004
        msg = f"{text!r} is no time of day"
        raise ValueError(msg)
    return int(hour) * 60 + int(minute)
