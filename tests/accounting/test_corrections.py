"""What was booked is never edited: a changed order is reversed and booked anew."""

from __future__ import annotations

from accounting.shop_of_books import Line, Shop
from master_under_test import MasterUnderTest

MUGS = Line("1", 1100, qty=2)
RICE = Line("2", 2160, tax_rate=800)


def sold(shop: Shop) -> str:
    shop.order("R-1", [MUGS, RICE], shipping=550)
    parcel = shop.ship_all("R-1", [MUGS, RICE])
    shop.night("2026-11-20")
    return parcel


def test_changed_amounts_are_reversed_and_booked_anew_on_the_day_they_changed(
    master: MasterUnderTest,
) -> None:
    shop = Shop(master)
    sold(shop)
    before = shop.totals("R-1")
    shop.change("R-1", coupon_shop=500, billed=4410)
    night = shop.night("2026-11-24")
    assert master.rows(
        "SELECT booking_key, kind, reverses, booked_on, final_flag FROM booking ORDER BY booking_key"
    ) == [
        ("reversal:sale:rakuten1:R-1:1", "reversal", "sale:rakuten1:R-1:1", "2026-11-24", 0),
        ("sale:rakuten1:R-1:1", "sale", "", "2026-11-20", 1),
        ("sale:rakuten1:R-1:2", "sale", "", "2026-11-24", 1),
    ]
    reversed_ = shop.amounts("reversal:sale:rakuten1:R-1:1")
    assert {rate: (-gross, -tax) for rate, (gross, tax) in reversed_.items()} == before
    # 500 x 2,200 / 4,360 = 252.3 and 247.7
    assert shop.totals("R-1") == {1000: (2498, 227), 800: (1912, 141)}
    assert night.codes() == ["booking_reversed"]
    assert [proof for proof in night.proofs if not proof.holds] == []


def test_a_reversal_mirrors_every_entry_and_line(master: MasterUnderTest) -> None:
    shop = Shop(master)
    sold(shop)
    shop.change("R-1", shipping=0, billed=4360)
    shop.night("2026-11-24")
    mirrored = master.rows(
        "SELECT COUNT(*), SUM(o.qty + r.qty), SUM(o.amount + r.amount), SUM(o.tax + r.tax) "
        "FROM core_entry r JOIN core_entry o ON o.entry_id = r.reverses WHERE r.kind = 'reversal'"
    )
    assert mirrored == [(3, 0, 0, 0)]
    journal = shop.journal()
    sides = {"debit": "credit", "credit": "debit"}
    sale = sorted((sides[line[1]], *line[2:]) for line in journal if line[0] == 1)
    assert sorted(line[1:] for line in journal if line[0] == 2) == sale
    assert all(line[6] > 0 for line in journal)


def test_a_change_of_other_things_leaves_the_books(master: MasterUnderTest) -> None:
    shop = Shop(master)
    sold(shop)
    shop.change("R-1", order_status="settled")
    night = shop.night("2026-11-24")
    assert (shop.keys(), night.codes()) == (["sale:rakuten1:R-1:1"], [])
    shop.night("2026-11-24")
    assert shop.changes == 0


def test_an_amount_that_moves_between_lines_of_one_rate_is_corrected_too(master: MasterUnderTest) -> None:
    shop = Shop(master)
    lines = [Line("1", 1000), Line("2", 1000)]
    shop.order("R-1", lines)
    shop.ship_all("R-1", lines)
    shop.night("2026-11-20")
    shop.change_line("R-1", "1", unit_price=1500)
    shop.change_line("R-1", "2", unit_price=500)
    shop.change("R-1")
    shop.night("2026-11-24")
    assert master.rows("SELECT line_id, SUM(amount) FROM core_entry GROUP BY line_id ORDER BY line_id") == [
        ("1", 1500),
        ("2", 500),
    ]


