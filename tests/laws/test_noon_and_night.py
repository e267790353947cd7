"""A noon and a night run instruct what one run would have, apart from what arrived between them."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from shop import NIGHT, NOON, Shop

if TYPE_CHECKING:
    from played_days import MakeShop

Shipped = tuple[str, str, str, str]


def instructed(shop: Shop) -> set[Shipped]:
    """Return what the warehouse was told: (order, destination, SKU, quantity)."""
    found: set[Shipped] = set()
    for path in (shop.partners / "warehouse/in").glob("instruction_*.csv"):
        for row in csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))):
            found.add((row["order_no"], row["ship_name"] + row["ship_address"], row["sku"], row["qty"]))
    return found


def parcels(shop: Shop) -> list[tuple[object, ...]]:
    """Return every line that any warehouse was told, without its numbers."""
    return shop.rows(
        "SELECT i.warehouse, i.channel, i.order_no, i.dest_id, l.line_id, l.sku, l.qty FROM shipping_instruction i "
        "JOIN instruction_line l ON l.parcel_no = i.parcel_no ORDER BY 1, 2, 3, 4, 5, 6, 7"
    )


def test_noon_then_night_instruct_what_one_night_would_have(make_shop: MakeShop) -> None:
    twice, once = make_shop("twice", after=NOON.name), make_shop("once")
    twice.sync(NIGHT)  # nothing arrived in between
    once.place(NOON)
    once.sync(NIGHT)
    assert instructed(twice) == instructed(once)
    assert parcels(twice) == parcels(once)
    assert instructed(once)


def test_what_one_run_would_instruct_is_instructed_once_over_any_number_of_runs(make_shop: MakeShop) -> None:
    shop, alone = make_shop("shop"), make_shop("alone", after=NOON.name)
    shop.place(NOON)
    for kind in ("stock", "noon", "stock", "evening", "night"):
        shop.sync(NOON, kind=kind)
    told = [
        row["parcel_no"] + row["line_no"]
        for path in (shop.partners / "warehouse/in").glob("instruction_*.csv")
        for row in csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig")))
    ]
    assert len(told) == len(set(told))
    assert instructed(shop) == instructed(alone)
    assert parcels(shop) == parcels(alone)
