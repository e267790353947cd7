"""The proofs of the books find every planted break, and say whose it is."""

from __future__ import annotations

import pytest

from accounting.shop_of_books import Line, Shop
from ecsync.accounting import journals, proofs, sales
from ecsync.master.proof import Proof
from master_under_test import MasterUnderTest

MUG = Line("1", 1100)
RICE = Line("2", 2160, tax_rate=800)


def broken_by(master: MasterUnderTest, *damage: str) -> list[Proof]:
    """Book R-1 and R-2, damage the books, and return the proofs that do not hold."""
    shop = Shop(master)
    for number in ("R-1", "R-2"):
        shop.order(number, [MUG, RICE], shipping=550)
        shop.ship_all(number, [MUG, RICE])
    shop.flush()
    with master.context(settings=shop.settings, run_id=3) as ctx:
        sales.book_sales(ctx)
        journals.write_journals(ctx)
        for statement in damage:
            ctx.execute(statement)
        return [proof for proof in proofs.check(ctx) if not proof.holds]


def test_undamaged_books_prove(master: MasterUnderTest) -> None:
    assert broken_by(master) == []


def test_an_entry_that_does_not_balance_is_named_alone(master: MasterUnderTest) -> None:
    broken = broken_by(
        master, "UPDATE journal_line SET amount = amount + 1 WHERE entry_no = 1 AND side = 'debit'"
    )
    assert broken == [Proof("entry.balance", "sale:rakuten1:R-1:1", 3811, 3810)]


@pytest.mark.parametrize(
    ("damage", "names"),
    [
        (
            "UPDATE core_entry SET amount = amount + 1 WHERE entry_id = 'sale:rakuten1:R-1:1/01'",
            {"order.entries"},
        ),
        ("UPDATE core_entry SET tax = tax - 1 WHERE entry_id = 'sale:rakuten1:R-1:1/01'", {"order.entries"}),
        (
            "UPDATE booking_amount SET tax = tax + 1 WHERE booking_key = 'sale:rakuten1:R-1:1' AND tax_rate = 800",
            {"order.entries", "order.tax"},
        ),
    ],
)
def test_a_break_inside_an_order_is_that_orders(
    master: MasterUnderTest, damage: str, names: set[str]
) -> None:
    broken = broken_by(master, damage)
    assert {proof.name for proof in broken} == names
    assert {proof.subject for proof in broken} == {"rakuten1:R-1"}


def test_an_order_whose_header_says_otherwise_is_found(master: MasterUnderTest) -> None:
    broken = broken_by(master, "UPDATE sales_order SET billed = billed + 1 WHERE order_no = 'R-2'")
    assert broken == [Proof("order.booked", "rakuten1:R-2", 3811, 3810)]


def test_journals_that_leave_a_booking_out_are_found(master: MasterUnderTest) -> None:
    broken = broken_by(
        master, "UPDATE journal_line SET amount = amount + 9 WHERE entry_no = 2 AND tax_rate IN (0, 800)"
    )
    assert broken == [Proof("journals.bookings", "rakuten1 8%", 4320, 4329)]


def test_the_sums_are_told_per_channel_and_rate(master: MasterUnderTest) -> None:
    shop = Shop(master)
    shop.order("R-1", [MUG, RICE], shipping=550)
    shop.ship_all("R-1", [MUG, RICE])
    night = shop.night()
    told = {(proof.name, proof.subject): proof.actual for proof in night.proofs}
    assert told == {
        ("day.balance", "2026-11-20"): 3810,
        ("journals.bookings", "rakuten1 10%"): 1650,
        ("journals.bookings", "rakuten1 8%"): 2160,
        ("core.bookings", "rakuten1 10%"): 1650,
        ("core.bookings", "rakuten1 8%"): 2160,
        ("bookings.orders", "rakuten1 10%"): 1650,
        ("bookings.orders", "rakuten1 8%"): 2160,
    }


def test_a_run_that_books_nothing_has_nothing_to_prove(master: MasterUnderTest) -> None:
    assert Shop(master).night().proofs == []


def test_a_break_that_held_something_back_holds_it_back_until_it_is_mended(master: MasterUnderTest) -> None:
    shop = Shop(master)
    for number in ("R-1", "R-2"):
        shop.order(number, [MUG])
        shop.ship_all(number, [MUG])
    shop.night()
    told = [
        {"document": "journal_lines", "business_key": "sale:rakuten1:R-2:1"},
        {"document": "core_entries", "business_key": "sale:rakuten1:R-2:1/01"},
    ]
    master.insert("outbox_key", *told)
    with master.context(run_id=8) as ctx:
        ctx.execute("UPDATE core_entry SET amount = amount + 1 WHERE order_no = 'R-1'")
    for run_id in (9, 10):
        with master.context(run_id=run_id) as ctx:
            assert [p for p in proofs.check(ctx) if not p.holds] == [
                Proof("order.entries", "rakuten1:R-1", 1200, 1201)
            ]
