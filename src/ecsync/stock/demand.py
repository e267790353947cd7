"""What open orders still need, unit by unit, kept in `allocation`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.master.scratch import analyze, fill, scratch_tables
from ecsync.stock.explosion import COMPONENT_COLUMNS, explode_sets, tell_refused_sets
from ecsync.stock.places import channel_places

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

_LINE_KEY: Final = "channel TEXT, order_no TEXT, line_id TEXT, sku TEXT"

# What became of the units told to a warehouse; only of orders and parcels that are not finished.
_TOLD: Final = """
INSERT INTO tmp_told (channel, order_no, line_id, sku, warehouse, shipped, in_parcels)
SELECT l.channel, l.order_no, l.line_id, l.sku,
       MAX(CASE WHEN l.qty > l.shipped_qty + l.short_qty + l.recalled_qty THEN i.warehouse ELSE '' END),
       CAST(SUM(l.shipped_qty) AS BIGINT),
       CAST(SUM(l.qty - l.shipped_qty - l.short_qty - l.recalled_qty) AS BIGINT)
FROM instruction_line l
JOIN shipping_instruction i ON i.parcel_no = l.parcel_no
WHERE l.parcel_no IN (
  SELECT p.parcel_no FROM shipping_instruction p WHERE p.state IN ('instructed', 'recalling')
  UNION
  SELECT p.parcel_no FROM sales_order o
  JOIN shipping_instruction p ON p.channel = o.channel AND p.order_no = o.order_no
  WHERE o.state = 'open'
)
GROUP BY l.channel, l.order_no, l.line_id, l.sku
"""

# A recipe that changes does not touch a line of which something was told: it keeps what it was taken apart into.
_KEPT: Final = """
INSERT INTO tmp_kept (channel, order_no, line_id)
SELECT DISTINCT t.channel, t.order_no, t.line_id
FROM tmp_told t
JOIN order_line n ON n.channel = t.channel AND n.order_no = t.order_no AND n.line_id = t.line_id
WHERE EXISTS (SELECT 1 FROM instruction_line l
              WHERE l.channel = t.channel AND l.order_no = t.order_no AND l.line_id = t.line_id
                AND l.line_sku IN (n.sku, '') AND l.qty > l.short_qty + l.recalled_qty)
  AND EXISTS (SELECT 1 FROM allocation a
              WHERE a.channel = t.channel AND a.order_no = t.order_no AND a.line_id = t.line_id)
"""

# What is no set is made of itself.
_PLAIN: Final = """
INSERT INTO tmp_component (set_sku, sku, per_unit)
SELECT DISTINCT l.sku, l.sku, 1
FROM sales_order o
JOIN order_line l ON l.channel = o.channel AND l.order_no = o.order_no
WHERE o.state = 'open' AND l.sku <> '' AND l.qty > 0 AND l.ships_flag = 1
  AND NOT EXISTS (SELECT 1 FROM set_component c WHERE c.set_sku = l.sku)
"""

_ORDERED: Final = """
INSERT INTO tmp_demand (channel, order_no, line_id, sku, warehouse, per_unit, needed)
SELECT l.channel, l.order_no, l.line_id, c.sku, p.warehouse, c.per_unit, l.qty * c.per_unit
FROM sales_order o
JOIN order_line l ON l.channel = o.channel AND l.order_no = o.order_no
JOIN tmp_component c ON c.set_sku = l.sku
JOIN tmp_place p ON p.channel = o.channel
WHERE o.state = 'open' AND l.qty > 0 AND l.sku <> '' AND l.ships_flag = 1
  AND NOT EXISTS (SELECT 1 FROM tmp_kept k
                  WHERE k.channel = l.channel AND k.order_no = l.order_no AND k.line_id = l.line_id)
UNION ALL
SELECT l.channel, l.order_no, l.line_id, a.sku, p.warehouse, a.per_unit, l.qty * a.per_unit
FROM tmp_kept k
JOIN sales_order o ON o.channel = k.channel AND o.order_no = k.order_no AND o.state = 'open'
JOIN order_line l ON l.channel = k.channel AND l.order_no = k.order_no AND l.line_id = k.line_id
                 AND l.ships_flag = 1
JOIN allocation a ON a.channel = k.channel AND a.order_no = k.order_no AND a.line_id = k.line_id
JOIN tmp_place p ON p.channel = o.channel
"""

# Units in a parcel stay promised until the warehouse answers, whatever became of the order.
_IN_PARCELS: Final = """
INSERT INTO tmp_demand (channel, order_no, line_id, sku, warehouse, per_unit, needed)
SELECT t.channel, t.order_no, t.line_id, t.sku, t.warehouse,
       COALESCE((SELECT a.per_unit FROM allocation a
                 WHERE a.channel = t.channel AND a.order_no = t.order_no
                   AND a.line_id = t.line_id AND a.sku = t.sku), 1), 0
