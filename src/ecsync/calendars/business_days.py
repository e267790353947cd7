"""Business days of a company, a warehouse, a carrier or a bank; a function of dates, never of the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import jpholiday

from ecsync.errors import ConfigurationError
from ecsync.locale import _

if TYPE_CHECKING:
    from collections.abc import Iterable

_DAY: Final = timedelta(days=1)
# No business is closed for a year: a calendar that seems so is written wrongly.
_LONGEST_PAUSE: Final = 366


@dataclass(frozen=True)
class Calendar:
    """Say on which days a business is open.

    What is named day by day decides first (`opened` before `closed`), then Japan's public holidays,
    then the weekdays that are closed (0 is Monday).
    """

    closed_weekdays: frozenset[int] = frozenset({5, 6})
    public_holidays: bool = True
    closed: frozenset[date] = frozenset()
    opened: frozenset[date] = frozenset()

    def is_open(self, day: date) -> bool:
        """Tell whether the business works on `day`."""
        if day in self.opened:
            return True
        if day in self.closed or day.weekday() in self.closed_weekdays:
            return False
        return not (self.public_holidays and _is_public_holiday(day))

    def open_on_or_after(self, day: date) -> date:
        """Return `day` itself where it is open, else the next day that is."""
        return day if self.is_open(day) else self.next_open(day)

    def open_on_or_before(self, day: date) -> date:
        """Return `day` itself where it is open, else the last open day before it."""
        return day if self.is_open(day) else self.add_business_days(day, -1)

    def next_open(self, day: date) -> date:
        """Return the first open day after `day`."""
        return self.add_business_days(day, 1)

    def add_business_days(self, day: date, count: int) -> date:
        """Return the open day that is `count` open days after `day`, or before it where `count` is negative.

        `day` itself is not counted, open or not; 0 gives `day`.
        Raises ConfigurationError for a calendar that has no open day within a year.
        """
        step = _DAY if count > 0 else -_DAY
        for _number in range(abs(count)):
            day = self._open_from(day + step, step)
        return day

    def _open_from(self, day: date, step: timedelta) -> date:
        for _number in range(_LONGEST_PAUSE):
            if self.is_open(day):
                return day
            day += step
        message = _("A calendar has no business day within a year of {day}").format(day=day.isoformat())
        raise ConfigurationError(message)


def calendar_of(
    closed_weekdays: Iterable[int],
    *,
    public_holidays: bool,
    closed: Iterable[date] = (),
    opened: Iterable[date] = (),
) -> Calendar:
    """Return the calendar that the settings describe."""
    return Calendar(frozenset(closed_weekdays), public_holidays, frozenset(closed), frozenset(opened))


@lru_cache(maxsize=4096)
def _is_public_holiday(day: date) -> bool:
    return bool(jpholiday.is_holiday(day))
