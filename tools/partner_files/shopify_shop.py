"""The demo shop's orders and products as its own Shopify shop exports them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from partner_files import shopify

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partner_files.base import Order, Person, Product, World

PROVINCES = Path(__file__).resolve().parents[2] / "mappings" / "shopify" / "tables" / "provinces.yaml"
PAYMENTS = {"card": "Shopify Payments", "bank": "銀行振込", "convenience": "コンビニ決済", "paypay": "PayPay"}
SLOTS = {
    "am": "午前中",
    "14-16": "14:00-16:00",
    "16-18": "16:00-18:00",
    "18-20": "18:00-20:00",
    "19-21": "19:00-21:00",
}
LOCATION = "店舗倉庫"


def number_of(order: Order) -> str:
    """Return the order's number as staff and customers see it."""
    return f"#{order.number}"


def orders(world: World, sold: Iterable[Order]) -> bytes:
    """Return the orders export."""
    return shopify.orders_file(order_of(order, world) for order in sold)


def inventory(products: Iterable[Product], shown: int) -> bytes:
    """Return the inventory export of all kinds of quantities: what the shop shows now at its one location."""
    variants = [
        shopify.Variant(
            handle=product.item,
            title=product.name.removesuffix(f" {product.variant_name}"),
            sku=product.sku,
            stock={LOCATION: shopify.Level(shown)},
            options=(("種類", product.variant_name),)
            if product.variant_name
            else (("Title", "Default Title"),),
        )
        for product in products
    ]
    return shopify.inventory_of_all_kinds(variants, (LOCATION,))


@cache
def _provinces() -> dict[str, str]:
    entries = yaml.safe_load(PROVINCES.read_bytes())["entries"]
    return {name: code for code, name in reversed(entries.items()) if code.startswith("JP-")}


def _person(person: Person, number: int) -> shopify.Person:
    street, _blank, building = person.address.partition(" ")
    return shopify.Person(
        person.family,
        person.given,
        f"{person.postcode[:3]}-{person.postcode[3:]}",
        _provinces()[person.prefecture],
        person.city,
        street,
        building,
        f"'+81900000{number:04d}",
    )


def order_of(order: Order, world: World) -> shopify.Order:
    """Return an order as the shop's export tells it."""
    attributes = {}
    if order.wished:
        attributes["お届け希望日"] = order.wished
    if order.slot:
        attributes["お届け希望時間帯"] = SLOTS[order.slot]
    return shopify.Order(
        int(order.number),
        [_line(sku, qty, world) for sku, qty in order.lines],
        placed=order.ordered,
        person=_person(world.people[order.person], int(order.number)),
        financial="pending" if order.status == "unpaid" else "paid",
        payment=PAYMENTS[order.payment],
        shipping=order.postage,
        discount=order.shop_coupon,
        code="MINATO" if order.shop_coupon else "",
        cancelled=f"{order.ordered[:10]} 20:00:00" if order.status == "cancelled" else "",
        notes=order.comment,
        attributes=attributes,
    )


def _line(sku: str, qty: int, world: World) -> shopify.Line:
    product = world.products.get(sku)
    name = product.name if product else "贈答用の箱"
    return shopify.Line(sku, name, world.price(sku), qty, world.rate(sku) // 100)
