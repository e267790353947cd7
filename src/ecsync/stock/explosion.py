"""Sets taken apart into the units that lie on the shelf."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

COMPONENT_COLUMNS: Final = "set_sku TEXT, sku TEXT, per_unit BIGINT, PRIMARY KEY (set_sku, sku)"

# A set in itself would never end, and its units would outgrow an integer: both stop here, on both databases alike.
_EXPLODE: Final = """
INSERT INTO tmp_component (set_sku, sku, per_unit)
WITH RECURSIVE nested (set_sku, sku, per_unit, depth) AS (
  SELECT c.set_sku, c.component_sku, c.qty, 1 FROM set_component c
  UNION ALL
  SELECT n.set_sku, c.component_sku,
         CASE WHEN n.per_unit * c.qty >= 1000000 THEN 1000000 ELSE n.per_unit * c.qty END, n.depth + 1
  FROM nested n JOIN set_component c ON c.set_sku = n.sku
  WHERE n.depth <= 4
)
SELECT n.set_sku, n.sku, CAST(SUM(n.per_unit) AS BIGINT)
FROM nested n
WHERE NOT EXISTS (SELECT 1 FROM set_component c WHERE c.set_sku = n.sku)
  AND n.set_sku NOT IN (SELECT r.set_sku FROM nested r WHERE r.depth > 4 OR r.per_unit >= 1000000)
GROUP BY n.set_sku, n.sku
"""

_REFUSED: Final = """
SELECT DISTINCT c.set_sku FROM set_component c
WHERE NOT EXISTS (SELECT 1 FROM tmp_component t WHERE t.set_sku = c.set_sku)
  AND EXISTS (SELECT 1 FROM order_line l
              JOIN sales_order o ON o.channel = l.channel AND o.order_no = l.order_no
              WHERE l.sku = c.set_sku AND l.qty > 0 AND l.ships_flag = 1 AND o.state = 'open')
ORDER BY c.set_sku
"""


def explode_sets(ctx: RunContext) -> None:
    """Fill the scratch table tmp_component: per set the SKUs on the shelf and how many units of each.

    Sets may hold sets, four levels deep. One that is deeper, that holds itself, or that comes to a
    million units of one SKU is left out: it cannot be promised.
    """
    ctx.execute(_EXPLODE)


def tell_refused_sets(ctx: RunContext) -> None:
    """Add a finding for every set that open orders ask for and that cannot be taken apart."""
    for (set_sku,) in ctx.rows(_REFUSED):
        ctx.findings.add("set_refused", set_sku)
