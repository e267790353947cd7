"""Write tests/fixtures/one-shop: the files of the one shop that the stories in tests/ are built on."""

from __future__ import annotations

from pathlib import Path

from partner_files import core, rakuten, warehouse
from partner_files.one_shop import NOON, PRODUCTS, SETS, WORLD

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "fixtures" / "one-shop"


def files() -> dict[str, bytes]:
    """Return every generated file of the folder."""
    counted = warehouse.counted(PRODUCTS, "main")
    return {
        "noon/products.csv": core.products(PRODUCTS),
        "noon/sets.csv": core.sets(SETS),
        "noon/stock.csv": warehouse.stock(counted),
        "noon/items.csv": rakuten.items(PRODUCTS, lambda _product: 10),
        "noon/orders.csv": rakuten.orders(WORLD, NOON),
    }


if __name__ == "__main__":
    for name, content in files().items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
