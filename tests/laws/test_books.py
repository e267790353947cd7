"""Law 5, from the delivered bytes alone: the books balance, and say what was shipped, per day and per tax rate."""

from __future__ import annotations

import csv
import importlib.util
import io
import sys
from collections import Counter
from datetime import date
from fractions import Fraction
from functools import cache
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from partner_files import rakuten, shopify_shop, yahoo
from partner_files.base import Order
from partner_files.facts import Facts, read_facts
from shop import NIGHT, NOON, STEPS, Shop

if TYPE_CHECKING:
    from played_days import MakeShop

HALF_SHIPPED = "0000000006"  # one of two cups on the first day, with the order's postage
PART_10_PERCENT = 1650 + 550
RATES = (1000, 800)
REDUCED = 800


def _module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


checker = _module(Path(__file__).parents[1] / "accounting" / "plain_text_checker.py")
freee_checker = _module(Path(__file__).parents[1] / "accounting" / "freee_checker.py")


@cache
def facts() -> Facts:
    return read_facts()


NUMBERS = {
    "rakuten1": rakuten.number_of,
    "yahoo1": yahoo.number_of,
    "shopify1": shopify_shop.number_of,
}
PARCEL, ORDER = "お客様管理番号", "記事"  # of a label


def orders_by_number() -> dict[str, Order]:
    """Return every order of the story as its shop last knew it, by the number that the shop writes."""
    orders = facts().orders
    return {
        number_of(order): order
        for channel, number_of in NUMBERS.items()
        for run in facts().runs
        for order in orders[channel][run]
    }


def shipped_orders(shop: Shop) -> dict[str, bool]:
    """Return the orders of which something left, and whether all that was told has left: from the partners' files."""
    told: Counter[str] = Counter()
    order_of: dict[str, str] = {}
    for row in rows_of(shop, "warehouse/in/instruction_*.csv"):
        order_of[row["parcel_no"]] = row["order_no"]
        told[row["order_no"]] += int(row["qty"])
    left: Counter[str] = Counter()
    for row in rows_of(shop, "warehouse/out/done/events_*.csv"):
        if row["kind"] == "shipped":
            left[order_of[row["parcel_no"]]] += int(row["qty"])
        elif row["kind"] in {"short", "recalled"}:
            told[order_of[row["parcel_no"]]] -= int(row["qty"] or 0)
    labelled = {row[PARCEL]: row[ORDER] for row in rows_of(shop, "store/in/b2_*.csv", "cp932")}
    issued = {labelled[row[PARCEL]] for row in rows_of(shop, "store/out/done/issued_*.csv", "cp932")}
    return {order: units >= told[order] for order, units in left.items()} | dict.fromkeys(
        sorted(issued), True
    )


def rows_of(shop: Shop, pattern: str, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    return [
        row
        for path in sorted(shop.partners.glob(pattern))
        for row in csv.DictReader(io.StringIO(path.read_bytes().decode(encoding)))
    ]


def yen_of(numbers: list[str]) -> dict[int, int]:
    """Return yen per rate, tax included, from the story's own figures: goods and fees less the shop's coupon.

    What the mall bears is paid by the mall: the sale is what it would be without that coupon.
    """
    orders = orders_by_number()
    return {rate: sum(yen_of_order(number, orders[number], rate) for number in numbers) for rate in RATES}


def yen_of_order(number: str, order: Order, rate: int) -> int:
    """Return the yen of one order and rate: as Rakuten states it, else with the coupon shared by the largest rests."""
    world = facts().world
    if number.startswith(rakuten.SHOP_ID):
        return world.taxed(order, rate, mall_coupon=False)
    reduced, goods = world.goods(order, 800), world.goods(order)
    share = ceil(Fraction(order.shop_coupon * reduced, goods) - Fraction(1, 2))
    if rate == REDUCED:
        return reduced - share
    return goods - reduced - (order.shop_coupon - share) + order.postage + order.cod


def books_of(shop: Shop) -> list[Any]:
    return [checker.read_books(c) for path, c in shop.delivered().items() if path.startswith("kaikei/")]


def with_books(shop: Shop, tax: str, aggregate: str) -> None:
    path = shop.project / "ecsync.toml"
    text = path.read_text(encoding="utf-8")
    text = text.replace('tax = "included"', f'tax = "{tax}"').replace('"per_order"', f'"{aggregate}"')
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("tax", "word", "aggregate"),
    [
        ("included", "込", "per_order"),
        pytest.param("included", "込", "per_day", marks=pytest.mark.slow),
        pytest.param("excluded", "内", "per_order", marks=pytest.mark.slow),
        pytest.param("excluded", "内", "per_day", marks=pytest.mark.slow),  # at once on PostgreSQL
    ],
)
def test_the_delivered_journals_balance_and_say_what_was_shipped(
    make_sqlite_shop: MakeShop, tax: str, word: str, aggregate: str
) -> None:
    shop = make_sqlite_shop(after=NOON.name)
    _balance(shop, tax, word, aggregate)


