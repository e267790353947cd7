"""When an order's money counts as there: by status and by method, with an event when it comes and when it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ecsync.entities.codes import ORDER_STATUS
from ecsync.orders.payment import confirm_payments
from ecsync.orders.waits import refresh_money_waits
from master_under_test import NOW
from orders.staged_orders import LATER, LATEST, ORDER, order, row, state, take

if TYPE_CHECKING:
    from master_under_test import MasterUnderTest
    from orders.staged_orders import Taken

STEPS = (confirm_payments, refresh_money_waits)


def pay(
    master: MasterUnderTest, as_of: str = NOW, settings: dict[str, Any] | None = None, **values: Any
) -> Taken:
    chosen = master.make_settings(channels={"rakuten1": settings or {}})
    return take(master, ([row(**values)], as_of), after=STEPS, settings=chosen)


def waits(master: MasterUnderTest) -> list[tuple[Any, ...]]:
    return master.rows("SELECT order_no, dest_id, kind FROM order_wait ORDER BY order_no, kind")


def events(master: MasterUnderTest) -> list[tuple[Any, ...]]:
    return master.rows("SELECT event, at, source FROM payment_event ORDER BY at, event")


@pytest.mark.parametrize(
    ("method", "status", "expected"),
    [
        ("card", "ready", "confirmed"),
        ("card", "shipped", "confirmed"),
        ("bank_transfer", "ready", "confirmed"),
        ("card", "awaiting_confirmation", "waiting"),
        ("bank_transfer", "processing", "waiting"),
        ("convenience", "change_pending", "waiting"),
        ("card", "cancel_pending", "waiting"),
        ("cod", "ready", "not_needed"),
        ("cod", "awaiting_confirmation", "waiting"),
        ("cod", "cancel_pending", "not_needed"),
        ("points", "awaiting_confirmation", "waiting"),
    ],
)
def test_method_and_status(master: MasterUnderTest, method: str, status: str, expected: str) -> None:
    pay(master, payment_method=method, order_status=status)

    assert order(master, "payment_state") == expected
    assert waits(master) == ([(ORDER, "", "money")] if expected == "waiting" else [])


@pytest.mark.parametrize("status", ["awaiting_confirmation", "ready", "cancel_pending"])
def test_a_method_may_be_free_whatever_the_status(master: MasterUnderTest, status: str) -> None:
    pay(master, settings={"payment_not_needed": ["invoice"]}, payment_method="invoice", order_status=status)

    assert order(master, "payment_state") == "not_needed"


def test_even_cash_on_delivery_when_the_setting_names_it(master: MasterUnderTest) -> None:
    pay(master, settings={"payment_not_needed": ["cod"]}, payment_method="cod", order_status="processing")

    assert order(master, "payment_state") == "not_needed"


def test_which_status_means_paid_is_the_channels_setting(master: MasterUnderTest) -> None:
    pay(master, settings={"status": {"paid": ["processing"], "waiting": ["ready"]}}, order_status="ready")

    assert order(master, "payment_state") == "waiting"


def test_money_that_comes_ends_the_wait(master: MasterUnderTest) -> None:
    pay(master, order_status="processing")
    assert waits(master) == [(ORDER, "", "money")]

    pay(master, LATER, order_status="ready")

    assert waits(master) == []
    assert events(master) == [("confirmed", LATER, "status:ready")]


def test_money_that_goes_again_is_told(master: MasterUnderTest) -> None:
    pay(master, order_status="ready")
    pay(master, LATER, order_status="processing")

    assert order(master, "payment_state") == "waiting"
    assert events(master) == [("confirmed", NOW, "status:ready"), ("withdrawn", LATER, "status:processing")]


def test_a_pending_cancellation_says_nothing_about_money(master: MasterUnderTest) -> None:
    pay(master, order_status="ready")
    pay(master, LATER, order_status="cancel_pending")

    assert order(master, "payment_state") == "confirmed"
    assert len(events(master)) == 1


def test_nothing_new_writes_nothing(master: MasterUnderTest) -> None:
    pay(master, order_status="processing")
    before = state(master)

    assert pay(master, order_status="processing").changes == 0
    assert state(master) == before


def test_a_closed_order_waits_for_nothing(master: MasterUnderTest) -> None:
    pay(master, order_status="processing")
    pay(master, LATER, order_status="cancelled")

    assert waits(master) == []
    assert order(master, "payment_state") == "waiting"

    pay(master, LATEST, order_status="processing")
    assert waits(master) == [(ORDER, "", "money")]


def test_other_waits_are_left_alone(master: MasterUnderTest) -> None:
    pay(master, order_status="ready")
    key = {"channel": "rakuten1", "order_no": ORDER, "dest_id": "D1"}
    master.insert("order_wait", {**key, "kind": "stock"}, {**key, "kind": "date", "until": "2026-12-01"})

    pay(master, LATER, order_status="ready")

    assert waits(master) == [(ORDER, "D1", "date"), (ORDER, "D1", "stock")]


def test_every_status_has_a_meaning_for_the_default_channel(master: MasterUnderTest) -> None:
    rules = master.settings.channels["rakuten1"].status
    assert {*rules.paid, *rules.waiting, *rules.hold, *rules.cancelled} == set(ORDER_STATUS)
