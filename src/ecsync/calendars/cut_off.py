"""Which day a warehouse ships what it is told now."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime, time

    from ecsync.calendars.business_days import Calendar


def ship_day(now_local: datetime, cut_off: time, calendar: Calendar) -> date:
    """Return the day on which the warehouse ships what it is told at `now_local`, its own local time.

    Today where it is open and the cut-off has not passed (the minute of the cut-off still counts),
    else its next open day.
    """
    today = now_local.date()
    if is_before_cut_off(now_local, cut_off, calendar):
        return today
    return calendar.next_open(today)


def is_before_cut_off(now_local: datetime, cut_off: time, calendar: Calendar) -> bool:
    """Tell whether the warehouse still takes instructions for today."""
    moment = now_local.time().replace(second=0, microsecond=0)
    return calendar.is_open(now_local.date()) and moment <= cut_off
