"""Sales at shipment: per tax rate, to the yen, whatever the shipments look like."""

from __future__ import annotations

import pytest

from master_under_test import MasterUnderTest
from accounting.shop_of_books import Line, Shop

GOODS = Line("1", 3300, tax_rate=1000)
FOOD = Line("2", 2160, tax_rate=800)


def running_example(shop: Shop, **header: object) -> list[Line]:
    """R-1: goods 3,300 at 10 %, food 2,160 at 8 %, shipping 550, 500 points, coupons 200 (mall) and 300 (shop)."""
    lines = [GOODS, FOOD]
    shop.order("R-1", lines, shipping=550, points=500, coupon_mall=200, coupon_shop=300, **header)
    shop.ship_all("R-1", lines)
    return lines


def test_the_running_example_books_3669_and_2041(master: MasterUnderTest) -> None:
    shop = Shop(master)
    running_example(shop)
    night = shop.night()
    assert shop.amounts("sale:rakuten1:R-1:1") == {800: (2041, 151), 1000: (3669, 333)}
    assert [proof for proof in night.proofs if not proof.holds] == []
    assert shop.journal() == [
        (1, "debit", "売掛金", "楽天", "out_of_scope", 0, 5710, None),
        (1, "credit", "売上高", "楽天", "sale:included", 1000, 3669, None),
        (1, "credit", "売上高", "楽天", "sale:included", 800, 2041, None),
    ]
