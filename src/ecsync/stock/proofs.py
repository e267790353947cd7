"""Prove that no unit of stock appears or vanishes, and that none is promised twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.master.proof import Proof
from ecsync.master.scratch import analyze, scratch_tables

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

_SCRATCH: Final = (
    "warehouse TEXT, sku TEXT, held BIGINT, moved BIGINT, now_moved BIGINT, SORTED BY (warehouse, sku)"
)

# Both sides of the ledger, SKU by SKU; a SKU that has only one of them still counts.
_UNITS: Final = """
INSERT INTO tmp_units (warehouse, sku, held, moved, now_moved)
SELECT u.warehouse, u.sku, CAST(SUM(u.held) AS BIGINT), CAST(SUM(u.moved) AS BIGINT), CAST(SUM(u.now_moved) AS BIGINT)
FROM (
  SELECT warehouse, sku, on_hand AS held, 0 AS moved, 0 AS now_moved FROM stock_balance
  UNION ALL
  SELECT warehouse, sku, 0, qty, CASE WHEN run_id = :run THEN qty ELSE 0 END FROM stock_movement
) u
GROUP BY u.warehouse, u.sku
"""

# Over the SKUs that hold: one that does not is named by itself, and concerns nothing else.
_WAREHOUSES: Final = """
SELECT warehouse, CAST(SUM(moved - now_moved) AS BIGINT), CAST(SUM(now_moved) AS BIGINT), CAST(SUM(held) AS BIGINT)
FROM tmp_units WHERE held = moved
GROUP BY warehouse ORDER BY warehouse
"""

_LEDGER: Final = """
SELECT warehouse, sku, moved, held FROM tmp_units WHERE held <> moved ORDER BY warehouse, sku
"""

_PROMISED: Final = """
SELECT a.warehouse, a.sku, CASE WHEN COALESCE(b.on_hand, 0) > 0 THEN COALESCE(b.on_hand, 0) ELSE 0 END AS most,
       a.units
FROM (SELECT warehouse, sku, CAST(SUM(qty) AS BIGINT) AS units FROM allocation
      WHERE qty > 0 GROUP BY warehouse, sku) a
LEFT JOIN stock_balance b ON b.warehouse = a.warehouse AND b.sku = a.sku
WHERE a.units > CASE WHEN COALESCE(b.on_hand, 0) > 0 THEN COALESCE(b.on_hand, 0) ELSE 0 END
ORDER BY a.warehouse, a.sku
"""

_PARCELS: Final = """
INSERT INTO tmp_left (parcel_no)
SELECT DISTINCT m.reference FROM stock_movement m WHERE m.run_id = :run AND m.kind = 'shipment'
"""

# What the parcels of this run's shipments say has left, against what the warehouse told and the ledger took.
_SHIPPED: Final = """
SELECT u.warehouse, u.sku, CAST(SUM(u.told) AS BIGINT), CAST(SUM(u.shipped) AS BIGINT)
FROM (
  SELECT i.warehouse, l.sku, 0 AS told, l.shipped_qty AS shipped
  FROM tmp_left p
  JOIN shipping_instruction i ON i.parcel_no = p.parcel_no
  JOIN instruction_line l ON l.parcel_no = p.parcel_no
  UNION ALL
  SELECT e.warehouse, e.sku, e.qty, 0
  FROM tmp_left p
  JOIN warehouse_event e ON e.parcel_no = p.parcel_no AND e.kind = 'shipped' AND e.verdict = 'ok'
) u
GROUP BY u.warehouse, u.sku
HAVING SUM(u.told) <> SUM(u.shipped)
ORDER BY u.warehouse, u.sku
"""

_UNBLOCK: Final = """
UPDATE stock_balance SET blocked_flag = 0, run_id = :run
WHERE blocked_flag = 1
  AND on_hand = COALESCE((SELECT CAST(SUM(m.qty) AS BIGINT) FROM stock_movement m
                          WHERE m.warehouse = stock_balance.warehouse AND m.sku = stock_balance.sku), 0)
"""


def check(ctx: RunContext) -> list[Proof]:
    """Return the stock proofs: one per warehouse, and one per SKU that does not hold.

    `stock.units` (warehouse): on hand = before + what this run moved. Those of a SKU have the subject
    `warehouse:sku`: `sku.ledger`, on hand = the sum of its movements; `sku.allocation`, no more
    allocated than on hand; `sku.shipped`, units that parcels say have left = those the warehouse told.
    """
    with scratch_tables(ctx, tmp_units=_SCRATCH):
        ctx.execute(_UNITS, run=ctx.run_id)
        proofs = [
            Proof("stock.units", warehouse, int(before) + int(moved), int(held), f"{before} {moved:+d}")
            for warehouse, before, moved, held in ctx.rows(_WAREHOUSES)
        ]
        proofs += _of_skus(ctx, "sku.ledger", _LEDGER)
    proofs += _of_skus(ctx, "sku.allocation", _PROMISED)
    with scratch_tables(ctx, tmp_left="parcel_no TEXT, PRIMARY KEY (parcel_no)"):
        ctx.execute(_PARCELS, run=ctx.run_id)
        analyze(ctx, "tmp_left")
        proofs += _of_skus(ctx, "sku.shipped", _SHIPPED)
    return proofs


def unblock_mended_skus(ctx: RunContext) -> None:
    """Let the SKUs rise again whose ledger was broken in an earlier run and adds up now."""
    ctx.execute(_UNBLOCK, run=ctx.run_id)


def _of_skus(ctx: RunContext, name: str, sql: str) -> list[Proof]:
    return [
        Proof(name, f"{warehouse}:{sku}", int(expected), int(actual))
        for warehouse, sku, expected, actual in ctx.rows(sql)
    ]
