"""The shop that every case of bad input happens in: three channels, one warehouse with labels, and a noon's files.

It is played once to the end of its morning and copied for each case, so that a case costs its own runs only.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from canaries import with_canaries
from ecsync.run.outcome import Outcome
from ecsync.run.sync import Request, sync
from partner_files import core, rakuten, shopify_shop, warehouse, yahoo, yamato_b2
from partner_files.base import Order, read_table, table
from partner_files.one_shop import PRODUCTS, SETS, WORLD
from scenarios.partners import NAMED_VARIANTS
from shop import DATABASE_FILE, Shop, copy_shop, utc
from story_shop import EVENT_COLUMNS, an_order, moment, plain_table

PARTS = Path(__file__).parents[1] / "scenarios" / "project"
EARLY, MORNING, CAME, NOON, MENDED, LATER = (
    moment(clock) for clock in ("05:00", "08:30", "11:30", "12:00", "12:05", "12:20")
)
AT_DAWN = [an_order(11, ("TOWEL-L", 1)), an_order(12, ("COOKIE-12", 2), person="佐藤")]
OF_RAKUTEN = [
    an_order(101, ("TOWEL-L", 2)),
    an_order(102, ("COOKIE-12", 1), ("MUG-BLUE", 1), person="田中"),
    an_order(103, ("FILTER-100", 3), person="鈴木", payment="cod", cod=330),
]
OF_YAHOO = [an_order(201, ("TOWEL-L", 1)), an_order(202, ("COFFEE-200", 2), person="山田")]
OF_SHOPIFY = [an_order(301, ("COOKIE-12", 1)), an_order(302, ("DRIPPER", 1), person="浜﨑")]
TRACKING = yamato_b2.tracking_number(501)
TOO_SHORT_TRACKING = TRACKING[1:]
SUSPECT_TRACKING = f"{TRACKING[:-1]}{(int(TRACKING[-1]) + 1) % 7}"


@dataclass(frozen=True)
class Flow:
    """Where a partner puts the noon's file of a flow, and how it is written."""

    folder: str
    pattern: str
    encoding: str

    def path(self, at: datetime) -> str:
        """Return the path of a file of this flow."""
        return f"{self.folder}/{self.pattern.format(at=at)}"


FLOWS = {
    "rakuten-orders": Flow("rakuten/orders", "order_{at:%Y%m%d_%H%M}.csv", "cp932"),
    "yahoo-orders": Flow("yahoo/orders", "orders_{at:%m%d%H%M}.csv", "cp932"),
    "yahoo-order-items": Flow("yahoo/orders", "items_{at:%m%d%H%M}.csv", "cp932"),
    "shopify-orders": Flow("shopify/orders", "orders_export_{at:%H%M}.csv", "utf-8"),
    "main-events": Flow("warehouse/out", "events_{at:%Y%m%d_%H%M}.csv", "utf-8"),
    "main-stock": Flow("warehouse/out", "stock_{at:%Y%m%d_%H%M}.csv", "utf-8"),
    "main-issued": Flow("warehouse/out", "issued_{at:%Y%m%d_%H%M}.csv", "cp932"),
    "erp-products": Flow("erp/out", "products_{at:%Y%m%d_%H%M}.csv", "utf-8"),
}
NUMBERS = {
    "rakuten-orders": [rakuten.number_of(order) for order in OF_RAKUTEN],
    "yahoo-orders": [yahoo.number_of(order) for order in OF_YAHOO],
    "shopify-orders": [shopify_shop.number_of(order) for order in OF_SHOPIFY],
}


def configuration(partners: Path, database: str = 'path = "data/ecsync.db"') -> str:
    """Return the shop's ecsync.toml: every part that the scenarios know, with one kind of books."""
    names = ("shop", "rakuten", "yahoo", "shopify", "instruction", "labels", "yayoi")
    text = "\n".join((PARTS / f"{name}.toml").read_text(encoding="utf-8") for name in names)
    return text.replace("{PARTNERS}", str(partners)).replace("{DATABASE}", database)


def orders_with_canaries(content: bytes, mapping: str, encoding: str) -> bytes:
    """Return an order file whose people are canaries, written as its shop writes it."""
    header, *rows = with_canaries(mapping, read_table(content, encoding))
    newline = "\r\n" if b"\r\n" in content else "\n"
    return table(header, rows, encoding=encoding, quote=content.startswith(b'"'), newline=newline)


def rakuten_orders(orders: list[Order]) -> bytes:
    """Return an order file of Rakuten."""
    return orders_with_canaries(rakuten.orders(WORLD, orders), "rakuten/orders", "cp932")


def shopify_orders(orders: list[Order]) -> bytes:
    """Return an order file of Shopify."""
    return orders_with_canaries(shopify_shop.orders(WORLD, orders), "shopify/orders", "utf-8")


