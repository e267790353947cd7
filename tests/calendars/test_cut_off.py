"""What a warehouse is told by its cut-off leaves today, the rest on its next day."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.calendars import Calendar, calendar_of, is_before_cut_off, ship_day

TOKYO = ZoneInfo("Asia/Tokyo")
CUT_OFF = time(12, 30)
WAREHOUSE = calendar_of(
    [5, 6], public_holidays=True, closed=[date(2026, 12, 31)], opened=[date(2026, 11, 29)]
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("now", "ships"),
    [
        ("2026-11-24 08:12", "2026-11-24"),
        ("2026-11-24 12:30", "2026-11-24"),
        ("2026-11-24 12:30:59", "2026-11-24"),
        ("2026-11-24 12:31", "2026-11-25"),
        ("2026-11-20 12:31", "2026-11-24"),  # Friday afternoon, and Monday is a holiday
        ("2026-11-21 08:00", "2026-11-24"),  # a Saturday
        ("2026-11-28 08:00", "2026-11-29"),  # a Saturday before a Sunday that is opened
        ("2026-11-29 08:00", "2026-11-29"),
        ("2026-11-29 13:00", "2026-11-30"),
        ("2026-12-30 13:00", "2027-01-04"),  # year end
        ("2026-12-31 08:00", "2027-01-04"),
        ("2026-05-01 13:00", "2026-05-07"),  # Golden Week
        ("2026-11-24 00:00", "2026-11-24"),
        ("2026-11-24 23:59:59", "2026-11-25"),
    ],
)
def test_the_ship_day_follows_cut_off_and_calendar(now: str, ships: str) -> None:
    assert ship_day(at(now), CUT_OFF, WAREHOUSE) == date.fromisoformat(ships)


@pytest.mark.parametrize(
    ("now", "open_yet"),
    [
        ("2026-11-24 12:30", True),
        ("2026-11-24 12:31", False),
        ("2026-11-21 08:00", False),
    ],
)
def test_instructions_for_today_end_with_the_cut_off(now: str, open_yet: bool) -> None:
    assert is_before_cut_off(at(now), CUT_OFF, WAREHOUSE) is open_yet


moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1))  # noqa: DTZ001 - hypothesis wants naive bounds
cut_offs = st.times().map(lambda moment: moment.replace(second=0, microsecond=0))


@given(moments, cut_offs)
def test_a_ship_day_is_open_and_not_in_the_past(now: datetime, cut_off: time) -> None:
    day = ship_day(now, cut_off, WAREHOUSE)
    assert WAREHOUSE.is_open(day)
    assert day >= now.date()


@given(moments, cut_offs, st.timedeltas(timedelta(0), timedelta(days=20)))
def test_who_comes_later_is_never_shipped_earlier(now: datetime, cut_off: time, later: timedelta) -> None:
    assert ship_day(now, cut_off, WAREHOUSE) <= ship_day(now + later, cut_off, WAREHOUSE)


def test_a_warehouse_that_never_rests_ships_today_or_tomorrow() -> None:
    never_rests = Calendar(closed_weekdays=frozenset(), public_holidays=False)
    assert ship_day(at("2027-01-01 08:00"), CUT_OFF, never_rests) == date(2027, 1, 1)
    assert ship_day(at("2027-01-01 13:00"), CUT_OFF, never_rests) == date(2027, 1, 2)
