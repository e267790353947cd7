"""A noon and a night run instruct what one run would have, apart from what arrived between them."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from shop import NIGHT, NOON, Shop

if TYPE_CHECKING:
    from laws_types import MakeShop

Shipped = tuple[str, str, str, str]


def instructed(shop: Shop) -> set[Shipped]:
    """Return what the warehouse was told: (order, destination, SKU, quantity)."""
    found: set[Shipped] = set()
    for path in (shop.partners / "warehouse/in").glob("instruction_*.csv"):
        for row in csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))):
            found.add((row["order_no"], row["ship_name"] + row["ship_address"], row["sku"], row["qty"]))
    return found


def test_noon_then_night_instruct_what_one_night_would_have(make_shop: MakeShop) -> None:
    twice, once = make_shop("twice"), make_shop("once")
    twice.place(NOON)
    twice.sync(NOON)
    twice.sync(NIGHT)  # nothing arrived in between
    once.place(NOON)
    once.sync(NIGHT)
    assert instructed(twice) == instructed(once)
    assert instructed(once)


def test_what_one_run_would_instruct_is_instructed_once_over_any_number_of_runs(make_shop: MakeShop) -> None:
    shop = make_shop("shop")
    shop.place(NOON)
    kinds = ("stock", "noon", "stock", "evening", "night")
    for kind in kinds:
        shop.sync(NOON, kind=kind)
    told = [
        row["parcel_no"] + row["line_no"]
        for path in (shop.partners / "warehouse/in").glob("instruction_*.csv")
        for row in csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig")))
    ]
    assert len(told) == len(set(told))
    alone = make_shop("alone")
    alone.place(NOON)
    alone.sync(NOON)
    assert instructed(shop) == instructed(alone)
