"""The core system's files, in our own plain layouts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partner_files.base import REDUCED, STANDARD, Product, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SUPPLIERS = {STANDARD: "港町窯", REDUCED: "山手焙煎所"}


def products(all_products: Iterable[Product]) -> bytes:
    """Return the product master."""
    header = ("sku", "name", "jan", "supplier", "cost", "price", "tax_rate")
    rows = (
        (p.sku, p.name, p.jan, SUPPLIERS[p.rate], p.cost, p.price, f"{p.rate // 100}%") for p in all_products
    )
    return table(header, rows)


def sets(components: Iterable[Sequence[object]]) -> bytes:
    """Return what sets are made of: (set, component, units)."""
    return table(("set_sku", "component_sku", "qty"), components)


def stock(units: Iterable[tuple[str, int]]) -> bytes:
    """Return the core system's own idea of the stock."""
    return table(("sku", "qty"), units)
