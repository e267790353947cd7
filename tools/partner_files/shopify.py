"""Shopify's files in their real layouts: the orders export and the three inventory exports."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_HEADERS: Final = Path(__file__).resolve().parents[2] / "tests" / "fixtures" / "headers"


def _header(name: str) -> tuple[str, ...]:
    return tuple((_HEADERS / name).read_text(encoding="utf-8").strip().split(","))


COLUMNS: Final = _header("shopify-orders-79cols.csv")
OLD_COLUMNS: Final = _header("shopify-orders-73cols.csv")
INVENTORY_17: Final = _header("shopify-inventory-17cols.csv")
INVENTORY_19: Final = _header("shopify-inventory-19cols.csv")
# What a row says that is not the first of its order.
LINE_COLUMNS: Final = frozenset(
    {
        "Name",
        "Email",
        "Created at",
        "Vendor",
        "Phone",
        *(name for name in COLUMNS if name.startswith("Lineitem")),
    }
)


@dataclass(frozen=True)
class Person:
    """An invented customer."""

    family: str
    given: str
    zip: str
    province: str
    city: str
    address1: str
    address2: str = ""
    phone: str = "+81 90-0000-0000"
    country: str = "JP"

    @property
    def name(self) -> str:
        """Return the name as Shopify writes it: first, then last."""
        return f"{self.given} {self.family}"


PEOPLE: Final[dict[str, Person]] = {
    "高槻": Person(
        "高槻", "みなと", "231-0005", "JP-14", "横浜市中区", "本町9-8-7", "みなとハイツ202", "'+819000000101"
    ),
    "吉﨑": Person(
        "吉﨑", "かえで", "'1500001", "JP-13", "渋谷区", "神宮前9丁目8番7号", "", "+81 90-0000-0102"
    ),
    "小鳥遊": Person(
        "小鳥遊", "ひなた", "060-0001", "JP-01", "札幌市中央区", "北一条西9-8", "", "090-0000-0103"
    ),
    "四月一日": Person(
        "四月一日", "あおい", "530-0001", "JP-27", "大阪市北区", "梅田9-9-9", "例ビル〜別館", "'+819000000104"
    ),
    "番地": Person("無番", "いつき", "231-0005", "JP-14", "横浜市中区", "本町", "", "090-0000-0105"),
    "abroad": Person(
        "Example", "Robin", "'2759", "NSW", "Exampleville", "9 Example Road", "", "+61 2 0000 0000", "AU"
    ),
}


@dataclass(frozen=True)
class Line:
    """One line item. `rate` is its consumption tax in percent, contained in the price; 0 is not taxable."""

    sku: str
    name: str
    price: int
    qty: int = 1
    rate: int = 10
    ships: bool = True
    status: str = "pending"


GIFT_CARD: Final = Line("", "ギフトカード - ¥3,000", 3000, rate=0, ships=False)


@dataclass(frozen=True)
class Order:
    """One order of an invented person, as the shop's export tells it. `placed` is local time, +0900."""

    number: int
    lines: Sequence[Line]
    placed: str = "2026-11-24 08:00:00"
    person: str | Person = "高槻"  # a name of PEOPLE, or somebody else
    financial: str = "paid"
    fulfillment: str = "unfulfilled"
    payment: str = "Shopify Payments"
    shipping: int = 550
    discount: int = 0
    code: str = ""
    cancelled: str = ""
    refunded: int = 0
    notes: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    method: str = "宅配便"
    name: str = ""
    id: int = 0
    tax_names: Sequence[str] | None = None
    taxes_included: bool = True

    @property
    def shown(self) -> str:
        """Return the number that staff and customers see."""
        return self.name or f"#{self.number}"

    @property
    def subtotal(self) -> int:
        """Return the goods after the discount of the order."""
        return sum(line.price * line.qty for line in self.lines) - self.discount

    @property
    def taxes(self) -> dict[int, int]:
        """Return the tax per rate in percent, the higher first; the discount is taken off the largest rate."""
        bases: dict[int, int] = {}
        for line in self.lines:
            if line.rate:
                bases[line.rate] = bases.get(line.rate, 0) + line.price * line.qty
        if bases:
            largest = max(bases, key=lambda rate: (bases[rate], rate))
            bases[largest] = max(bases[largest] - self.discount, 0)
        if self.shipping:
            bases[10] = bases.get(10, 0) + self.shipping
        divisor = 100 if not self.taxes_included else 0
        return {
            rate: base * rate // (divisor or 100 + rate)
            for rate, base in sorted(bases.items(), reverse=True)
            if base
        }

    @property
    def total(self) -> int:
        """Return what the customer pays."""
        on_top = 0 if self.taxes_included else sum(self.taxes.values())
        return self.subtotal + self.shipping + on_top


def orders_file(
    orders: Iterable[Order],
    *,
    columns: Sequence[str] = COLUMNS,
    money: str = "{}",
    repeat: bool = False,
    newest_first: bool = True,
) -> bytes:
    """Return an orders export: UTF-8, LF, quotes where they are needed.

    `money` formats amounts (`{}.00`); `repeat` writes everything on every row, as other exporters do.
    """
    listed = sorted(orders, key=lambda one: (one.placed, one.number), reverse=newest_first)
    return table(columns, [row for order in listed for row in order_rows(order, money=money, repeat=repeat)])


