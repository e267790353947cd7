"""By when: the real next cut-off of the warehouse, over weekends, holidays and closing time."""

from __future__ import annotations

from datetime import date

import pytest

from ecsync.locale import speaking
from ecsync.report.deadlines import Deadlines, day_or_text, day_text, moment_text
from told_run import SETTINGS


def at(local: str) -> Deadlines:
    """Return the deadlines at a local time of November 2026."""
    day, clock = local.split()
    hour, minute = map(int, clock.split(":"))
    utc_hour, utc_day = (hour - 9) % 24, int(day) - (hour < 9)
    return Deadlines.at(SETTINGS, f"2026-11-{utc_day:02d}T{utc_hour:02d}:{minute:02d}:00Z")


@pytest.mark.parametrize(
    ("now", "cut_off", "within"),
    [
        ("24 08:00", "本日の締め(12:30)までにすること", "今日中"),
        ("24 12:30", "本日の締め(12:30)までにすること", "今日中"),
        # The first cut-off that is still to come: Osaka ships until 15:00.
        ("24 12:31", "本日の締め(15:00)までにすること", "今日中"),
        ("24 17:59", "次の締め(11/25(水) 12:30)までにすること", "今日中"),
        ("24 18:00", "次の締め(11/25(水) 12:30)までにすること", "11/25(水)中"),
        # Friday night: the warehouse ships on Saturday, the desks are there on Monday.
        ("27 22:00", "次の締め(11/28(土) 12:30)までにすること", "11/30(月)中"),
        ("28 22:00", "次の締め(11/30(月) 12:30)までにすること", "11/30(月)中"),
        # A holiday of the company, not of the warehouse.
        ("23 09:00", "本日の締め(12:30)までにすること", "11/24(火)中"),
    ],
)
def test_headings_name_the_next_cut_off_and_the_day(now: str, cut_off: str, within: str) -> None:
    with speaking("ja"):
        deadlines = at(now)
        assert deadlines.cut_off_heading() == cut_off
        assert deadlines.today_heading() == within


@pytest.mark.parametrize(
    ("now", "warehouse", "by"),
    [
        ("24 12:00", "main", "12:30 まで"),
        ("24 12:00", "west", "15:00 まで"),
        ("24 13:00", "main", "11/25(水) 12:30 まで"),
        ("24 12:00", "", "12:30 まで"),
        ("24 12:00", "unknown", "12:30 まで"),
    ],
)
def test_a_line_names_the_cut_off_of_its_own_warehouse(now: str, warehouse: str, by: str) -> None:
    with speaking("ja"):
        deadlines = at(now)
        assert deadlines.before(deadlines.cut_off(warehouse)) == by


def test_a_project_without_a_warehouse_has_no_cut_off() -> None:
    bare = SETTINGS.model_copy(update={"warehouses": {}})
    with speaking("ja"):
        deadlines = Deadlines.at(bare, "2026-11-24T03:00:00Z")
        assert deadlines.cut_off() is None
        assert deadlines.cut_off_heading() == "締めまでにすること"
        assert deadlines.before(None) == "締めまで"


def test_dates_and_times_are_written_as_staff_write_them() -> None:
    with speaking("ja"):
        assert day_text(date(2026, 11, 24)) == "11/24(火)"
        assert day_text(date(2026, 12, 1)) == "12/1(火)"
        assert moment_text("2026-11-21T23:12:00Z", SETTINGS) == "11/22(日) 08:12"
        assert day_or_text("2026-11-26") == "11/26(木)"
        assert day_or_text("soon") == "soon"
    with speaking("en"):
        assert day_text(date(2026, 11, 24)) == "11/24(Tue)"
