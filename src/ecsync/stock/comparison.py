"""Name the SKUs for which another system shows something else than we hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.master.scratch import analyze, fill, scratch_tables
from ecsync.stock.places import compared_sources

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

MOST_TOLD: Final = 200

# Ours as of their time: what moved since is no difference, and before our first count there is nothing to compare.
_DIFFERENCES: Final = """
SELECT d.sku, d.source, d.theirs, d.ours
FROM (
  SELECT s.sku, s.source, s.qty AS theirs, COALESCE(CAST(SUM(m.qty) AS BIGINT), 0) AS ours
  FROM stock_snapshot s
  JOIN tmp_compared c ON c.source = s.source
  LEFT JOIN stock_movement m ON m.warehouse = c.warehouse AND m.sku = s.sku AND m.effective_at <= s.as_of
  WHERE s.run_id = :run
  GROUP BY s.sku, s.source, s.qty
) d
WHERE d.theirs <> d.ours
ORDER BY CASE WHEN d.theirs > d.ours THEN d.ours - d.theirs ELSE d.theirs - d.ours END, d.source, d.sku
LIMIT :most
"""


def tell_differences(ctx: RunContext) -> None:
    """Add a finding per SKU whose newly observed level differs from ours, the largest differences first.

    Only sources that do not rule on hand are compared, and at most 200 differences are told.
    """
    pairs = compared_sources(ctx.settings)
    if not pairs:
        return
    with scratch_tables(ctx, tmp_compared="source TEXT, warehouse TEXT, PRIMARY KEY (source, warehouse)"):
        fill(ctx, "tmp_compared", pairs)
        analyze(ctx, "tmp_compared")
        for sku, source, theirs, ours in ctx.rows(_DIFFERENCES, run=ctx.run_id, most=MOST_TOLD):
            ctx.findings.add("stock_differs", sku, source=source, theirs=theirs, ours=ours)
