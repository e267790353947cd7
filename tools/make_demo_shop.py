"""Write samples/demo-shop from the facts in tools/demo_shop.yaml: every file in its partner's own layout.

`python tools/make_demo_shop.py`; the same facts always give the same bytes.
"""

from __future__ import annotations

import random
from pathlib import Path

from partner_files import core, rakuten, warehouse
from partner_files.facts import Facts, read_facts

FOLDER = Path(__file__).resolve().parents[1] / "samples" / "demo-shop"
SHOWN = 10  # what every channel shows before the first run

Files = dict[str, bytes]


def files() -> Files:
    """Return every generated file, by its path in the folder."""
    facts = read_facts()
    return {**_masters(facts), **_rakuten(facts)}


def _masters(facts: Facts) -> Files:
    main = warehouse.counted(facts.products, "main")
    behind = {"TOWEL-L": 2, "JAM-FIG": -3}  # the core system lags behind
    return {
        "start/products.csv": core.products(facts.products),
        "start/sets.csv": core.sets(facts.components),
        "start/core_stock.csv": core.stock((sku, units + behind.get(sku, 0)) for sku, units in main),
        "start/main_stock.csv": warehouse.stock(main),
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
