"""By when: the next cut-off of each warehouse, and the day that `today` means, as staff write them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from ecsync.calendars import Calendar, calendar_of, ship_day
from ecsync.config import CalendarSettings
from ecsync.locale import _
from ecsync.run import clock

if TYPE_CHECKING:
    from ecsync.config import Settings

_COMPANY = "company"


def day_text(day: date) -> str:
    """Return a date as staff write it: 11/24(火)."""
    weekdays = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
    return f"{day.month}/{day.day}({weekdays[day.weekday()]})"


def moment_text(now: str, settings: Settings) -> str:
    """Return a clock text in local time: 11/24(火) 08:12."""
    local = clock.from_text(now).astimezone(settings.zone)
    return f"{day_text(local.date())} {local:%H:%M}"


def day_or_text(text: str) -> str:
    """Return an ISO date as staff write it, and any other text as it is."""
    try:
        return day_text(date.fromisoformat(text))
    except ValueError:
        return text


@dataclass(frozen=True)
class Deadlines:
    """The deadlines of one run, at its clock in local time."""

    settings: Settings
    now: datetime

    @classmethod
    def at(cls, settings: Settings, now: str) -> Deadlines:
        """Return the deadlines at a clock text."""
        return cls(settings, clock.from_text(now).astimezone(settings.zone))

    def cut_off(self, warehouse: str = "") -> datetime | None:
        """Return the next cut-off of a warehouse; of the one that closes first where none is named."""
        places = self.settings.warehouses
        named = [warehouse] if warehouse in places else sorted(places)
        return min((self._next(name) for name in named), default=None)

    def _next(self, name: str) -> datetime:
        place = self.settings.warehouses[name]
        day = ship_day(self.now, place.cut_off, self._calendar(place.calendar))
        return datetime.combine(day, place.cut_off, self.now.tzinfo)

    def _calendar(self, name: str) -> Calendar:
        given = self.settings.calendars.get(name, CalendarSettings())
        return calendar_of(
            given.closed_weekdays,
            public_holidays=given.public_holidays,
            closed=given.closed,
            opened=given.open,
        )

    @property
    def desk_day(self) -> date:
        """Return the day on which desks act on this report: today until they close, else their next open day."""
        calendar = self._calendar(_COMPANY)
        today = self.now.date()
        if self.now.time() < self.settings.project.desks_close:
            return calendar.open_on_or_after(today)
        return calendar.next_open(today)

    def before(self, moment: datetime | None) -> str:
        """Say `by 12:30`, with the day where it is not today."""
        if moment is None:
            return _("before the cut-off")
        return _("by {when}").format(when=self._when(moment))

    def _when(self, moment: datetime) -> str:
        if moment.date() == self.now.date():
            return f"{moment:%H:%M}"
        return f"{day_text(moment.date())} {moment:%H:%M}"

    def within_day(self) -> str:
        """Say within which day: `today`, or `within 11/25(水)`."""
        if self.desk_day == self.now.date():
            return _("today")
        return _("within {day}").format(day=day_text(self.desk_day))

    def cut_off_heading(self) -> str:
        """Return the heading of what cannot wait: 「本日の締め(12:30)までにすること」."""
        moment = self.cut_off()
        if moment is None:
            return _("To do before the cut-off")
        if moment.date() == self.now.date():
            return _("To do before today's cut-off ({time})").format(time=f"{moment:%H:%M}")
        return _("To do before the next cut-off ({when})").format(when=self._when(moment))

    def today_heading(self) -> str:
        """Return the heading of what can wait until the evening: 「今日中」."""
        if self.desk_day == self.now.date():
            return _("To do today")
        return _("To do within {day}").format(day=day_text(self.desk_day))
