"""Rakuten Ichiba's files: orders in the layouts of 158 and 107 columns, and the item download.

The columns and the way amounts add up are those of the real layout; see mappings/rakuten/orders.yaml.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from partner_files.base import REDUCED, STANDARD, Order, Product, World, read_table, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from random import Random

HEADERS = Path(__file__).resolve().parents[2] / "tests" / "fixtures" / "headers"


def _columns(name: str) -> list[str]:
    return (HEADERS / name).read_bytes().decode("cp932").strip().split(",")


COLUMNS = _columns("rakuten-orders-2023-158cols.csv")
OLD_COLUMNS = _columns("rakuten-orders-2018-107cols.csv")
SHOP_ID = "000001"
STATUSES = {"unpaid": "100", "ready": "300", "shipped": "500", "cancel_asked": "800", "cancelled": "900"}
PAYMENTS = {
    "card": "クレジットカード",
    "cod": "代金引換",
    "bank": "銀行振込",
    "convenience": "セブンイレブン(前払)",
    "postpay": "後払い決済",
}
SLOTS = {"am": "1", "14-16": "1416", "16-18": "1618", "18-20": "1820", "19-21": "1921"}
NO_VARIANT = "normal-inventory"
Row = dict[str, str]


def number_of(order: Order) -> str:
    """Return the order's number as the mall writes it."""
    return f"{SHOP_ID}-{order.ordered[:10].replace('-', '')}-{order.number}"


def rows(order: Order, world: World) -> list[Row]:
    """Return the rows of an order: one per line."""
    receivers = order.to or [order.person]
    return [_row(order, world, index, receivers) for index in range(len(order.lines))]


