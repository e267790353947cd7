"""When runs are due: what may be written, and which moments come of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.calendars.run_times import DAYS, EVERY_DAY, days_text, last_time, next_time, run_times

TOKYO = ZoneInfo("Asia/Tokyo")
MON_SAT = frozenset(range(6))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("written", "days", "minutes", "every"),
    [
        ("11:45", EVERY_DAY, (705,), 0),
        ("7:05", EVERY_DAY, (425,), 0),
        ("  Mon-Sat   11:45 ", MON_SAT, (705,), 0),
        ("mon,wed,fri 00:00", frozenset({0, 2, 4}), (0,), 0),
        ("fri-mon 12:00", frozenset({4, 5, 6, 0}), (720,), 0),
        ("sun 23:59", frozenset({6}), (1439,), 0),
        ("every 30 minutes from 08:00 to 09:30", EVERY_DAY, (480, 510, 540, 570), 30),
        ("mon-sat every 45 minutes from 08:00 to 10:00", MON_SAT, (480, 525, 570), 45),
        ("every 720 minutes", EVERY_DAY, (0, 720), 720),
    ],
)
def test_what_may_be_written(
    written: str, days: frozenset[int], minutes: tuple[int, ...], every: int
) -> None:
    read = run_times(written)
    assert (read.days, read.minutes, read.every) == (days, minutes, every)


@pytest.mark.parametrize(
    "written",
    [
        "", "noon", "24:00", "11:60", "11", "someday 11:45", "mon-so 11:45", "every 0 minutes", "every 15",
        "every 15 minutes from 20:00 to 08:00", "every 2000 minutes", "11:45 mon", "*/5 * * * *",
    ],
)  # fmt: skip
def test_what_may_not_is_refused_with_what_may(written: str) -> None:
    with pytest.raises(ValueError, match=r"is no time|names no weekdays|gives no time"):
        run_times(written)


@pytest.mark.parametrize(
    ("written", "now", "last", "following"),
    [  # 2026-11-24 is a Tuesday
        (["11:45"], "2026-11-24T11:44", "2026-11-23T11:45", "2026-11-24T11:45"),
        (["11:45"], "2026-11-24T11:45", "2026-11-24T11:45", "2026-11-25T11:45"),
        (["mon-sat 11:45"], "2026-11-28T12:00", "2026-11-28T11:45", "2026-11-30T11:45"),
        (["tue 11:45"], "2026-11-24T11:46", "2026-11-24T11:45", "2026-12-01T11:45"),
        (["tue 11:45"], "2026-11-24T11:44", "2026-11-17T11:45", "2026-11-24T11:45"),
        (["22:30", "mon-sat 12:10"], "2026-11-29T12:30", "2026-11-28T22:30", "2026-11-29T22:30"),
        (["every 15 minutes"], "2026-11-24T23:50", "2026-11-24T23:45", "2026-11-25T00:00"),
    ],
)
def test_the_last_and_the_next_time(written: list[str], now: str, last: str, following: str) -> None:
    entries = [run_times(text) for text in written]
    assert last_time(entries, at(now)) == at(last)
    assert next_time(entries, at(now)) == at(following)


def test_nothing_scheduled_has_neither() -> None:
    assert last_time([], at("2026-11-24T12:00")) is None
    assert next_time([], at("2026-11-24T12:00")) is None


written_days = st.sets(st.integers(0, 6), min_size=1).map(frozenset)


@given(written_days, st.integers(0, 1439), st.integers(0, 60 * 24 * 30))
def test_between_the_last_and_the_next_lies_nothing(days: frozenset[int], minute: int, later: int) -> None:
    text = f"{days_text(days)} {minute // 60:02}:{minute % 60:02}".strip()
    entry = run_times(text)
    assert entry.days == days, "what days_text writes is read again"
    now = at("2026-11-24T00:00") + timedelta(minutes=later)
    last, following = last_time([entry], now), next_time([entry], now)
    assert last is not None
    assert following is not None
    assert last <= now < following
    assert following - last <= timedelta(days=7)
    moment = last + timedelta(minutes=1)
    while moment < following:
        assert (moment.weekday() in days and moment.hour * 60 + moment.minute == minute) is False
        moment += timedelta(days=1) if moment.hour * 60 + moment.minute != minute else timedelta(minutes=1)


def test_weekdays_are_written_as_people_write_them() -> None:
    assert days_text(EVERY_DAY) == ""
    assert days_text(MON_SAT) == "mon-sat"
    assert days_text(frozenset({0, 1})) == "mon,tue"
    assert days_text(frozenset({6})) == "sun"
    assert len(DAYS) == 7
