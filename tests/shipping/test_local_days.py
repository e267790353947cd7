from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.shipping.local_days import spans_of

TOKYO = ZoneInfo("Asia/Tokyo")


def day_of(at, zone):
    found = [
        row["business_date"] for row in spans_of([at[:10]], zone) if row["from_at"] <= at < row["before_at"]
    ]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-11-24T14:59:59Z", "2026-11-24"),
        ("2026-11-24T15:00:00Z", "2026-11-25"),
        ("2026-12-31T15:00:00Z", "2027-01-01"),
        ("2028-02-28T15:00:00Z", "2028-02-29"),
    ],
)
def test_the_day_changes_at_midnight_in_japan(at, day):
    assert day_of(at, TOKYO) == day


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-03-29T21:59:59Z", "2026-03-29"),
        ("2026-03-29T22:00:00Z", "2026-03-30"),
        ("2026-10-25T22:59:59Z", "2026-10-25"),
        ("2026-10-25T23:00:00Z", "2026-10-26"),
    ],
)
def test_the_day_changes_at_midnight_where_clocks_are_moved(at, day):
    assert day_of(at, ZoneInfo("Europe/Berlin")) == day


@given(
    moment=st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 30)),  # noqa: DTZ001  (made aware below)
    name=st.sampled_from(["Asia/Tokyo", "UTC", "America/New_York", "Pacific/Kiritimati", "Asia/Kathmandu"]),
)
def test_every_moment_lies_in_one_span_of_its_local_day(moment, name):
    aware = moment.replace(microsecond=0, tzinfo=UTC)
    expected = aware.astimezone(ZoneInfo(name)).date().isoformat()
    assert day_of(aware.strftime("%Y-%m-%dT%H:%M:%SZ"), ZoneInfo(name)) == expected


def test_the_spans_of_neighbouring_days_do_not_overlap():
    rows = spans_of(["2026-11-25", "2026-11-24", "2026-11-24"], TOKYO)
    assert [(r["from_at"], r["business_date"]) for r in rows] == [
        ("2026-11-24T00:00:00Z", "2026-11-24"),
        ("2026-11-24T15:00:00Z", "2026-11-25"),
        ("2026-11-25T00:00:00Z", "2026-11-25"),
        ("2026-11-25T15:00:00Z", "2026-11-26"),
    ]
