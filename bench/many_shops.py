"""A merchant with five shops and two warehouses: the project, its products, and two days of every partner's files.

Two Rakuten shops, one on Yahoo! Shopping, two on Shopify; a 3PL ships for four of them, the store room with Yamato's
labels for the fifth. Rates of what is out of the ordinary stand in usual_night.yaml; the rest follows from a seed.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import sys
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from measuring import ROOT, ecsync

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Mapping, Sequence

sys.path[:0] = [str(ROOT / "tools")]

from ecsync.config import Settings, load_settings  # noqa: E402
from ecsync.demo import labels, warehouse  # noqa: E402
from ecsync.demo.story import LabelWork  # noqa: E402
from ecsync.starting.answers import Answers, ShopAnswer  # noqa: E402
from ecsync.starting.project import make_project  # noqa: E402
from partner_files import base, core, one_shop, rakuten, shopify, shopify_shop, yahoo  # noqa: E402
from partner_files import warehouse as warehouse_files  # noqa: E402

RATES: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "usual_night.yaml").read_text(encoding="utf-8")
)
DAYS = ("2026-11-24", "2026-11-25")
NIGHTS = tuple(f"{day}T22:30+09:00" for day in DAYS)
# Channel, platform, number or location, its share of the orders.
SHOPS = (
    ("rakuten1", "rakuten", "000001", 0.30),
    ("rakuten2", "rakuten", "000002", 0.20),
    ("yahoo1", "yahoo", "", 0.20),
    ("shopify1", "shopify", "横浜倉庫", 0.20),
    ("shopify2", "shopify", "店舗倉庫", 0.10),
)
USERS = ("rakuten1", "rakuten2", "yahoo1", "shopify1", "shopify2", "warehouse", "core", "accounting", "store")
PASSWORD = "bench-only"  # noqa: S105  (of the throwaway server)
DATABASE_FILE = "database-url"
_STORE = """
[warehouses.store]
title = "店舗倉庫"
cut_off = 15:00:00
parcel_prefix = "S"
lead_days = { default = 1 }
calendar = "warehouse"

[sender]
name = "みなと雑貨店"
phone = "090-0000-0001"
postcode = "2310005"
address = "神奈川県横浜市中区本町1-1"

[carriers.yamato]
customer_code = "090000000000"
fare_no = "01"
"""
_STORE_FLOWS = (
    ("outbound", "store-labels", "yamato_b2/shipping_instruction", "in"),
    ("outbound", "store-recalls", "warehouse/recall", "recalls"),
    ("inbound", "store-issued", "yamato_b2/issued", "out"),
    ("inbound", "store-stock", "warehouse/stock", "stock"),
)


@dataclass
class Merchant:
    """A project folder with its partners' folders in `exchange/`, and what is sold."""

    folder: Path
    products: list[base.Product]
    orders: dict[str, list[base.Order]] = field(default_factory=dict)

    @property
    def exchange(self) -> Path:
        """Return the folder that holds the partners' folders."""
        return self.folder / "exchange"

    @property
    def settings(self) -> Settings:
        """Load the settings."""
        return load_settings(self.folder)

    def put(self, path: str, content: bytes, at: str) -> None:
        """Put a file on a partner's side, with its mtime."""
        target = self.exchange / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        moment = datetime.fromisoformat(at).timestamp()
        os.utime(target, (moment, moment))


