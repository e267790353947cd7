"""The demo shop's facts, read from tools/demo_shop.yaml: who there is, what is sold, and every order at every run."""

from __future__ import annotations

import random
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from partner_files.base import Order, Person, Product, World

FACTS = Path(__file__).resolve().parents[1] / "demo_shop.yaml"
WAREHOUSES = {"rakuten1": "main", "yahoo1": "main", "shopify1": "store"}
COD_FEE = 330
# What is kept in smaller numbers is sold in told orders only, so that no draw takes it away from the story.
ENOUGH = {"main": 18, "store": 10}


@dataclass(frozen=True)
class Facts:
    """The facts, and the orders drawn from them."""

    world: World
    components: list[tuple[str, str, int]]
    runs: list[str]
    mess: list[dict[str, Any]]
    orders: dict[str, dict[str, list[Order]]]  # channel -> run -> what its shop says then

    @property
    def products(self) -> list[Product]:
        """Return all products, sets among them."""
        return list(self.world.products.values())

    def sold_by(self, channel: str) -> list[Product]:
        """Return what a channel lists: what its warehouse keeps, and the sets made of that."""
        kept = {p.sku for p in self.products if p.units_in(WAREHOUSES[channel]) is not None}
        sets = {s for s, _c, _n in self.components}
        whole = {s for s in sets if {c for of, c, _n in self.components if of == s} <= kept}
        return [p for p in self.products if p.sku in kept | whole]


def read_facts(path: Path = FACTS) -> Facts:
    """Read the facts and draw what is left to chance, always the same."""
    told = yaml.safe_load(path.read_bytes())
    products = {p.sku: p for p in [*_products(told["items"]), *_sets(told["sets"])]}
    products = {
        sku: Product(**{**vars(p), "jan": _jan(number)})
        for number, (sku, p) in enumerate(products.items(), 1)
    }
    components = [(s, c, n) for s, facts in told["sets"].items() for c, n in facts["of"].items()]
    world = World({name: Person(*cells) for name, cells in told["people"].items()}, products)
    facts = Facts(world, components, list(told["slots_of_orders"]), told["mess"], {})
    for channel in told["drawn"]:
        facts.orders[channel] = _orders(facts, told, channel)
    return facts


def _products(items: list[dict[str, Any]]) -> list[Product]:
    return [
        Product(
            sku=f"{item['item']}-{ending}".upper().rstrip("-"),
            name=f"{item['name']} {variant or ''}".strip(),
            jan="",
            cost=item["cost"],
            price=item["price"],
            rate=item["rate"],
            item=item["item"],
            variant=ending.lower(),
            variant_name=variant or "",
            units=tuple((w, n) for w, n in (("main", main), ("store", store)) if n is not None),
        )
        for item in items
        for ending, (variant, main, store) in item["variants"].items()
    ]


def _sets(sets: dict[str, dict[str, Any]]) -> list[Product]:
    return [
        Product(sku, facts["name"], "", 0, facts["price"], facts["rate"], item=sku.lower())
        for sku, facts in sets.items()
    ]


def _jan(number: int) -> str:
    """Return a JAN code of the range for use inside one company."""
    digits = f"2{number:011d}"
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"


def _orders(facts: Facts, told: dict[str, Any], channel: str) -> dict[str, list[Order]]:
    said: dict[str, list[Order]] = {run: [] for run in facts.runs}
    for tale in (tale for tale in told["told"] if tale["channel"] == channel):
        order = _told(tale)
        said[tale["run"]].append(order)
        for run, changes in tale.get("later", {}).items():
            order = deepcopy(order)
            for name, value in changes.items():
                setattr(order, name, value)
            said[run].append(order)
    number = told["first_numbers"][channel]
    for run, count in told["drawn"][channel].items():
        draw = random.Random(f"{told['seed']}:{channel}:{run}")  # noqa: S311  (a story, no secret)
        times = sorted(_time(draw, *told["slots_of_orders"][run]) for _order in range(count))
        for ordered in times:
            said[run].append(_drawn(facts, told, channel, number, ordered, draw))
            number += 1
    for mess in (mess for mess in told["mess"] if mess["channel"] == channel and "destroys" in mess):
        again = [order for order in said[mess["run"]] if order.number.endswith(mess["destroys"])]
        said[mess["again"]] += again
    return said


def _told(tale: dict[str, Any]) -> Order:
    facts = {name: value for name, value in tale.items() if name not in {"channel", "run", "later"}}
    facts["lines"] = list(tale["lines"].items())
    facts["number"] = _number(tale["channel"], tale["number"])
    return Order(**facts)


def _number(channel: str, number: int) -> str:
    return f"{number:010d}" if channel == "rakuten1" else str(number)


def _time(draw: random.Random, first: str, last: str) -> datetime:
    start, end = datetime.fromisoformat(first), datetime.fromisoformat(last)
    return start + timedelta(seconds=draw.randrange(int((end - start).total_seconds())))


def _drawn(
    facts: Facts, told: dict[str, Any], channel: str, number: int, ordered: datetime, draw: random.Random
) -> Order:
    rates, warehouse = told["rates"], WAREHOUSES[channel]

    def happens(name: str) -> bool:
        return draw.random() < float(rates[name])

    kept = [p for p in facts.sold_by(channel) if (p.units_in(warehouse) or 0) >= ENOUGH[warehouse]]
    count = 3 if happens("three_lines") else 2 if happens("two_lines") else 1
    skus = [product.sku for product in draw.sample(kept, count)]
    lines = [(sku, draw.choice((2, 3)) if happens("several_units") else 1) for sku in skus]
    people = [name for name in facts.world.people if not name.startswith(("番地", "髙橋の"))]
    order = Order(_number(channel, number), ordered.isoformat(" "), draw.choice(people), lines)
    goods = facts.world.goods(order)
    order.postage = 0 if goods >= told["free_shipping_from"] else 550
    mall = channel != "shopify1"
    if happens("cod") and mall:
        order.payment, order.cod = "cod", COD_FEE
    if happens("points") and mall and goods > max(told["points"]):
        order.points = draw.choice(told["points"])
    if happens("shop_coupon"):
        order.shop_coupon = draw.choice(told["coupons"])
    if happens("mall_coupon") and mall:
        order.mall_coupon = draw.choice(told["coupons"])
    if happens("wished_date"):
        order.wished = (ordered + timedelta(days=draw.randint(3, 6))).date().isoformat()
    if happens("wished_slot"):
        order.slot = draw.choice(told["slots"])
    if happens("comment"):
        order.comment = draw.choice(told["comments"])
    return order
