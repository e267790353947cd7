"""What comes next, and what did not come: scheduled runs, cut-offs, closed days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from ecsync.calendars import is_before_cut_off
from ecsync.calendars.run_times import last_time, next_time
from ecsync.run import clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecsync.config import Settings

_WEEKS_AHEAD: Final = 14
# A run may start a little late (another holds the lock) before anybody calls it missed.
GRACE: Final = timedelta(minutes=35)


@dataclass(frozen=True)
class DueRun:
    """A scheduled kind: its next time, and the last one that it missed (None where it did not); local times."""

    kind: str
    upcoming: datetime
    missed: datetime | None


def due_runs(settings: Settings, newest: Mapping[str, str], now: str) -> list[DueRun]:
    """Return every scheduled kind by its next time.

    `newest` holds the clock of the newest run per kind; a project in which nothing ever ran has missed nothing.
    """
    local = clock.from_text(now).astimezone(settings.zone)
    found = []
    for kind in settings.schedule:
        times = settings.times_of(kind)
        upcoming = next_time(times, local)
        if upcoming is not None:
            found.append(DueRun(kind, upcoming, _missed(settings, kind, newest, local)))
    return sorted(found, key=lambda run: (run.upcoming, run.kind))


def _missed(settings: Settings, kind: str, newest: Mapping[str, str], local: datetime) -> datetime | None:
    due = last_time(settings.times_of(kind), local - GRACE)
    if due is None or not newest:
        return None
    began = min(map(clock.from_text, newest.values()))
    if due < began.astimezone(settings.zone) and kind not in newest:
        return None
    last = newest.get(kind, "")
    return due if not last or clock.from_text(last) < due else None


@dataclass(frozen=True)
class WarehouseDays:
    """A warehouse's next cut-off (local), and the days on which it is closed within two weeks."""

    warehouse: str
    title: str
    cut_off: datetime
    closed: tuple[date, ...]


def warehouse_days(settings: Settings, now: str) -> list[WarehouseDays]:
    """Return what the calendars say of every warehouse that a channel sells from, by name."""
    local = clock.from_text(now).astimezone(settings.zone)
    used = {channel.warehouse for channel in settings.channels.values()}
    found = []
    for name in sorted(used):
        place = settings.warehouses[name]
        calendar = settings.calendar(place.calendar)
        today = local.date()
        day = today if is_before_cut_off(local, place.cut_off, calendar) else calendar.next_open(today)
        ahead = (today + timedelta(days=number) for number in range(_WEEKS_AHEAD))
        found.append(
            WarehouseDays(
                name,
                place.title or name,
                datetime.combine(day, place.cut_off, tzinfo=local.tzinfo),
                tuple(one for one in ahead if not calendar.is_open(one)),
            )
        )
    return found
