"""Sales at shipment: per tax rate, to the yen, whatever the mall states and the order holds."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from accounting.shop_of_books import Booked, Line, Shop
from master_under_test import MasterUnderTest

MISMATCH = "its amounts do not add up"
GOODS = Line("1", 3300, tax_rate=1000)
FOOD = Line("2", 2160, tax_rate=800)


def running_example(shop: Shop, **header: Any) -> Booked:
    """R-1: goods 3,300 (10 %), food 2,160 (8 %), shipping 550, 500 points, coupons 200 (mall's) and 300 (shop's)."""
    shop.order(
        "R-1",
        [GOODS, FOOD],
        **{"shipping": 550, "points": 500, "coupon_mall": 200, "coupon_shop": 300, **header},
    )
    shop.ship_all("R-1", [GOODS, FOOD])
    return shop.night()


def channel(**values: Any) -> dict[str, Any]:
    return {"channels": {"rakuten1": values}}


def assert_proved(night: Booked) -> None:
    assert [proof for proof in night.proofs if not proof.holds] == []
    assert {proof.name for proof in night.proofs} >= {"day.balance", "journals.bookings", "core.bookings"}


class TestNothingStated:
    """A layout without the mall's figures per rate: lines, fees and coupons are summed, the tax computed once."""

    def test_the_running_example_books_3669_and_2041(self, master: MasterUnderTest) -> None:
        shop = Shop(master)
        assert_proved(running_example(shop))
        assert shop.amounts("sale:rakuten1:R-1:1") == {1000: (3669, 333), 800: (2041, 151)}
        assert shop.journal() == [
            (1, "debit", "売掛金", "楽天", "out_of_scope", 0, 5710, None),
            (1, "credit", "売上高", "楽天", "sale:included", 1000, 3669, 333),
            (1, "credit", "売上高", "楽天", "sale:included", 800, 2041, 151),
        ]

    def test_the_core_system_is_told_every_line_and_fee(self, master: MasterUnderTest) -> None:
        shop = Shop(master)
        running_example(shop)
        assert master.rows(
            "SELECT entry_id, kind, line_id, description, sku, qty, tax_rate, amount, tax "
            "FROM core_entry ORDER BY entry_id"
        ) == [
            ("sale:rakuten1:R-1:1/01", "sale", "1", "品", "SKU-1", 1, 1000, 3119, 283),
            ("sale:rakuten1:R-1:1/02", "sale", "2", "品", "SKU-2", 1, 800, 2041, 151),
            ("sale:rakuten1:R-1:1/03", "sale", "", "shipping", "", 1, 1000, 550, 50),
        ]

    @pytest.mark.parametrize(("rounding", "tax"), [("floor", 333), ("round", 334), ("ceil", 334)])
    def test_tax_is_rounded_once_per_rate_as_the_channel_declares(
        self, master: MasterUnderTest, rounding: str, tax: int
    ) -> None:
        shop = Shop(master, **channel(rounding=rounding))
        running_example(shop)
        assert shop.amounts("sale:rakuten1:R-1:1")[1000] == (3669, tax)

    def test_points_as_a_discount_reduce_the_sale_of_every_rate(self, master: MasterUnderTest) -> None:
        shop = Shop(master, **channel(points="discount"))
        assert_proved(running_example(shop))
        # 500 x 3,669 / 5,710 = 321.3 and 178.7
        assert shop.amounts("sale:rakuten1:R-1:1") == {1000: (3348, 304), 800: (1862, 137)}

    def test_a_mall_coupon_as_a_discount_goes_with_the_shops_own(self, master: MasterUnderTest) -> None:
        shop = Shop(master, **channel(mall_coupon="discount"))
        assert_proved(running_example(shop))
        # 500 x 3,300 / 5,460 = 302.2 and 197.8
        assert shop.amounts("sale:rakuten1:R-1:1") == {1000: (3548, 322), 800: (1962, 145)}

    def test_prices_without_tax_get_the_tax_of_the_whole_rate(self, master: MasterUnderTest) -> None:
        shop = Shop(master)
        lines = [Line(str(n), 105, price_includes_tax=0) for n in range(1, 4)]
        shop.order("R-2", lines, tax_excluded=31)
        shop.ship_all("R-2", lines)
        assert_proved(shop.night())
        assert shop.amounts("sale:rakuten1:R-2:1") == {1000: (346, 31)}

    def test_a_charged_tax_that_is_not_ours_stands_and_is_reported(self, master: MasterUnderTest) -> None:
        shop = Shop(master)
        lines = [Line("1", 1000, price_includes_tax=0), Line("2", 500, tax_rate=800, price_includes_tax=0)]
        shop.order("R-2", lines, tax_excluded=143)
        shop.ship_all("R-2", lines)
        night = shop.night()
        assert shop.amounts("sale:rakuten1:R-2:1") == {1000: (1103, 100), 800: (540, 40)}
        assert [(f.code, dict(f.params)) for f in night.findings] == [
            ("tax_differs", {"theirs": "143", "rate": "10%", "ours": "140"})
        ]

    def test_every_fee_is_taxed_at_the_fee_rate_and_named(self, master: MasterUnderTest) -> None:
        shop = Shop(master)
        fees = {
            "wrapping": 110,
            "shipping": 550,
            "cod_fee": 330,
            "payment_fee": 20,
            "buyer_fee": 30,
            "adjustment": 40,
        }
        shop.order("R-3", [FOOD], **fees)
        shop.ship_all("R-3", [FOOD])
        assert_proved(shop.night())
        assert shop.amounts("sale:rakuten1:R-3:1") == {800: (2160, 160), 1000: (1080, 98)}
        told = master.rows(
            "SELECT description, amount FROM core_entry WHERE line_id = '' ORDER BY description"
        )
        assert dict(told) == fees

    def test_a_negative_adjustment_and_a_discount_line_are_discounts(self, master: MasterUnderTest) -> None:
        shop = Shop(master)
        lines = [GOODS, FOOD, Line("3", -100, tax_rate=1000)]
        shop.order("R-4", lines, adjustment=-200)
        shop.ship_all("R-4", lines)
        assert_proved(shop.night())
        # 300 over 3,300 and 2,160, as in the running example
        assert shop.amounts("sale:rakuten1:R-4:1") == {1000: (3119, 283), 800: (2041, 151)}

    def test_a_discount_beyond_the_goods_takes_from_the_fees(self, master: MasterUnderTest) -> None:
        shop = Shop(master)
        shop.order("R-5", [FOOD], shipping=550, coupon_shop=2360)
        shop.ship_all("R-5", [FOOD])
        assert_proved(shop.night())
        assert shop.amounts("sale:rakuten1:R-5:1") == {800: (0, 0), 1000: (350, 31)}


