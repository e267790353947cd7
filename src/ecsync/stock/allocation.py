"""Promise units on hand to the orders that wait for them, in the order in which they came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecsync.stock.demand import refresh_demand
from ecsync.stock.release import release_excess

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

# Every waiting row takes what those before it leave; what is promised already is not asked for again.
_GIVE: Final = """
UPDATE allocation SET qty = allocation.qty + g.units, run_id = :run
FROM (
  SELECT w.channel, w.order_no, w.line_id, w.sku,
         CASE WHEN w.free - w.earlier < w.missing THEN w.free - w.earlier ELSE w.missing END AS units
  FROM (
    SELECT a.channel, a.order_no, a.line_id, a.sku, a.needed - a.qty AS missing, f.free,
           CAST(SUM(a.needed - a.qty) OVER (PARTITION BY a.warehouse, a.sku
             ORDER BY o.ordered_at, a.channel, a.order_no, a.line_id
             ROWS UNBOUNDED PRECEDING) AS BIGINT) - (a.needed - a.qty) AS earlier
    FROM allocation a
    JOIN sales_order o ON o.channel = a.channel AND o.order_no = a.order_no
    JOIN (
      SELECT b.warehouse, b.sku, b.on_hand - COALESCE(u.units, 0) AS free
      FROM stock_balance b
      LEFT JOIN (SELECT warehouse, sku, CAST(SUM(qty) AS BIGINT) AS units FROM allocation
                 GROUP BY warehouse, sku) u ON u.warehouse = b.warehouse AND u.sku = b.sku
      WHERE b.on_hand > 0
    ) f ON f.warehouse = a.warehouse AND f.sku = a.sku
    WHERE a.needed > a.qty AND f.free > 0
  ) w
  WHERE w.free > w.earlier
) AS g
WHERE g.channel = allocation.channel AND g.order_no = allocation.order_no
  AND g.line_id = allocation.line_id AND g.sku = allocation.sku
"""

_OVERSOLD: Final = """
SELECT a.sku, a.warehouse, CAST(SUM(a.needed - a.qty) AS BIGINT) AS missing
FROM allocation a
WHERE a.needed > a.qty
GROUP BY a.sku, a.warehouse
ORDER BY a.sku, a.warehouse
"""


@dataclass(frozen=True)
class Allocated:
    """Say how many rows were given units, and how many SKUs are sold beyond what is there."""

    rows_given: int
    skus_oversold: int


def allocate(ctx: RunContext) -> Allocated:
    """Give units on hand to open orders, held and waiting ones too, in the order (ordered_at, channel, order_no, line).

    Sets are taken apart first. A line takes what there is and keeps its place; what is promised stays
    promised unless a count falls below it. Allocated units never exceed those on hand. A SKU that is
    sold beyond what is there is named in the findings.
    """
    refresh_demand(ctx, tell=True)
    release_excess(ctx)
    given = ctx.execute(_GIVE, run=ctx.run_id).rowcount
    oversold = ctx.rows(_OVERSOLD)
    for sku, warehouse, missing in oversold:
        ctx.findings.add("oversold", sku, missing=missing, warehouse=warehouse)
    return Allocated(given, len(oversold))
