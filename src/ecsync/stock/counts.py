"""Keep the ledger in step with what was counted, and the balance in step with the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.master.scratch import analyze, fill, scratch_tables
from ecsync.stock.places import counting_sources

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

# What this run counted, and what it moved: the rest was settled by the run that wrote it.
_SUMS: Final = """
INSERT INTO tmp_sum (warehouse, sku, source, as_of, counted, as_counted, at_the_count, on_hand)
SELECT g.warehouse, g.sku, g.source, g.as_of, g.counted, g.as_counted, g.at_the_count,
       g.in_all + COALESCE(g.counted - g.as_counted, 0)
FROM (
  SELECT t.warehouse, t.sku, MAX(t.source) AS source, MAX(t.as_of) AS as_of, MAX(t.counted) AS counted,
         CAST(SUM(CASE WHEN m.effective_at <= t.as_of THEN m.qty ELSE 0 END) AS BIGINT) AS as_counted,
         COALESCE(CAST(SUM(m.qty) AS BIGINT), 0) AS in_all,
         CAST(SUM(CASE WHEN m.effective_at = t.as_of THEN 1 ELSE 0 END) AS BIGINT) AS at_the_count
  FROM (
    SELECT u.warehouse, u.sku, COALESCE(s.source, '') AS source, COALESCE(s.as_of, '') AS as_of, s.qty AS counted
    FROM (
      SELECT m.warehouse, m.sku FROM stock_movement m WHERE m.run_id = :run
      UNION
      SELECT c.warehouse, n.sku FROM stock_snapshot n JOIN tmp_counting c ON c.source = n.source
      WHERE n.run_id = :run
    ) u
    LEFT JOIN tmp_counting c ON c.warehouse = u.warehouse
    LEFT JOIN stock_snapshot s ON s.source = c.source AND s.sku = u.sku
  ) t
  LEFT JOIN stock_movement m ON m.warehouse = t.warehouse AND m.sku = t.sku
  GROUP BY t.warehouse, t.sku
) g
"""

# A movement from before the count is inside it: the count answers it, whenever it becomes known.
# The last part of the key grows with every movement of that moment, so that a count may be answered again.
_SETTLE: Final = """
INSERT INTO stock_movement (movement_key, warehouse, sku, kind, qty, effective_at, recorded_at, reference, run_id)
SELECT 'count:' || s.warehouse || ':' || s.sku || ':' || s.as_of || ':' || CAST(s.at_the_count + 1 AS TEXT),
       s.warehouse, s.sku, 'count', s.counted - s.as_counted, s.as_of, :now, s.source, :run
FROM tmp_sum s
WHERE s.counted <> s.as_counted
ORDER BY s.warehouse, s.sku
"""

_CHANGE_BALANCE: Final = """
UPDATE stock_balance SET on_hand = n.on_hand, run_id = :run
FROM tmp_sum AS n
WHERE n.warehouse = stock_balance.warehouse AND n.sku = stock_balance.sku AND n.on_hand <> stock_balance.on_hand
"""

_ADD_BALANCE: Final = """
INSERT INTO stock_balance (warehouse, sku, on_hand, blocked_flag, run_id)
SELECT n.warehouse, n.sku, n.on_hand, 0, :run
FROM tmp_sum n
WHERE NOT EXISTS (SELECT 1 FROM stock_balance b WHERE b.warehouse = n.warehouse AND b.sku = n.sku)
ORDER BY n.warehouse, n.sku
"""

_NEGATIVE: Final = """
SELECT n.sku, n.warehouse, n.on_hand FROM tmp_sum n
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
        tmp_sum="warehouse TEXT, sku TEXT, source TEXT, as_of TEXT, counted BIGINT, as_counted BIGINT, "
        "at_the_count BIGINT, on_hand BIGINT, SORTED BY (warehouse, sku)",
    ):
        fill(ctx, "tmp_counting", counting_sources(ctx.settings))
        analyze(ctx, "tmp_counting")
        if not ctx.execute(_SUMS, run=ctx.run_id).rowcount:
            return
        analyze(ctx, "tmp_sum")
        ctx.execute(_SETTLE, now=ctx.now, run=ctx.run_id)
        ctx.execute(_CHANGE_BALANCE, run=ctx.run_id)
        ctx.execute(_ADD_BALANCE, run=ctx.run_id)
        for sku, warehouse, on_hand in ctx.rows(_NEGATIVE):
            ctx.findings.add("negative_stock", sku, warehouse=warehouse, qty=on_hand)
