"""What a warehouse or a core system counted beside what our ledger held at that very time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.master.scratch import analyze, fill
from ecsync.stock.places import compared_sources, counting_sources

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

SCRATCH: Final = {
    "tmp_counted_place": "source TEXT, warehouse TEXT, rules BIGINT, absent_is_zero BIGINT, "
    "PRIMARY KEY (source, warehouse)",
    "tmp_since": "source TEXT, since TEXT, PRIMARY KEY (source)",
    "tmp_count": "source TEXT, sku TEXT, qty BIGINT, as_of TEXT, PRIMARY KEY (source, sku)",
    "tmp_event_moved": "warehouse TEXT, event_id TEXT, sku TEXT, qty BIGINT, at TEXT, "
    "PRIMARY KEY (warehouse, event_id)",
    "tmp_open_parcel": "source TEXT, sku TEXT, instructed_at TEXT, units BIGINT, "
    "PRIMARY KEY (source, sku, instructed_at)",
}

# Of the master and of files read just now, the newest per SKU.
_COUNTS: Final = """
INSERT INTO tmp_count (source, sku, qty, as_of)
SELECT n.source, n.sku, n.qty, n.as_of
FROM (
  SELECT a.source, a.sku, a.qty, a.as_of,
         ROW_NUMBER() OVER (PARTITION BY a.source, a.sku ORDER BY a.as_of DESC, a.fresh DESC, a.src_row) AS place
  FROM (
    SELECT s.source, s.sku, s.qty, s.as_of, 0 AS fresh, 0 AS src_row
    FROM stock_snapshot s JOIN (SELECT DISTINCT source FROM tmp_counted_place) p ON p.source = s.source
    UNION ALL
    SELECT s.src_party, s.sku, s.qty, CASE WHEN s.observed_at <> '' THEN s.observed_at ELSE s.src_as_of END, 1,
           s.src_row
    FROM stg_stock_levels s JOIN (SELECT DISTINCT source FROM tmp_counted_place) p ON p.source = s.src_party
    WHERE s.verdict = ''
  ) a
  WHERE CAST(:sku AS TEXT) IN ('', a.sku)
) n
WHERE n.place = 1 AND n.as_of <> ''
"""

# A complete list that leaves a SKU out says that there is none, where the warehouse's settings say so.
_ABSENT: Final = """
INSERT INTO tmp_count (source, sku, qty, as_of)
SELECT p.source, b.sku, 0, f.as_of
FROM tmp_counted_place p
JOIN (SELECT src_party, MAX(src_as_of) AS as_of FROM stg_stock_levels GROUP BY src_party) f ON f.src_party = p.source
JOIN stock_balance b ON b.warehouse = p.warehouse
WHERE p.absent_is_zero = 1 AND p.source = p.warehouse AND CAST(:sku AS TEXT) IN ('', b.sku)
  AND NOT EXISTS (SELECT 1 FROM stg_stock_levels s WHERE s.src_party = p.source AND s.sku = b.sku)
  AND NOT EXISTS (SELECT 1 FROM stg_reject r WHERE r.src_party = p.source)
ON CONFLICT (source, sku) DO UPDATE SET qty = 0, as_of = excluded.as_of WHERE tmp_count.as_of < excluded.as_of
"""

# Events in files read just now that no run has taken yet: what they moved is known all the same.
_FRESH_EVENTS: Final = """
INSERT INTO tmp_event_moved (warehouse, event_id, sku, qty, at)
SELECT n.warehouse, n.event_id, n.sku, n.qty, n.at
FROM (
  SELECT e.src_party AS warehouse, e.event_id, e.sku, e.at,
         CASE WHEN e.kind IN ('shipped', 'short', 'sold') THEN 0 - e.qty ELSE e.qty END AS qty,
         ROW_NUMBER() OVER (PARTITION BY e.src_party, e.event_id ORDER BY e.src_row) AS place
  FROM stg_warehouse_events e
  WHERE e.verdict = '' AND e.sku <> '' AND e.qty IS NOT NULL
    AND e.kind IN ('shipped', 'short', 'receipt', 'return', 'adjustment', 'sold')
    AND NOT EXISTS (SELECT 1 FROM warehouse_event k WHERE k.warehouse = e.src_party AND k.event_id = e.event_id)
) n
WHERE n.place = 1
"""

_SINCE: Final = """
INSERT INTO tmp_since (source, since)
SELECT p.source, MIN(m.effective_at) FROM tmp_counted_place p JOIN stock_movement m ON m.warehouse = p.warehouse
GROUP BY p.source
"""

_MOVED: Final = """
  SELECT m.warehouse, m.sku, m.qty, m.effective_at FROM stock_movement m
  UNION ALL
  SELECT e.warehouse, e.sku, e.qty, e.at FROM tmp_event_moved e