def test_they_do_so_on_postgres_too(make_postgres_shop: MakeShop) -> None:
    _balance(make_postgres_shop(after=NOON.name), "excluded", "内", "per_day")


def _balance(shop: Shop, tax: str, word: str, aggregate: str) -> None:
    with_books(shop, tax, aggregate)
    shop.play(NIGHT)
    (books,) = books_of(shop)
    left = shipped_orders(shop)
    expected = yen_of([number for number in left if not number.endswith(HALF_SHIPPED)])
    expected[1000] += PART_10_PERCENT
    assert books.by_day == {date(2026, 11, 24): 0}
    assert books.by_tax[f"課税売上{word}10%"] == -expected[1000]
    assert books.by_tax[f"課税売上{word}軽減8%"] == -expected[800]
    assert sum(yen for account, yen in books.by_sub_account.items() if account[0] == "売掛金") == sum(
        expected.values()
    )
    payers = len({account for account in books.by_sub_account if account[0] == "売掛金"})
    assert len(books.entries) == (payers if aggregate == "per_day" else len(left))


@pytest.mark.parametrize("tax", ["included", "excluded"])
def test_freee_hears_the_same_books(make_sqlite_shop: MakeShop, tax: str) -> None:
    shop = make_sqlite_shop(after=NOON.name)
    with_books(shop, tax, "per_order")
    path = shop.project / "ecsync.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("yayoi/journals", "freee/journals"), encoding="utf-8"
    )
    shop.play(NIGHT)
    (content,) = [c for path, c in shop.delivered().items() if path.startswith("kaikei/")]
    books = freee_checker.read_books(content)
    left = shipped_orders(shop)
    expected = yen_of([number for number in left if not number.endswith(HALF_SHIPPED)])
    expected[1000] += PART_10_PERCENT
    assert books.by_day == {date(2026, 11, 24): 0}
    assert books.by_tax["課税売上10%"] == -expected[1000]
    assert books.by_tax["課税売上8%（軽）"] == -expected[800]
    assert len(books.entries) == len(left)


def test_under_excluded_the_malls_stated_tax_goes_to_the_file(make_sqlite_shop: MakeShop) -> None:
    shop = make_sqlite_shop(after=NOON.name)
    with_books(shop, "excluded", "per_order")
    shop.play(NIGHT)
    (books,) = books_of(shop)
    orders = orders_by_number()
    whole = [number for number in shipped_orders(shop) if not number.endswith(HALF_SHIPPED)]
    stated = sum(yen_of_order(number, orders[number], 1000) * 10 // 110 for number in whole)
    part = PART_10_PERCENT * 10 // 110
    # An order that bears a mall coupon, or ships in part, has its own share of the tax: a yen each way.
    own_share = sum(orders[number].mall_coupon > 0 for number in whole) + 1
    assert abs(abs(books.tax_amounts["課税売上内10%"]) - stated - part) <= own_share


@pytest.mark.slow
def test_the_core_system_and_the_accountant_hear_what_left_in_three_days(make_sqlite_shop: MakeShop) -> None:
    shop = make_sqlite_shop(after=STEPS[-1].name)
    left = shipped_orders(shop)
    assert all(left.values()), "whatever left at all has left whole by the end of the story"
    expected = yen_of(list(left))
    rows = rows_of(shop, "erp/in/sales_*.csv")
    told = {rate: sum(int(row["amount"]) for row in rows if row["tax_rate"] == rate) for rate in ("10", "8")}
    assert told == {"10": expected[1000], "8": expected[800]}
    assert len({row["entry_id"] for row in rows}) == len(rows)
    books = books_of(shop)
    assert {day for one in books for day in one.by_day} == {date(2026, 11, day) for day in (24, 25, 26)}
    assert -sum(one.by_tax["課税売上込10%"] for one in books) == expected[1000]
    assert -sum(one.by_tax["課税売上込軽減8%"] for one in books) == expected[800]
