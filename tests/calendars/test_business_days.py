"""A business day is what the calendar says, whatever day it is today."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.calendars import Calendar, calendar_of
from ecsync.errors import ConfigurationError
from ecsync.locale import speaking

OFFICE = Calendar()
EVERY_DAY = Calendar(closed_weekdays=frozenset(), public_holidays=False)
# Works on Saturdays and holidays, rests at the turn of the year, and opens on one Sunday for a sale.
WAREHOUSE = calendar_of(
    [6],
    public_holidays=False,
    closed=[date(2026, 12, 31), *(date(2027, 1, day) for day in (1, 2, 3))],
    opened=[date(2026, 11, 29)],
)

days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ("2026-11-20", True),  # a Friday
        ("2026-11-21", False),  # a Saturday
        ("2026-11-23", False),  # Labour Thanksgiving Day, a Monday
        ("2026-11-24", True),
        ("2026-05-06", False),  # a substitute holiday: the 3rd of May is a Sunday
        ("2026-09-22", False),  # a day between two holidays is one too
        ("2026-12-31", True),  # no public holiday
        ("2027-01-01", False),
    ],
)
def test_an_office_rests_at_weekends_and_on_public_holidays(when: str, is_open: bool) -> None:
    assert OFFICE.is_open(day(when)) is is_open


@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ("2026-11-21", True),
        ("2026-11-22", False),
        ("2026-11-23", True),
        ("2026-11-29", True),
        ("2026-12-31", False),
        ("2027-01-01", False),
        ("2027-01-04", True),
    ],
)
def test_a_warehouse_has_days_of_its_own(when: str, is_open: bool) -> None:
    assert WAREHOUSE.is_open(day(when)) is is_open


def test_a_day_that_is_opened_is_open_whatever_else_is_said() -> None:
    new_year = day("2027-01-01")
    calendar = calendar_of(range(7), public_holidays=True, closed=[new_year], opened=[new_year])
    assert calendar.is_open(new_year)


@pytest.mark.parametrize(
    ("calendar", "after", "found"),
    [
        (OFFICE, "2026-11-19", "2026-11-20"),
        (OFFICE, "2026-11-20", "2026-11-24"),
        (OFFICE, "2026-05-01", "2026-05-07"),  # Golden Week: Saturday to Wednesday
        (OFFICE, "2026-12-31", "2027-01-04"),
        (WAREHOUSE, "2026-12-30", "2027-01-04"),
        (WAREHOUSE, "2026-11-28", "2026-11-29"),
        (EVERY_DAY, "2026-12-31", "2027-01-01"),
    ],
)
def test_the_next_open_day_is_after_the_day(calendar: Calendar, after: str, found: str) -> None:
    assert calendar.next_open(day(after)) == day(found)


@pytest.mark.parametrize(
    ("start", "count", "found"),
    [
        ("2026-11-20", 0, "2026-11-20"),
        ("2026-11-21", 0, "2026-11-21"),
        ("2026-11-20", 2, "2026-11-25"),
        ("2026-11-21", 1, "2026-11-24"),
        ("2026-11-24", -1, "2026-11-20"),
        ("2026-05-07", -3, "2026-04-28"),
        ("2026-12-28", 5, "2027-01-05"),
    ],
)
def test_business_days_are_counted_without_the_first_day(start: str, count: int, found: str) -> None:
    assert OFFICE.add_business_days(day(start), count) == day(found)


def test_a_closed_day_is_moved_forward_or_back() -> None:
    assert OFFICE.open_on_or_after(day("2026-11-21")) == day("2026-11-24")
    assert OFFICE.open_on_or_after(day("2026-11-20")) == day("2026-11-20")
    assert OFFICE.open_on_or_before(day("2026-11-23")) == day("2026-11-20")
    assert OFFICE.open_on_or_before(day("2026-11-24")) == day("2026-11-24")


def test_a_calendar_that_never_opens_is_written_wrongly() -> None:
    closed = calendar_of(range(7), public_holidays=False)
    with speaking("en"), pytest.raises(ConfigurationError, match="no business day within a year"):
        closed.next_open(day("2026-11-20"))


@given(days, st.integers(-30, 30))
def test_counting_forth_and_back_returns_to_the_same_open_day(start: date, count: int) -> None:
    start = OFFICE.open_on_or_after(start)
    assert OFFICE.add_business_days(OFFICE.add_business_days(start, count), -count) == start


@given(days)
def test_no_open_day_is_passed_over(start: date) -> None:
    found = OFFICE.next_open(start)
    between = [start + timedelta(days=passed) for passed in range(1, (found - start).days)]
    assert OFFICE.is_open(found)
    assert not any(OFFICE.is_open(passed) for passed in between)


@given(days, st.integers(-60, 60))
def test_with_every_day_open_business_days_are_days(start: date, count: int) -> None:
    assert EVERY_DAY.add_business_days(start, count) == start + timedelta(days=count)
