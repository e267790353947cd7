"""A shop's own export: which partner's file it is, and what a first project can learn from it.

Nothing of a customer is looked at: order numbers, times, states and goods only.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from ecsync.errors import FileRefusedError, InputRefusedError
from ecsync.locale import _
from ecsync.mapping.catalogue import load_inbound
from ecsync.mapping.reader import open_reader
from ecsync.starting.answers import PLATFORMS, utc_moment
from ecsync.starting.parts import part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from ecsync.mapping.model import InboundMapping

_OVER: Final = frozenset({"shipped", "settling", "settled", "cancelled"})
_MOST_TRIED: Final = 3


@dataclass(frozen=True)
class OwnProduct:
    """A product as a shop's export shows it: price in yen with tax, rate in basis points; None where not told."""

    sku: str
    name: str = ""
    price: int | None = None
    tax_rate: int | None = None


@dataclass
class Export:
    """One export file that fits a mapping.

    `folder` is the path of the mapping's flow below its endpoint. `orders` counts orders, `open_orders` those that
    are not shipped or cancelled, `oldest_open` is the oldest of these; all empty for a file of items.
    """

    path: Path
    platform: str
    mapping: str
    folder: str
    rows: int = 0
    orders: int = 0
    open_orders: int = 0
    oldest_open: datetime | None = None
    shop_ids: tuple[str, ...] = ()
    products: dict[str, OwnProduct] = field(default_factory=dict)


def read_export(path: Path) -> Export:
    """Read an export; raise InputRefusedError naming what was tried where it fits no mapping."""
    if not path.is_file():
        raise InputRefusedError(_("there is no file {path}").format(path=path))
    refusals = []
    for platform, flow in _candidates():
        # Which rows are ours may hang on an answer that nobody has given yet: all of them tell whose file it is.
        mapping = load_inbound(flow["mapping"]).model_copy(update={"keep_rows_when": ()})
        try:
            return _learn(Export(path, platform, flow["mapping"], flow["path"]), mapping)
        except FileRefusedError as refused:
            refusals.append((_ranked(refused), f"{flow['mapping']}: {refused.message}"))
    nearest = [text for _rank, text in sorted(refusals)][:_MOST_TRIED]
    raise InputRefusedError(
        _("{path} is no export of a shop that ecsync knows").format(path=path), hint="; ".join(nearest)
    )


def _candidates() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every inbound flow that a shop's part declares, with its platform."""
    for platform in PLATFORMS:
        values = {
            "channel": platform,
            "title": '""',
            "shop_ids": "[]",
            "location": '"x"',
            "cutover": "2026-01-01T00:00:00+09:00",
        }
        for flow in tomllib.loads(part(f"shop_{platform}.toml", "en", **values)).get("inbound", ()):
            yield platform, flow


def _ranked(refused: FileRefusedError) -> int:
    # A file whose header fits and whose body does not is more likely meant than one of another header.
    return 0 if refused.line > 1 else 1


def _learn(export: Export, mapping: InboundMapping) -> Export:
    reader = open_reader(export.path, mapping)
    wanted = _ORDER_FACTS if mapping.entity == "order_lines" else _LISTING_FACTS
    kept = [
        pa.Table.from_batches([batch.rows]).select(
            [name for name in wanted if name in batch.rows.schema.names]
        )
        for batch in reader
    ]
    export.rows = reader.rows_in
    if kept and mapping.entity == "order_lines":
        _learn_orders(export, pa.concat_tables(kept))
    elif kept and mapping.entity == "channel_listings":
        _learn_listings(export, pa.concat_tables(kept))
    return export


_ORDER_FACTS: Final = (
    "order_no", "shop_id", "ordered_at", "order_status", "sku_code", "item_name", "unit_price", "tax_rate",
    "price_includes_tax",
)  # fmt: skip
_LISTING_FACTS: Final = ("sku_code", "item_code")


def _distinct(table: pa.Table, key: Sequence[str], firsts: Sequence[str]) -> list[dict[str, Any]]:
    """Return one row per key, in the order of the file, with the first value of the other columns."""
    grouped = pa.TableGroupBy(table, list(key), use_threads=False).aggregate(
        [(name, "first") for name in firsts]
    )
    names = [name.removesuffix("_first") for name in grouped.column_names]
    rows: list[dict[str, Any]] = grouped.rename_columns(names).to_pylist()
    return rows


def _learn_orders(export: Export, table: pa.Table) -> None:
    # The half of a pair that holds lines only knows no times: its orders are told by the other half.
    known = _distinct(table, ["order_no"], ["shop_id", "ordered_at", "order_status"])
    orders = [order for order in known if order["ordered_at"]]
    to_ship = [str(order["ordered_at"]) for order in orders if order["order_status"] not in _OVER]
    shops = Counter(str(order["shop_id"]) for order in orders if order["shop_id"])
    export.orders = len(orders)
    export.open_orders = len(to_ship)
    export.oldest_open = utc_moment(min(to_ship)) if any(to_ship) else None
    export.shop_ids = tuple(
        name for name, _count in sorted(shops.items(), key=lambda pair: (-pair[1], pair[0]))
    )
    facts = ["item_name", "unit_price", "tax_rate", "price_includes_tax"]
    for line in _distinct(table, ["sku_code"], facts):
        if line["sku_code"]:
            priced = line["price_includes_tax"] in (1, None)
            price = line["unit_price"] if priced else None
            export.products[line["sku_code"]] = OwnProduct(
                line["sku_code"], line["item_name"] or "", price, line["tax_rate"]
            )


def _learn_listings(export: Export, table: pa.Table) -> None:
    for listing in _distinct(table, ["sku_code", "item_code"], []):
        code = listing["sku_code"] or listing["item_code"]
        if code:
            export.products.setdefault(code, OwnProduct(code))


def oldest_open(exports: Sequence[Export]) -> datetime | None:
    """Return the time of the oldest order that is still to be shipped; None where there is none."""
    return min((one.oldest_open for one in exports if one.oldest_open is not None), default=None)


def products_of(exports: Sequence[Export]) -> list[OwnProduct]:
    """Return every product that the exports show, by SKU; what an order says of it comes before a bare code."""
    found: dict[str, OwnProduct] = {}
    for export in exports:
        for sku, product in export.products.items():
            if sku not in found or (product.name and not found[sku].name):
                found[sku] = product
    return [found[sku] for sku in sorted(found)]
