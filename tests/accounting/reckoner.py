"""What an order is worth per tax rate, reckoned a second time: one order, plain integers, no SQL.

Written from the rules of the trade and not from the code under test: coupons go by the tax-inclusive
ratio of the goods, points by that of everything, remainders to the largest rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

from accounting.shop_of_books import HEADER, Line


@dataclass
class Order:
    """An order as the mall shows it; `stated` is {rate: (taxable, tax)}."""

    lines: list[Line]
    header: dict[str, int] = field(default_factory=dict)
    stated: dict[int, tuple[int, int]] | None = None

    def fees(self) -> int:
        return sum(self.header.get(name, 0) for name in HEADER)

    def goods(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for line in self.lines:
            found[int(line.tax_rate or 0)] = (
                found.get(int(line.tax_rate or 0), 0) + line.unit_price * line.qty
            )
        return found

    def columns(self) -> dict[str, int]:
        """Return the header with the stated figures in the columns of a sales order."""
        columns = dict(self.header)
        names = {
            1000: ("taxed_standard", "tax_standard"),
            800: ("taxed_reduced", "tax_reduced"),
            0: ("taxed_zero", ""),
        }
        for rate, (taxable, tax) in (self.stated or {}).items():
            columns[names[rate][0]] = taxable
            if rate:
                columns[names[rate][1]] = tax
        return columns


def shares(total: int, weights: dict[int, int]) -> dict[int, int]:
    """Spread a total over weights; the largest rests get the last yen, the higher rate first."""
    whole = sum(weights.values())
    if whole == 0:
        return dict.fromkeys(weights, 0)
    exact = {rate: Fraction(total * weight, whole) for rate, weight in weights.items()}
    result = {rate: floor(share) for rate, share in exact.items()}
    by_rest = sorted(weights, key=lambda rate: (result[rate] - exact[rate], -rate))
    for rate in by_rest[: total - sum(result.values())]:
        result[rate] += 1
    return result


def tax_inside(amount: int, rate: int, rounding: str) -> int:
    exact = Fraction(amount * rate, 10000 + rate)
    return {"floor": floor(exact), "ceil": ceil(exact), "round": floor(exact + Fraction(1, 2))}[rounding]


def reckon(order: Order, *, rounding: str, points: str, mall_coupon: str) -> dict[int, tuple[int, int]]:
    """Return {rate: (gross, tax)} of the whole order."""
    header = order.header
    goods = order.goods()
    bought, spent = header.get("coupon_mall", 0), header.get("points", 0)
    if order.stated is None:
        taken = header.get("coupon_shop", 0) + (bought if mall_coupon == "discount" else 0)
        off = shares(taken, goods)
        base = {rate: amount - off[rate] for rate, amount in goods.items()}
        if order.fees():
            base[1000] = base.get(1000, 0) + order.fees()
    else:
        base = {rate: taxable for rate, (taxable, _tax) in order.stated.items()}
        if mall_coupon == "payment":
            for rate, amount in shares(bought, goods).items():
                base[rate] = base.get(rate, 0) + amount
    if points == "discount":
        off = shares(spent, base)
        base = {rate: amount - off[rate] for rate, amount in base.items()}
    result = {}
    for rate, amount in base.items():
        tax = tax_inside(amount, rate, rounding)
        if order.stated is not None and rate in order.stated:
            taxable, stated_tax = order.stated[rate]
            tax = stated_tax + tax - tax_inside(taxable, rate, rounding)
        result[rate] = (amount, tax)
    return result
