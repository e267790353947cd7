"""How many units of each SKU a warehouse can still sell, sets as many as their scarcest component allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.master.scratch import analyze
from ecsync.stock.explosion import COMPONENT_COLUMNS, explode_sets

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecsync.master.context import RunContext

SCRATCH: Final = {
    "tmp_component": COMPONENT_COLUMNS,
    "tmp_free": "warehouse TEXT, sku TEXT, units BIGINT, blocked BIGINT, SORTED BY (warehouse, sku)",
    "tmp_sellable": "warehouse TEXT, sku TEXT, units BIGINT, blocked BIGINT, SORTED BY (warehouse, sku)",
}

# Promised or waited for: both are spoken for. A channel never shows a unit twice.
_FREE: Final = """
INSERT INTO tmp_free (warehouse, sku, units, blocked)
SELECT b.warehouse, b.sku, b.on_hand - COALESCE(a.units, 0), b.blocked_flag
FROM stock_balance b
LEFT JOIN (
  SELECT warehouse, sku, CAST(SUM(CASE WHEN needed > qty THEN needed ELSE qty END) AS BIGINT) AS units
  FROM allocation GROUP BY warehouse, sku
) a ON a.warehouse = b.warehouse AND a.sku = b.sku
"""

_SINGLES: Final = """
INSERT INTO tmp_sellable (warehouse, sku, units, blocked)
SELECT f.warehouse, f.sku, f.units, f.blocked
FROM tmp_free f
WHERE NOT EXISTS (SELECT 1 FROM set_component c WHERE c.set_sku = f.sku)
"""

_SETS: Final = """
INSERT INTO tmp_sellable (warehouse, sku, units, blocked)
SELECT w.warehouse, c.set_sku,
       MIN(CASE WHEN COALESCE(f.units, 0) > 0 THEN f.units / c.per_unit ELSE 0 END),
       MAX(COALESCE(f.blocked, 0))
FROM tmp_component c
CROSS JOIN (SELECT DISTINCT warehouse FROM tmp_shop) w
LEFT JOIN tmp_free f ON f.warehouse = w.warehouse AND f.sku = c.sku
GROUP BY w.warehouse, c.set_sku
"""


def fill_sellable(ctx: RunContext, adjust: Callable[[RunContext], object] = lambda _ctx: None) -> None:
    """Fill tmp_component, tmp_free (of shelves) and tmp_sellable (of SKUs, sets too) for the warehouses of tmp_shop.

    Units are on hand less what is spoken for; of a single SKU they may be below zero. `adjust` may take
    further units off tmp_free, before sets are put together from it.
    """
    explode_sets(ctx)
    ctx.execute(_FREE)
    analyze(ctx, "tmp_component", "tmp_free")
    adjust(ctx)
    ctx.execute(_SINGLES)
    ctx.execute(_SETS)
    analyze(ctx, "tmp_sellable")
