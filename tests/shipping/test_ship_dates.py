from __future__ import annotations

import pytest

from ecsync.shipping.ship_dates import ShipDay, dispatch_of

# 24 November 2026 is a Tuesday after a public holiday; the cut-off is at 12:30 in Japan.
BEFORE = "2026-11-24T03:00:00Z"
AFTER = "2026-11-24T04:00:00Z"


def plan(settings, wished="", *, now=BEFORE, today="2026-11-24", prefecture="東京都", **warehouse):
    given = settings(
        warehouses={"main": {"lead_days": {"default": 1, "北海道": 2, "沖縄県": 4}, **warehouse}}
    )
    return dispatch_of(given, "main", now, today).plan(prefecture, wished)


@pytest.mark.parametrize(
    ("now", "today", "day"),
    [
        (BEFORE, "2026-11-24", "2026-11-24"),
        ("2026-11-24T03:30:59Z", "2026-11-24", "2026-11-24"),
        ("2026-11-24T03:31:00Z", "2026-11-24", "2026-11-25"),
        ("2026-11-27T13:00:00Z", "2026-11-27", "2026-11-30"),
        ("2026-11-22T01:00:00Z", "2026-11-22", "2026-11-24"),
    ],
)
def test_without_a_wished_date_it_is_the_next_day_the_warehouse_ships(settings, now, today, day):
    assert plan(settings, now=now, today=today) == ShipDay(day, due=True, late=False)


@pytest.mark.parametrize(
    ("prefecture", "day"), [("東京都", "2026-11-26"), ("北海道", "2026-11-25"), ("", "2026-11-26")]
)
def test_a_wished_date_is_led_by_the_days_to_its_prefecture(settings, prefecture, day):
    assert plan(settings, "2026-11-27", prefecture=prefecture) == ShipDay(day, due=False, late=False)


def test_on_its_day_it_is_instructed(settings):
    assert plan(settings, "2026-11-25") == ShipDay("2026-11-24", due=True, late=False)


def test_after_the_cut_off_of_its_day_it_is_late(settings):
    assert plan(settings, "2026-11-25", now=AFTER) == ShipDay("2026-11-25", due=True, late=True)


def test_a_day_before_it_waits_even_when_the_warehouse_would_ship_it_next(settings):
    assert plan(settings, "2026-11-26", now=AFTER) == ShipDay("2026-11-25", due=False, late=False)


def test_a_day_on_which_the_warehouse_rests_moves_forward_to_the_last_it_works(settings):
    assert plan(settings, "2026-11-30") == ShipDay("2026-11-27", due=False, late=False)


def test_a_day_that_has_passed_becomes_the_next_possible_one(settings):
    assert plan(settings, "2026-11-25", prefecture="沖縄県") == ShipDay("2026-11-24", due=True, late=True)
    assert plan(settings, "2026-11-01") == ShipDay("2026-11-24", due=True, late=True)


def test_the_days_of_the_warehouse_are_those_of_its_calendar(settings):
    given = settings(
        warehouses={"main": {"calendar": "always"}},
        calendars={"always": {"closed_weekdays": [], "public_holidays": False, "closed": ["2026-11-28"]}},
    )
    dispatch = dispatch_of(given, "main", "2026-11-27T13:00:00Z", "2026-11-27")
    assert dispatch.plan("", "").ship_date == "2026-11-29"


def test_without_default_a_prefecture_takes_one_day(settings):
    given = settings(warehouses={"main": {"lead_days": {"北海道": 3}}})
    assert (
        dispatch_of(given, "main", BEFORE, "2026-11-24").plan("東京都", "2026-11-27").ship_date
        == "2026-11-26"
    )
