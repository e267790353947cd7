"""What `status` counts, on both databases: each open thing once, at the desk that solves it."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from ecsync.finding_catalogue import HOLD_REASONS
from ecsync.master.engine import reader_of, reading
from ecsync.report import matters
from ecsync.report.status_facts import StatusFacts, read_facts
from ecsync.run.due import due_runs, warehouse_days
from master_under_test import MasterUnderTest

TODAY = "2026-11-24"  # a Tuesday; the 23rd was a holiday


def facts(master: MasterUnderTest) -> StatusFacts:
    with reading(master.engine) as conn:
        return read_facts(reader_of(conn), TODAY)


def order(number: int, state: str = "open") -> dict[str, object]:
    return {"channel": "rakuten1", "order_no": str(number), "state": state}


def key(number: int, dest: str = "") -> dict[str, object]:
    return {"channel": "rakuten1", "order_no": str(number), "dest_id": dest}


def parcel(number: int, day: str, state: str = "instructed", *, left: int = 0) -> tuple[dict, dict]:
    line = {"parcel_no": f"P{number}", "line_no": 1, "qty": 2, "shipped_qty": 2 - left}
    return {"parcel_no": f"P{number}", "ship_date": day, "state": state}, line


def test_an_empty_master_waits_for_nobody(master: MasterUnderTest) -> None:
    found = facts(master)
    assert found.runs == ()
    assert found.newest == {}
    assert set(found.counts.values()) == {0}
    assert found.next_ship_day == ""


def test_every_open_thing_is_counted_once_at_its_desk(master: MasterUnderTest) -> None:
    master.insert("sales_order", *(order(n) for n in range(1, 6)), order(6, "cancelled"))
    hold = {"opened_at": "2026-11-24T00:00:00Z"}
    master.insert(
        "order_hold",
        {**key(1), **hold, "reason": "bad_address"},
        {**key(1, "d2"), **hold, "reason": "mall_checking"},  # the same order again
        {**key(1), **hold, "reason": "unknown_sku"},  # and at the other desk
        {**key(2), **hold, "reason": "no_tax_rate"},
        {**key(3), **hold, "reason": "bad_address", "closed_at": "2026-11-24T01:00:00Z"},
        {**key(6), **hold, "reason": "bad_address"},  # cancelled: nobody waits
    )
    master.insert(
        "order_wait",
        {**key(2), "kind": "money"},
        {**key(3, "d1"), "kind": "stock"},
        {**key(3, "d2"), "kind": "stock"},
        {**key(4), "kind": "date", "until": "2026-11-30"},
        {**key(5), "kind": "date", "until": "2026-11-20"},
        {**key(6), "kind": "stock"},
    )
    parcels = [
        parcel(1, "2026-11-25", left=1),
        parcel(2, "2026-11-20", left=2),
        parcel(3, "2026-11-20", "shipped"),
        parcel(4, "2026-11-27", "recalling", left=2),
    ]
    master.insert("shipping_instruction", *(head for head, _line in parcels))
    master.insert("instruction_line", *(line for _head, line in parcels))
    master.insert("recall", {"parcel_no": "P4"}, {"parcel_no": "P3", "answer": "shipped"})
    master.insert(
        "parcel_change",
        {"parcel_no": "P1", "revision": 2},
        {"parcel_no": "P2", "revision": 2, "state": "over"},
    )
    master.insert("quarantined_row", {"row_id": 1}, {"row_id": 2}, {"row_id": 3, "state": "retried"})
    master.insert("inbox_file", {"file_id": 1, "state": "guarded"}, {"file_id": 2, "state": "loaded"})
    states = ("planned", "waiting", "renaming", "verified", "unknown", "conflict", "dropped")
    master.insert("outbox_file", *({"outbox_id": n, "state": state} for n, state in enumerate(states, 1)))
    found = facts(master)
    assert found.counts == {
        "held": 1,
        "held_for_products": 1,
        "held_for_books": 1,
        "waits_for_money": 1,
        "waits_for_stock": 1,
        "waits_for_date": 2,
        "changed_after_instruction": 1,
        "instructed": 3,
        "instructed_late": 1,
        "recalls_unanswered": 1,
        "rows_put_aside": 2,
        "files_stopped": 1,
        "deliveries_waiting": 3,
        "deliveries_unknown": 2,
    }
    assert found.next_ship_day == "2026-11-25"


def test_the_newest_runs_come_first_and_the_newest_of_each_kind_is_known(master: MasterUnderTest) -> None:
    for number in range(1, 8):
        kind = "noon" if number % 2 else "night"
        master.insert(
            "run",
            {
                "run_id": number,
                "kind": kind,
                "clock": f"2026-11-2{number}T03:00:00Z",
                "state": "delivered",
                "exit_status": 0,
            },
        )
    master.insert("run", {"run_id": 8, "kind": "stock", "clock": "2026-11-28T03:00:00Z"})
    found = facts(master)
    assert [run.run_id for run in found.runs] == [8, 7, 6, 5, 4]
    assert found.runs[0].exit_status is None
    assert found.newest == {
        "night": "2026-11-26T03:00:00Z",
        "noon": "2026-11-27T03:00:00Z",
        "stock": "2026-11-28T03:00:00Z",
    }


TOKYO = ZoneInfo("Asia/Tokyo")
NOON, NIGHT = "2026-11-24T02:45:00Z", "2026-11-23T13:30:00Z"


@pytest.mark.parametrize(
    ("newest", "now", "missed"),
    [
        ({}, "2026-11-24T08:00:00Z", {}),  # nothing ever ran: nothing was missed
        ({"noon": NOON, "night": NIGHT}, "2026-11-24T08:00:00Z", {}),
        ({"noon": "2026-11-23T02:45:00Z", "night": NIGHT}, "2026-11-24T08:00:00Z", {"noon": 24}),
        ({"noon": "2026-11-23T02:45:00Z", "night": NIGHT}, "2026-11-24T03:00:00Z", {}),  # within its grace
        ({"noon": NOON, "night": "2026-11-22T13:30:00Z"}, "2026-11-24T08:00:00Z", {"night": 23}),
        ({"noon": NOON}, "2026-11-24T08:00:00Z", {}),  # the shop began at noon: no night was due since
        ({"noon": NOON}, "2026-11-24T22:00:00Z", {"night": 24}),
        ({"noon": "2026-11-24T05:00:00Z", "night": NIGHT}, "2026-11-24T08:00:00Z", {}),  # made up by hand
    ],
)  # fmt: skip
def test_what_was_missed(newest: dict[str, str], now: str, missed: dict[str, int], master_settings) -> None:
    runs = due_runs(master_settings, newest, now)
    assert {run.kind: run.missed.day for run in runs if run.missed} == missed
    assert [run.upcoming for run in runs] == sorted(run.upcoming for run in runs)


@pytest.fixture
def master_settings(sqlite_template, tmp_path):
    from ecsync.config import Settings
    from master_under_test import SHOP

    del sqlite_template
    return Settings.model_validate(
        {
            **SHOP,
            "schedule": {"noon": "11:45", "night": "22:30"},
            "calendars": {"warehouse": {"closed_weekdays": [6], "closed": ["2026-11-27"]}},
            "folder": tmp_path,
        }
    )


@pytest.mark.parametrize(
    ("now", "cut_off"),
    [
        ("2026-11-24T03:30:00Z", datetime(2026, 11, 24, 12, 30, tzinfo=TOKYO)),
        ("2026-11-24T03:31:00Z", datetime(2026, 11, 25, 12, 30, tzinfo=TOKYO)),
        ("2026-11-26T08:00:00Z", datetime(2026, 11, 28, 12, 30, tzinfo=TOKYO)),  # the 27th is closed
        ("2026-11-22T15:00:00Z", datetime(2026, 11, 24, 12, 30, tzinfo=TOKYO)),  # a holiday
    ],
)
def test_the_next_cut_off_and_the_closed_days_of_two_weeks(
    now: str, cut_off: datetime, master_settings
) -> None:
    (place,) = warehouse_days(master_settings, now)
    assert place.cut_off == cut_off
    assert date(2026, 11, 27) in place.closed
    assert all(day.weekday() == 6 or day in {date(2026, 11, 23), date(2026, 11, 27)} for day in place.closed)


def test_a_hold_stands_at_the_desk_that_the_report_gives_it_to(master: MasterUnderTest) -> None:
    counted = {"orders": "held", "stock": "held_for_products", "accounting": "held_for_books"}
    hold = {"opened_at": "2026-11-24T00:00:00Z"}
    master.insert("sales_order", *(order(n) for n, _reason in enumerate(HOLD_REASONS)))
    master.insert(
        "order_hold", *({**key(n), **hold, "reason": reason} for n, reason in enumerate(HOLD_REASONS))
    )
    expected = Counter(counted[matters._DESK_OF_REASON.get(reason, "orders")] for reason in HOLD_REASONS)
    assert {name: facts(master).counts[name] for name in counted.values()} == expected
