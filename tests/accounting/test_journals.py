"""Journal entries: balanced, numbered in order, never edited, per order or per day."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from accounting.shop_of_books import Line, Shop
from master_under_test import MasterUnderTest

MUG = Line("1", 1100)
RICE = Line("2", 2160, tax_rate=800)

EXAMPLE = {"shipping": 550, "points": 500, "coupon_mall": 200, "coupon_shop": 300}


def ship(shop: Shop, order_no: str, lines: list[Line], day: str = "2026-11-20", **header: int) -> str:
    shop.order(order_no, lines, **header)
    return shop.ship_all(order_no, lines, day)


def entries(shop: Shop) -> list[tuple[object, ...]]:
    return shop.master.rows(
        "SELECT entry_no, entry_key, entry_date, kind FROM journal_entry ORDER BY entry_no"
    )


def test_tax_excluded_sends_the_gross_amount_with_its_tax(master: MasterUnderTest) -> None:
    shop = Shop(master, accounting={"tax": "excluded"})
    ship(shop, "R-1", [Line("1", 3300), RICE], **EXAMPLE)
    shop.night()
    assert shop.journal() == [
        (1, "debit", "売掛金", "楽天", "out_of_scope", 0, 5710, None),
        (1, "credit", "売上高", "楽天", "sale:excluded", 1000, 3669, 333),
        (1, "credit", "売上高", "楽天", "sale:excluded", 800, 2041, 151),
    ]


@pytest.mark.parametrize("tax", ["included", "excluded"])
def test_fees_have_an_account_of_their_own_where_one_is_named(master: MasterUnderTest, tax: str) -> None:
    shop = Shop(master, accounting={"tax": tax, "accounts": {"shipping_income": "受取送料"}})
    ship(shop, "R-1", [Line("1", 3300), RICE], **EXAMPLE)
    shop.night()
    assert [line[1:] for line in shop.journal()[1:3]] == [
        ("credit", "売上高", "楽天", f"sale:{tax}", 1000, 3119, 283),
        ("credit", "受取送料", "楽天", f"sale:{tax}", 1000, 550, 50),
    ]


def test_the_payer_is_the_sub_account_and_the_channels_title_stands_in(master: MasterUnderTest) -> None:
    shop = Shop(master, channels={"rakuten1": {"payer": "", "title": "楽天市場店"}})
    ship(shop, "R-1", [MUG])
    shop.night()
    assert {line[3] for line in shop.journal()} == {"楽天市場店"}


def test_numbers_follow_date_and_key_whatever_the_order_of_arrival(master: MasterUnderTest) -> None:
    shop = Shop(master)
    ship(shop, "R-3", [MUG], "2026-11-21")
    ship(shop, "R-2", [MUG], "2026-11-20")
    ship(shop, "R-1", [MUG], "2026-11-21")
    shop.night()
    assert entries(shop) == [
        (1, "sale:rakuten1:R-2:1", "2026-11-20", "sale"),
        (2, "sale:rakuten1:R-1:1", "2026-11-21", "sale"),
        (3, "sale:rakuten1:R-3:1", "2026-11-21", "sale"),
    ]


def test_numbers_begin_where_the_settings_say_and_have_no_gaps(master: MasterUnderTest) -> None:
    shop = Shop(master, accounting={"first_entry_no": 500})
    ship(shop, "R-1", [MUG])
    shop.night()
    ship(shop, "R-2", [MUG])
    shop.night()
    assert [entry[0] for entry in entries(shop)] == [500, 501]


class TestPerDay:
    """One entry for the shipments of a day, a channel, a payer and a kind."""

    def test_a_days_sales_are_one_entry_summed_per_rate(self, master: MasterUnderTest) -> None:
        shop = Shop(master, accounting={"aggregate": "per_day"})
        ship(shop, "R-1", [MUG, RICE])
        ship(shop, "R-2", [MUG])
        ship(shop, "R-3", [RICE], "2026-11-21")
        night = shop.night()
        assert entries(shop) == [
            (1, "day:2026-11-20:rakuten1:楽天:1", "2026-11-20", "sale"),
            (2, "day:2026-11-21:rakuten1:楽天:1", "2026-11-21", "sale"),
        ]
        assert [(line[0], line[1], line[5], line[6]) for line in shop.journal()] == [
            (1, "debit", 0, 4360),
            (1, "credit", 1000, 2200),
            (1, "credit", 800, 2160),
            (2, "debit", 0, 2160),
            (2, "credit", 800, 2160),
        ]
        assert master.rows("SELECT booking_key, entry_no FROM booking_journal ORDER BY booking_key") == [
            ("sale:rakuten1:R-1:1", 1),
            ("sale:rakuten1:R-2:1", 1),
            ("sale:rakuten1:R-3:1", 2),
        ]
        assert [proof for proof in night.proofs if not proof.holds] == []

    def test_a_later_run_of_the_same_day_makes_another_entry(self, master: MasterUnderTest) -> None:
        shop = Shop(master, accounting={"aggregate": "per_day"})
        ship(shop, "R-1", [MUG])
        shop.night()
        ship(shop, "R-2", [MUG])
        shop.night()
        shop.night()
        assert [entry[1] for entry in entries(shop)] == [
            "day:2026-11-20:rakuten1:楽天:1",
            "day:2026-11-20:rakuten1:楽天:2",
        ]

    def test_returns_of_the_day_are_an_entry_of_their_own(self, master: MasterUnderTest) -> None:
        shop = Shop(master, accounting={"aggregate": "per_day"})
        parcel = ship(shop, "R-1", [MUG])
        shop.event("return", parcel, 1, 1, "2026-11-20")
        shop.night()
        assert [entry[1:] for entry in entries(shop)] == [
            ("day:2026-11-20:rakuten1:楽天:1", "2026-11-20", "sale"),
            ("day:2026-11-20:rakuten1:楽天:2", "2026-11-20", "return"),
        ]

    def test_its_description_counts_and_names_no_person(self, master: MasterUnderTest) -> None:
        shop = Shop(master, accounting={"aggregate": "per_day"}, project={"language": "en"})
        ship(shop, "R-1", [MUG])
        ship(shop, "R-2", [MUG])
        shop.night()
        assert (
            master.scalar("SELECT description FROM journal_entry")
            == "Sale of 2026-11-20, 2 shipments rakuten1"
        )


def test_an_orders_description_is_its_number_exactly_as_the_mall_shows_it(master: MasterUnderTest) -> None:
    shop = Shop(master, project={"language": "en"})
    ship(shop, "000001-20261120-0000000001", [MUG])
    shop.night()
    assert master.scalar("SELECT description FROM journal_entry") == "Sale 000001-20261120-0000000001"


@pytest.mark.parametrize("aggregate", ["per_order", "per_day"])
def test_a_booking_that_would_not_balance_is_held_back_alone(master: MasterUnderTest, aggregate: str) -> None:
    shop = Shop(master, accounting={"aggregate": aggregate})
    ship(shop, "R-1", [MUG])
    ship(shop, "R-2", [MUG])
    shop.flush()
    with master.context(settings=shop.settings, run_id=7) as ctx:
        from ecsync.accounting import journals, sales

        sales.book_sales(ctx)
        ctx.execute("UPDATE booking_amount SET goods = goods + 1 WHERE booking_key = 'sale:rakuten1:R-1:1'")
        assert journals.write_journals(ctx) == 1
        assert [(f.code, f.subject, f.params["detail"]) for f in ctx.findings] == [
            ("proof_broken", "sale:rakuten1:R-1:1", "1100 / 1101")
        ]
    assert master.rows("SELECT booking_key FROM booking_journal") == [("sale:rakuten1:R-2:1",)]
    with master.engine.begin() as conn:
        conn.execute(sa.text("UPDATE booking_amount SET goods = gross - fees"))
    shop.runs = 7
    shop.night()
    assert [entry[0] for entry in entries(shop)] == [1, 2]


def test_what_is_journaled_is_never_journaled_again(master: MasterUnderTest) -> None:
    shop = Shop(master)
    ship(shop, "R-1", [MUG])
    shop.night()
    shop.settings = master.make_settings(accounting={"aggregate": "per_day"})
    shop.night()
    assert len(entries(shop)) == 1
