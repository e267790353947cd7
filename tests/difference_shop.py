"""Six small shops in which every kind of stock difference happens once, each to a SKU of its own.

Every shop sells from a warehouse of its own: ten units of each SKU, one of them kept back, so that a shop shows
nine. A run at 10:00 tells the shops, another takes a count in at 10:30 and tells nobody; then the partners'
files move on until half past eleven, and nobody takes those in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from partner_files.base import Order
from partner_files.one_shop import PRODUCTS
from shop import Shop
from story_shop import StoryShop, an_order, moment, order_file, plain_table

SHOPS = {
    "honten": "本店",
    "conflict": "2号店",
    "guarded": "3号店",
    "waiting": "4号店",
    "stale": "5号店",
    "moved": "6号店",
}
UNITS, SHOWN, PRICE, COST = 10, 9, 1000, 600
ITEM_COLUMNS = ("item", "sku_key", "code", "qty", "unlimited")
EVENT_COLUMNS = ("event_id", "kind", "parcel_no", "line_no", "sku", "qty", "tracking_no", "carrier", "at")
DEMO_KEYS = {product.sku: (product.item, product.variant or product.item) for product in PRODUCTS}


@dataclass(frozen=True)
class Case:
    """One kind of difference: the SKU it happens to, and the shop (or whose count) where it shows."""

    title: str
    sku: str
    party: str = "honten"
    code: str = ""


CASES = (
    Case("shop shows more than we told it", "NOT-TAKEN-UP"),
    Case("shop shows less than we told it", "NOT-TAKEN-DOWN"),
    Case("set shows more than its parts allow", "SET-OF-TWO"),
    Case("listing that was never told a figure", "NEVER-TOLD"),
    Case("our file met another one and did not arrive", "CONFLICT", "conflict"),
    Case("a guard stopped the file with zero", "GUARDED", "guarded"),
    Case("units were lost since we told", "LOST-SINCE", "moved"),
    Case("units came in since we told", "CAME-SINCE", "moved"),
    Case("units were lost since, and the shop's file is old", "LOST-OLD", "stale"),
    Case("warehouse counts more", "COUNT-MORE", "w-honten"),
    Case("warehouse counts less", "COUNT-LESS", "w-honten"),
    Case("core system shows less", "CORE-LESS", "erp"),
    Case("free units, not listed", "NOT-LISTED"),
    Case("free units, listed only in a set", "ONLY-IN-SET"),
    Case("shop lists an unknown code", "", code="ghost"),
    Case("warehouse counts an unknown code", "GHOST", "w-honten"),
    Case("our file waits behind another one", "WAITS", "waiting"),
    Case("our figure went out, the shop's file is older", "SENT-LATER", "moved"),
    Case("instructed units, result still to come", "DRIPPER", "w-honten"),
    Case("shop shows the unit that we keep back", "KEPT-BACK"),
    Case("one SKU in two listings", "TWICE"),
    Case("sold without a limit, nothing free", "NO-LIMIT-NONE"),
    Case("sold without a limit", "NO-LIMIT"),
    Case("nothing differs", "SAME"),
    Case("shop sold two since its file", "TOWEL-L"),
    Case("order that no run has taken yet", "COOKIE-12"),
    Case("receipt that no run has taken yet", "RECEIVED", "w-honten"),
)
# What each warehouse has at 06:00 where it is not ten of each.
SKUS = {
    "honten": (
        *(
            "NOT-TAKEN-UP",
            "NOT-TAKEN-DOWN",
            "NEVER-TOLD",
            "COUNT-MORE",
            "COUNT-LESS",
            "CORE-LESS",
            "NOT-LISTED",
        ),
        *("ONLY-IN-SET", "DRIPPER", "KEPT-BACK", "TWICE", "NO-LIMIT-NONE", "NO-LIMIT", "SAME", "TOWEL-L"),
        *("COOKIE-12", "RECEIVED"),
    ),
    "conflict": ("CONFLICT",),
    "guarded": ("GUARDED",),
    "waiting": ("WAITS",),
    "stale": ("LOST-OLD",),
    "moved": ("LOST-SINCE", "CAME-SINCE", "SENT-LATER"),
}
_NONE_THERE = {"GUARDED": 0, "NO-LIMIT-NONE": 0}
_UNLISTED_AT_FIRST = {"NEVER-TOLD", "NOT-LISTED", "ONLY-IN-SET"}

_ITEMS = """\
mapping: shop/items
title: {ja: 店舗 商品, en: Shop items}
entity: channel_listings
nature: snapshot
as_of: {from: mtime}
file: {encoding: utf-8, header: required, final_newline: required}
columns:
  item_key: {from: item, as: key}
  sku_key: {from: sku_key, as: key}
  sku_code: {from: code, as: key}
  qty: qty
  unlimited_flag: {from: unlimited, as: flag}
