"""Law 5, from the delivered bytes alone: the books balance, and say what was shipped, per day and per tax rate."""

from __future__ import annotations

import importlib.util
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from partner_files import one_shop
from shop import NIGHT, NOON, Shop

if TYPE_CHECKING:
    from laws_types import MakeShop


def _module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


checker = _module(Path(__file__).parents[1] / "accounting" / "plain_text_checker.py")

# Shipped in the story: 1, 2, 3, 10 in full; of order 6 one of two cups, with its postage.
WHOLE = ("0000000001", "0000000002", "0000000003", "0000000010")
PART_10_PERCENT = 1650 + 550


def shipped_per_rate() -> dict[int, int]:
    """Return yen per rate, tax included, from the story's own figures: goods and fees less the shop's coupon."""
    totals = {1000: PART_10_PERCENT, 800: 0}
    for order in one_shop.NOON:
        if order.number in WHOLE:
            per_rate = {rate: one_shop.WORLD.taxed(order, rate) for rate in (1000, 800)}
            # What the mall bears is paid by the mall: the sale is what it would be without that coupon.
            per_rate = {rate: one_shop.WORLD.taxed(order, rate, mall_coupon=False) for rate in per_rate}
            for rate, yen in per_rate.items():
                totals[rate] += yen
    return totals


def with_books(shop: Shop, tax: str, aggregate: str) -> None:
    path = shop.project / "ecsync.toml"
    text = path.read_text(encoding="utf-8")
    text = text.replace('tax = "included"', f'tax = "{tax}"').replace('"per_order"', f'"{aggregate}"')
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("aggregate", ["per_order", "per_day"])
@pytest.mark.parametrize(("tax", "word"), [("included", "込"), ("excluded", "内")])
def test_the_delivered_journals_balance_and_say_what_was_shipped(
    make_shop: MakeShop, tax: str, word: str, aggregate: str
) -> None:
    shop = make_shop("shop")
    with_books(shop, tax, aggregate)
    shop.play(NOON)
    shop.play(NIGHT)
    files = [content for path, content in shop.delivered().items() if path.startswith("kaikei/")]
    assert len(files) == 1
    books = checker.read_books(files[0])
    expected = shipped_per_rate()
    assert books.by_day == {date(2026, 11, 24): 0}
    assert books.by_tax[f"課税売上{word}10%"] == -expected[1000]
    assert books.by_tax[f"課税売上{word}軽減8%"] == -expected[800]
    assert books.by_sub_account["売掛金", "楽天市場"] == sum(expected.values())
    assert len(books.entries) == (1 if aggregate == "per_day" else len(WHOLE) + 1)


def test_under_excluded_the_malls_stated_tax_goes_to_the_file(make_shop: MakeShop) -> None:
    shop = make_shop("shop")
    with_books(shop, "excluded", "per_order")
    shop.play(NOON)
    shop.play(NIGHT)
    file = next(content for path, content in shop.delivered().items() if path.startswith("kaikei/"))
    books = checker.read_books(file)
    whole = [order for order in one_shop.NOON if order.number in WHOLE and not order.mall_coupon]
    stated = sum(one_shop.WORLD.taxed(order, 1000) * 10 // 110 for order in whole)
    told = books.tax_amounts["課税売上内10%"]
    first = next(order for order in one_shop.NOON if order.number == WHOLE[0])
    # Order 1 bears a mall coupon, order 6 ships in part: their tax is their own share.
    assert abs(told) >= stated
    rest = abs(told) - stated
    base = one_shop.WORLD.taxed(first, 1000, mall_coupon=False) + PART_10_PERCENT
    assert abs(rest - base * 10 // 110) <= 2


def test_the_core_system_hears_the_same_yen_as_the_accountant(make_shop: MakeShop) -> None:
    import csv
    import io

    shop = make_shop("shop")
    shop.play(NOON)
    shop.play(NIGHT)
    rows: list[dict[str, str]] = []
    for path, content in shop.delivered().items():
        if path.startswith("erp/in/"):
            rows.extend(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    per_rate: dict[str, int] = {}
    for row in rows:
        per_rate[row["tax_rate"]] = per_rate.get(row["tax_rate"], 0) + int(row["amount"])
    expected = shipped_per_rate()
    assert per_rate == {"10": expected[1000], "8": expected[800]}
    assert len({row["entry_id"] for row in rows}) == len(rows)