def make(folder: Path, products: list[base.Product], *, database: str = "") -> Merchant:
    """Make the project with its partners in folders, and its master."""
    answers = Answers(
        name="みなと雑貨店",
        shops=tuple(ShopAnswer(platform, number) for _channel, platform, number, _share in SHOPS),
        warehouse="3pl",
        accounting="yayoi",
        products="core",
        cutover=datetime.fromisoformat("2026-11-20T00:00:00+09:00"),
    )
    make_project(folder, answers)
    path = folder / "ecsync.toml"
    text = _with_store(path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")
    merchant = Merchant(folder, products)
    for flow in (*merchant.settings.inbound, *merchant.settings.outbound):
        (merchant.exchange / flow.endpoint / flow.path).mkdir(parents=True, exist_ok=True)
    if database:
        (folder / "data" / "ecsync.db").unlink()
    point_at(folder, database)
    if database:
        ecsync("--project", str(folder), "db", "upgrade")
    return merchant


def point_at(folder: Path, database: str) -> None:
    """Let a project's master be at this address of PostgreSQL; '' leaves it the SQLite file."""
    path = folder / "ecsync.toml"
    text = path.read_text(encoding="utf-8")
    if database:
        if "[database]" not in text:
            path.write_text(text + f'\n[database]\nurl = {{ file = "{DATABASE_FILE}" }}\n', encoding="utf-8")
        secret = folder / DATABASE_FILE
        secret.touch(mode=0o600)
        secret.write_text(database, encoding="utf-8")


def over_sftp(folder: Path, host: str, port: int, fingerprint: str) -> None:
    """Let a project reach its partners over a server that serves `exchange/<endpoint>` to each."""
    path = folder / "ecsync.toml"
    text = path.read_text(encoding="utf-8")
    for user in USERS:
        text = text.replace(
            f'[endpoints.{user}]\nkind = "folder"\nroot = "exchange/{user}"\n',
            f'[endpoints.{user}]\nkind = "sftp"\nhost = "{host}"\nport = {port}\nuser = "{user}"\n'
            f'password = {{ env = "ECSYNC_BENCH_PASSWORD" }}\nhost_key = "{fingerprint}"\n',
        )
    path.write_text(text, encoding="utf-8")


def _with_store(text: str) -> str:
    head, mark, rest = text.partition("[channels.shopify2]")
    text = head + mark + rest.replace('warehouse = "main"', 'warehouse = "store"', 1) + _STORE
    text += '\n[endpoints.store]\nkind = "folder"\nroot = "exchange/store"\n'
    for direction, name, mapping, path in _STORE_FLOWS:
        text += f'\n[[{direction}]]\nname = "{name}"\nparty = "store"\nmapping = "{mapping}"\n'
        text += f'endpoint = "store"\npath = "{path}"\n'
        if direction == "inbound":
            text += f'pattern = "*.csv"\nafter = "archive"\narchive_path = "{path}/done"\n'
    return text


def products(count: int, draw: random.Random) -> list[base.Product]:
    """Return that many SKUs, most of them variants of an item of five."""
    found = []
    grouped = int(count * RATES["products"]["variants"]) // 5 * 5
    for number in range(count):
        item, variant = (
            (f"item-{number // 5:05d}", f"v{number % 5}") if number < grouped else (f"sku-{number:06d}", "")
        )
        sold_out = draw.random() < RATES["stock"]["sold_out"]
        digits = f"20{number:010d}"
        check = -sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10
        found.append(
            base.Product(
                f"SKU-{number:06d}",
                f"見本の品 {number:06d}" + (f" 色{number % 5}" if variant else ""),
                f"{digits}{check}",
                draw.randrange(100, 3000),
                draw.randrange(3, 90) * 110,
                base.REDUCED if number % 7 == 0 else base.STANDARD,
                item,
                variant,
                f"色{number % 5}" if variant else "",
                (("main", 0 if sold_out else draw.randrange(1, 300)), ("store", draw.randrange(0, 60))),
            )
        )
    return found


def world_of(all_products: Iterable[base.Product]) -> base.World:
    """Return everybody and everything: invented people at numbers of streets that there are."""
    people: dict[str, base.Person] = {}
    for name, person in one_shop.PEOPLE.items():
        people[name] = person
        if name != "番地":
            for number in range(1, 400):
                street = f"{person.address.partition('-')[0]}-{number % 20 + 1}-{number}"
                people[f"{name}{number}"] = replace(person, given=f"{person.given}{number}", address=street)
    return base.World(people, {product.sku: product for product in all_products})


def orders(
    count: int, day: str, first: int, all_products: Sequence[base.Product], draw: random.Random
) -> list[base.Order]:
    """Return a day's orders of one shop, numbered from `first`; most are for a tenth of the SKUs."""
    rates = RATES["orders"]
    popular = all_products[:: max(len(all_products) // 5_000, 1)]
    names = [f"{name}{number}" for name in one_shop.PEOPLE if name != "番地" for number in range(1, 400)]
    found = []
    for number in range(first, first + count):
        size = draw.choices((1, 2, 3, 4), rates["lines"])[0]
        lines = {
            draw.choice(popular).sku: draw.choice((2, 3)) if draw.random() < rates["several_units"] else 1
            for _line in range(size)
        }
        sold = list(lines.items())
        if draw.random() < rates["unknown_code"]:
            sold[-1] = (f"NOBODY-{number}", 1)
        paid = draw.random()
        payment = "cod" if paid < rates["cash_on_delivery"] else "card"
        unpaid = paid > 1 - rates["unpaid"]
        second = draw.randrange(6 * 3600, 20 * 3600)
        found.append(
            base.Order(
                f"{number:010d}",
                f"{day} {second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}",
                "番地" if draw.random() < rates["no_house_number"] else draw.choice(names),
                sold,
                status="unpaid" if unpaid else "ready",
                payment="bank" if unpaid else payment,
                cod=330 if payment == "cod" and not unpaid else 0,
                points=100 if draw.random() < rates["points"] else 0,
                shop_coupon=50 if draw.random() < rates["coupon"] else 0,
                wished="2026-11-28" if draw.random() < rates["wished_day"] else "",
                comment="玄関の前に置いてください" if draw.random() < rates["comment"] else "",
                checking="1" if draw.random() < rates["mall_checking"] else "0",
                wrong_billed=-100 if draw.random() < rates["wrong_total"] else 0,
            )
        )
    return found


def the_day_after(sold: Iterable[base.Order], draw: random.Random) -> list[base.Order]:
    """Return a day's orders as the shop shows them a day later: some paid, some cancelled, some to another address."""
    rates = RATES["the_day_after"]
    found = []
    for order in sold:
        chance = draw.random()
        if order.status == "unpaid" and chance < rates["paid"]:
            found.append(replace(order, status="ready"))
        elif chance > 1 - rates["cancelled"]:
            found.append(replace(order, status="cancelled"))
        elif chance > 1 - rates["cancelled"] - rates["other_address"] and not order.to:
            found.append(replace(order, to=["佐藤7"]))
        else:
            found.append(order)
    return found


def place_orders(
    merchant: Merchant, channel: str, sold: list[base.Order], day: str, draw: random.Random
) -> None:
    """Put a shop's order files on its side."""
    world, at, stamp = world_of(merchant.products), f"{day}T22:00+09:00", day.replace("-", "")
    platform = channel.rstrip("12")
    if platform == "rakuten":
        number = next(shop[2] for shop in SHOPS if shop[0] == channel)

        def own(row: dict[str, str]) -> dict[str, str]:
            return row | {"注文番号": row["注文番号"].replace(rakuten.SHOP_ID, number, 1)}

        content = rakuten.doubled(
            rakuten.orders(world, sold, change=own), draw, RATES["orders"]["doubled_rows"]
        )
        merchant.put(f"{channel}/orders/order_{stamp}.csv", content, at)
    elif platform == "yahoo":
        merchant.put(f"{channel}/orders/orders_{stamp}.csv", yahoo.orders(world, sold), at)
        merchant.put(f"{channel}/order-items/items_{stamp}.csv", yahoo.items(world, sold), at)
    else:
        # Shopify has neither points nor cash on delivery.
        plain = [
            replace(o, points=0, cod=0, wrong_billed=0, payment="bank" if o.payment == "bank" else "card")
            for o in sold
        ]
        merchant.put(f"{channel}/orders/orders_export_{stamp}.csv", shopify_shop.orders(world, plain), at)


def place_listings(merchant: Merchant, channel: str, shown: Mapping[str, int], day: str) -> None:
    """Put a shop's own idea of its stock on its side: units by SKU, 0 where it shows none."""
    at, stamp = f"{day}T21:00+09:00", day.replace("-", "")
    platform = channel.rstrip("12")
    if platform == "rakuten":
        content = rakuten.items(merchant.products, lambda product: shown.get(product.sku, 0))
        merchant.put(f"{channel}/items/dl-normal-item_{stamp}.csv", content, at)
    elif platform == "yahoo":
        world = world_of(merchant.products)
        content = yahoo.quantities(world, merchant.products, lambda product: shown.get(product.sku, 0))
        merchant.put(f"{channel}/stock/quantity_{stamp}.csv", content, at)
    else:
        location = next(shop[2] for shop in SHOPS if shop[0] == channel)
        variants = [
            shopify.Variant(
                product.item, product.name, product.sku, {location: shopify.Level(shown.get(product.sku, 0))},
                (("種類", product.variant_name),) if product.variant_name else (("Title", "Default Title"),),
            )
            for product in merchant.products
        ]  # fmt: skip
        content = shopify.inventory_of_all_kinds(variants, (location,))
        merchant.put(f"{channel}/inventory/inventory_export_{stamp}.csv", content, at)


def place_stock(merchant: Merchant, units: Mapping[str, Mapping[str, int]], day: str) -> None:
    """Put what each warehouse counted on its side."""
    at, stamp = f"{day}T21:30+09:00", day.replace("-", "")
    for place, endpoint in (("main", "warehouse"), ("store", "store")):
        merchant.put(f"{endpoint}/stock/stock_{stamp}.csv", warehouse_files.stock(units[place].items()), at)


def place_products(merchant: Merchant, day: str, changed: list[base.Product] | None = None) -> None:
    """Put the core system's products on its side."""
    stamp = day.replace("-", "")
    merchant.put(
        f"core/products/products_{stamp}.csv",
        core.products(changed or merchant.products),
        f"{day}T20:00+09:00",
    )


def units_of(all_products: Iterable[base.Product]) -> dict[str, dict[str, int]]:
    """Return the units at the start, by warehouse and SKU."""
    return {place: {p.sku: p.units_in(place) or 0 for p in all_products} for place in ("main", "store")}


def first_day(merchant: Merchant, orders_a_day: int, draw: random.Random) -> None:
    """Let all partners put the files of the first day."""
    place_products(merchant, DAYS[0])
    place_stock(merchant, units_of(merchant.products), DAYS[0])
    for channel, _platform, _number, share in SHOPS:
        sold = orders(int(orders_a_day * share), DAYS[0], 1, merchant.products, draw)
        merchant.orders[channel] = sold
        place_orders(merchant, channel, sold, DAYS[0], draw)
        place_listings(merchant, channel, _counted_for(merchant, channel), DAYS[0])


def second_day(merchant: Merchant, orders_a_day: int, draw: random.Random) -> None:
    """Let all partners put the files of the second day: new orders and those of yesterday again, results, stock."""
    day = DAYS[1]
    # A price changes in the core system first, and in the shops some other day.
    changed = [
        replace(product, price=product.price + 110)
        if draw.random() < RATES["products"]["price_changed"]
        else product
        for product in merchant.products
    ]
    place_products(merchant, day, changed)
    gone = _shipped(merchant, draw)
    stock = units_of(merchant.products)
    for place, units in stock.items():
        for sku in units:
            units[sku] = max(units[sku] - gone[place].get(sku, 0), 0)
            if draw.random() < RATES["stock"]["received"]:
                units[sku] += draw.randrange(5, 50)
            elif draw.random() < RATES["stock"]["counted_otherwise"]:
                units[sku] = max(units[sku] - 1, 0)
    place_stock(merchant, stock, day)
    for channel, _platform, _number, share in SHOPS:
        count = int(orders_a_day * share)
        new = orders(count, day, count + 1, merchant.products, draw)
        place_orders(merchant, channel, [*the_day_after(merchant.orders[channel], draw), *new], day, draw)
        shown = _counted_for(merchant, channel) | _published(merchant, channel)
        for order in new:
            for sku, qty in order.lines:
                if sku in shown:
                    shown[sku] = max(shown[sku] - qty, 0)
        place_listings(merchant, channel, shown, day)


def _shipped(merchant: Merchant, draw: random.Random) -> dict[str, dict[str, int]]:
    """Let both warehouses ship what they were told, and say so; return the units that left, by warehouse and SKU."""
    at = f"{DAYS[1]}T17:00:00+09:00"
    gone: dict[str, dict[str, int]] = {"main": {}, "store": {}}
    events: list[dict[str, str]] = []
    later: dict[str, bool] = {}
    for path in sorted((merchant.exchange / "warehouse/instructions").glob("*.csv")):
        for row in csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))):
            parcel, sku, units = row["parcel_no"], row["sku"], int(row["qty"])
            if (
                later.setdefault(parcel, draw.random() < RATES["warehouse"]["not_shipped_yet"])
                or row["ship_date"] > DAYS[1]
            ):
                continue
            short = int(draw.random() < RATES["warehouse"]["short"])
            place = {name: row[name] for name in ("parcel_no", "line_no", "sku")} | {"at": at}
            tracking = warehouse.check_digit(f"4009{int(parcel[1:]) % 10_000_000:07d}")
            number = f"{parcel}-{row['line_no']}"
            if units > short:
                events.append({**place, "event_id": f"S-{number}", "kind": "shipped", "qty": str(units - short),
                               "tracking_no": tracking, "carrier": "yamato"})  # fmt: skip
                gone["main"][sku] = gone["main"].get(sku, 0) + units - short
            if short:
                events.append({**place, "event_id": f"K-{number}", "kind": "short", "qty": "1"})
    rows = [[event.get(name, "") for name in warehouse.EVENT_HEADER] for event in events]
    merchant.put(
        "warehouse/events/events.csv", base.table(warehouse.EVENT_HEADER, rows), f"{DAYS[1]}T20:00+09:00"
    )
    labels.work(merchant.exchange / "store", LabelWork(endpoint="store", at=datetime.fromisoformat(at)))
    return gone


