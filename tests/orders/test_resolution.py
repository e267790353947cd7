"""Which SKU a line means: the listing, then the file's own code; its rate: the file's, then the product's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from master_under_test import NOW
from orders.staged_orders import LATER, ORDER, row, ship, state, take, two_lines

if TYPE_CHECKING:
    from master_under_test import MasterUnderTest

LISTING = {"channel": "rakuten1", "item_key": "item-a", "sku_key": "item-a"}


def line(master: MasterUnderTest, columns: str = "sku, tax_rate") -> tuple[Any, ...]:
    (found,) = master.rows(f"SELECT {columns} FROM order_line WHERE line_id = '1'")
    return found


def test_a_listing_knows_best(master: MasterUnderTest) -> None:
    master.insert("product", {"sku": "SKU-A"}, {"sku": "SKU-B"})
    master.insert("channel_listing", {**LISTING, "sku": "SKU-B"})

    take(master, ([row(sku_code="SKU-A")], NOW))

    assert line(master) == ("SKU-B", 1000)


def test_else_the_files_code_if_it_is_ours(master: MasterUnderTest) -> None:
    master.insert("product", {"sku": "SKU-A"})
    master.insert("channel_listing", {**LISTING, "sku": ""})

    take(master, ([row(), row("X", sku_code="SKU-Z")], NOW))

    assert master.rows("SELECT order_no, sku FROM order_line ORDER BY order_no") == [
        (ORDER, "SKU-A"),
        ("X", ""),
    ]


def test_a_missing_rate_is_the_products(master: MasterUnderTest) -> None:
    master.insert("product", {"sku": "SKU-A", "tax_rate": 800})

    take(master, ([row(tax_rate=None)], NOW))

    assert line(master, "sku, file_tax_rate, tax_rate") == ("SKU-A", None, 800)


def test_an_unknown_product_has_no_rate(master: MasterUnderTest) -> None:
    take(master, ([row(tax_rate=None)], NOW))

    assert line(master) == ("", None)


def test_a_product_that_becomes_known_resolves_open_orders(master: MasterUnderTest) -> None:
    take(master, ([row(tax_rate=None)], NOW))
    master.insert("product", {"sku": "SKU-A", "tax_rate": 800})

    assert take(master).changes == 1
    assert line(master) == ("SKU-A", 800)
    before = state(master)
    assert take(master).changes == 0
    assert state(master) == before


def test_a_resolution_is_no_change_of_the_order(master: MasterUnderTest) -> None:
    take(master, ([row(tax_rate=None)], NOW))
    master.insert("product", {"sku": "SKU-A", "tax_rate": 800})

    assert take(master, ([row(tax_rate=None)], NOW)).verdicts == ["unchanged"]
    assert master.scalar("SELECT COUNT(*) FROM order_revision") == 1


def test_what_the_warehouse_has_keeps_its_sku(master: MasterUnderTest) -> None:
    master.insert("product", {"sku": "SKU-A"}, {"sku": "SKU-B"})
    take(master, (two_lines(), NOW))
    ship(master, "1")
    master.insert("channel_listing", {**LISTING, "sku": "SKU-B"})

    take(master)

    assert master.rows("SELECT line_id, sku FROM order_line ORDER BY line_id") == [
        ("1", "SKU-A"),
        ("2", "SKU-B"),
    ]


def test_a_rate_that_the_file_now_states_counts(master: MasterUnderTest) -> None:
    master.insert("product", {"sku": "SKU-A", "tax_rate": 1000})
    take(master, ([row(tax_rate=None)], NOW))

    take(master, ([row(tax_rate=800)], LATER))

    assert line(master) == ("SKU-A", 800)


def test_closed_orders_are_left_as_they_were(master: MasterUnderTest) -> None:
    take(master, ([row(order_status="cancelled")], NOW))
    master.insert("product", {"sku": "SKU-A"})

    assert take(master).changes == 0