def _row(order: Order, world: World, index: int, receivers: Sequence[str]) -> Row:
    sku, qty = order.lines[index]
    goods = world.goods(order)
    total = goods + order.postage
    date, time = order.ordered.split(" ")
    standard, reduced = world.taxed(order, STANDARD), world.taxed(order, REDUCED)
    buyer = world.people[order.person]
    who = world.people[receivers[min(index, len(receivers) - 1)]]
    destination = f"{int(order.number) * 10 + min(index, len(receivers) - 1):010d}"
    product = world.products.get(sku)
    item, variant = (product.item, product.variant) if product else ("lost-item", "")
    several = variant != ""
    rate = world.rate(sku)
    row = dict.fromkeys(COLUMNS, "")
    row |= {
        "注文番号": number_of(order),
        "ステータス": STATUSES.get(order.status, order.status),
        "注文日時": order.ordered,
        "注文日": date,
        "注文時間": time,
        "支払方法名": PAYMENTS.get(order.payment, order.payment),
        "配送方法": "宅配便",
        "注文種別": "1",
        "複数送付先フラグ": str(int(len(receivers) > 1)),
        "送付先一致フラグ": str(int(len(receivers) == 1)),
        "離島フラグ": "0",
        "楽天確認中フラグ": order.checking,
        "警告表示タイプ": "0",
        "楽天会員フラグ": "1",
        "購入履歴修正有無フラグ": "0",
        "商品合計金額": str(goods),
        "消費税合計": "0",
        "送料合計": str(order.postage),
        "代引料合計": str(order.cod),
        "請求金額": str(world.billed(order)),
        "合計金額": str(total),
        "ポイント利用額": str(order.points) if order.points else "",
        "クーポン利用総額": str(order.shop_coupon + order.mall_coupon),
        "店舗発行クーポン利用額": str(order.shop_coupon),
        "楽天発行クーポン利用額": str(order.mall_coupon),
        "注文者郵便番号1": buyer.postcode[:3],
        "注文者郵便番号2": buyer.postcode[3:],
        "注文者住所都道府県": buyer.prefecture,
        "注文者住所郡市区": buyer.city,
        "注文者住所それ以降の住所": buyer.address,
        "注文者姓": buyer.family,
        "注文者名": buyer.given,
        "注文者姓カナ": buyer.family_kana,
        "注文者名カナ": buyer.given_kana,
        "注文者電話番号1": "090",
        "注文者電話番号2": "0000",
        "注文者電話番号3": f"{int(order.number):04d}",
        "注文者メールアドレス": f"buyer{int(order.number)}@example.jp",
        "送付先ID": destination,
        "送付先送料": str(order.postage),
        "送付先郵便番号1": who.postcode[:3],
        "送付先郵便番号2": who.postcode[3:],
        "送付先住所都道府県": who.prefecture,
        "送付先住所郡市区": who.city,
        "送付先住所それ以降の住所": who.address,
        "送付先姓": who.family,
        "送付先名": who.given,
        "送付先姓カナ": who.family_kana,
        "送付先名カナ": who.given_kana,
        "送付先電話番号1": "090",
        "送付先電話番号2": "0000",
        "送付先電話番号3": f"{int(order.number):04d}",
        "商品明細ID": f"{int(order.number):09d}{index + 1}",
        "商品ID": f"1{index:04d}",
        "商品名": product.name if product else "名もなき皿",
        "商品番号": item.upper() if several else sku,
        "商品管理番号": item,
        "単価": str(world.price(sku)),
        "個数": str(qty),
        "送料込別": "0",
        "税込別": "1",
        "代引手数料込別": "0",
        "在庫タイプ": "2" if several else "1",
        "お届け時間帯": SLOTS.get(order.slot, order.slot),
        "お届け日指定": order.wished,
        "コメント": f"[配送日時指定:]\n{order.comment}",
        "利用端末": "11",
        "決済手数料": "0",
        "注文者負担金合計": "0",
        "店舗負担金合計": "0",
        "外税合計": "0",
        "送付先外税合計": "0",
        "送付先送料税率": "0.1",
        "送付先代引料税率": "0.1",
        "決済手数料税率": "0.1",
        "商品税率": "0.1" if rate == STANDARD else "0.08",
        "商品毎税込価格": str(world.price(sku)),
        "10%税率": "0.1",
        "10%請求金額": str(standard),
        "10%請求額に対する税額": str(standard * 10 // 110),
        "SKU管理番号": variant if several else NO_VARIANT,
        "システム連携用SKU番号": sku if several else "",
    }
    if any(world.rate(sold) == REDUCED for sold, _units in order.lines):
        row |= {
            "8%税率": "0.08",
            "8%請求金額": str(reduced),
            "8%請求額に対する税額": str(reduced * 8 // 108),
        }
    return row


def orders(
    world: World,
    sold: Iterable[Order],
    *,
    columns: Sequence[str] = COLUMNS,
    change: Callable[[Row], Row | None] = lambda row: row,
) -> bytes:
    """Return the order file; `change` may touch a row's cells, or leave the row out."""
    all_rows = [
        changed for order in sold for row in rows(order, world) if (changed := change(dict(row))) is not None
    ]
    return orders_table(columns, all_rows)


def orders_table(columns: Sequence[str], all_rows: Iterable[Row]) -> bytes:
    """Return rows in Rakuten's layout: cp932, every cell quoted."""
    cells = ([row.get(name, "") for name in columns] for row in all_rows)
    return table(columns, cells, encoding="cp932", quote=True)


def items(products: Iterable[Product], shown: Callable[[Product], int]) -> bytes:
    """Return the item download: a row per item, a row per SKU of it, with what the mall shows now."""
    lines: list[list[object]] = []
    listed: set[str] = set()
    for product in products:
        several = product.variant != ""
        code = product.item.upper() if several else product.sku
        if product.item not in listed:
            lines.append([product.item, "", code, "", ""])
            listed.add(product.item)
        key = product.variant or product.item
        lines.append([product.item, key, code, product.sku if several else "", shown(product)])
    columns = ("商品管理番号（商品URL）", "SKU管理番号", "商品番号", "システム連携用SKU番号", "在庫数")
    return table(columns, sorted(lines, key=lambda line: (line[0], line[1])), encoding="cp932")


def as_saved_by_a_spreadsheet(content: bytes, destroyed: str = "") -> bytes:
    """Return an order file as a spreadsheet program leaves it: dates its own way, leading zeros gone, few quotes.

    The line numbers of the order `destroyed` have become 1.23E+09. Other numbers of lines and destinations stay, for
    real ones have no leading zero to lose.
    """
    columns, *lines = read_table(content, "cp932")
    saved = [[_saved(name, cell) for name, cell in zip(columns, line, strict=True)] for line in lines]
    number, line_id = columns.index("注文番号"), columns.index("商品明細ID")
    for line in saved:
        if destroyed and line[number].endswith(destroyed):
            line[line_id] = "1.23E+09"
    return table(columns, saved, encoding="cp932")


def _saved(column: str, cell: str) -> str:
    if column.endswith(("郵便番号1", "郵便番号2", "電話番号1")) and cell.isdigit():
        return str(int(cell))
    for written, shown in (("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M"), ("%Y-%m-%d", "%Y/%m/%d")):
        try:
            return datetime.strptime(cell, written).strftime(shown)  # noqa: DTZ007  (what a cell shows has no zone)
        except ValueError:
            continue
    return cell


def doubled(content: bytes, draw: Random, share: float) -> bytes:
    """Return an order file with a share of its rows in it twice, as glued downloads have."""
    columns, *lines = read_table(content, "cp932")
    again = [line for line in lines if draw.random() < share]
    return table(columns, [*lines, *again], encoding="cp932", quote=True)
