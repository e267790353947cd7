"""The shops of the scenarios: how each writes its files, and in which words it says what a scenario says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from partner_files import rakuten, shopify, shopify_shop, yahoo
from partner_files.base import Order, read_table, table
from partner_files.one_shop import PRODUCTS, WORLD
from scenarios.model import OrderFacts, OrderFile

STATUSES = {
    "入金前": "unpaid",
    "出荷可": "ready",
    "出荷済": "shipped",
    "キャンセル申請": "cancel_asked",
    "キャンセル": "cancelled",
}
PAYMENTS = {
    "カード": "card",
    "代引": "cod",
    "銀行振込": "bank",
    "コンビニ": "convenience",
    "後払い": "postpay",
    "PayPay": "paypay",
}
SLOTS = {"午前中": "1", "12-14": "1214", "14-16": "1416", "16-18": "1618", "18-20": "1820", "19-21": "1921"}
COD_FEE = 330
# A line of a product that no core system knows: the shop sells it all the same.
Files = list[tuple[str, bytes]]


class NotSaidError(Exception):
    """A fact that the files of a shop cannot say."""


def order_of(number: int, facts: dict[str, Any], zone_day: datetime) -> Order:
    """Return an order of partner_files from what the scenario has said of it so far."""
    ordered = facts.get("ordered") or zone_day
    status, payment = facts.get("status", "出荷可"), facts.get("payment", "カード")
    _known(status, STATUSES, "状態")
    _known(payment, PAYMENTS, "支払")
    cash = PAYMENTS[payment] == "cod"
    order = Order(
        f"{number:010d}",
        f"{ordered:%Y-%m-%d %H:%M}:{number % 60:02}",
        facts.get("person") or "山田",
        list(facts["lines"].items()),
        status=STATUSES[status],
        payment=PAYMENTS[payment],
    )
    return replace(
        order,
        postage=facts.get("postage", 550),
        cod=facts.get("cod", COD_FEE if cash else 0),
        points=facts.get("points", 0),
        shop_coupon=facts.get("shop_coupon", 0),
        mall_coupon=facts.get("mall_coupon", 0),
        wished=facts.get("wished", ""),
        slot=facts.get("slot", ""),
        comment=facts.get("comment", ""),
        checking="1" if facts.get("checking") else "0",
        to=list(facts.get("to", ())),
        wrong_billed=facts.get("wrong_billed", 0),
    )


def _known(word: str, words: dict[str, str], what: str) -> None:
    if word not in words:
        message = f"{what} {word} はありません。あるのは {'、'.join(words)}"
        raise NotSaidError(message)


def said(facts: OrderFacts) -> dict[str, Any]:
    """Return what a scenario says of an order at one place."""
    return {name: getattr(facts, name) for name in facts.model_fields_set if name != "number"}


@dataclass(frozen=True)
class Partner:
    """A shop's side: its party in ecsync.toml, its numbers, its files."""

    party: str
    number_of: Callable[[Order], str]
    order_files: Callable[[OrderFile, Sequence[Order], str, Sequence[dict[str, Any]]], Files]
    listings: Callable[[], Files]
    cannot_say: frozenset[str] = frozenset()


def _slotted(order: Order) -> Order:
    return replace(order, slot=SLOTS[order.slot]) if order.slot else order


def _rakuten_files(file: OrderFile, orders: Sequence[Order], stamp: str) -> Files:
    orders = [_slotted(order) for order in orders]
    if file.only is not None:
        message = "楽天の受注ファイルは1つです。片方だけ とは書けません"
        raise NotSaidError(message)
    numbers = {rakuten.number_of(order): int(order.number) for order in orders}
    touched: set[int] = set()

    def change(row: dict[str, str]) -> dict[str, str]:
        for place, cell in enumerate(file.cells):
            if numbers[row["注文番号"]] == cell.number:
                if cell.column not in row:
                    message = f"楽天の受注ファイルに列 {cell.column} はありません"
                    raise NotSaidError(message)
                row[cell.column] = cell.value
                touched.add(place)
        return row

    columns = rakuten.OLD_COLUMNS if file.old_columns else rakuten.COLUMNS
    content = rakuten.orders(WORLD, orders, columns=columns, change=change)
    if len(touched) != len(file.cells):
        message = "書き換え の番号がこのファイルにありません"
        raise NotSaidError(message)
    if file.doubled:
        names, *rows = read_table(content, "cp932")
        content = table(names, [row for row in rows for _twice in range(2)], encoding="cp932", quote=True)
    if file.spreadsheet is not None:
        destroyed = "" if file.spreadsheet == "そのまま" else f"{file.spreadsheet:010d}"
        content = rakuten.as_saved_by_a_spreadsheet(content, destroyed)
    return [(f"rakuten/orders/{file.name or f'order_{stamp}.csv'}", content)]


