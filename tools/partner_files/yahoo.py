"""Yahoo! Shopping's files: the two order files that belong together, and the quantity download.

The columns and the way amounts add up are those of the real layout; see mappings/yahoo/orders.yaml.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from partner_files.base import Order, Product, World, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

HEADERS = Path(__file__).resolve().parents[2] / "tests" / "fixtures" / "headers"


def _columns(name: str) -> list[str]:
    return (HEADERS / name).read_bytes().decode("cp932").strip().split(",")


# The template of 106 columns, and that of a shop that has added what newer exports offer.
OLD_ORDER_COLUMNS = _columns("yahoo-orders.csv")
OLD_ITEM_COLUMNS = _columns("yahoo-items.csv")
ORDER_COLUMNS = [
    *OLD_ORDER_COLUMNS,
    "PayStatus",
    "ShipStatus",
    "CombinedPayMethod",
    "GiftCardDiscount",
    "Adjustments",
]
ITEM_COLUMNS = [*OLD_ITEM_COLUMNS, "ItemTaxRatio"]
SELLER = "minato-zakka"
# OrderStatus, PayStatus, ShipStatus.
STATUSES = {
    "reserved": ("1", "1", "0"),
    "unpaid": ("2", "0", "0"),
    "ready": ("2", "1", "1"),
    "held": ("3", "1", "1"),
    "shipped": ("2", "1", "3"),
    "done": ("5", "1", "3"),
    "cancelled": ("4", "0", "0"),
}
PAYMENTS = {
    "card": ("payment_a1", "クレジットカード決済"),
    "paypay": ("payment_a17", "PayPay残高等"),
    "cod": ("payment_d1", "商品代引"),
    "bank": ("payment_b1", "銀行振込（みなと銀行）"),
    "convenience": ("payment_a6", "コンビニ (セブン-イレブン)"),
}
SLOTS = {
    "1": "午前中",
    "1214": "12:00～14:00",
    "1416": "14:00～16:00",
    "1618": "16:00～18:00",
    "1820": "18:00～20:00",
}
Row = dict[str, str]


def number_of(order: Order) -> str:
    """Return the order's number as the mall writes it."""
    return f"{SELLER}-{10_000_000 + int(order.number)}"


def listing_of(sku: str, world: World) -> tuple[str, str]:
    """Return the item's code and the code of its variant ('' where it has none)."""
    product = world.products.get(sku)
    return (product.item, sku) if product and product.variant else (sku, "")


def order_row(order: Order, world: World) -> Row:
    """Return the row of an order in the order file."""
    status, paid, ship = STATUSES.get(order.status) or tuple(order.status.split("/"))
    method, method_name = PAYMENTS.get(order.payment, (order.payment, "お店独自のお支払い"))
    buyer = world.people[order.person]
    who = world.people[(order.to or [order.person])[0]]
    phone = f"0900000{int(order.number):04d}"
    row = dict.fromkeys(ORDER_COLUMNS, "")
    for prefix, person in (("Ship", who), ("Bill", buyer)):
        row |= {
            f"{prefix}Name": f"{person.family} {person.given}",
            f"{prefix}FirstName": person.given,
            f"{prefix}LastName": person.family,
            f"{prefix}NameKana": f"{person.family_kana} {person.given_kana}",
            f"{prefix}FirstNameKana": person.given_kana,
            f"{prefix}LastNameKana": person.family_kana,
            f"{prefix}ZipCode": f"{person.postcode[:3]}-{person.postcode[3:]}",
            f"{prefix}Prefecture": person.prefecture,
            f"{prefix}City": person.city,
            f"{prefix}Address1": person.address.partition(" ")[0],
            f"{prefix}Address2": person.address.partition(" ")[2],
            f"{prefix}PhoneNumber": phone,
        }
    return row | {
        "OrderId": number_of(order),
        "Id": number_of(order),
        "DeviceType": "3",
        "OrderTime": order.ordered.replace("-", "/"),
        "OrderStatus": status,
        "PayStatus": paid,
        "ShipStatus": ship,
        "ShipMethod": "postage1",
        "ShipMethodName": "宅配便",
        "ShipRequestDate": order.wished,
        "ShipRequestTime": SLOTS.get(order.slot, order.slot),
        "BillMailAddress": f"buyer{int(order.number)}@example.jp",
        "PayMethod": method,
        "PayMethodName": method_name,
        "PayDate": order.ordered[:10].replace("-", "/") if paid == "1" else "",
        "BuyerComments": order.comment,
        "QuantityDetail": str(sum(qty for _sku, qty in order.lines)),
        "ShipCharge": str(order.postage),
        "PayCharge": str(order.cod),
        "GiftWrapCharge": "0",
        "Discount": str(-order.shop_coupon),
        "UsePoint": str(order.points),
        "Total": str(world.billed(order)),
        "TotalPrice": str(world.billed(order)),
        "ShippingCouponDiscount": "0",
        "ItemCouponDiscount": "0",
        "TotalMallCouponDiscount": str(-order.mall_coupon),
    }


def item_rows(order: Order, world: World) -> list[Row]:
    """Return the rows of an order in the item file: one per line."""
    return [
        dict.fromkeys(ITEM_COLUMNS, "")
        | {
            "OrderId": number_of(order),
            "Id": number_of(order),
            "LineId": str(number),
            "Quantity": str(qty),
            "ItemId": listing_of(sku, world)[0],
            "SubCode": listing_of(sku, world)[1],
            "Title": world.products[sku].name if sku in world.products else "名もなき皿",
            "SubCodeOption": f"色:{product.variant_name}"
            if (product := world.products.get(sku)) and product.variant_name
            else "",
            "UnitPrice": str(world.price(sku)),
            "LineSubTotal": str(world.price(sku) * qty),
            "CouponDiscount": "0",
            "OriginalPrice": str(world.price(sku)),
            "ItemTaxRatio": str(world.rate(sku) // 100),
        }
        for number, (sku, qty) in enumerate(order.lines, start=1)
    ]


def orders(
    world: World,
    sold: Iterable[Order],
    *,
    columns: Sequence[str] = ORDER_COLUMNS,
    encoding: str = "cp932",
    change: Callable[[Row], Row | None] = lambda row: row,
) -> bytes:
    """Return the order file; `change` may touch a row's cells, or leave the row out."""
    return _file(columns, (order_row(order, world) for order in sold), encoding, change)


def items(
    world: World,
    sold: Iterable[Order],
    *,
    columns: Sequence[str] = ITEM_COLUMNS,
    encoding: str = "cp932",
    change: Callable[[Row], Row | None] = lambda row: row,
) -> bytes:
    """Return the item file that belongs to `orders` of the same orders; `change` as there."""
    return _file(columns, (row for order in sold for row in item_rows(order, world)), encoding, change)


def quantities(world: World, products: Iterable[Product], shown: Callable[[Product], int | str]) -> bytes:
    """Return the quantity download: what the mall shows now of each product; '' where it shows no number."""
    columns = ("code", "sub-code", "quantity", "allow-overdraft", "stock-close")
    lines = [[*listing_of(product.sku, world), shown(product), "0", ""] for product in products]
    return table(columns, sorted(lines, key=lambda line: (line[0], line[1])), encoding="cp932")


def _file(
    columns: Sequence[str], rows: Iterable[Row], encoding: str, change: Callable[[Row], Row | None]
) -> bytes:
    changed = [row for one in rows if (row := change(dict(one))) is not None]
    return table(columns, ([row.get(name, "") for name in columns] for row in changed), encoding=encoding)
