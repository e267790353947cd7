"""A time is a moment, with the offset at which it was written; where the machine stands does not matter."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.text.dates import (
    Moment,
    from_utc_text,
    local_date,
    parse_date,
    parse_time,
    utc_text,
    written_at,
)
from ecsync.text.faults import TextFault

TOKYO = ZoneInfo("Asia/Tokyo")
FORMATS = ["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M"]


@pytest.fixture(params=["UTC", "America/New_York", "Asia/Tokyo"])
def _machine_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(os.environ, "TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("_machine_zone")
@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-11-24 08:12:30", Moment("2026-11-23T23:12:30Z", 540)),
        ("2026/11/24 08:12", Moment("2026-11-23T23:12:00Z", 540)),
        # What a spreadsheet program leaves of a time.
        ("2026/3/5 9:05", Moment("2026-03-05T00:05:00Z", 540)),
        ("２０２６／１１／２４　０８：１２", Moment("2026-11-23T23:12:00Z", 540)),
        (" 2026-11-24 08:12:30 ", Moment("2026-11-23T23:12:30Z", 540)),
        ("2028-02-29 00:00:00", Moment("2028-02-28T15:00:00Z", 540)),
    ],
)
def test_a_time_is_read_in_the_zone_of_its_source(written: str, moment: Moment) -> None:
    assert parse_time(written, FORMATS, TOKYO) == moment


@pytest.mark.parametrize(
    ("written", "form", "moment"),
    [
        ("2026-11-24T08:12:30+09:00", "%Y-%m-%dT%H:%M:%S%z", Moment("2026-11-23T23:12:30Z", 540)),
        ("2026-11-24T08:12:30Z", "%Y-%m-%dT%H:%M:%S%z", Moment("2026-11-24T08:12:30Z", 0)),
        ("2026-11-24 08:12:30 -0330", "%Y-%m-%d %H:%M:%S %z", Moment("2026-11-24T11:42:30Z", -210)),
    ],
)
def test_a_time_with_its_own_offset_keeps_it(written: str, form: str, moment: Moment) -> None:
    assert parse_time(written, [form], TOKYO) == moment


def test_the_first_format_that_fits_decides() -> None:
    assert parse_time("03/05/2026 09:05", ["%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M"], TOKYO) == Moment(
        "2026-03-05T00:05:00Z", 540
    )


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("", TextFault.EMPTY),
        ("2026-11-24", TextFault.NOT_A_TIME),
        ("2026-11-24 25:00:00", TextFault.NOT_A_TIME),
        ("2026-02-29 00:00:00", TextFault.NOT_A_TIME),
        ("2026-11-24 08:12:30 +0900", TextFault.NOT_A_TIME),
        ("令和8年11月24日", TextFault.NOT_A_TIME),
        ("46350.34", TextFault.NOT_A_TIME),
        ("0001-01-01 00:00:00", TextFault.NOT_A_TIME),
        ("9999-12-31 23:59:59", TextFault.NOT_A_TIME),
        ("2.02611E+13", TextFault.EXCEL_DAMAGE),
    ],
)
def test_what_is_no_time_of_a_declared_form_is_refused(written: str, fault: TextFault) -> None:
    assert parse_time(written, FORMATS, TOKYO) is fault


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("2026-11-24", "2026-11-24"),
        ("2026/11/24", "2026-11-24"),
        ("2026/1/5", "2026-01-05"),
        ("20261124", "2026-11-24"),
        ("2026年11月24日", "2026-11-24"),
        ("", TextFault.EMPTY),
        ("2026-11-31", TextFault.NOT_A_DATE),
        ("11/24", TextFault.NOT_A_DATE),
        ("指定なし", TextFault.NOT_A_DATE),
    ],
)
def test_a_date_is_read_by_the_declared_forms(written: str, found: str | TextFault) -> None:
    assert parse_date(written, ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日"]) == found


def test_a_time_that_a_clock_change_makes_double_is_the_first_of_the_two() -> None:
    new_york = ZoneInfo("America/New_York")
    assert parse_time("2026-11-01 01:30:00", FORMATS, new_york) == Moment("2026-11-01T05:30:00Z", -240)


def test_a_business_date_is_the_date_in_the_projects_zone() -> None:
    assert local_date("2026-11-23T14:59:59Z", TOKYO) == date(2026, 11, 23)
    assert local_date("2026-11-23T15:00:00Z", TOKYO) == date(2026, 11, 24)


def test_a_naive_time_names_no_moment() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        utc_text(datetime(2026, 11, 24))  # noqa: DTZ001 - naive on purpose


@pytest.mark.parametrize("text", ["", "2026-11-24", "2026-11-24T08:12:30", "見本花子"])
def test_text_that_is_no_moment_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a time of the form YYYY-MM-DDTHH:MM:SSZ$") as caught:
        from_utc_text(text)
    assert caught.value.__suppress_context__


moments = st.datetimes(datetime(1950, 1, 1), datetime(2200, 1, 1)).map(  # noqa: DTZ001 - hypothesis wants naive bounds
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)


@given(moments)
def test_utc_text_is_of_one_width_and_comes_back(moment: datetime) -> None:
    text = utc_text(moment)
    assert len(text) == 20
    assert from_utc_text(text) == moment


@given(moments, moments)
def test_utc_text_sorts_as_time_does(one: datetime, other: datetime) -> None:
    assert (utc_text(one) < utc_text(other)) == (one < other)


@given(moments, st.integers(-14 * 60, 14 * 60))
def test_a_moment_is_written_as_its_own_file_wrote_it(moment: datetime, offset: int) -> None:
    form = "%Y-%m-%d %H:%M:%S%z"
    written = moment.astimezone(timezone(timedelta(minutes=offset))).strftime(form)
    read = parse_time(written, [form], TOKYO)
    assert isinstance(read, Moment)
    assert written_at(*read).strftime(form) == written
