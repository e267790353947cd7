"""Returns: only the returned units, at what was booked for them; everything back nets to zero."""

from __future__ import annotations

from accounting.shop_of_books import Line, Shop
from master_under_test import MasterUnderTest

MUGS = Line("1", 1100, qty=3)
RICE = Line("2", 2160, tax_rate=800)


def sold(shop: Shop) -> str:
    """Three mugs and rice with a shop coupon of 400, shipped on the 20th and booked."""
    shop.order("R-1", [MUGS, RICE], shipping=550, coupon_shop=400)
    parcel = shop.ship_all("R-1", [MUGS, RICE])
    shop.night()
    return parcel


def test_a_returned_unit_goes_back_with_its_share_of_the_coupon(master: MasterUnderTest) -> None:
    shop = Shop(master)
    parcel = sold(shop)
    event = shop.event("return", parcel, 1, 1, "2026-11-23")
    night = shop.night()
    # 400 x 3,300 / 5,460 = 241.8: the mugs were booked at 3,058
    assert shop.amounts(f"return:main:{event}") == {1000: (-1019, -93)}
    assert [proof for proof in night.proofs if not proof.holds] == []
    assert master.rows(
        "SELECT kind, booked_on, order_no, line_id, parcel_no, sku, qty, tax_rate, amount, tax "
        "FROM core_entry WHERE kind = 'return'"
    ) == [("return", "2026-11-23", "R-1", "1", "P-R-1", "SKU-1", -1, 1000, -1019, -93)]


def test_its_journal_turns_the_sides_and_says_return(master: MasterUnderTest) -> None:
    shop = Shop(master, accounting={"accounts": {"returns": "売上戻り高"}})
    parcel = sold(shop)
    shop.event("return", parcel, 2, 1, "2026-11-23")
    shop.night()
    assert [line for line in shop.journal() if line[0] == 2] == [
        (2, "debit", "売上戻り高", "楽天", "return:included", 800, 2002, 148),
        (2, "credit", "売掛金", "楽天", "out_of_scope", 0, 2002, None),
    ]


def test_without_an_account_of_their_own_returns_go_to_sales(master: MasterUnderTest) -> None:
    shop = Shop(master, accounting={"tax": "excluded"})
    parcel = sold(shop)
    shop.event("return", parcel, 2, 1, "2026-11-23")
    shop.night()
    assert shop.journal()[-2] == (2, "debit", "売上高", "楽天", "return:excluded", 800, 2002, 148)


def test_the_last_unit_takes_the_remainder_and_the_line_nets_to_zero(master: MasterUnderTest) -> None:
    shop = Shop(master)
    parcel = sold(shop)
    events = [shop.event("return", parcel, 1, 1, "2026-11-22") for _ in range(2)]
    shop.night()
    events.append(shop.event("return", parcel, 1, 1, "2026-11-23"))
    shop.event("return", parcel, 2, 1, "2026-11-23")
    shop.night()
    assert [shop.amounts(f"return:main:{event}")[1000][0] for event in events] == [-1019, -1019, -1020]
    assert shop.totals("R-1") == {1000: (550, 50), 800: (0, 0)}
    assert master.rows(
        "SELECT line_id, SUM(qty), SUM(amount), SUM(tax) FROM core_entry WHERE line_id <> '' "
        "GROUP BY line_id ORDER BY line_id"
    ) == [("1", 0, 0, 0), ("2", 0, 0, 0)]


def test_a_return_is_booked_once(master: MasterUnderTest) -> None:
    shop = Shop(master)
    parcel = sold(shop)
    shop.event("return", parcel, 1, 2, "2026-11-22")
    shop.night()
    shop.night()
    assert (shop.changes, len(shop.keys())) == (0, 2)


def test_more_than_was_sold_waits_for_a_person(master: MasterUnderTest) -> None:
    shop = Shop(master)
    parcel = sold(shop)
    shop.event("return", parcel, 1, 4, "2026-11-22")
    night = shop.night()
    assert [(f.code, f.params["reason"]) for f in night.findings] == [
        ("return_not_booked", "more came back than was booked as sold")
    ]
    assert len(shop.keys()) == 1


def test_a_return_waits_for_its_sale(master: MasterUnderTest) -> None:
    shop = Shop(master)
    shop.order("R-1", [RICE], billed=1)
    parcel = shop.ship_all("R-1", [RICE])
    shop.event("return", parcel, 1, 1, "2026-11-22")
    assert shop.night().codes() == ["not_booked", "return_not_booked"]
    shop.change("R-1", billed=2160)
    assert shop.night().codes() == []
    assert shop.totals("R-1") == {800: (0, 0)}


def test_a_set_goes_back_when_all_of_its_parts_have(master: MasterUnderTest) -> None:
    shop = Shop(master)
    master.insert(
        "set_component",
        {"set_sku": "SET", "component_sku": "CUP", "qty": 2},
        {"set_sku": "SET", "component_sku": "POT", "qty": 1},
    )
    shop.order("R-1", [Line("1", 3000, qty=2, sku="SET")])
    shop.instruct("R-1", "P-1", [("1", "CUP", 4), ("1", "POT", 2)])
    shop.event("shipped", "P-1", 1, 4)
    shop.event("shipped", "P-1", 2, 2)
    shop.night()
    shop.event("return", "P-1", 1, 2, "2026-11-22")
    night = shop.night()
    assert [f.params["reason"] for f in night.findings] == ["only a part of the set came back"]
    assert shop.night().codes() == []
    shop.event("return", "P-1", 2, 1, "2026-11-23")
    shop.night()
    assert shop.totals("R-1", "return") == {1000: (-3000, -273)}


def test_returns_of_the_old_systems_orders_are_not_ours(master: MasterUnderTest) -> None:
    shop = Shop(master)
    shop.order("OLD", [RICE], state="foreign")
    shop.instruct("OLD", "P-1", [("2", "SKU-2", 1)])
    shop.event("return", "P-1", 1, 1)
    night = shop.night()
    assert (shop.keys(), night.codes()) == ([], [])


class TestCancelledAndBackAgain:
    """A cancelled order that left all the same is no sale once everything is back."""

    def cancelled(self, shop: Shop, back: int) -> None:
        shop.order("R-1", [MUGS], order_status="cancelled", billed=0)
        parcel = shop.ship_all("R-1", [MUGS])
        shop.event("return", parcel, 1, back, "2026-11-22")

    def test_nothing_is_booked_and_nobody_is_asked(self, master: MasterUnderTest) -> None:
        shop = Shop(master)
        self.cancelled(shop, back=3)
        assert (shop.night().codes(), shop.keys()) == ([], [])
        assert master.scalar("SELECT COUNT(*) FROM warehouse_event WHERE booked_flag = 0") == 0

    def test_while_a_part_is_away_a_person_is_asked(self, master: MasterUnderTest) -> None:
        shop = Shop(master)
        self.cancelled(shop, back=2)
        assert shop.night().codes() == ["not_booked", "return_not_booked"]
        shop.event("return", "P-R-1", 1, 1, "2026-11-23")
        assert shop.night().codes() == []
