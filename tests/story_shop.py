"""A shop whose days are told in a few lines: orders, counts and events in, what the partners were told out.

Built on one Rakuten shop (fixtures/one-shop) and on the partners' real layouts; nothing in between is replaced.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from ecsync.run.outcome import Outcome
from ecsync.run.sync import Request, sync
from partner_files import rakuten, warehouse
from partner_files.base import Order
from partner_files.one_shop import PRODUCTS, WORLD
from partner_files.rakuten import COLUMNS, OLD_COLUMNS, number_of
from shop import Shop, utc

JAPAN = timezone(timedelta(hours=9))
ONE_SHOP = Path(__file__).parent / "fixtures" / "one-shop"
EVENT_COLUMNS = ("event_id", "kind", "parcel_no", "line_no", "sku", "qty", "tracking_no", "carrier", "at")
Row = dict[str, str]
cp932_table = rakuten.orders_table


def moment(clock: str, day: int = 24) -> datetime:
    """Return a time of the story: `12:00` on a day of November 2026 (the 24th is a Tuesday), in Japan."""
    hour, minute = clock.split(":")
    return datetime(2026, 11, day, int(hour), int(minute), tzinfo=JAPAN)


def an_order(
    number: int, *lines: tuple[str, int], ordered: str = "2026-11-24 08:00:00", **facts: object
) -> Order:
    """Return an order of an invented person; `facts` are those of partner_files.base.Order."""
    return Order(f"{number:010d}", ordered, str(facts.pop("person", "髙橋")), list(lines), **facts)  # type: ignore[arg-type]


def order_file(
    orders: Iterable[Order],
    *,
    columns: Sequence[str] = COLUMNS,
    change: Callable[[Row], Row | None] = lambda row: row,
) -> bytes:
    """Return the mall's order file; `change` may touch a row's cells, or leave the row out."""
    return rakuten.orders(WORLD, orders, columns=columns, change=change)


def plain_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return rows in our own plain layout: UTF-8, header."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([columns, *rows])
    return out.getvalue().encode("utf-8")


@dataclass
class StoryShop:
    """One shop and the partners' side of its story."""

    shop: Shop
    _events: int = 0

    def open_up(self, change: Callable[[str], str] = lambda text: text) -> StoryShop:
        """Make the shop, with the core system's products and the mall's listings on their servers."""
        self.shop.set_up(change=change)
        noon = ONE_SHOP / "noon"
        for name, to in (
            ("products.csv", "erp/out/products_20261124.csv"),
            ("sets.csv", "erp/out/sets_20261124.csv"),
            ("items.csv", "rms/items/dl-normal-item_202611240500.csv"),
        ):
            self.shop.put(to, (noon / name).read_bytes(), moment("05:00"))
        return self

    def orders(self, at: datetime, *orders: Order, name: str = "", **form: object) -> None:
        """Let the mall write an order file, as of `at`."""
        content = order_file(orders, **form)  # type: ignore[arg-type]
        self.order_bytes(at, content, name=name)

    def order_bytes(self, at: datetime, content: bytes, *, name: str = "") -> None:
        """Let the mall put these very bytes as an order file, as of `at`."""
        self.shop.put(f"rms/orders/{name or f'order_{at:%Y%m%d_%H%M}.csv'}", content, at)

    def count(self, at: datetime, **units: int) -> None:
        """Let the warehouse count: the demo shop's units but for these; underscores stand for the hyphens of SKUs."""
        counted = dict(warehouse.counted(PRODUCTS, "main"))
        rows = list((counted | {sku.replace("_", "-"): qty for sku, qty in units.items()}).items())
        self.shop.put(f"warehouse/out/stock_{at:%Y%m%d_%H%M}.csv", plain_table(("sku", "qty"), rows), at)

    def events(self, at: datetime, *events: Row) -> None:
        """Let the warehouse tell events; ids and times are given where they are missing."""
        rows = []
        for event in events:
            self._events += 1
            full = {"event_id": f"E{self._events:04d}", "at": at.isoformat(), **event}
            rows.append([full.get(name, "") for name in EVENT_COLUMNS])
        path = f"warehouse/out/events_{at:%Y%m%d_%H%M}.csv"
        self.shop.put(path, plain_table(EVENT_COLUMNS, rows), at)

    def ship_on_the_first_day(self, orders: Sequence[Order]) -> None:
        """Take orders of a towel, two cookies and a mug, ship them, count again, and wait for the night."""
        self.count(moment("08:00"))
        self.orders(moment("11:30"), *orders)
        self.run("noon", moment("12:00"))
        self.events(moment("16:00"), *(self.shipped(line) for line in self.instructed()))
        self.count(moment("16:30"), TOWEL_L=59, COOKIE_12=38, MUG_WHITE=23)
        self.orders(moment("21:30"), *orders)

    def run(self, kind: str, at: datetime, *overrides: tuple[str, str]) -> Outcome:
        """Run for real."""
        return sync(self.shop.settings, Request(kind, utc(at), overrides=overrides))

    def told(self, pattern: str, encoding: str = "utf-8") -> list[Row]:
        """Return the rows of every file that a partner was sent and whose path matches, oldest first."""
        return [
            row
            for path in sorted(self.shop.partners.glob(pattern))
            for row in csv.DictReader(io.StringIO(path.read_bytes().decode(encoding)))
        ]

    def instructed(self) -> list[Row]:
        """Return every line that the warehouse was told to ship."""
        return self.told("warehouse/in/instruction_*.csv")

    def recalled(self) -> list[Row]:
        """Return every parcel that the warehouse was asked to stop."""
        return self.told("warehouse/in/recall_*.csv")

    def noticed(self) -> list[Row]:
        """Return every shipping report that the mall was sent."""
        return self.told("rms/shipping/*.csv", "cp932")

    def sold(self) -> list[Row]:
        """Return every entry that the core system was sent."""
        return self.told("erp/in/*.csv")

    def published(self) -> dict[str, int]:
        """Return the quantities of the newest stock file: the item, or the key of its variant -> units."""
        rows = self.told("rms/ritem/normal-item.csv", "cp932")
        return {row["SKU管理番号"] or row["商品管理番号（商品URL）"]: int(row["在庫数"]) for row in rows}

    def booked(self) -> list[list[str]]:
        """Return every line of the journals that the accounting package was sent."""
        return [
            line
            for path in sorted((self.shop.partners / "kaikei/journals").glob("*.txt"))
            for line in csv.reader(io.StringIO(path.read_bytes().decode("cp932")))
        ]

    def shipped(self, line: Row, qty: int | None = None, tracking: str = "400900000012") -> Row:
        """Return the warehouse's event that a line was shipped."""
        return {**self._of(line, "shipped", qty), "tracking_no": tracking, "carrier": "yamato"}

    def short(self, line: Row, qty: int | None = None) -> Row:
        """Return the warehouse's event that units of a line were not there."""
        return self._of(line, "short", qty)

    def returned(self, line: Row, qty: int | None = None) -> Row:
        """Return the warehouse's event that units of a line came back."""
        return self._of(line, "return", qty)

    @staticmethod
    def _of(line: Row, kind: str, qty: int | None) -> Row:
        return {
            "kind": kind,
            "parcel_no": line["parcel_no"],
            "line_no": line["line_no"],
            "sku": line["sku"],
            "qty": line["qty"] if qty is None else str(qty),
        }


OpenStory = Callable[..., StoryShop]


def setting(before: str, after: str) -> Callable[[str], str]:
    """Return an edit of ecsync.toml; the text that it replaces must stand there."""

    def change(text: str) -> str:
        assert before in text, before
        return text.replace(before, after)

    return change


def codes(outcome: Outcome) -> list[str]:
    """Return the codes of a run's findings, in order."""
    return [finding.code for finding in outcome.findings]


def new_story(root: Path, database_url: str = "") -> StoryShop:
    """Return a story shop that is not opened yet."""
    return StoryShop(Shop(root, database_url, sample=ONE_SHOP))


__all__ = [
    "COLUMNS", "JAPAN", "OLD_COLUMNS", "ONE_SHOP", "OpenStory", "Order", "Row", "StoryShop", "an_order", "codes",
    "cp932_table", "moment", "new_story", "number_of", "order_file", "plain_table", "setting",
]  # fmt: skip
