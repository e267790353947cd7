"""Take in what warehouses and core systems say they have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecsync.master.scratch import analyze, fill, scratch_tables
from ecsync.stock.comparison import tell_differences
from ecsync.stock.counts import settle_counts
from ecsync.stock.release import release_excess

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

# The time at which a row was observed wins over that of its file. `taken` is its verdict unless it has one.
_LEVELS: Final = """
INSERT INTO tmp_level (src_row, src_file, party, sku, qty, as_of, taken, verdict, reason)
SELECT l.src_row, l.src_file, l.party, l.sku, l.qty, l.as_of,
       CASE WHEN k.sku IS NULL THEN 'new' WHEN k.qty = l.qty THEN 'unchanged' ELSE 'changed' END,
       CASE WHEN l.as_of = '' THEN 'quarantined'
            WHEN k.sku IS NULL OR l.as_of > k.as_of THEN ''
            WHEN l.as_of = k.as_of AND l.qty <> k.qty THEN 'quarantined' ELSE 'unchanged' END,
       CASE WHEN l.as_of = '' THEN 'snapshot_undated:observed_at'
            WHEN k.sku IS NULL OR l.as_of > k.as_of THEN ''
            WHEN l.as_of < k.as_of THEN 'older'
            WHEN l.qty <> k.qty THEN 'snapshot_conflict:qty' ELSE '' END
FROM (
  SELECT s.src_row, s.src_file, s.src_party AS party, s.sku, s.qty,
         CASE WHEN s.observed_at <> '' THEN s.observed_at ELSE s.src_as_of END AS as_of
  FROM stg_stock_levels s
  WHERE s.verdict = ''
) l
LEFT JOIN stock_snapshot k ON k.source = l.party AND k.sku = l.sku
"""

# One list a source is the rule: then nothing is to be ranked.
_REPEATED: Final = """
SELECT 1 FROM stg_stock_levels GROUP BY src_party, sku HAVING COUNT(*) > 1 LIMIT 1
"""

_AMONG_THEMSELVES: Final = """
UPDATE tmp_level SET verdict = 'quarantined', reason = 'snapshot_conflict:qty'
FROM (
  SELECT party, sku, as_of FROM tmp_level WHERE verdict = ''
  GROUP BY party, sku, as_of HAVING MIN(qty) <> MAX(qty)
) AS c
WHERE c.party = tmp_level.party AND c.sku = tmp_level.sku AND c.as_of = tmp_level.as_of AND tmp_level.verdict = ''
"""

_RANKED: Final = """
UPDATE tmp_level
SET verdict = CASE WHEN r.nth > 1 THEN 'duplicate' WHEN r.age > 1 THEN 'unchanged' ELSE '' END,
    reason = CASE WHEN r.nth > 1 THEN 'identical' WHEN r.age > 1 THEN 'older' ELSE '' END
FROM (
  SELECT src_row,
         ROW_NUMBER() OVER (PARTITION BY party, sku, as_of ORDER BY src_row) AS nth,
         DENSE_RANK() OVER (PARTITION BY party, sku ORDER BY as_of DESC) AS age
  FROM tmp_level WHERE verdict = ''
) AS r
WHERE r.src_row = tmp_level.src_row AND (r.nth > 1 OR r.age > 1)
"""

_NEWEST: Final = """
INSERT INTO tmp_newest (party, sku, qty, as_of)
SELECT party, sku, qty, as_of FROM tmp_level WHERE verdict = ''
"""

# A complete list that leaves a SKU out says that there is none, where the warehouse's settings say so.
# A row that was put aside still names its SKU; one that could not be read names none, and then nothing is zeroed.
_ABSENT: Final = """
INSERT INTO tmp_newest (party, sku, qty, as_of)
SELECT f.party, b.sku, 0, f.as_of
FROM tmp_complete f
JOIN (SELECT warehouse, sku FROM stock_balance
      UNION SELECT source, sku FROM stock_snapshot
      UNION SELECT party, sku FROM tmp_newest) b ON b.warehouse = f.party
WHERE f.as_of <> ''
  AND NOT EXISTS (SELECT 1 FROM stg_stock_levels s
                  WHERE s.src_party = f.party AND s.src_as_of = f.as_of AND s.sku = b.sku)
  AND NOT EXISTS (SELECT 1 FROM stg_stock_levels s JOIN stg_reject r ON r.src_file = s.src_file
                  WHERE s.src_party = f.party AND s.src_as_of = f.as_of)
  AND NOT EXISTS (SELECT 1 FROM tmp_newest n WHERE n.party = f.party AND n.sku = b.sku AND n.as_of >= f.as_of)
  AND NOT EXISTS (SELECT 1 FROM stock_snapshot k
                  WHERE k.source = f.party AND k.sku = b.sku AND k.as_of >= f.as_of)
