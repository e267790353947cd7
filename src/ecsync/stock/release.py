"""Take promises back where a count shows that the units are not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.master.scratch import analyze, scratch_tables

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

_EXCESS: Final = """
INSERT INTO tmp_excess (warehouse, sku, units)
SELECT a.warehouse, a.sku,
       a.units - CASE WHEN COALESCE(b.on_hand, 0) > 0 THEN COALESCE(b.on_hand, 0) ELSE 0 END
FROM (SELECT warehouse, sku, CAST(SUM(qty) AS BIGINT) AS units FROM allocation
      WHERE qty > 0 GROUP BY warehouse, sku) a
LEFT JOIN stock_balance b ON b.warehouse = a.warehouse AND b.sku = a.sku
WHERE a.units > CASE WHEN COALESCE(b.on_hand, 0) > 0 THEN COALESCE(b.on_hand, 0) ELSE 0 END
"""

# Newest first; units that a parcel at the warehouse waits for come last of all, newest first again.
_RELEASE: Final = """
INSERT INTO tmp_release (channel, order_no, line_id, sku, warehouse, units)
SELECT r.channel, r.order_no, r.line_id, r.sku, r.warehouse,
       CASE WHEN r.excess <= r.loose_before THEN 0
            WHEN r.excess - r.loose_before < r.loose THEN r.excess - r.loose_before ELSE r.loose END
     + CASE WHEN r.excess - r.all_loose <= r.packed_before THEN 0
            WHEN r.excess - r.all_loose - r.packed_before < r.packed
            THEN r.excess - r.all_loose - r.packed_before ELSE r.packed END
FROM (
  SELECT u.*,
    CAST(SUM(u.loose) OVER (PARTITION BY u.warehouse, u.sku) AS BIGINT) AS all_loose,
    CAST(SUM(u.loose) OVER (PARTITION BY u.warehouse, u.sku
      ORDER BY u.ordered_at DESC, u.channel DESC, u.order_no DESC, u.line_id DESC
      ROWS UNBOUNDED PRECEDING) AS BIGINT) - u.loose AS loose_before,
    CAST(SUM(u.packed) OVER (PARTITION BY u.warehouse, u.sku
      ORDER BY u.ordered_at DESC, u.channel DESC, u.order_no DESC, u.line_id DESC
      ROWS UNBOUNDED PRECEDING) AS BIGINT) - u.packed AS packed_before
  FROM (
    SELECT a.channel, a.order_no, a.line_id, a.sku, a.warehouse, e.units AS excess,
           COALESCE(o.ordered_at, '') AS ordered_at,
           CASE WHEN a.qty > COALESCE(p.units, 0) THEN a.qty - COALESCE(p.units, 0) ELSE 0 END AS loose,
           CASE WHEN a.qty > COALESCE(p.units, 0) THEN COALESCE(p.units, 0) ELSE a.qty END AS packed
    FROM tmp_excess e
    JOIN allocation a ON a.warehouse = e.warehouse AND a.sku = e.sku AND a.qty > 0
    LEFT JOIN sales_order o ON o.channel = a.channel AND o.order_no = a.order_no
    LEFT JOIN tmp_packed p ON p.channel = a.channel AND p.order_no = a.order_no
                          AND p.line_id = a.line_id AND p.sku = a.sku
  ) u
) r
"""

_PACKED: Final = """
INSERT INTO tmp_packed (channel, order_no, line_id, sku, units)
SELECT l.channel, l.order_no, l.line_id, l.sku,
       CAST(SUM(l.qty - l.shipped_qty - l.short_qty - l.recalled_qty) AS BIGINT)
FROM shipping_instruction i
JOIN instruction_line l ON l.parcel_no = i.parcel_no
WHERE i.state IN ('instructed', 'recalling')
GROUP BY l.channel, l.order_no, l.line_id, l.sku
"""

_APPLY: Final = """
UPDATE allocation SET qty = allocation.qty - r.units, run_id = :run
FROM tmp_release AS r
WHERE r.units > 0 AND r.channel = allocation.channel AND r.order_no = allocation.order_no
  AND r.line_id = allocation.line_id AND r.sku = allocation.sku
"""

_RELEASED: Final = """
SELECT r.sku, r.warehouse, CAST(SUM(r.units) AS BIGINT)
FROM tmp_release r WHERE r.units > 0
GROUP BY r.sku, r.warehouse
ORDER BY r.sku, r.warehouse
"""


def release_excess(ctx: RunContext) -> None:
    """Release allocated units beyond what is on hand, newest order first, with a finding per SKU.

    Units in a parcel that the warehouse was told of are released last.
    """
    line_key = "channel TEXT, order_no TEXT, line_id TEXT, sku TEXT"
    with scratch_tables(
        ctx,
        tmp_excess="warehouse TEXT, sku TEXT, units BIGINT, PRIMARY KEY (warehouse, sku)",
        tmp_packed=f"{line_key}, units BIGINT, PRIMARY KEY (channel, order_no, line_id, sku)",
        tmp_release=f"{line_key}, warehouse TEXT, units BIGINT, PRIMARY KEY (channel, order_no, line_id, sku)",
    ):
        if not ctx.execute(_EXCESS).rowcount:
            return
        ctx.execute(_PACKED)
        analyze(ctx, "tmp_excess", "tmp_packed")
        ctx.execute(_RELEASE)
        ctx.execute(_APPLY, run=ctx.run_id)
        for sku, warehouse, units in ctx.rows(_RELEASED):
            ctx.findings.add("allocation_released", sku, qty=units, warehouse=warehouse)
