"""One Rakuten shop's noon and night of Tuesday 2026-11-24: the small world of the stories in tests/.

The story behind each order stands beside it. `python tools/make_one_shop.py` writes the files anew.
"""

from __future__ import annotations

from partner_files.base import Order, Person, Product, World

PRODUCTS = [
    Product(
        "MUG-WHITE",
        "波佐見焼マグカップ 白",
        "2000000000015",
        700,
        1650,
        1000,
        "mug",
        variant="w01",
        units=(("main", 24),),
    ),
    Product(
        "MUG-BLUE",
        "波佐見焼マグカップ 青",
        "2000000000022",
        700,
        1650,
        1000,
        "mug",
        variant="b01",
        units=(("main", 9),),
    ),
    Product(
        "TOWEL-L",
        "今治フェイスタオル ～やわらか～",
        "2000000000039",
        420,
        1100,
        1000,
        "towel-l",
        units=(("main", 60),),
    ),
    Product(
        "COFFEE-200",
        "自家焙煎コーヒー豆 200g",
        "2000000000046",
        520,
        1296,
        800,
        "coffee-200",
        units=(("main", 30),),
    ),
    Product(
        "COFFEE-500",
        "自家焙煎コーヒー豆 500g",
        "2000000000053",
        1150,
        2700,
        800,
        "coffee-500",
        units=(("main", 3),),
    ),
    Product(
        "COOKIE-12", "米粉クッキー 12枚", "2000000000060", 480, 1080, 800, "cookie-12", units=(("main", 40),)
    ),
    Product("DRIPPER", "陶器ドリッパー", "2000000000077", 900, 2200, 1000, "dripper", units=(("main", 12),)),
    Product(
        "FILTER-100",
        "ペーパーフィルター 100枚",
        "2000000000084",
        120,
        330,
        1000,
        "filter-100",
        units=(("main", 80),),
    ),
    Product("SET-COFFEE", "はじめてのコーヒーセット", "2000000000091", 0, 3960, 1000, "set-coffee"),
    Product(
        "TRAY-OAK", "オーク材トレー", "2000000000107", 1300, 3300, 1000, "tray-oak", units=(("main", 0),)
    ),
]
SETS = [("SET-COFFEE", "DRIPPER", 1), ("SET-COFFEE", "MUG-WHITE", 1), ("SET-COFFEE", "FILTER-100", 1)]
PEOPLE = {
    "髙橋": Person(
        "髙橋",
        "さくら",
        "タカハシ",
        "サクラ",
        "2310005",
        "神奈川県",
        "横浜市中区",
        "本町1-2-3 みなとハイツ101",
    ),
    "浜﨑": Person("浜﨑", "健", "ハマサキ", "ケン", "1500001", "東京都", "渋谷区", "神宮前1丁目2番3号"),
    "田中": Person("田中", "花子", "タナカ", "ハナコ", "0600001", "北海道", "札幌市中央区", "北一条西2-3"),
    "佐藤": Person(
        "佐藤", "一郎", "サトウ", "イチロウ", "5300001", "大阪府", "大阪市北区", "梅田1-1-1 例ビル5階"
    ),
    "鈴木": Person("鈴木", "次郎", "スズキ", "ジロウ", "8100001", "福岡県", "福岡市中央区", "天神2-3-4"),
    "山田": Person("山田", "三奈", "ヤマダ", "ミナ", "4600008", "愛知県", "名古屋市中区", "栄3-4-5"),
    "番地": Person("伊藤", "四季", "イトウ", "シキ", "2310005", "神奈川県", "横浜市中区", "本町"),
}
WORLD = World(PEOPLE, {product.sku: product for product in PRODUCTS})

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
        payment="cod",
        cod=330,
    ),
    Order("0000000004", "2026-11-24 08:02:09", "佐藤", [("COFFEE-500", 2)], slot="1416", wished="2026-11-28"),
    Order(
        "0000000005", "2026-11-24 08:30:00", "鈴木", [("COFFEE-500", 2)]
    ),  # only one unit is left: waits for stock
    Order("0000000006", "2026-11-24 08:55:21", "山田", [("MUG-BLUE", 2)]),  # the warehouse finds one only
    Order("0000000007", "2026-11-24 09:12:33", "番地", [("FILTER-100", 3)]),  # no house number: held
    Order(
        "0000000008", "2026-11-24 09:40:00", "佐藤", [("MUG-WHITE", 1)], status="unpaid", payment="bank"
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
    Order("0000000008", "2026-11-24 09:40:00", "佐藤", [("MUG-WHITE", 1)], payment="bank"),  # paid
    Order("0000000011", "2026-11-24 10:44:18", "髙橋", [("DRIPPER", 1)], status="cancelled"),
    Order("0000000012", "2026-11-24 11:02:50", "山田", [("COOKIE-12", 3)]),  # mended on the mall's screen
    Order("0000000015", "2026-11-24 18:31:00", "浜﨑", [("TOWEL-L", 4), ("MUG-BLUE", 1)], shop_coupon=200),
    Order("0000000016", "2026-11-24 20:15:45", "山田", [("TRAY-OAK", 1)]),  # sold out: waits for stock
]