"""

# Before the first movement of a source's warehouses there is nothing to compare.
_DRIFT: Final = f"""
INSERT INTO tmp_difference
  (kind, party, item_key, sku_key, sku, theirs, theirs_at, since, ours, units, yen, cause, detail)
SELECT CASE WHEN p.sku IS NULL THEN 'unknown_code' ELSE 'drift' END, d.source, '', '', d.sku, d.theirs, d.as_of,
       d.in_all - d.then_there, d.in_all,
       CASE WHEN p.sku IS NULL THEN ABS(d.theirs) ELSE ABS(d.theirs - d.then_there) END,
       CASE WHEN p.sku IS NULL THEN NULL ELSE ABS(d.theirs - d.then_there) * COALESCE(p.cost, p.price) END,
       CASE WHEN p.sku IS NULL THEN 'counted_unknown'
            WHEN d.theirs > d.then_there THEN 'more_counted' ELSE 'less_counted' END,
       CASE WHEN d.rules = 1 THEN 'rules' ELSE '' END
FROM (
  SELECT c.source, c.sku, c.qty AS theirs, c.as_of, MAX(w.rules) AS rules,
         COALESCE(CAST(SUM(m.qty) AS BIGINT), 0) AS in_all,
         COALESCE(CAST(SUM(CASE WHEN m.effective_at <= c.as_of THEN m.qty ELSE 0 END) AS BIGINT), 0) AS then_there
  FROM tmp_count c
  JOIN tmp_since b ON b.source = c.source AND b.since <= c.as_of
  JOIN tmp_counted_place w ON w.source = c.source
  LEFT JOIN ({_MOVED}) m ON m.warehouse = w.warehouse AND m.sku = c.sku
  GROUP BY c.source, c.sku, c.qty, c.as_of
) d
LEFT JOIN product p ON p.sku = d.sku
WHERE d.theirs <> d.then_there OR (p.sku IS NULL AND d.theirs <> 0)
"""  # noqa: S608

_OPEN_PARCELS: Final = """
INSERT INTO tmp_open_parcel (source, sku, instructed_at, units)
SELECT p.source, l.sku, i.instructed_at, CAST(SUM(l.qty - l.shipped_qty - l.short_qty - l.recalled_qty) AS BIGINT)
FROM shipping_instruction i
JOIN instruction_line l ON l.parcel_no = i.parcel_no
JOIN tmp_counted_place p ON p.warehouse = i.warehouse
WHERE i.state IN ('instructed', 'recalling')
  AND NOT EXISTS (SELECT 1 FROM stg_warehouse_events e
                  WHERE e.src_party = i.warehouse AND e.parcel_no = l.parcel_no AND e.line_no = l.line_no
                    AND e.kind IN ('shipped', 'short', 'recalled') AND e.verdict = '')
GROUP BY p.source, l.sku, i.instructed_at
"""

_OPEN_UNITS: Final = """
SELECT COALESCE(CAST(SUM(o.units) AS BIGINT), 0) FROM tmp_open_parcel o
WHERE o.source = tmp_difference.party AND o.sku = tmp_difference.sku AND o.instructed_at <= tmp_difference.theirs_at
"""

# What was told to leave before the count may have left, though nobody has said so yet.
_AWAITED: Final = f"""
UPDATE tmp_difference SET kind = 'in_flight', cause = 'result_awaited', detail = CAST(({_OPEN_UNITS}) AS TEXT)
WHERE kind = 'drift' AND cause = 'less_counted' AND units <= ({_OPEN_UNITS})
"""  # noqa: S608


def find_count_differences(ctx: RunContext, warehouses: frozenset[str], sku: str) -> None:
    """Add to tmp_difference what was counted otherwise than the ledger held: `drift`, `unknown_code`, `in_flight`.

    Every source of a count is compared as of its own time; what moved afterwards is no difference. A
    missing unit that stands in an open shipping instruction from before the count is in flight. `sku`
    '' stands for all.
    """
    pairs = [
        {**pair, "rules": rules, "absent_is_zero": int(_absent_is_zero(ctx, str(pair["source"])))}
        for rules, places in ((1, counting_sources(ctx.settings)), (0, compared_sources(ctx.settings)))
        for pair in places
        if pair["warehouse"] in warehouses
    ]
    fill(ctx, "tmp_counted_place", pairs)
    ctx.execute(_COUNTS, sku=sku)
    ctx.execute(_ABSENT, sku=sku)
    ctx.execute(_FRESH_EVENTS)
    ctx.execute(_SINCE)
    analyze(ctx, "tmp_counted_place", "tmp_count", "tmp_event_moved", "tmp_since")
    ctx.execute(_DRIFT)
    ctx.execute(_OPEN_PARCELS)
    analyze(ctx, "tmp_open_parcel", "tmp_difference")
    ctx.execute(_AWAITED)


def _absent_is_zero(ctx: RunContext, source: str) -> bool:
    warehouse = ctx.settings.warehouses.get(source)
    return warehouse is not None and warehouse.absent_in_snapshot == "zero"
