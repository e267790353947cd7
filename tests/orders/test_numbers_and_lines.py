"""An order's visible number may stand twice at a shop: then neither order takes the other's place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from master_under_test import NOW
from orders.staged_orders import LATER, ORDER, OTHER, order, row, state, take

if TYPE_CHECKING:
    from master_under_test import MasterUnderTest


@pytest.fixture
def shop(master: MasterUnderTest) -> MasterUnderTest:
    """A master that knows SKU-A."""
    master.insert("product", {"sku": "SKU-A", "tax_rate": 1000})
    return master


def test_two_orders_of_one_number_in_one_file_are_both_put_aside(shop: MasterUnderTest) -> None:
    taken = take(
        shop, ([row(partner_id="11"), row(partner_id="12", qty=2), row(OTHER, partner_id="13")], NOW)
    )
    assert taken.verdicts == ["quarantined", "quarantined", "new"]
    assert taken.reasons == {"number_taken:order_no"}
    assert order(shop, "partner_id", OTHER) == "13"


def test_in_two_files_of_one_run_too(shop: MasterUnderTest) -> None:
    taken = take(shop, ([row(partner_id="11")], NOW), ([row(partner_id="12")], LATER))
    assert taken.verdicts == ["quarantined", "quarantined"]
    assert shop.scalar("SELECT COUNT(*) FROM sales_order") == 0


def test_a_later_order_of_a_number_that_is_taken_changes_nothing(shop: MasterUnderTest) -> None:
    take(shop, ([row(partner_id="11")], NOW))
    before = state(shop)
    taken = take(shop, ([row(partner_id="12", order_status="cancelled")], LATER))
    assert taken.reasons == {"number_taken:order_no"}
    assert order(shop, "order_status") == "ready"
    assert {name for name, digest in state(shop).items() if digest != before[name]} <= {"order_hold"}


@pytest.mark.parametrize(("first", "second"), [("11", "11"), ("", "11"), ("11", ""), ("", "")])
def test_a_file_without_the_partners_number_speaks_of_the_order_by_its_visible_one(
    shop: MasterUnderTest, first: str, second: str
) -> None:
    take(shop, ([row(partner_id=first)], NOW))
    taken = take(shop, ([row(partner_id=second, order_status="shipped")], LATER))
    assert taken.verdicts == ["changed"]


def test_what_a_line_says_of_itself_is_kept(shop: MasterUnderTest) -> None:
    rows = [
        row(goods=2000, billed=2500),
        row(line_id="2", goods=2000, billed=2500, ships_flag=0, left_flag=1),
    ]
    take(shop, (rows, NOW))
    kept = shop.rows("SELECT order_no, line_id, ships_flag, left_flag FROM order_line ORDER BY line_id")
    assert kept == [(ORDER, "1", 1, 0), (ORDER, "2", 0, 1)]