class TestStated:
    """The mall's own figures are what the buyer's receipt shows."""

    def test_the_stated_tax_comes_through_exactly(self, master: MasterUnderTest) -> None:
        shop = Shop(master)
        lines = [GOODS, FOOD]
        shop.order(
            "R-1",
            lines,
            shipping=550,
            points=500,
            coupon_shop=300,
            taxed_standard=3669,
            tax_standard=334,
            taxed_reduced=2041,
            tax_reduced=152,
        )
        shop.ship_all("R-1", lines)
        night = shop.night()
        assert_proved(night)
        assert shop.amounts("sale:rakuten1:R-1:1") == {1000: (3669, 334), 800: (2041, 152)}
        assert night.codes() == []

    def test_a_coupon_that_the_mall_pays_is_added_to_what_it_states(self, master: MasterUnderTest) -> None:
        shop = Shop(master)
        assert_proved(
            running_example(shop, taxed_standard=3548, tax_standard=322, taxed_reduced=1962, tax_reduced=145)
        )
        # 200 x 3,300 / 5,460 = 120.9 and 79.1
        assert shop.amounts("sale:rakuten1:R-1:1") == {1000: (3669, 333), 800: (2041, 151)}

    def test_a_mall_coupon_as_a_discount_leaves_the_stated_figures(self, master: MasterUnderTest) -> None:
        shop = Shop(master, **channel(mall_coupon="discount"))
        assert_proved(
            running_example(shop, taxed_standard=3548, tax_standard=323, taxed_reduced=1962, tax_reduced=145)
        )
        assert shop.amounts("sale:rakuten1:R-1:1") == {1000: (3548, 323), 800: (1962, 145)}

    def test_points_as_a_discount_reduce_the_stated_figures(self, master: MasterUnderTest) -> None:
        shop = Shop(master, **channel(points="discount", mall_coupon="discount"))
        night = running_example(
            shop, taxed_standard=3548, tax_standard=322, taxed_reduced=1962, tax_reduced=145
        )
        assert_proved(night)
        # 500 x 3,548 / 5,510 = 321.96 and 178.04
        assert shop.amounts("sale:rakuten1:R-1:1") == {1000: (3226, 293), 800: (1784, 132)}

    def test_a_coupon_for_free_shipping_empties_the_fee_not_the_goods(self, master: MasterUnderTest) -> None:
        shop = Shop(master)
        shop.order("R-6", [FOOD], shipping=550, coupon_shop=550, taxed_reduced=2160, tax_reduced=160)
        shop.ship_all("R-6", [FOOD])
        assert_proved(shop.night())
        assert shop.amounts("sale:rakuten1:R-6:1") == {800: (2160, 160)}

    def test_a_fee_outside_the_malls_receipt_comes_on_top(self, master: MasterUnderTest) -> None:
        shop = Shop(master)
        shop.order("R-7", [GOODS], buyer_fee=330, taxed_standard=3300, tax_standard=300)
        shop.ship_all("R-7", [GOODS])
        assert_proved(shop.night())
        assert shop.amounts("sale:rakuten1:R-7:1") == {1000: (3630, 330)}

    def test_what_is_free_of_tax_has_a_rate_of_its_own(self, master: MasterUnderTest) -> None:
        shop = Shop(master)
        lines = [GOODS, Line("2", 1000, tax_rate=0)]
        shop.order("R-8", lines, taxed_standard=3300, tax_standard=300, taxed_zero=1000)
        shop.ship_all("R-8", lines)
        assert_proved(shop.night())
        assert shop.amounts("sale:rakuten1:R-8:1") == {1000: (3300, 300), 0: (1000, 0)}

    def test_a_stated_tax_two_yen_away_is_kept_and_reported_once(self, master: MasterUnderTest) -> None:
        shop = Shop(master)
        shop.order("R-9", [Line("1", 1100, qty=2)], taxed_standard=2200, tax_standard=203)
        shop.instruct("R-9", "P-9", [("1", "SKU-1", 2)])
        shop.event("shipped", "P-9", 1, 1, "2026-11-20")
        first = shop.night()
        shop.event("shipped", "P-9", 1, 1, "2026-11-21")
        second = shop.night()
        assert [(f.subject, dict(f.params)) for f in first.findings] == [
            ("rakuten1 R-9", {"theirs": "203", "rate": "10%", "ours": "200"})
        ]
        assert second.codes() == []
        assert shop.totals("R-9") == {1000: (2200, 203)}


