"""What each destination of an open order still has to be told, and what keeps it: one row each, in a scratch table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.master.scratch import analyze, fill, scratch_tables
from ecsync.shipping.ship_dates import dispatch_of

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

SCRATCH: Final = (
    "channel TEXT, order_no TEXT, dest_id TEXT, ordered_at TEXT, warehouse TEXT, prefecture TEXT, "
    "wished_date TEXT, rest BIGINT, short BIGINT, unknown BIGINT, held BIGINT, unpaid BIGINT, "
    "ship_date TEXT, due BIGINT, late BIGINT, PRIMARY KEY (channel, order_no, dest_id)"
)

# Units of a line that lie in parcels told and not answered.
_PACKED: Final = """
INSERT INTO tmp_packed (channel, order_no, line_id, sku, units)
SELECT l.channel, l.order_no, l.line_id, l.sku,
       CAST(SUM(l.qty - l.shipped_qty - l.short_qty - l.recalled_qty) AS BIGINT)
FROM shipping_instruction i
JOIN instruction_line l ON l.parcel_no = i.parcel_no
WHERE i.state IN ('instructed', 'recalling')
GROUP BY l.channel, l.order_no, l.line_id, l.sku
"""

# rest: units no parcel holds yet. short: of them not allocated. unknown: lines of which nobody knows what to ship.
_GATHER: Final = """
INSERT INTO tmp_destination (channel, order_no, dest_id, ordered_at, warehouse, prefecture, wished_date,
                             rest, short, unknown, held, unpaid, ship_date, due, late)
SELECT u.channel, u.order_no, u.dest_id, u.ordered_at, u.warehouse, d.ship_prefecture, d.wished_date,
       u.rest, u.short, u.unknown,
       CASE WHEN EXISTS (SELECT 1 FROM order_hold h
                         WHERE h.channel = u.channel AND h.order_no = u.order_no AND h.closed_at = ''
                           AND h.dest_id IN ('', u.dest_id)) THEN 1 ELSE 0 END,
       CASE WHEN u.payment_state NOT IN ('confirmed', 'not_needed')
              OR EXISTS (SELECT 1 FROM order_wait w
                         WHERE w.channel = u.channel AND w.order_no = u.order_no AND w.kind = 'money'
                           AND w.dest_id IN ('', u.dest_id)) THEN 1 ELSE 0 END,
       '', 0, 0
FROM (
  SELECT t.channel, t.order_no, t.dest_id, t.ordered_at, t.payment_state,
         MAX(CASE WHEN t.rest > 0 THEN t.warehouse ELSE '' END) AS warehouse,
         CAST(SUM(t.rest) AS BIGINT) AS rest,
         CAST(SUM(CASE WHEN t.rest > t.loose THEN t.rest - t.loose ELSE 0 END) AS BIGINT) AS short,
         CAST(SUM(t.unknown) AS BIGINT) AS unknown
  FROM (
    SELECT o.channel, o.order_no, l.dest_id, o.ordered_at, o.payment_state,
           COALESCE(a.warehouse, '') AS warehouse, CASE WHEN a.sku IS NULL THEN 1 ELSE 0 END AS unknown,
           CASE WHEN COALESCE(a.needed, 0) > COALESCE(p.units, 0)
                THEN a.needed - COALESCE(p.units, 0) ELSE 0 END AS rest,
           CASE WHEN COALESCE(a.qty, 0) > COALESCE(p.units, 0) THEN a.qty - COALESCE(p.units, 0) ELSE 0 END AS loose
    FROM sales_order o
    JOIN order_line l ON l.channel = o.channel AND l.order_no = o.order_no AND l.qty > 0
                     AND l.ships_flag = 1
    LEFT JOIN allocation a ON a.channel = l.channel AND a.order_no = l.order_no AND a.line_id = l.line_id
    LEFT JOIN tmp_packed p ON p.channel = a.channel AND p.order_no = a.order_no
                          AND p.line_id = a.line_id AND p.sku = a.sku
    WHERE o.state = 'open'
  ) t
  GROUP BY t.channel, t.order_no, t.dest_id, t.ordered_at, t.payment_state
) u
JOIN order_destination d ON d.channel = u.channel AND d.order_no = u.order_no AND d.dest_id = u.dest_id
WHERE u.rest > 0
"""

_WAYS: Final = """
SELECT DISTINCT warehouse, prefecture, wished_date FROM tmp_destination
ORDER BY warehouse, prefecture, wished_date
"""

_DATE: Final = """
UPDATE tmp_destination SET ship_date = w.ship_date, due = w.due, late = w.late
FROM tmp_way AS w
WHERE w.warehouse = tmp_destination.warehouse AND w.prefecture = tmp_destination.prefecture
  AND w.wished_date = tmp_destination.wished_date
"""


def gather_destinations(ctx: RunContext) -> None:
    """Fill the scratch tables tmp_packed and tmp_destination with what open orders still have to be told.

    Dates are worked out once per warehouse, prefecture and wished date.
    """
    ctx.execute(_PACKED)
    analyze(ctx, "tmp_packed")
    ctx.execute(_GATHER)
    analyze(ctx, "tmp_destination")
    with scratch_tables(
        ctx,
        tmp_way="warehouse TEXT, prefecture TEXT, wished_date TEXT, ship_date TEXT, due BIGINT, late BIGINT, "
        "PRIMARY KEY (warehouse, prefecture, wished_date)",
    ):
        fill(ctx, "tmp_way", _ways(ctx))
        analyze(ctx, "tmp_way")
        ctx.execute(_DATE)


def _ways(ctx: RunContext) -> list[dict[str, object]]:
    found = [(str(w), str(p), str(d)) for w, p, d in ctx.rows(_WAYS) if w in ctx.settings.warehouses]
    dispatches = {
        name: dispatch_of(ctx.settings, name, ctx.now, ctx.business_date)
        for name in sorted({warehouse for warehouse, _prefecture, _date in found})
    }
    rows: list[dict[str, object]] = []
    for warehouse, prefecture, wished_date in found:
        day = dispatches[warehouse].plan(prefecture, wished_date)
        rows.append(
            {
                "warehouse": warehouse,
                "prefecture": prefecture,
                "wished_date": wished_date,
                "ship_date": day.ship_date,
                "due": int(day.due),
                "late": int(day.late),
            }
        )
    return rows