RAKUTEN = Partner(
    party="rakuten",
    number_of=rakuten.number_of,
    order_files=lambda file, orders, stamp, _facts: _rakuten_files(file, orders, stamp),
    listings=lambda: [
        ("rakuten/items/dl-normal-item_202611200500.csv", rakuten.items(PRODUCTS, lambda _product: 10))
    ],
    cannot_say=frozenset({"gift_card", "refunded"}),
)


def _yahoo_files(file: OrderFile, orders: Sequence[Order], stamp: str) -> Files:
    _has_no_special_form(file)
    sold = [replace(_slotted(one), wished=one.wished.replace("-", "/")) for one in orders]
    numbers = {yahoo.number_of(order): int(order.number) for order in sold}
    touched: set[int] = set()

    def change(row: dict[str, str]) -> dict[str, str]:
        for place, cell in enumerate(file.cells):
            if numbers[row["OrderId"]] == cell.number and cell.column in row:
                row[cell.column] = cell.value
                touched.add(place)
        return row

    files = []
    if file.only != "商品":
        files.append(
            (f"yahoo/orders/orders_{file.name or stamp}.csv", yahoo.orders(WORLD, sold, change=change))
        )
    if file.only != "注文":
        files.append(
            (f"yahoo/orders/items_{file.name or stamp}.csv", yahoo.items(WORLD, sold, change=change))
        )
    if len(touched) != len(file.cells):
        message = "書き換え の番号か列がこのファイルにありません"
        raise NotSaidError(message)
    return files


def _shopify_files(
    file: OrderFile, orders: Sequence[Order], stamp: str, facts: Sequence[dict[str, Any]]
) -> Files:
    _has_no_special_form(file)
    if file.only is not None or file.cells:
        message = "ショッピファイの受注ファイルでは 片方だけ と 書き換え を使えません"
        raise NotSaidError(message)
    sold = []
    for order, said_of in zip(orders, facts, strict=True):
        slot = "am" if order.slot == "午前中" else order.slot
        made = shopify_shop.order_of(replace(order, number=str(int(order.number)), slot=slot), WORLD)
        if card := said_of.get("gift_card"):
            made = replace(made, lines=[*made.lines, replace(shopify.GIFT_CARD, price=card)])
        if refunded := said_of.get("refunded"):
            whole = refunded >= made.total
            made = replace(made, refunded=refunded, financial="refunded" if whole else "partially_refunded")
        sold.append(made)
    return [(f"shopify/orders/orders_export_{file.name or stamp}.csv", shopify.orders_file(sold))]


def _has_no_special_form(file: OrderFile) -> None:
    if file.old_columns or file.doubled or file.spreadsheet is not None:
        message = f"{file.shop} の受注ファイルでは 旧レイアウト・二重の行・表計算で保存 を使えません"
        raise NotSaidError(message)


YAHOO = Partner(
    party="yahoo",
    number_of=yahoo.number_of,
    order_files=lambda file, orders, stamp, _facts: _yahoo_files(file, orders, stamp),
    listings=lambda: [
        ("yahoo/stock/data_202611200500.csv", yahoo.quantities(WORLD, PRODUCTS, lambda _product: 10))
    ],
    cannot_say=frozenset({"gift_card", "refunded", "checking"}),
)
# Shopify tells the variants of a product apart by their names.
NAMED_VARIANTS = [replace(one, variant_name=one.name.split()[-1]) if one.variant else one for one in PRODUCTS]
SHOPIFY = Partner(
    party="shopify",
    number_of=lambda order: f"#{int(order.number)}",
    order_files=_shopify_files,
    listings=lambda: [
        ("shopify/inventory/inventory_export_1.csv", shopify_shop.inventory(NAMED_VARIANTS, 10))
    ],
    cannot_say=frozenset({"points", "mall_coupon", "cod", "checking", "wrong_billed", "to"}),
)
PARTNERS: dict[str, Partner] = {"楽天": RAKUTEN, "ヤフー": YAHOO, "ショッピファイ": SHOPIFY}
