"""Write the demo shop's inbound files in the partners' real layouts and encodings.

Everybody in them is invented. The story behind each order stands beside it; run again after a change:
`python tools/make_demo_shop.py`.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHOP = ROOT / "samples" / "demo-shop"
HEADER = ROOT / "tests" / "fixtures" / "headers" / "rakuten-orders-2023-158cols.csv"
COLUMNS = HEADER.read_bytes().decode("cp932").strip().split(",")
STANDARD, REDUCED = 1000, 800  # tax rates in basis points

# SKU, name, JAN (restricted-use range), cost, price, rate, units at 08:00, on Rakuten as (item, sku key)
PRODUCTS = [
    ("MUG-WHITE", "波佐見焼マグカップ 白", "2000000000015", 700, 1650, 1000, 24, ("mug", "w01")),
    ("MUG-BLUE", "波佐見焼マグカップ 青", "2000000000022", 700, 1650, 1000, 9, ("mug", "b01")),
    (
        "TOWEL-L",
        "今治フェイスタオル ～やわらか～",
        "2000000000039",
        420,
        1100,
        1000,
        60,
        ("towel-l", "towel-l"),
    ),
    (
        "COFFEE-200",
        "自家焙煎コーヒー豆 200g",
        "2000000000046",
        520,
        1296,
        800,
        30,
        ("coffee-200", "coffee-200"),
    ),
    (
        "COFFEE-500",
        "自家焙煎コーヒー豆 500g",
        "2000000000053",
        1150,
        2700,
        800,
        3,
        ("coffee-500", "coffee-500"),
    ),
    ("COOKIE-12", "米粉クッキー 12枚", "2000000000060", 480, 1080, 800, 40, ("cookie-12", "cookie-12")),
    ("DRIPPER", "陶器ドリッパー", "2000000000077", 900, 2200, 1000, 12, ("dripper", "dripper")),
    (
        "FILTER-100",
        "ペーパーフィルター 100枚",
        "2000000000084",
        120,
        330,
        1000,
        80,
        ("filter-100", "filter-100"),
    ),
    (
        "SET-COFFEE",
        "はじめてのコーヒーセット",
        "2000000000091",
        0,
        3960,
        1000,
        None,
        ("set-coffee", "set-coffee"),
    ),
    ("TRAY-OAK", "オーク材トレー", "2000000000107", 1300, 3300, 1000, 0, ("tray-oak", "tray-oak")),
]
SETS = [("SET-COFFEE", "DRIPPER", 1), ("SET-COFFEE", "MUG-WHITE", 1), ("SET-COFFEE", "FILTER-100", 1)]
BY_SKU = {row[0]: row for row in PRODUCTS}

PEOPLE = {
    "髙橋": (
        "髙橋",
        "さくら",
        "タカハシ",
        "サクラ",
        "231",
        "0005",
        "神奈川県",
        "横浜市中区",
        "本町1-2-3 みなとハイツ101",
    ),
    "浜﨑": ("浜﨑", "健", "ハマサキ", "ケン", "150", "0001", "東京都", "渋谷区", "神宮前1丁目2番3号"),
    "田中": ("田中", "花子", "タナカ", "ハナコ", "060", "0001", "北海道", "札幌市中央区", "北一条西2-3"),
    "佐藤": (
        "佐藤",
        "一郎",
        "サトウ",
        "イチロウ",
        "530",
        "0001",
        "大阪府",
        "大阪市北区",
        "梅田1-1-1 例ビル5階",
    ),
    "鈴木": ("鈴木", "次郎", "スズキ", "ジロウ", "810", "0001", "福岡県", "福岡市中央区", "天神2-3-4"),
    "山田": ("山田", "三奈", "ヤマダ", "ミナ", "460", "0008", "愛知県", "名古屋市中区", "栄3-4-5"),
    "番地": ("伊藤", "四季", "イトウ", "シキ", "231", "0005", "神奈川県", "横浜市中区", "本町"),
}


@dataclass
class Order:
    """One order of the story."""

    number: str
    ordered: str
    person: str
    lines: list[tuple[str, int]]
    status: str = "300"
    payment: str = "クレジットカード"
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


NOON = [
    Order(
        "0000000001",
        "2026-11-23 21:05:11",
        "髙橋",
        [("MUG-WHITE", 1), ("COFFEE-200", 2)],
        points=500,
        shop_coupon=300,
        mall_coupon=200,
        comment="～夜間の配達は避けてください～",
    ),
    Order("0000000002", "2026-11-23 22:41:02", "浜﨑", [("SET-COFFEE", 1)]),
    Order(
        "0000000003",
        "2026-11-24 07:15:40",
        "田中",
        [("TOWEL-L", 2), ("COOKIE-12", 1)],
        payment="代金引換",
        cod=330,
    ),
    Order("0000000004", "2026-11-24 08:02:09", "佐藤", [("COFFEE-500", 2)], slot="1416", wished="2026-11-28"),
    Order(
        "0000000005", "2026-11-24 08:30:00", "鈴木", [("COFFEE-500", 2)]
    ),  # only one unit is left: waits for stock
    Order("0000000006", "2026-11-24 08:55:21", "山田", [("MUG-BLUE", 2)]),  # the warehouse finds one only
    Order("0000000007", "2026-11-24 09:12:33", "番地", [("FILTER-100", 3)]),  # no house number: held
    Order(
        "0000000008", "2026-11-24 09:40:00", "佐藤", [("MUG-WHITE", 1)], status="100", payment="銀行振込"
    ),  # unpaid
    Order("0000000009", "2026-11-24 10:05:00", "浜﨑", [("UNKNOWN-9", 1)]),  # a SKU that nobody knows: held
    Order(
        "0000000010", "2026-11-24 10:20:00", "田中", [("TOWEL-L", 1), ("COOKIE-12", 2)], to=["田中", "鈴木"]
    ),
    Order(
        "0000000011", "2026-11-24 10:44:18", "髙橋", [("DRIPPER", 1)]
    ),  # cancelled in the evening: recalled
    Order(
        "0000000012", "2026-11-24 11:02:50", "山田", [("COOKIE-12", 3)], wrong_billed=-100
    ),  # does not add up: held
    Order("0000000013", "2026-11-18 19:00:00", "佐藤", [("TOWEL-L", 1)]),  # from before the cut-over
    Order(
        "0000000014", "2026-11-24 11:20:07", "鈴木", [("FILTER-100", 1)], checking="1"
    ),  # the mall is checking it
]
NIGHT = [
    Order(
        "0000000008", "2026-11-24 09:40:00", "佐藤", [("MUG-WHITE", 1)], status="300", payment="銀行振込"
    ),  # paid
    Order("0000000011", "2026-11-24 10:44:18", "髙橋", [("DRIPPER", 1)], status="900"),
    Order("0000000012", "2026-11-24 11:02:50", "山田", [("COOKIE-12", 3)]),  # mended on the mall's screen
    Order("0000000015", "2026-11-24 18:31:00", "浜﨑", [("TOWEL-L", 4), ("MUG-BLUE", 1)], shop_coupon=200),
    Order("0000000016", "2026-11-24 20:15:45", "山田", [("TRAY-OAK", 1)]),  # sold out: waits for stock
]


def _taxed(order: Order, rate: int) -> int:
    """Return the mall's taxable amount of a rate: after both coupons, before points."""
    goods = {
        r: sum(_price(sku) * qty for sku, qty in order.lines if _rate(sku) == r) for r in (STANDARD, REDUCED)
    }
    total = sum(goods.values())
    coupon = order.shop_coupon + order.mall_coupon
    share_8 = coupon * goods[REDUCED] // total if total else 0
    if rate == REDUCED:
        return goods[REDUCED] - share_8
    return goods[STANDARD] - (coupon - share_8) + order.postage + order.cod