@dataclass
class CasesShop:
    """One copy of the shop."""

    shop: Shop

    @property
    def project(self) -> Path:
        """Return the project folder."""
        return self.shop.project

    def put(self, flow: str, content: bytes, at: datetime = CAME) -> str:
        """Let the partner put a file of a flow, as of `at`; return its name."""
        path = FLOWS[flow].path(at)
        self.shop.put(path, content, at)
        return path.rpartition("/")[2]

    def run(self, at: datetime, kind: str = "noon") -> Outcome:
        """Run for real, without the command line."""
        return sync(self.shop.settings, Request(kind, utc(at)))

    def copy(self, root: Path, database_url: str = "") -> CasesShop:
        """Return a copy of its own; a PostgreSQL master is copied by the caller."""
        return CasesShop(copy_shop(self.shop, root, database_url=database_url))


def open_shop(root: Path, template: Path) -> CasesShop:
    """Make the shop on a copy of an empty SQLite master and play its morning."""
    shop = Shop(root)
    (shop.project / "data").mkdir(parents=True, mode=0o700)
    shutil.copyfile(template, shop.project / "data" / "ecsync.db")
    (shop.project / "data" / "ecsync.db").chmod(0o600)
    return _morning(shop, configuration(shop.partners))


def open_postgres_shop(root: Path, database_url: str) -> CasesShop:
    """Make the shop on an empty PostgreSQL master and play its morning."""
    shop = Shop(root, database_url)
    shop.project.mkdir(parents=True)
    shop.write_database_url()
    return _morning(shop, configuration(shop.partners, f'url = {{ file = "{DATABASE_FILE}" }}'))


def _morning(shop: Shop, text: str) -> CasesShop:
    """Play the morning: two orders are instructed, one label each."""
    (shop.project / "ecsync.toml").write_text(text, encoding="utf-8")
    settings = shop.settings
    for flow in (*settings.inbound, *settings.outbound):
        for path in (flow.path, getattr(flow, "archive_path", "") or flow.path):
            (shop.partners / flow.endpoint / path).mkdir(parents=True, exist_ok=True)
    cases = CasesShop(shop)
    cases.put("erp-products", core.products(PRODUCTS), EARLY)
    shop.put("erp/out/sets_20261124.csv", core.sets(SETS), EARLY)
    cases.put("main-stock", warehouse.stock(warehouse.counted(PRODUCTS, "main")), EARLY)
    shop.put("rakuten/items/dl-normal-item_1.csv", rakuten.items(PRODUCTS, lambda _one: 10), EARLY)
    shop.put("yahoo/stock/data_1.csv", yahoo.quantities(WORLD, PRODUCTS, lambda _one: 10), EARLY)
    shop.put("shopify/inventory/inventory_export_1.csv", shopify_shop.inventory(NAMED_VARIANTS, 10), EARLY)
    cases.put("rakuten-orders", rakuten_orders(AT_DAWN), moment("08:00"))
    assert cases.run(MORNING, "noon").exit_status == 0
    return cases


def numbered(orders: list[Order], series: int) -> list[Order]:
    """Return the same orders under numbers of their own; series 0 has the numbers that they have."""
    return [replace(order, number=f"{int(order.number) + 1000 * series:010d}") for order in orders]


def orders_of_series(flow: str, series: int) -> bytes:
    """Return an ordinary order file whose orders stand in no other series."""
    if flow == "rakuten-orders":
        return rakuten_orders(numbered(OF_RAKUTEN, series))
    return shopify_orders([replace(one, number=str(int(one.number))) for one in numbered(OF_SHOPIFY, series)])


def noon_files(shop: CasesShop) -> dict[str, bytes]:
    """Return the files of an ordinary noon by flow: one parcel's shipment told by the warehouse, one by its label."""
    parcels = [str(row[0]) for row in shop.shop.rows("SELECT parcel_no FROM shipping_instruction ORDER BY 1")]
    lines = shop.shop.rows("SELECT parcel_no, line_no, sku, qty FROM instruction_line ORDER BY 1, 2")
    at = CAME.isoformat()
    events = [
        [f"E{number:04d}", "shipped", *line, TRACKING, "yamato", at]
        for number, line in enumerate((line for line in lines if line[0] == parcels[0]), start=1)
    ]
    labels = [path.read_bytes() for path in sorted((shop.shop.partners / "warehouse/in").glob("b2_*.csv"))]
    counted = [(sku, units - (sku == "TOWEL-L")) for sku, units in warehouse.counted(PRODUCTS, "main")]
    return {
        "rakuten-orders": rakuten_orders(OF_RAKUTEN),
        "yahoo-orders": orders_with_canaries(yahoo.orders(WORLD, OF_YAHOO), "yahoo/orders", "cp932"),
        "yahoo-order-items": yahoo.items(WORLD, OF_YAHOO),
        "shopify-orders": shopify_orders(OF_SHOPIFY),
        "main-events": plain_table(EVENT_COLUMNS, events),
        "main-stock": warehouse.stock(counted),
        "main-issued": yamato_b2.issued(labels, left_out=parcels[:1]),
        "erp-products": core.products(PRODUCTS),
    }
