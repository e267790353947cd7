"""When the warehouse splits a shipment each part books its lines; fees go with the first, the last takes the rest."""

from __future__ import annotations

from accounting.shop_of_books import Line, Shop
from master_under_test import MasterUnderTest


def test_each_business_day_is_a_booking_and_fees_go_with_the_first(master: MasterUnderTest) -> None:
    shop = Shop(master)
    lines = [Line("1", 1000, qty=2), Line("2", 540, tax_rate=800)]
    shop.order("R-1", lines, shipping=550)
    shop.instruct("R-1", "P-1", [("1", "SKU-1", 2), ("2", "SKU-2", 1)])
    shop.event("shipped", "P-1", 1, 1, "2026-11-21")
    shop.event("shipped", "P-1", 2, 1, "2026-11-20")
    shop.event("shipped", "P-1", 1, 1, "2026-11-22")
    night = shop.night()
    assert master.rows("SELECT booking_key, booked_on, final_flag FROM booking ORDER BY booking_key") == [
        ("sale:rakuten1:R-1:1", "2026-11-20", 0),
        ("sale:rakuten1:R-1:2", "2026-11-21", 0),
        ("sale:rakuten1:R-1:3", "2026-11-22", 1),
    ]
    assert shop.amounts("sale:rakuten1:R-1:1") == {800: (540, 40), 1000: (550, 50)}
    assert shop.amounts("sale:rakuten1:R-1:2") == {1000: (1000, 90)}
    assert shop.amounts("sale:rakuten1:R-1:3") == {1000: (1000, 91)}
    assert shop.totals("R-1") == {800: (540, 40), 1000: (2550, 231)}
    assert [proof for proof in night.proofs if not proof.holds] == []


def test_the_last_part_takes_the_remainder(master: MasterUnderTest) -> None:
    shop = Shop(master)
    lines = [Line("1", 334, qty=3)]
    shop.order("R-1", lines, coupon_shop=2)
    shop.instruct("R-1", "P-1", [("1", "SKU-1", 3)])
    for day in ("2026-11-20", "2026-11-21", "2026-11-22"):
        shop.event("shipped", "P-1", 1, 1, day)
        shop.night()
    assert [shop.amounts(f"sale:rakuten1:R-1:{n}")[1000] for n in (1, 2, 3)] == [
        (333, 30),
        (333, 30),
        (334, 30),
    ]


def test_an_event_that_comes_late_is_booked_on_its_own_day(master: MasterUnderTest) -> None:
    shop = Shop(master)
    lines = [Line("1", 1100), Line("2", 2200)]
    shop.order("R-1", lines)
    shop.instruct("R-1", "P-1", [("1", "SKU-1", 1), ("2", "SKU-2", 1)])
    shop.event("shipped", "P-1", 1, 1, "2026-11-21")
    shop.night()
    shop.event("shipped", "P-1", 2, 1, "2026-11-20")
    shop.night()
    assert master.rows("SELECT booking_key, booked_on, final_flag FROM booking ORDER BY booking_key") == [
        ("sale:rakuten1:R-1:1", "2026-11-21", 0),
        ("sale:rakuten1:R-1:2", "2026-11-20", 1),
    ]


class TestSets:
    """A set is sold as a whole: it is booked when all of its parts have left."""

    def sets(self, shop: Shop) -> list[Line]:
        shop.master.insert(
            "set_component",
            {"set_sku": "SET", "component_sku": "CUP", "qty": 2},
            {"set_sku": "SET", "component_sku": "POT", "qty": 1},
        )
        lines = [Line("1", 3000, qty=3, sku="SET")]
        shop.order("R-1", lines)
        shop.instruct("R-1", "P-1", [("1", "CUP", 6), ("1", "POT", 3)])
        return lines

    def test_a_line_counts_by_whole_sets_and_the_rest_goes_with_the_last(
        self, master: MasterUnderTest
    ) -> None:
        shop = Shop(master)
        self.sets(shop)
        shop.event("shipped", "P-1", 1, 5, "2026-11-20")
        shop.event("shipped", "P-1", 2, 1, "2026-11-20")
        shop.night()
        assert master.rows("SELECT sku, qty, amount FROM core_entry") == [("SET", 1, 3000)]
        shop.event("shipped", "P-1", 2, 2, "2026-11-21")
        shop.night()
        assert master.rows("SELECT qty, amount FROM core_entry ORDER BY entry_id") == [(1, 3000), (1, 3000)]
        shop.event("shipped", "P-1", 1, 1, "2026-11-22")
        shop.night()
        assert shop.totals("R-1") == {1000: (9000, 818)}
        assert master.scalar("SELECT final_flag FROM booking WHERE sequence = 3") == 1

    def test_a_part_of_a_set_books_nothing_and_is_not_forgotten(self, master: MasterUnderTest) -> None:
        shop = Shop(master)
        self.sets(shop)
        shop.event("shipped", "P-1", 1, 6, "2026-11-20")
        assert shop.night().codes() == []
        assert shop.keys() == []
        assert master.scalar("SELECT booked_flag FROM warehouse_event") == 1
        shop.event("shipped", "P-1", 2, 3, "2026-11-21")
        shop.night()
        assert shop.keys() == ["sale:rakuten1:R-1:1"]
        assert shop.totals("R-1") == {1000: (9000, 818)}

    def test_a_set_inside_a_set_is_opened_to_the_bottom(self, master: MasterUnderTest) -> None:
        shop = Shop(master)
        master.insert(
            "set_component",
            {"set_sku": "GIFT", "component_sku": "SET", "qty": 2},
            {"set_sku": "GIFT", "component_sku": "BOX", "qty": 1},
            {"set_sku": "SET", "component_sku": "CUP", "qty": 2},
        )
        shop.order("R-1", [Line("1", 5000, sku="GIFT")])
        shop.instruct("R-1", "P-1", [("1", "BOX", 1), ("1", "CUP", 4)])
        shop.event("shipped", "P-1", 1, 1)
        shop.event("shipped", "P-1", 2, 3)
        shop.night()
        assert shop.keys() == []
        shop.event("shipped", "P-1", 2, 1)
        shop.night()
        assert shop.totals("R-1") == {1000: (5000, 454)}

    def test_an_order_that_has_left_is_booked_whole_though_its_set_was_redefined(
        self, master: MasterUnderTest
    ) -> None:
        shop = Shop(master)
        self.sets(shop)
        shop.event("shipped", "P-1", 1, 6)
        shop.event("shipped", "P-1", 2, 3)
        master.insert("set_component", {"set_sku": "SET", "component_sku": "LEAF", "qty": 1})
        shop.change("R-1", state="shipped")
        shop.night()
        assert shop.totals("R-1") == {1000: (9000, 818)}