"""

_OVERTAKEN: Final = """
DELETE FROM tmp_newest
WHERE EXISTS (SELECT 1 FROM tmp_newest later
              WHERE later.party = tmp_newest.party AND later.sku = tmp_newest.sku AND later.as_of > tmp_newest.as_of)
"""

_CHANGE: Final = """
UPDATE stock_snapshot SET qty = n.qty, as_of = n.as_of, run_id = :run
FROM tmp_newest AS n
WHERE n.party = stock_snapshot.source AND n.sku = stock_snapshot.sku AND n.as_of > stock_snapshot.as_of
"""

_ADD: Final = """
INSERT INTO stock_snapshot (source, sku, qty, as_of, run_id)
SELECT n.party, n.sku, n.qty, n.as_of, :run
FROM tmp_newest n
WHERE NOT EXISTS (SELECT 1 FROM stock_snapshot k WHERE k.source = n.party AND k.sku = n.sku)
ORDER BY n.party, n.sku
"""

# Rows of which somebody asks why; the others are counted, for as many verdicts would take longer than finding them.
_VERDICTS: Final = """
UPDATE stg_stock_levels SET verdict = t.verdict, verdict_reason = t.reason
FROM tmp_level AS t WHERE t.src_row = stg_stock_levels.src_row AND t.verdict <> ''
"""

_COUNTED: Final = """
INSERT INTO stg_count (src_file, verdict, row_count)
SELECT src_file, taken, COUNT(*) FROM tmp_level WHERE verdict = '' GROUP BY src_file, taken
"""


@dataclass(frozen=True)
class SnapshotsTaken:
    """Say how many SKUs were counted anew, over all sources."""

    skus_counted: int


def take_snapshots(ctx: RunContext) -> SnapshotsTaken:
    """Take in stg_stock_levels: newest count per source and SKU, `count` movements, balances, releases.

    Snapshots older than the newest known one change nothing. Two of the same time that differ are put
    aside (`snapshot_conflict`). Sources that do not rule on hand are compared only.
    """
    with scratch_tables(
        ctx,
        tmp_level="src_row BIGINT NOT NULL, src_file BIGINT, party TEXT, sku TEXT, qty BIGINT, as_of TEXT, taken TEXT, "
        "verdict TEXT, reason TEXT, SORTED BY (src_row)",
        tmp_newest="party TEXT, sku TEXT, qty BIGINT, as_of TEXT, SORTED BY (party, sku, as_of)",
        tmp_complete="party TEXT, as_of TEXT, PRIMARY KEY (party)",
    ):
        levels = ctx.execute(_LEVELS).rowcount
        if not levels:
            return SnapshotsTaken(0)
        analyze(ctx, "tmp_level")
        if ctx.rows(_REPEATED):
            ctx.execute(_AMONG_THEMSELVES)
            ctx.execute(_RANKED)
        newest = ctx.execute(_NEWEST).rowcount
        ctx.execute(_COUNTED)
        if newest < levels:
            ctx.execute(_VERDICTS)
        fill(ctx, "tmp_complete", _complete_lists(ctx))
        analyze(ctx, "tmp_newest", "tmp_complete")
        absent = ctx.execute(_ABSENT).rowcount
        if absent:
            newest += absent - ctx.execute(_OVERTAKEN).rowcount
        counted = ctx.execute(_CHANGE, run=ctx.run_id).rowcount
        if counted < newest:
            counted += ctx.execute(_ADD, run=ctx.run_id).rowcount
    settle_counts(ctx)
    release_excess(ctx)
    tell_differences(ctx)
    return SnapshotsTaken(counted)


def _complete_lists(ctx: RunContext) -> list[dict[str, object]]:
    newest = ctx.rows(
        "SELECT src_party, MAX(src_as_of) FROM stg_stock_levels GROUP BY src_party ORDER BY src_party"
    )
    return [
        {"party": party, "as_of": as_of}
        for party, as_of in newest
        if party in ctx.settings.warehouses and ctx.settings.warehouses[party].absent_in_snapshot == "zero"
    ]
