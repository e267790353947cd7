"""A warehouse's files, in our own plain layouts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partner_files.base import Product, table

if TYPE_CHECKING:
    from collections.abc import Iterable


def counted(products: Iterable[Product], warehouse: str) -> list[tuple[str, int]]:
    """Return what a warehouse holds at the start, SKU by SKU."""
    return [(p.sku, units) for p in products if (units := p.units_in(warehouse)) is not None]


def stock(units: Iterable[tuple[str, int]]) -> bytes:
    """Return a stock file."""
    return table(("sku", "qty"), units)
