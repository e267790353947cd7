"""Calendars: there are open days ahead, and somebody has entered the next ones."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import jpholiday

from ecsync.errors import EcsyncError
from ecsync.locale import _
from ecsync.run import clock
from ecsync.run.checkup.checked import Checked, good, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecsync.config import Settings
    from ecsync.run.checkup.checked import Scene

_LONGEST_BREAK: Final = timedelta(days=21)


def check(scene: Scene) -> Iterator[Checked]:
    """Check every calendar that a warehouse or an expected file goes by, and the public holidays known."""
    settings = scene.settings
    today = date.fromisoformat(clock.business_date(scene.now, settings.zone))
    named = {place.calendar for place in settings.warehouses.values()}
    named |= {
        flow.expected.calendar
        for flow in settings.inbound
        if flow.expected and flow.expected.days == "business"
    }
    for name in sorted(named):
        yield _calendar(settings, name, today)
    yield _holidays(today)


def _calendar(settings: Settings, name: str, today: date) -> Checked:
    check_name = _("calendar {name}").format(name=name)
    try:
        following = settings.calendar(name).next_open(today)
    except EcsyncError as error:
        return wrong(check_name, 10, error.message, _("mend closed_weekdays and closed of this calendar"))
    if following - today > _LONGEST_BREAK:
        return wrong(
            check_name,
            10,
            _("it is closed until {day}").format(day=following.isoformat()),
            _("mend closed_weekdays and closed of this calendar"),
        )
    declared = settings.calendars.get(name)
    if declared is None:
        return good(
            check_name,
            _("it is not declared: closed on Saturdays, Sundays and public holidays"),
            _("declare [calendars.{name}]").format(name=name),
        )
    days = (*declared.closed, *declared.open)
    if days and max(days) < today:
        return good(
            check_name, _("all days that it names are past"), _("enter the next closed and open days")
        )
    return good(check_name)


def _holidays(today: date) -> Checked:
    name = _("public holidays")
    if not jpholiday.year_holidays(today.year + 1):
        return wrong(
            name,
            10,
            _("those of {year} are not known").format(year=today.year + 1),
            "pip install --upgrade jpholiday",
        )
    return good(name)