"""


def configuration(root: Path, *, url_file: str = "") -> str:
    """Return ecsync.toml of the six shops."""
    database = f'url = {{ file = "{url_file}" }}' if url_file else 'path = "data/ecsync.db"'
    parts = [
        '[project]\nname = "照合試験商店"\n',
        f"[database]\n{database}\n",
        f'[endpoints.all]\nkind = "folder"\nroot = "{root}"\n',
        '[core.erp]\ntitle = "基幹システム"\n',
        '[runs]\ncounts = ["products", "results"]\n',
        _inbound("erp-products", "erp", "core/products", "erp", "products_*.csv"),
        _inbound("erp-sets", "erp", "core/set_components", "erp", "sets_*.csv"),
        _inbound("erp-stock", "erp", "core/stock", "erp", "stock_*.csv"),
        _inbound("honten-orders", "honten", "rakuten/orders", "honten", "order_*.csv"),
    ]
    for name, title in SHOPS.items():
        stale = "expected = { max_age_hours = 6 }" if name == "stale" else ""
        guard = "guard = { max_share_to_zero = 0.5 }" if name == "guarded" else ""
        on_exists = (
            "conflict" if name in {"conflict", "guarded"} else "wait" if name == "waiting" else "replace"
        )
        parts += [
            (
                f'[channels.{name}]\nplatform = "rakuten"\ntitle = "{title}"\nwarehouse = "w-{name}"\nsafety = 1\n'
                'stale_buffer = 2\nshop_ids = ["000001"]\n'
            ),
            f'[warehouses.w-{name}]\ntitle = "{title}倉庫"\nparcel_prefix = "{name[0].upper()}"\n',
            _inbound(f"{name}-items", name, "shop/items", name, "items_*.csv", stale),
            _inbound(f"{name}-count", f"w-{name}", "warehouse/stock", f"w-{name}", "stock_*.csv"),
            _inbound(f"{name}-events", f"w-{name}", "warehouse/events", f"w-{name}", "events_*.csv"),
            (
                f'[[outbound]]\nname = "{name}-stock"\nparty = "{name}"\nmapping = "rakuten/normal_item"\n'
                f'endpoint = "all"\npath = "{name}/in"\non_exists = "{on_exists}"\n{guard}\n'
            ),
            (
                f'[[outbound]]\nname = "{name}-instructions"\nparty = "w-{name}"\nmapping = "warehouse/instruction"\n'
                f'endpoint = "all"\npath = "w-{name}/in"\n'
            ),
        ]
    return "\n".join(parts)


def _inbound(name: str, party: str, mapping: str, path: str, pattern: str, more: str = "") -> str:
    return (
        f'[[inbound]]\nname = "{name}"\nparty = "{party}"\nmapping = "{mapping}"\nendpoint = "all"\n'
        f'path = "{path}"\npattern = "{pattern}"\n{more}\n'
    )


@dataclass
class DifferenceShop:
    """The six shops and their partners' folders."""

    story: StoryShop

    @property
    def shop(self) -> Shop:
        """Return the project."""
        return self.story.shop

    def play(self) -> DifferenceShop:
        """Make the shops, tell them at 10:00, lose and receive units, and let the partners' files move on."""
        shop = self.shop
        mapping = shop.project / "mappings" / "shop" / "items.yaml"
        mapping.parent.mkdir(parents=True)
        mapping.write_text(_ITEMS, encoding="utf-8")
        for name in SHOPS:
            (shop.partners / name / "in").mkdir(parents=True)
            (shop.partners / f"w-{name}" / "in").mkdir(parents=True)
        shop.set_up(change=lambda text: configuration(shop.partners, url_file=_url_file(text)))
        self._products()
        for name, skus in SKUS.items():
            self.items(name, "05:00", {sku: SHOWN for sku in skus if sku not in _UNLISTED_AT_FIRST})
            self.count(name, "06:00")
        for name in ("conflict", "waiting"):
            shop.put(f"{name}/in/normal-item.csv", b"somebody else's\r\n", moment("04:00"))
        self.orders("09:30", an_order(1, ("DRIPPER", 2), person="浜﨑"))
        self.story.run("noon", moment("10:00"))
        self.count("moved", "10:20", **{"LOST-SINCE": 3})
        self.count("stale", "10:20", **{"LOST-OLD": 3})
        self.events("moved", "10:25", ("receipt", "CAME-SINCE", 5))
        self.story.run("counts", moment("10:30"))
        self._move_on()
        return self

    def _move_on(self) -> None:
        self.count(
            "honten", "11:30", **{"COUNT-MORE": 13, "COUNT-LESS": 4, "GHOST": 4, "DRIPPER": 8, "RECEIVED": 15}
        )
        self.events("honten", "11:00", ("receipt", "RECEIVED", 5))
        everything = [sku for skus in SKUS.values() for sku in skus]
        held = {sku: _NONE_THERE.get(sku, UNITS) for sku in everything}
        held |= {"CORE-LESS": 7, "LOST-SINCE": 3, "LOST-OLD": 3, "CAME-SINCE": 15, "RECEIVED": 15}
        self.shop.put("erp/stock_1130.csv", plain_table(("sku", "qty"), list(held.items())), moment("11:30"))
        shown = {sku: SHOWN for sku in SKUS["honten"] if sku not in {"NOT-LISTED", "ONLY-IN-SET"}}
        shown |= {"NOT-TAKEN-UP": 15, "NOT-TAKEN-DOWN": 2, "NEVER-TOLD": 50, "KEPT-BACK": UNITS, "DRIPPER": 7}
        self.items("honten", "11:30", {**shown, "COOKIE-12": 8}, more=[("ghost", "ghost", "NO-SUCH", 3, 0)])
        self.orders(
            "11:50",
            an_order(1, ("DRIPPER", 2), person="浜﨑"),
            an_order(2, ("COOKIE-12", 1), person="髙橋", ordered="2026-11-24 10:50:00"),
            an_order(3, ("TOWEL-L", 2), person="佐藤", ordered="2026-11-24 11:45:00"),
        )

    def _products(self) -> None:
        skus = [*(sku for skus in SKUS.values() for sku in skus), "SET-OF-TWO"]
        rows = [(sku, f"商品 {sku}", "", "", COST, PRICE, "10%") for sku in skus]
        columns = ("sku", "name", "jan", "supplier", "cost", "price", "tax_rate")
        self.shop.put("erp/products_1.csv", plain_table(columns, rows), moment("05:00"))
        sets = plain_table(("set_sku", "component_sku", "qty"), [("SET-OF-TWO", "ONLY-IN-SET", 2)])
        self.shop.put("erp/sets_1.csv", sets, moment("05:00"))

    def items(
        self, name: str, at: str, shown: dict[str, int], more: list[tuple[object, ...]] | None = None
    ) -> None:
        """Let a shop write what it shows."""
        usual = {"CONFLICT": 20, "WAITS": 20, "SENT-LATER": 20, "GUARDED": 5} if at == "05:00" else {}
        rows: list[tuple[object, ...]] = []
        for sku, qty in shown.items():
            item, key = DEMO_KEYS.get(sku, (sku.lower(), sku.lower()))
            rows.append((item, key, sku, usual.get(sku, qty), int(sku.startswith("NO-LIMIT"))))
        if name == "honten":
            rows += [
                ("set-of-two", "set-of-two", "SET-OF-TWO", SHOWN, 0),
                ("twice-b", "twice-b", "TWICE", SHOWN, 0),
            ]
        table = plain_table(ITEM_COLUMNS, [*rows, *(more or [])])
        self.shop.put(f"{name}/items_{at.replace(':', '')}.csv", table, moment(at))

    def count(self, name: str, at: str, **units: int) -> None:
        """Let a warehouse count: ten of each but for these."""
        counted = {sku: _NONE_THERE.get(sku, UNITS) for sku in SKUS[name]} | units
        table = plain_table(("sku", "qty"), list(counted.items()))
        self.shop.put(f"w-{name}/stock_{at.replace(':', '')}.csv", table, moment(at))

    def events(self, name: str, at: str, *events: tuple[str, str, int]) -> None:
        """Let a warehouse tell what came in or was lost: kind, SKU, units."""
        rows = [
            (f"{name}{at}{n}", kind, "", "", sku, qty, "", "", moment(at).isoformat())
            for n, (kind, sku, qty) in enumerate(events)
        ]
        table = plain_table(EVENT_COLUMNS, rows)
        self.shop.put(f"w-{name}/events_{at.replace(':', '')}.csv", table, moment(at))

    def orders(self, at: str, *orders: Order) -> None:
        """Let the first shop write its orders."""
        self.shop.put(f"honten/order_{at.replace(':', '')}.csv", order_file(orders), moment(at))


def _url_file(text: str) -> str:
    marker = 'url = { file = "'
    return text.partition(marker)[2].partition('"')[0] if marker in text else ""


def told(text: str) -> list[tuple[str, list[str]]]:
    """Return the rows of a report in text: the heading above each, and its cells."""
    found: list[tuple[str, list[str]]] = []
    heading, below = "", 0
    for line in text.splitlines():
        if line.startswith("■ "):
            heading, below = line.removeprefix("■ "), 0
        elif " | " in line:
            below += 1
            if below > 1:
                found.append((heading, [cell.strip() for cell in re.split(r" \|(?: |$)", line)]))
    return found