def _price(sku: str) -> int:
    return int(BY_SKU[sku][4]) if sku in BY_SKU else 1000


def _rate(sku: str) -> int:
    return int(BY_SKU[sku][5]) if sku in BY_SKU else 1000


def _rows(order: Order) -> list[dict[str, str]]:
    goods = sum(_price(sku) * qty for sku, qty in order.lines)
    total = goods + order.postage
    coupons = order.shop_coupon + order.mall_coupon
    billed = total + order.cod - order.points - coupons + order.wrong_billed
    date, time = order.ordered.split(" ")
    full = f"000001-{date.replace('-', '')}-{order.number}"
    standard, reduced = _taxed(order, STANDARD), _taxed(order, REDUCED)
    has_reduced = any(_rate(sku) == REDUCED for sku, _qty in order.lines)
    buyer = PEOPLE[order.person]
    receivers = order.to or [order.person]
    rows = []
    for index, (sku, qty) in enumerate(order.lines):
        who = PEOPLE[receivers[min(index, len(receivers) - 1)]]
        destination = f"{int(order.number) * 10 + min(index, len(receivers) - 1):010d}"
        product = BY_SKU.get(sku)
        item, key = product[7] if product else ("lost-item", "lost-item")
        several = item == "mug"
        rate = _rate(sku)
        row = dict.fromkeys(COLUMNS, "")
        row |= {
            "注文番号": full,
            "ステータス": order.status,
            "注文日時": order.ordered,
            "注文日": date,
            "注文時間": time,
            "支払方法名": order.payment,
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
            "請求金額": str(billed),
            "合計金額": str(total),
            "ポイント利用額": str(order.points) if order.points else "",
            "クーポン利用総額": str(coupons),
            "店舗発行クーポン利用額": str(order.shop_coupon),
            "楽天発行クーポン利用額": str(order.mall_coupon),
            "注文者郵便番号1": buyer[4],
            "注文者郵便番号2": buyer[5],
            "注文者住所都道府県": buyer[6],
            "注文者住所郡市区": buyer[7],
            "注文者住所それ以降の住所": buyer[8],
            "注文者姓": buyer[0],
            "注文者名": buyer[1],
            "注文者姓カナ": buyer[2],
            "注文者名カナ": buyer[3],
            "注文者電話番号1": "090",
            "注文者電話番号2": "0000",
            "注文者電話番号3": f"{int(order.number):04d}",
            "注文者メールアドレス": f"buyer{int(order.number)}@example.jp",
            "送付先ID": destination,
            "送付先送料": str(order.postage),
            "送付先郵便番号1": who[4],
            "送付先郵便番号2": who[5],
            "送付先住所都道府県": who[6],
            "送付先住所郡市区": who[7],
            "送付先住所それ以降の住所": who[8],
            "送付先姓": who[0],
            "送付先名": who[1],
            "送付先姓カナ": who[2],
            "送付先名カナ": who[3],
            "送付先電話番号1": "090",
            "送付先電話番号2": "0000",
            "送付先電話番号3": f"{int(order.number):04d}",
            "商品明細ID": f"{int(order.number):09d}{index + 1}",
            "商品ID": f"1{index:04d}",
            "商品名": str(product[1]) if product else "名もなき皿",
            "商品番号": sku if not several else "MUG",
            "商品管理番号": item,
            "単価": str(_price(sku)),
            "個数": str(qty),
            "送料込別": "0",
            "税込別": "1",
            "代引手数料込別": "0",
            "在庫タイプ": "2" if several else "1",
            "お届け時間帯": order.slot,
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
            "商品毎税込価格": str(_price(sku)),
            "10%税率": "0.1",
            "10%請求金額": str(standard),
            "10%請求額に対する税額": str(standard * 10 // 110),
            "SKU管理番号": key if several else "normal-inventory",
            "システム連携用SKU番号": sku if several else "",
        }
        if has_reduced:
            row |= {
                "8%税率": "0.08",
                "8%請求金額": str(reduced),
                "8%請求額に対する税額": str(reduced * 8 // 108),
            }
        rows.append(row)
    return rows


def _write(
    path: Path, header: list[str], rows: list[list[str]], encoding: str, *, quote: bool = False
) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL if quote else csv.QUOTE_MINIMAL, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(buffer.getvalue().encode(encoding))


def _orders(path: Path, orders: list[Order]) -> None:
    rows = [[row[name] for name in COLUMNS] for order in orders for row in _rows(order)]
    _write(path, COLUMNS, rows, "cp932", quote=True)


def main() -> None:
    """Write every file of the demo shop."""
    noon, night = SHOP / "noon", SHOP / "night"
    header = ["sku", "name", "jan", "supplier", "cost", "price", "tax_rate"]
    suppliers = {STANDARD: "港町窯", REDUCED: "山手焙煎所"}
    _write(
        noon / "products.csv",
        header,
        [[p[0], p[1], p[2], suppliers[p[5]], str(p[3]), str(p[4]), f"{p[5] // 100}%"] for p in PRODUCTS],
        "utf-8",
    )
    _write(
        noon / "sets.csv", ["set_sku", "component_sku", "qty"], [[a, b, str(n)] for a, b, n in SETS], "utf-8"
    )
    counted = [(p[0], int(p[6])) for p in PRODUCTS if p[6] is not None]
    _write(noon / "stock.csv", ["sku", "qty"], [[sku, str(qty)] for sku, qty in counted], "utf-8")
    told = [
        (sku, qty + (2 if sku == "TOWEL-L" else 0)) for sku, qty in counted
    ]  # the core system lags behind
    _write(noon / "core_stock.csv", ["sku", "qty"], [[sku, str(qty)] for sku, qty in told], "utf-8")
    items = [
        [p[7][0], "", "MUG" if p[7][0] == "mug" else p[0], "", ""]
        for p in PRODUCTS
        if p[7][1] in {"w01", p[7][0]}
    ]
    for product in PRODUCTS:
        item, key = product[7]
        several = item == "mug"
        items.append([item, key, "MUG" if several else product[0], product[0] if several else "", "10"])
    columns = ["商品管理番号（商品URL）", "SKU管理番号", "商品番号", "システム連携用SKU番号", "在庫数"]
    _write(noon / "items.csv", columns, sorted(items), "cp932")
    _orders(noon / "orders.csv", NOON)
    _orders(night / "orders.csv", NIGHT)


if __name__ == "__main__":
    main()
