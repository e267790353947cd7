"""Keep the ledger in step with what was counted, and the balance in step with the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.master.scratch import analyze, fill, scratch_tables
from ecsync.stock.places import counting_sources

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

# What this run counted, and what it moved: the rest was settled by the run that wrote it.
_TOUCHED: Final = """
INSERT INTO tmp_touched (warehouse, sku)
SELECT m.warehouse, m.sku FROM stock_movement m WHERE m.run_id = :run
UNION
SELECT c.warehouse, s.sku FROM stock_snapshot s JOIN tmp_counting c ON c.source = s.source WHERE s.run_id = :run
"""

# A movement from before the count is inside it: the count answers it, whenever it becomes known.
_SETTLE: Final = """
INSERT INTO stock_movement (movement_key, warehouse, sku, kind, qty, effective_at, recorded_at, reference, run_id)
SELECT 'count:' || d.warehouse || ':' || d.sku || ':' || d.as_of || ':' || CAST(d.earlier_counts + 1 AS TEXT),
       d.warehouse, d.sku, 'count', d.counted - d.held, d.as_of, :now, d.source, :run
FROM (
  SELECT t.warehouse, t.sku, s.source, s.as_of, s.qty AS counted,
         COALESCE((SELECT CAST(SUM(m.qty) AS BIGINT) FROM stock_movement m
                   WHERE m.warehouse = t.warehouse AND m.sku = t.sku AND m.effective_at <= s.as_of), 0) AS held,
         (SELECT COUNT(*) FROM stock_movement m
          WHERE m.warehouse = t.warehouse AND m.sku = t.sku AND m.effective_at = s.as_of
            AND m.kind = 'count') AS earlier_counts
  FROM tmp_touched t
  JOIN tmp_counting c ON c.warehouse = t.warehouse
  JOIN stock_snapshot s ON s.source = c.source AND s.sku = t.sku
) d
WHERE d.counted <> d.held
ORDER BY d.warehouse, d.sku
"""

_BALANCES: Final = """
INSERT INTO tmp_balance (warehouse, sku, on_hand)
SELECT t.warehouse, t.sku,
       COALESCE((SELECT CAST(SUM(m.qty) AS BIGINT) FROM stock_movement m
                 WHERE m.warehouse = t.warehouse AND m.sku = t.sku), 0)
FROM tmp_touched t
"""

_CHANGE_BALANCE: Final = """
UPDATE stock_balance SET on_hand = n.on_hand, run_id = :run
FROM tmp_balance AS n
WHERE n.warehouse = stock_balance.warehouse AND n.sku = stock_balance.sku AND n.on_hand <> stock_balance.on_hand
"""

_ADD_BALANCE: Final = """
INSERT INTO stock_balance (warehouse, sku, on_hand, blocked_flag, run_id)
SELECT n.warehouse, n.sku, n.on_hand, 0, :run
FROM tmp_balance n
WHERE NOT EXISTS (SELECT 1 FROM stock_balance b WHERE b.warehouse = n.warehouse AND b.sku = n.sku)
ORDER BY n.warehouse, n.sku
"""

_NEGATIVE: Final = """
SELECT n.sku, n.warehouse, n.on_hand FROM tmp_balance n
WHERE n.on_hand < 0 ORDER BY n.sku, n.warehouse
"""


def settle_counts(ctx: RunContext) -> None:
    """Answer what this run moved or counted with `count` movements, and bring the balances up to date.

    Afterwards the units on hand as of the newest snapshot are what it counted, movements after it on
    top, in whatever order the files came. A balance below zero is named in the findings.
    """
    with scratch_tables(
        ctx,
        tmp_counting="source TEXT, warehouse TEXT, PRIMARY KEY (source, warehouse)",
        tmp_touched="warehouse TEXT, sku TEXT, PRIMARY KEY (warehouse, sku)",
        tmp_balance="warehouse TEXT, sku TEXT, on_hand BIGINT, PRIMARY KEY (warehouse, sku)",
    ):
        fill(ctx, "tmp_counting", counting_sources(ctx.settings))
        ctx.execute(_TOUCHED, run=ctx.run_id)
        analyze(ctx, "tmp_counting", "tmp_touched")
        ctx.execute(_SETTLE, now=ctx.now, run=ctx.run_id)
        ctx.execute(_BALANCES)
        analyze(ctx, "tmp_balance")
        ctx.execute(_CHANGE_BALANCE, run=ctx.run_id)
        ctx.execute(_ADD_BALANCE, run=ctx.run_id)
        for sku, warehouse, on_hand in ctx.rows(_NEGATIVE):
            ctx.findings.add("negative_stock", sku, warehouse=warehouse, qty=on_hand)
