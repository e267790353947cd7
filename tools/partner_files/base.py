"""Invented people, products and orders: what every partner's files are made of.

Phones are 090-0000-xxxx, mail addresses end in example.jp, JAN codes are of the range for use inside one company.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

STANDARD, REDUCED = 1000, 800  # tax rates in basis points


@dataclass(frozen=True)
class Person:
    """Somebody who does not exist."""

    family: str
    given: str
    family_kana: str
    given_kana: str
    postcode: str  # seven digits
    prefecture: str
    city: str
    address: str


@dataclass(frozen=True)
class Product:
    """A product, or a set; `units` on hand at the start by warehouse, none for a set.

    `item` and `variant` are how shops list it: one item with variants, or an item of its own (variant '').
    """

    sku: str
    name: str
    jan: str
    cost: int
    price: int
    rate: int
    item: str
    variant: str = ""
    variant_name: str = ""
    units: tuple[tuple[str, int], ...] = ()

    def units_in(self, warehouse: str) -> int | None:
        """Return the units at the start, or None where the warehouse does not keep it."""
        return dict(self.units).get(warehouse)


@dataclass
class Order:
    """One order as its shop sees it at one time.

    `status` and `payment` are the neutral words of a partner's module, or the partner's own codes; `ordered` is
    local time; `to` names further receivers, one per line.
    """

    number: str
    ordered: str
    person: str
    lines: list[tuple[str, int]]
    status: str = "ready"
    payment: str = "card"
    postage: int = 550
    cod: int = 0
    points: int = 0
    shop_coupon: int = 0
    mall_coupon: int = 0
    wished: str = ""
    slot: str = ""
    comment: str = ""
    checking: str = "0"
    to: list[str] = field(default_factory=list)
    wrong_billed: int = 0


@dataclass(frozen=True)
class World:
    """Who there is and what is sold, by the names that orders use."""

    people: dict[str, Person]
    products: dict[str, Product]

    def price(self, sku: str) -> int:
        """Return the price of a unit, tax included; 1000 for what nobody knows."""
        return self.products[sku].price if sku in self.products else 1000

    def rate(self, sku: str) -> int:
        """Return the tax rate in basis points."""
        return self.products[sku].rate if sku in self.products else STANDARD

    def goods(self, order: Order, rate: int | None = None) -> int:
        """Return the yen of an order's goods, all or those of one rate."""
        lines = (line for line in order.lines if rate is None or self.rate(line[0]) == rate)
        return sum(self.price(sku) * qty for sku, qty in lines)

    def billed(self, order: Order) -> int:
        """Return what the customer is asked for."""
        coupons = order.shop_coupon + order.mall_coupon
        return self.goods(order) + order.postage + order.cod - order.points - coupons + order.wrong_billed

    def taxed(self, order: Order, rate: int, *, mall_coupon: bool = True) -> int:
        """Return the taxable yen of a rate, tax included: after coupons, before points, fees at the standard rate."""
        reduced, total = self.goods(order, REDUCED), self.goods(order)
        coupon = order.shop_coupon + (order.mall_coupon if mall_coupon else 0)
        share = coupon * reduced // total if total else 0
        if rate == REDUCED:
            return reduced - share
        return total - reduced - (coupon - share) + order.postage + order.cod


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    encoding: str = "utf-8",
    quote: bool = False,
    newline: str = "\r\n",
) -> bytes:
    """Return a CSV file with its header."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL if quote else csv.QUOTE_MINIMAL, lineterminator=newline)
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def read_table(content: bytes, encoding: str) -> list[list[str]]:
    """Return the header and rows of a CSV file, line ends inside cells kept."""
    return list(csv.reader(io.StringIO(content.decode(encoding), newline="")))
