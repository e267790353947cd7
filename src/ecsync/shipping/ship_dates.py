"""On which day a destination has to leave, and whether that day can still be kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from ecsync.calendars import ship_day

if TYPE_CHECKING:
    from datetime import time

    from ecsync.calendars import Calendar
    from ecsync.config import Settings


@dataclass(frozen=True)
class ShipDay:
    """Say when to ship.

    `ship_date` is the day on the instruction; `due` tells whether it is instructed now; `late` whether
    the day that would keep the wished date has passed.
    """

    ship_date: str
    due: bool
    late: bool


@dataclass(frozen=True)
class Dispatch:
    """One warehouse on the day of a run: its next possible ship day and the way back from a wished date."""

    today: date
    next_day: date
    cut_off: time
    calendar: Calendar
    lead_days: dict[str, int]

    def plan(self, prefecture: str, wished_date: str) -> ShipDay:
        """Return the ship day of a destination.

        With a wished date: that date minus the prefecture's lead days, or the last day before it on which
        the warehouse works; instructed from that day on. Where that can no longer be kept, and without a
        wished date: the next day that the warehouse ships, instructed now.
        """
        if not wished_date:
            return ShipDay(self.next_day.isoformat(), due=True, late=False)
        lead = self.lead_days.get(prefecture, self.lead_days.get("default", 1))
        wanted = self.calendar.open_on_or_before(date.fromisoformat(wished_date) - timedelta(days=lead))
        late = wanted < self.next_day and wanted <= self.today
        day = self.next_day if late else wanted
        return ShipDay(day.isoformat(), due=wanted <= self.today, late=late)


def dispatch_of(settings: Settings, warehouse: str, now: str, business_date: str) -> Dispatch:
    """Return the dispatch of a warehouse at the run's clock (UTC text) and business date."""
    place = settings.warehouses[warehouse]
    calendar = settings.calendar(place.calendar)
    local = datetime.strptime(now, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).astimezone(settings.zone)
    return Dispatch(
        today=date.fromisoformat(business_date),
        next_day=ship_day(local, place.cut_off, calendar),
        cut_off=place.cut_off,
        calendar=calendar,
        lead_days=dict(place.lead_days),
    )
