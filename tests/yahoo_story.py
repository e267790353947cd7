"""A story shop with a second channel: the same products on Yahoo! Shopping, whose orders come in two files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ecsync.run.plan import Plan, PlanRequest, make_plan
from partner_files import yahoo
from partner_files.base import Order
from partner_files.one_shop import PRODUCTS, WORLD
from shop import Shop, utc
from story_shop import ONE_SHOP, Row, StoryShop, moment

CHANNEL = """
[channels.yahoo1]
platform = "yahoo"
title = "Yahoo!ショッピング みなと雑貨店"
warehouse = "main"
cutover = "2026-11-20T00:00:00+09:00"
safety = 1
payer = "Yahoo!"

"""
FLOWS = """
[[inbound]]
name = "yahoo1-orders"
party = "yahoo1"
mapping = "yahoo/orders"
endpoint = "yahoo"
path = "orders"
pattern = "orders_*.csv"
after = "archive"
archive_path = "orders/done"

[[inbound]]
name = "yahoo1-items"
party = "yahoo1"
mapping = "yahoo/order_items"
endpoint = "yahoo"
path = "orders"
pattern = "items_*.csv"
after = "archive"
archive_path = "orders/done"

[[inbound]]
name = "yahoo1-stock"
party = "yahoo1"
mapping = "yahoo/stock"
endpoint = "yahoo"
path = "stock"
pattern = "quantity_*.csv"

[[outbound]]
name = "yahoo1-quantities"
party = "yahoo1"
mapping = "yahoo/quantity"
endpoint = "yahoo"
path = "quantity"

[[outbound]]
name = "yahoo1-notices"
party = "yahoo1"
mapping = "yahoo/shipping"
endpoint = "yahoo"
path = "shipping"
"""
Halves = tuple[str, ...]
BOTH: Halves = ("orders", "items")


@dataclass
class YahooStory(StoryShop):
    """One shop on Rakuten and on Yahoo!."""

    def open_up(self, change: Callable[[str], str] = lambda text: text) -> YahooStory:
        """Make the shop; both malls list the same products."""

        def with_yahoo(text: str) -> str:
            endpoint = f'[endpoints.yahoo]\nkind = "folder"\nroot = "{self.shop.partners / "yahoo"}"\n\n'
            head, sep, rest = text.partition("[warehouses.main]")
            return change(head + CHANNEL + endpoint + sep + rest + FLOWS)

        for folder in ("orders/done", "stock", "quantity", "shipping"):
            (self.shop.partners / "yahoo" / folder).mkdir(parents=True, exist_ok=True)
        super().open_up(with_yahoo)
        return self

    def export(
        self,
        at: datetime,
        *orders: Order,
        halves: Halves = BOTH,
        name: str = "",
        change: Callable[[Row], Row | None] = lambda row: row,
        change_items: Callable[[Row], Row | None] = lambda row: row,
    ) -> None:
        """Let the mall write both files of an export, or one of them, as of `at`."""
        files = {
            "orders": yahoo.orders(WORLD, orders, change=change),
            "items": yahoo.items(WORLD, orders, change=change_items),
        }
        for half in halves:
            self.half(at, half, files[half], name=name)

    def listed(self, at: datetime, shown: Callable[[str], int | str] = lambda _sku: 0) -> None:
        """Let the mall write its stock download: every product, with what it shows of each SKU."""
        content = yahoo.quantities(WORLD, PRODUCTS, lambda product: shown(product.sku))
        self.shop.put(f"yahoo/stock/quantity_{at:%m%d%H%M}.csv", content, at)

    def quantities(self) -> dict[str, list[str]]:
        """Return the lines of every stock file that the mall was sent, by its name."""
        files = sorted((self.shop.partners / "yahoo/quantity").glob("*.csv"))
        return {path.name: path.read_text("cp932").splitlines()[1:] for path in files}

    def half(self, at: datetime, half: str, content: bytes, *, name: str = "") -> None:
        """Let the mall put these very bytes as one half of an export."""
        self.shop.put(f"yahoo/orders/{half}_{name or f'{at:%m%d%H%M}'}.csv", content, at)

    def plan(self, kind: str, at: datetime, name: str = "plan") -> Plan:
        """Make a plan."""
        return make_plan(self.shop.settings, PlanRequest(kind, utc(at), self.shop.root / name))

    def lines(self) -> list[tuple[object, ...]]:
        """Return every line of Yahoo!'s orders in the master, with the order's status and its yen."""
        return self.shop.rows(
            "SELECT o.order_no, o.order_status, o.billed, l.line_id, l.sku, l.qty, o.totals_ok FROM sales_order o "
            "JOIN order_line l ON l.channel = o.channel AND l.order_no = o.order_no "
            "WHERE o.channel = 'yahoo1' ORDER BY o.order_no, l.line_id"
        )

    def states(self) -> dict[str, str]:
        """Return the state of each inbound file of Yahoo!: name -> state."""
        rows = self.shop.rows(
            "SELECT name, state FROM inbox_file WHERE flow LIKE 'yahoo1-%' ORDER BY file_id"
        )
        return {str(name): str(state) for name, state in rows}

    def there(self) -> list[str]:
        """Return the files that still lie in Yahoo!'s folder."""
        return sorted(path.name for path in (self.shop.partners / "yahoo/orders").glob("*.csv"))


def numbers(orders: Sequence[Order]) -> list[str]:
    """Return the orders' numbers as the mall writes them."""
    return [yahoo.number_of(order) for order in orders]


def new_yahoo_story(root: Path, database_url: str = "") -> YahooStory:
    """Return a story shop that is not opened yet."""
    return YahooStory(Shop(root, database_url, sample=ONE_SHOP))


__all__ = ["PRODUCTS", "YahooStory", "moment", "new_yahoo_story", "numbers"]