def table(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    """Return rows by name under a header, as Shopify writes them."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, lineterminator="\n", extrasaction="ignore", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")


def order_rows(order: Order, *, money: str = "{}", repeat: bool = False) -> list[dict[str, str]]:
    """Return the rows of an order, a row per line."""
    head = _head(order, money)
    rows = []
    for number, line in enumerate(order.lines):
        row = {**head, **_line(line, money)}
        if number and not repeat:
            row = {name: cell for name, cell in row.items() if name in LINE_COLUMNS}
        rows.append(row)
    return rows


def _head(order: Order, money: str) -> dict[str, str]:
    person = order.person if isinstance(order.person, Person) else PEOPLE[order.person]
    placed = f"{order.placed} +0900"
    ships = any(line.ships for line in order.lines)
    names = order.tax_names or [f"消費税 {rate}%" for rate in order.taxes]
    row = {
        "Name": order.shown,
        "Email": f"kokyaku{order.number}@example.jp",
        "Financial Status": order.financial,
        "Paid at": placed if order.financial == "paid" else "",
        "Fulfillment Status": order.fulfillment,
        "Fulfilled at": placed if order.fulfillment == "fulfilled" else "",
        "Accepts Marketing": "no",
        "Currency": "JPY",
        "Subtotal": money.format(order.subtotal),
        "Shipping": money.format(order.shipping),
        "Taxes": money.format(sum(order.taxes.values())),
        "Total": money.format(order.total),
        "Discount Code": order.code,
        "Discount Amount": money.format(order.discount),
        "Shipping Method": order.method if ships else "",
        "Created at": placed,
        "Notes": order.notes,
        "Note Attributes": "\n".join(f"{key}: {value}" for key, value in order.attributes.items()),
        "Cancelled at": f"{order.cancelled} +0900" if order.cancelled else "",
        "Payment Method": order.payment,
        "Refunded Amount": money.format(order.refunded),
        "Vendor": "例の店",
        "Outstanding Balance": money.format(0 if order.financial == "paid" else order.total),
        "Id": str(order.id or 5_000_000_000_000 + order.number),
        "Risk Level": "Low",
        "Source": "web",
    }
    for place, (name, value) in enumerate(zip(names, order.taxes.values(), strict=False), start=1):
        row |= {f"Tax {place} Name": name, f"Tax {place} Value": money.format(value)}
    for side in ("Billing", "Shipping") if ships else ("Billing",):
        row |= {
            f"{side} Name": person.name,
            f"{side} Street": " ".join(filter(None, (person.address1, person.address2))),
            f"{side} Address1": person.address1,
            f"{side} Address2": person.address2,
            f"{side} City": person.city,
            f"{side} Zip": person.zip,
            f"{side} Province": person.province,
            f"{side} Country": person.country,
            f"{side} Phone": person.phone,
        }
    return row


def _line(line: Line, money: str) -> dict[str, str]:
    return {
        "Lineitem quantity": str(line.qty),
        "Lineitem name": line.name,
        "Lineitem price": money.format(line.price),
        "Lineitem sku": line.sku,
        "Lineitem requires shipping": "true" if line.ships else "false",
        "Lineitem taxable": "true" if line.rate else "false",
        "Lineitem fulfillment status": line.status,
        "Lineitem discount": money.format(0),
    }


@dataclass(frozen=True)
class Level:
    """Units at one location. On hand is available + committed + unavailable."""

    available: int
    committed: int = 0
    unavailable: int = 0
    incoming: int = 0

    @property
    def on_hand(self) -> int:
        """Return the units that lie there."""
        return self.available + self.committed + self.unavailable


@dataclass(frozen=True)
class Variant:
    """One variant of a product. A product of one variant has the option Title: Default Title."""

    handle: str
    title: str
    sku: str
    stock: Mapping[str, Level]
    options: Sequence[tuple[str, str]] = (("Title", "Default Title"),)


def inventory_by_location(variants: Iterable[Variant], locations: Sequence[str]) -> bytes:
    """Return the export of available quantities alone: a column per location, `not stocked` where it has none."""
    columns = (*INVENTORY_17[:11], *locations)
    rows = []
    for one in variants:
        levels = {place: one.stock.get(place) for place in locations}
        cells = {
            place: "not stocked" if level is None else str(level.available) for place, level in levels.items()
        }
        rows.append({**_variant(one), **cells})
    return table(columns, rows)


def inventory_of_all_kinds(
    variants: Iterable[Variant], locations: Sequence[str], *, columns: Sequence[str] = INVENTORY_19
) -> bytes:
    """Return the export of all quantities, a row per variant and location: 19 columns, or the older 17."""
    marks = {"Incoming", "Unavailable", "Committed", "Available"}
    rows = []
    for one in variants:
        for place in locations:
            level = one.stock.get(place)
            units = {
                "Incoming": level and level.incoming,
                "Unavailable": level and level.unavailable,
                "Committed": level and level.committed,
                "Available": level and level.available,
                "On hand": level and level.on_hand,
            }
            cells = {kind: "not stocked" if count is None else str(count) for kind, count in units.items()}
            row = {**_variant(one), "Location": place, **cells, "On hand (current)": cells["On hand"]}
            rows.append(row | {f"{kind} (not editable)": cells[kind] for kind in marks})
    return table(columns, rows)


def _variant(one: Variant) -> dict[str, str]:
    row = {"Handle": one.handle, "Title": one.title, "SKU": one.sku}
    for place, (name, value) in enumerate(one.options, start=1):
        row |= {f"Option{place} Name": name, f"Option{place} Value": value}
    return row