def test_a_corrected_tax_alone_is_a_correction(master: MasterUnderTest) -> None:
    shop = Shop(master)
    shop.order("R-1", [RICE], taxed_reduced=2160, tax_reduced=161)
    shop.ship_all("R-1", [RICE])
    shop.night("2026-11-20")
    shop.change("R-1", tax_reduced=160)
    shop.night("2026-11-24")
    assert shop.totals("R-1") == {800: (2160, 160)}


def test_changed_amounts_that_do_not_add_up_leave_the_books_and_are_said_so(master: MasterUnderTest) -> None:
    shop = Shop(master)
    sold(shop)
    shop.change("R-1", billed=1)
    for _ in range(2):
        night = shop.night("2026-11-24")
        assert (shop.keys(), night.codes()) == (["sale:rakuten1:R-1:1"], ["change_not_booked"])
    shop.change("R-1", billed=4810, shipping=450)
    assert shop.night("2026-11-25").codes() == ["booking_reversed"]


def test_a_cancelled_order_is_left_to_its_returns(master: MasterUnderTest) -> None:
    shop = Shop(master)
    parcel = sold(shop)
    shop.change("R-1", order_status="cancelled", billed=0, shipping=0)
    shop.event("return", parcel, 1, 2, "2026-11-23")
    shop.event("return", parcel, 2, 1, "2026-11-23")
    night = shop.night("2026-11-24")
    assert night.codes() == []
    assert shop.totals("R-1") == {1000: (550, 50), 800: (0, 0)}


def test_a_part_shipped_order_is_corrected_before_the_rest_is_booked(master: MasterUnderTest) -> None:
    shop = Shop(master)
    shop.order("R-1", [MUGS, RICE], shipping=550)
    shop.instruct("R-1", "P-1", [("1", "SKU-1", 2), ("2", "SKU-2", 1)])
    shop.event("shipped", "P-1", 1, 1, "2026-11-20")
    shop.night("2026-11-20")
    shop.change("R-1", coupon_shop=500, billed=4410)
    shop.event("shipped", "P-1", 1, 1, "2026-11-24")
    shop.event("shipped", "P-1", 2, 1, "2026-11-24")
    night = shop.night("2026-11-24")
    assert shop.keys() == [
        "reversal:sale:rakuten1:R-1:1",
        "sale:rakuten1:R-1:1",
        "sale:rakuten1:R-1:2",
        "sale:rakuten1:R-1:3",
    ]
    assert shop.totals("R-1") == {1000: (2498, 227), 800: (1912, 141)}
    assert [proof for proof in night.proofs if not proof.holds] == []
    assert night.codes() == ["booking_reversed"]


def test_the_rest_that_never_ships_is_taken_off_without_touching_what_did(master: MasterUnderTest) -> None:
    shop = Shop(master)
    shop.order("R-1", [MUGS, RICE], shipping=550)
    shop.instruct("R-1", "P-1", [("1", "SKU-1", 2), ("2", "SKU-2", 1)])
    shop.event("shipped", "P-1", 1, 2, "2026-11-20")
    shop.night("2026-11-20")
    shop.drop_line("R-1", "2")
    shop.change("R-1", goods=2200, billed=2750)
    night = shop.night("2026-11-24")
    assert (shop.keys(), night.codes()) == (["sale:rakuten1:R-1:1"], [])
    assert shop.totals("R-1") == {1000: (2750, 250)}


def test_what_came_back_before_the_correction_still_nets_to_zero(master: MasterUnderTest) -> None:
    shop = Shop(master)
    parcel = sold(shop)
    shop.event("return", parcel, 1, 1, "2026-11-22")
    shop.night("2026-11-22")
    shop.change("R-1", coupon_shop=500, billed=4410)
    shop.night("2026-11-24")
    shop.event("return", parcel, 1, 1, "2026-11-25")
    shop.event("return", parcel, 2, 1, "2026-11-25")
    shop.night("2026-11-25")
    assert shop.totals("R-1") == {1000: (550, 50), 800: (0, 0)}