FROM tmp_told t
WHERE t.in_parcels > 0
  AND NOT EXISTS (SELECT 1 FROM tmp_demand d
                  WHERE d.channel = t.channel AND d.order_no = t.order_no
                    AND d.line_id = t.line_id AND d.sku = t.sku)
"""

_STILL_NEEDED: Final = """
UPDATE tmp_demand
SET needed = CASE WHEN tmp_demand.needed - t.shipped > t.in_parcels
                  THEN tmp_demand.needed - t.shipped ELSE t.in_parcels END,
    warehouse = CASE WHEN t.in_parcels > 0 THEN t.warehouse ELSE tmp_demand.warehouse END
FROM tmp_told AS t
WHERE t.channel = tmp_demand.channel AND t.order_no = tmp_demand.order_no
  AND t.line_id = tmp_demand.line_id AND t.sku = tmp_demand.sku
"""

_DROP: Final = """
DELETE FROM allocation
WHERE NOT EXISTS (SELECT 1 FROM tmp_demand d
                  WHERE d.channel = allocation.channel AND d.order_no = allocation.order_no
                    AND d.line_id = allocation.line_id AND d.sku = allocation.sku)
"""

_CHANGE: Final = """
UPDATE allocation
SET warehouse = d.warehouse, per_unit = d.per_unit, needed = d.needed, run_id = :run,
    qty = CASE WHEN allocation.warehouse <> d.warehouse THEN 0
               WHEN allocation.qty > d.needed THEN d.needed ELSE allocation.qty END
FROM tmp_demand AS d
WHERE d.channel = allocation.channel AND d.order_no = allocation.order_no
  AND d.line_id = allocation.line_id AND d.sku = allocation.sku
  AND (d.warehouse <> allocation.warehouse OR d.per_unit <> allocation.per_unit
       OR d.needed <> allocation.needed OR allocation.qty > d.needed)
"""

_ADD: Final = """
INSERT INTO allocation (channel, order_no, line_id, sku, warehouse, per_unit, needed, qty, run_id)
SELECT d.channel, d.order_no, d.line_id, d.sku, d.warehouse, d.per_unit, d.needed, 0, :run
FROM tmp_demand d
WHERE NOT EXISTS (SELECT 1 FROM allocation a
                  WHERE a.channel = d.channel AND a.order_no = d.order_no
                    AND a.line_id = d.line_id AND a.sku = d.sku)
ORDER BY d.channel, d.order_no, d.line_id, d.sku
"""


def refresh_demand(ctx: RunContext, *, tell: bool = False) -> None:
    """Bring `allocation` in step with the orders: rows, needed units, and never more allocated than needed.

    An open order needs what was ordered and has not left; an order that is cancelled, removed or
    finished needs only what still lies in a parcel told to the warehouse. A line whose SKU is unknown,
    or a set that cannot be taken apart, has no row. With `tell`, such sets are named in the findings.
    """
    with scratch_tables(
        ctx,
        tmp_component=COMPONENT_COLUMNS,
        tmp_place="channel TEXT, warehouse TEXT, PRIMARY KEY (channel)",
        tmp_told=f"{_LINE_KEY}, warehouse TEXT, shipped BIGINT, in_parcels BIGINT, "
        "PRIMARY KEY (channel, order_no, line_id, sku)",
        tmp_kept="channel TEXT, order_no TEXT, line_id TEXT, PRIMARY KEY (channel, order_no, line_id)",
        tmp_demand=f"{_LINE_KEY}, warehouse TEXT, per_unit BIGINT, needed BIGINT, "
        "PRIMARY KEY (channel, order_no, line_id, sku)",
    ):
        fill(ctx, "tmp_place", channel_places(ctx.settings))
        explode_sets(ctx)
        if tell:
            tell_refused_sets(ctx)
        ctx.execute(_PLAIN)
        ctx.execute(_TOLD)
        ctx.execute(_KEPT)
        analyze(ctx, "tmp_component", "tmp_told", "tmp_kept")
        ctx.execute(_ORDERED)
        ctx.execute(_IN_PARCELS)
        analyze(ctx, "tmp_demand")
        ctx.execute(_STILL_NEEDED)
        ctx.execute(_DROP)
        ctx.execute(_CHANGE, run=ctx.run_id)
        ctx.execute(_ADD, run=ctx.run_id)
