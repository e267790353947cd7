"""Write samples/demo-shop from the facts in tools/demo_shop.yaml: every file in its partner's own layout.

`python tools/make_demo_shop.py`; the same facts always give the same bytes.
"""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from partner_files import core, rakuten, shopify_shop, warehouse, yahoo
from partner_files.facts import Facts, read_facts

if TYPE_CHECKING:
    from partner_files.base import Order

FOLDER = Path(__file__).resolve().parents[1] / "samples" / "demo-shop"
YAHOO_SLOTS = {"am": "1", "14-16": "1416", "16-18": "1618", "18-20": "1820", "19-21": "19:00～21:00"}
SHOWN = 10  # what every channel shows before the first run

Files = dict[str, bytes]


def files() -> Files:
    """Return every generated file, by its path in the folder."""
    facts = read_facts()
    return {**_masters(facts), **_rakuten(facts), **_yahoo(facts), **_shopify(facts)}


def _masters(facts: Facts) -> Files:
    main = warehouse.counted(facts.products, "main")
    store = dict(warehouse.counted(facts.products, "store"))
    behind = {"TOWEL-L": 2, "JAM-FIG": -3}  # the core system lags behind; it knows no warehouses
    return {
        "start/products.csv": core.products(facts.products),
        "start/sets.csv": core.sets(facts.components),
        "start/core_stock.csv": core.stock(
            (sku, units + store.get(sku, 0) + behind.get(sku, 0)) for sku, units in main
        ),
        "start/main_stock.csv": warehouse.stock(main),
        "start/store_stock.csv": warehouse.stock(store.items()),
    }


def _rakuten(facts: Facts) -> Files:
    made = {
        "start/rakuten_items.csv": rakuten.items(facts.sold_by("rakuten1"), lambda _product: SHOWN),
    }
    for run in facts.runs:
        content = rakuten.orders(facts.world, facts.orders["rakuten1"][run])
        for mess in (mess for mess in facts.mess if (mess["channel"], mess["run"]) == ("rakuten1", run)):
            if mess["kind"] == "excel":
                content = rakuten.as_saved_by_a_spreadsheet(content, mess["destroys"])
            elif mess["kind"] == "doubled_rows":
                content = rakuten.doubled(content, random.Random(run), mess["share"])  # noqa: S311
            elif mess["kind"] == "sent_again":
                made[f"{run}/rakuten_orders_again.csv"] = made[f"{mess['of']}/rakuten_orders.csv"]
        made[f"{run}/rakuten_orders.csv"] = content
    return made


def _yahoo(facts: Facts) -> Files:
    listed = facts.sold_by("yahoo1")
    made = {"start/yahoo_stock.csv": yahoo.quantities(facts.world, listed, lambda _product: SHOWN)}
    missing = {mess["run"] for mess in facts.mess if (mess["kind"], mess["channel"]) == ("missing", "yahoo1")}
    kept_back: list[Order] = []
    for run in facts.runs:
        sold = [replace(order, slot=YAHOO_SLOTS.get(order.slot, "")) for order in facts.orders["yahoo1"][run]]
        if run in missing:
            kept_back = sold
            continue
        sold, kept_back = [*kept_back, *sold], []
        made[f"{run}/yahoo_orders.csv"] = yahoo.orders(facts.world, sold)
        made[f"{run}/yahoo_items.csv"] = yahoo.items(facts.world, sold)
    return made


def _shopify(facts: Facts) -> Files:
    sold = facts.orders["shopify1"]
    orders = {f"{run}/shopify_orders.csv": shopify_shop.orders(facts.world, sold[run]) for run in facts.runs}
    inventory = shopify_shop.inventory(facts.sold_by("shopify1"), SHOWN)
    return {"start/shopify_inventory.csv": inventory, **orders}


def main() -> None:
    """Write them, and remove generated files that are no more."""
    made = files()
    for path in FOLDER.glob("*/*.csv"):
        if str(path.relative_to(FOLDER)) not in made:
            path.unlink()
    for name, content in made.items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    main()