class TestNotBooked:
    """What does not add up is not booked; everything else is."""

    BAD: ClassVar[dict[str, tuple[dict[str, Any], str]]] = {
        "billed-more": ({"billed": 3301}, MISMATCH),
        "billed-unknown": ({"billed": None}, "an amount is not fixed yet"),
        "unfixed": ({"unfixed_flag": 1}, "an amount is not fixed yet"),
        "control-total": ({"totals_ok": 0}, MISMATCH),
        "stated-less": ({"taxed_standard": 3200, "tax_standard": 290}, MISMATCH),
        "stated-elsewhere": (
            {"taxed_reduced": 3300, "tax_reduced": 244},
            "its lines do not carry the amounts that the mall states per tax rate",
        ),
        "tax-beyond-amount": ({"taxed_standard": 3300, "tax_standard": 3301}, MISMATCH),
        "dollars": ({"currency": "USD"}, "its currency is not yen"),
        "negative-coupon": ({"coupon_shop": -100, "billed": 3400}, MISMATCH),
        "absurd-fee": ({"shipping": 4_000_000_000, "billed": 4_000_003_300}, MISMATCH),
    }

    def test_each_stays_out_with_its_reason_and_no_other(self, master: MasterUnderTest) -> None:
        shop = Shop(master)
        for order_no, (header, _reason) in self.BAD.items():
            shop.order(order_no, [GOODS], **header)
            shop.ship_all(order_no, [GOODS])
        shop.order("good", [GOODS])
        shop.ship_all("good", [GOODS])
        night = shop.night()
        assert shop.keys() == ["sale:rakuten1:good:1"]
        assert {(f.code, f.subject, f.params["reason"]) for f in night.findings} == {
            ("not_booked", f"rakuten1 {order_no}", reason) for order_no, (_header, reason) in self.BAD.items()
        }
        assert_proved(night)

    def test_an_unknown_rate_is_never_guessed(self, master: MasterUnderTest) -> None:
        shop = Shop(master)
        lines = [Line("1", 1000, tax_rate=None)]
        shop.order("R-1", lines)
        shop.ship_all("R-1", lines)
        assert shop.night().codes() == ["not_booked"]
        assert shop.keys() == []

    def test_an_absurd_price_stops_its_order_and_no_other(self, master: MasterUnderTest) -> None:
        shop = Shop(master)
        lines = [Line("1", 9_000_000_000_000, qty=99_999)]
        shop.order("R-1", lines, billed=0)
        shop.ship_all("R-1", lines)
        shop.order("R-2", [GOODS])
        shop.ship_all("R-2", [GOODS])
        assert shop.night().codes() == ["not_booked"]
        assert shop.keys() == ["sale:rakuten1:R-2:1"]

    def test_a_mended_order_is_booked_by_the_next_night(self, master: MasterUnderTest) -> None:
        shop = Shop(master)
        shop.order("R-1", [GOODS], billed=3301)
        shop.ship_all("R-1", [GOODS])
        shop.night()
        shop.change("R-1", billed=3300)
        assert shop.night().codes() == []
        assert shop.amounts("sale:rakuten1:R-1:1") == {1000: (3300, 300)}

    def test_an_order_that_no_longer_holds_what_left_is_not_booked(self, master: MasterUnderTest) -> None:
        shop = Shop(master)
        shop.order("R-1", [GOODS, FOOD])
        shop.ship_all("R-1", [GOODS, FOOD])
        shop.drop_line("R-1", "2")
        shop.change("R-1", goods=3300, billed=3300)
        night = shop.night()
        assert [f.params["reason"] for f in night.findings] == ["it no longer holds what was shipped"]
        assert shop.keys() == []

    def test_orders_of_the_old_system_are_never_booked(self, master: MasterUnderTest) -> None:
        shop = Shop(master)
        shop.order("OLD", [GOODS], state="foreign")
        shop.ship_all("OLD", [GOODS])
        night = shop.night()
        assert (shop.keys(), night.codes(), shop.changes) == ([], [], 0)

    def test_rejected_events_and_other_kinds_book_nothing(self, master: MasterUnderTest) -> None:
        shop = Shop(master)
        shop.order("R-1", [GOODS])
        shop.instruct("R-1", "P-1", [("1", "SKU-1", 1)])
        shop.event("shipped", "P-1", 1, 1, verdict="event_rejected")
        shop.event("short", "P-1", 1, 1)
        shop.night()
        assert shop.keys() == []


class TestAgain:
    """A night that brings nothing new writes nothing."""

    def test_the_same_night_again_changes_nothing(self, master: MasterUnderTest) -> None:
        shop = Shop(master)
        running_example(shop)
        night = shop.night()
        assert (shop.changes, night.codes(), night.proofs) == (0, [], [])

    def test_an_order_for_nothing_is_booked_without_a_journal(self, master: MasterUnderTest) -> None:
        shop = Shop(master)
        lines = [Line("1", 0, qty=2)]
        shop.order("FREE", lines)
        shop.ship_all("FREE", lines)
        assert_empty_journal(shop.night(), shop)
        assert master.rows("SELECT qty, amount, tax FROM core_entry") == [(2, 0, 0)]


def assert_empty_journal(night: Booked, shop: Shop) -> None:
    assert [proof for proof in night.proofs if not proof.holds] == []
    assert shop.journal() == []