def _counted_for(merchant: Merchant, channel: str) -> dict[str, int]:
    """Return what a shop showed before we came: what lay in its warehouse."""
    return units_of(merchant.products)["store" if channel == "shopify2" else "main"]


def _published(merchant: Merchant, channel: str) -> dict[str, int]:
    """Return what we told a shop to show, by SKU."""
    by_listing = {}
    for product in merchant.products:
        key = product.item if product.variant else product.sku
        by_listing[key, product.variant or ""] = product.sku
    shown: dict[str, int] = {}
    keys = {product.item: product for product in merchant.products}
    for path in sorted((merchant.exchange / channel / "quantities").glob("*")):
        encoding = "utf-8" if channel.startswith("shopify") else "cp932"
        for row in csv.reader(io.StringIO(path.read_bytes().decode(encoding))):
            if not row[-1].isdigit():
                continue
            if channel.startswith("shopify"):
                shown[row[-2]] = int(row[-1])
            elif channel.startswith("yahoo"):
                shown[row[1] or row[0]] = int(row[-1])
            else:
                sku = by_listing.get((row[0], row[1])) or keys[row[0]].sku
                shown[sku] = int(row[-1])
    return shown


def copied(merchant: Merchant, folder: Path) -> Merchant:
    """Return a copy of the whole, mtimes kept."""
    shutil.copytree(merchant.folder, folder, symlinks=True)
    return Merchant(folder, merchant.products, merchant.orders)


def copied_database(source: str, target: str) -> str:
    """Fill an empty PostgreSQL database with the content of another; return its address."""
    import psycopg  # noqa: PLC0415
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415

    names = [conninfo_to_dict(address)["dbname"] for address in (source, target)]
    with psycopg.connect(source, dbname="postgres", autocommit=True) as conn:
        conn.execute(f"DROP DATABASE {names[1]}".encode())
        conn.execute(f"CREATE DATABASE {names[1]} TEMPLATE {names[0]} STRATEGY file_copy".encode())
    return target
