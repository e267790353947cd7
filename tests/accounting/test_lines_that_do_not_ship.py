"""Gift cards and downloads in the books: with the order's first shipment, or on the day when the order is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from accounting.shop_of_books import Line, Shop

if TYPE_CHECKING:
    from master_under_test import MasterUnderTest

GIFT = Line("g", 3000, tax_rate=0, ships_flag=0)
MUG = Line("1", 1100, qty=2)


@pytest.fixture
def shop(master: MasterUnderTest) -> Shop:
    return Shop(master)


def sold(shop: Shop) -> list[tuple[object, ...]]:
    return shop.master.rows(
        "SELECT booked_on, line_id, parcel_no, qty, tax_rate, amount FROM core_entry ORDER BY booked_on, entry_id"
    )


def holds(shop: Shop, **facts: str) -> None:
    booked = shop.night(**facts)
    assert [proof for proof in booked.proofs if not proof.holds] == []


def test_they_go_with_the_first_shipment_and_only_with_that(shop: Shop) -> None:
    shop.order("1", [MUG, GIFT], shipping=550)
    shop.instruct("1", "P-1", [("1", "SKU-1", 2)])
    shop.event("shipped", "P-1", 1, 1, "2026-11-20")
    holds(shop, business_date="2026-11-20")
    first = [("2026-11-20", "1", "P-1", 1, 1000, 1100), ("2026-11-20", "g", "P-1", 1, 0, 3000)]
    assert sold(shop) == [*first, ("2026-11-20", "", "P-1", 1, 1000, 550)]
    shop.event("shipped", "P-1", 1, 1, "2026-11-21")
    shop.change("1", state="shipped")
    holds(shop, business_date="2026-11-21")
    assert sold(shop)[3:] == [("2026-11-21", "1", "P-1", 1, 1000, 1100)]
    assert shop.totals("1") == {1000: (2750, 250), 0: (3000, 0)}


def test_shipped_in_one_night_or_in_two_the_books_say_the_same(master: MasterUnderTest) -> None:
    shop = Shop(master)
    shop.order("1", [MUG, GIFT], shipping=550, discount=333)
    shop.instruct("1", "P-1", [("1", "SKU-1", 2)])
    shop.event("shipped", "P-1", 1, 1, "2026-11-20")
    shop.event("shipped", "P-1", 1, 1, "2026-11-21")
    shop.change("1", state="shipped")
    holds(shop)
    assert sum(gross for gross, _tax in shop.totals("1").values()) == 2200 + 3000 + 550 - 333


def test_an_order_of_nothing_else_is_booked_on_the_day_it_was_done(shop: Shop) -> None:
    shop.order("1", [GIFT], state="shipped")
    shop.done_without_parcel("1", "2026-11-20")
    holds(shop)
    assert sold(shop) == [("2026-11-20", "g", "", 1, 0, 3000)]
    holds(shop)
    assert shop.changes == 0
    assert len(sold(shop)) == 1


def test_cancelled_before_the_books_saw_it_nothing_is_booked(shop: Shop) -> None:
    shop.order("1", [GIFT], state="shipped", order_status="cancelled")
    shop.done_without_parcel("1")
    holds(shop)
    assert sold(shop) == []


def test_one_that_does_not_add_up_waits_and_is_named(shop: Shop) -> None:
    shop.order("1", [GIFT], state="shipped", billed=2999)
    shop.done_without_parcel("1")
    assert shop.night().codes() == ["not_booked"]
    shop.change("1", billed=3000)
    holds(shop)
    assert [row[5] for row in sold(shop)] == [3000]


def test_a_card_added_after_the_shipment_is_booked_with_the_correction(shop: Shop) -> None:
    shop.order("1", [MUG], state="shipped")
    shop.ship_all("1", [MUG])
    holds(shop)
    shop.order("2", [])
    shop.flush()
    shop._put(
        "order_line",
        {
            "channel": "rakuten1", "order_no": "1", "line_id": "g", "unit_price": 3000, "qty": 1, "tax_rate": 0,
            "ships_flag": 0,
        },
    )  # fmt: skip
    shop.change("1", goods=5200, billed=5200)
    booked = shop.night()
    assert booked.codes() == ["booking_reversed"]
    assert shop.totals("1") == {1000: (2200, 200), 0: (3000, 0)}
