"""Keep the ledger in step with what was counted, and the balance in step with the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.master.scratch import analyze, fill, scratch_tables
from ecsync.stock.places import counting_sources

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

# What this run counted, and what it moved: the rest was settled by the run that wrote it.
_TOUCHED: Final = """
INSERT INTO tmp_touched (warehouse, sku, source, as_of, counted)
SELECT u.warehouse, u.sku, COALESCE(s.source, ''), COALESCE(s.as_of, ''), s.qty
FROM (
  SELECT m.warehouse, m.sku FROM stock_movement m WHERE m.run_id = :run
  UNION
  SELECT c.warehouse, n.sku FROM stock_snapshot n JOIN tmp_counting c ON c.source = n.source WHERE n.run_id = :run
) u
LEFT JOIN tmp_counting c ON c.warehouse = u.warehouse
LEFT JOIN stock_snapshot s ON s.source = c.source AND s.sku = u.sku
"""

_SUMS: Final = """
INSERT INTO tmp_sum (warehouse, sku, as_counted, in_all, at_the_count)
SELECT t.warehouse, t.sku,
       CAST(SUM(CASE WHEN m.effective_at <= t.as_of THEN m.qty ELSE 0 END) AS BIGINT),
       COALESCE(CAST(SUM(m.qty) AS BIGINT), 0),
       CAST(SUM(CASE WHEN m.effective_at = t.as_of THEN 1 ELSE 0 END) AS BIGINT)
FROM tmp_touched t
LEFT JOIN stock_movement m ON m.warehouse = t.warehouse AND m.sku = t.sku
GROUP BY t.warehouse, t.sku
"""

# A movement from before the count is inside it: the count answers it, whenever it becomes known.
# The last part of the key grows with every movement of that moment, so that a count may be answered again.
_SETTLE: Final = """
INSERT INTO stock_movement (movement_key, warehouse, sku, kind, qty, effective_at, recorded_at, reference, run_id)
SELECT 'count:' || t.warehouse || ':' || t.sku || ':' || t.as_of || ':' || CAST(s.at_the_count + 1 AS TEXT),
       t.warehouse, t.sku, 'count', t.counted - s.as_counted, t.as_of, :now, t.source, :run
FROM tmp_touched t
JOIN tmp_sum s ON s.warehouse = t.warehouse AND s.sku = t.sku
WHERE t.counted <> s.as_counted
ORDER BY t.warehouse, t.sku
"""

_BALANCES: Final = """
INSERT INTO tmp_balance (warehouse, sku, on_hand)
SELECT t.warehouse, t.sku, s.in_all + COALESCE(t.counted - s.as_counted, 0)
FROM tmp_touched t
JOIN tmp_sum s ON s.warehouse = t.warehouse AND s.sku = t.sku
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
        tmp_touched="warehouse TEXT, sku TEXT, source TEXT, as_of TEXT, counted BIGINT, "
        "PRIMARY KEY (warehouse, sku)",
        tmp_sum="warehouse TEXT, sku TEXT, as_counted BIGINT, in_all BIGINT, at_the_count BIGINT, "
        "PRIMARY KEY (warehouse, sku)",
        tmp_balance="warehouse TEXT, sku TEXT, on_hand BIGINT, PRIMARY KEY (warehouse, sku)",
    ):
        fill(ctx, "tmp_counting", counting_sources(ctx.settings))
        ctx.execute(_TOUCHED, run=ctx.run_id)
        analyze(ctx, "tmp_counting", "tmp_touched")
        ctx.execute(_SUMS)
        analyze(ctx, "tmp_sum")
        ctx.execute(_SETTLE, now=ctx.now, run=ctx.run_id)
        ctx.execute(_BALANCES)
        analyze(ctx, "tmp_balance")
        ctx.execute(_CHANGE_BALANCE, run=ctx.run_id)
        ctx.execute(_ADD_BALANCE, run=ctx.run_id)
        for sku, warehouse, on_hand in ctx.rows(_NEGATIVE):
            ctx.findings.add("negative_stock", sku, warehouse=warehouse, qty=on_hand)
