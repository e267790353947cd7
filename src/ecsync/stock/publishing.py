"""Decide which quantity each channel shows, and tell only what changes."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

from ecsync.master import counters
from ecsync.master.scratch import analyze, fill, scratch_tables
from ecsync.stock.explosion import COMPONENT_COLUMNS, explode_sets
from ecsync.stock.places import parties_behind
from ecsync.stock.proofs import unblock_mended_skus

if TYPE_CHECKING:
    from datetime import datetime

    from ecsync.master.context import RunContext

# Promised or waited for: both are spoken for. A channel never shows a unit twice.
COUNTER: Final = "channel_quantity"

_FREE: Final = """
INSERT INTO tmp_free (warehouse, sku, units, blocked)
SELECT b.warehouse, b.sku, b.on_hand - COALESCE(a.units, 0), b.blocked_flag
FROM stock_balance b
LEFT JOIN (
  SELECT warehouse, sku, CAST(SUM(CASE WHEN needed > qty THEN needed ELSE qty END) AS BIGINT) AS units
  FROM allocation GROUP BY warehouse, sku
) a ON a.warehouse = b.warehouse AND a.sku = b.sku
"""

_SINGLES: Final = """
INSERT INTO tmp_sellable (warehouse, sku, units, blocked)
SELECT f.warehouse, f.sku, f.units, f.blocked
FROM tmp_free f
WHERE NOT EXISTS (SELECT 1 FROM set_component c WHERE c.set_sku = f.sku)
"""

_SETS: Final = """
INSERT INTO tmp_sellable (warehouse, sku, units, blocked)
SELECT w.warehouse, c.set_sku,
       MIN(CASE WHEN COALESCE(f.units, 0) > 0 THEN f.units / c.per_unit ELSE 0 END),
       MAX(COALESCE(f.blocked, 0))
FROM tmp_component c
CROSS JOIN (SELECT DISTINCT warehouse FROM tmp_shop) w
LEFT JOIN tmp_free f ON f.warehouse = w.warehouse AND f.sku = c.sku
GROUP BY w.warehouse, c.set_sku
"""

# What the channel shows as far as we know: what we saw there last, unless we sent something since.
_DECIDE: Final = """
INSERT INTO tmp_decision (channel, item_key, sku_key, sku, qty, previous_qty, nth)
SELECT t.channel, t.item_key, t.sku_key, t.sku, t.qty, t.known, t.nth
FROM (
  SELECT l.channel, l.item_key, l.sku_key, l.sku,
         CASE WHEN COALESCE(s.units, 0) <= p.withheld THEN 0
              WHEN s.units - p.withheld > p.most THEN p.most
              ELSE s.units - p.withheld END AS qty,
         COALESCE(s.blocked, 0) AS blocked,
         CASE WHEN c.seen_at > c.sent_at THEN c.qty_seen ELSE c.qty_sent END AS known,
         0 AS nth
  FROM tmp_shop p
  JOIN channel_listing l ON l.channel = p.channel
  LEFT JOIN tmp_sellable s ON s.warehouse = p.warehouse AND s.sku = l.sku
  LEFT JOIN channel_stock c ON c.channel = l.channel AND c.item_key = l.item_key AND c.sku_key = l.sku_key
  WHERE l.sku <> '' AND l.unlimited_flag = 0
) t
WHERE (t.known IS NULL OR t.qty <> t.known)
  AND (t.blocked = 0 OR t.qty < COALESCE(t.known, 0))
"""

# One counter for all, which `outbox reconcile` raises: a restored master never uses a told key again.
_NUMBER: Final = """
UPDATE tmp_decision SET nth = :first + r.position
FROM (SELECT channel, item_key, sku_key,
             ROW_NUMBER() OVER (ORDER BY channel, item_key, sku_key) - 1 AS position
      FROM tmp_decision) AS r
WHERE r.channel = tmp_decision.channel AND r.item_key = tmp_decision.item_key AND r.sku_key = tmp_decision.sku_key
"""

_TELL: Final = """
INSERT INTO channel_quantity (channel, item_key, sku_key, sequence, sku, qty, previous_qty, decided_at, run_id)
SELECT d.channel, d.item_key, d.sku_key,
       SUBSTR('00000000000' || CAST(d.nth AS TEXT), LENGTH(CAST(d.nth AS TEXT))),
       d.sku, d.qty, d.previous_qty, :now, :run
FROM tmp_decision d
ORDER BY d.channel, d.item_key, d.sku_key
"""

_REMEMBER: Final = """
UPDATE channel_stock SET qty_sent = d.qty, sent_at = :now, sent_count = channel_stock.sent_count + 1, run_id = :run
FROM tmp_decision AS d
WHERE d.channel = channel_stock.channel AND d.item_key = channel_stock.item_key
  AND d.sku_key = channel_stock.sku_key
"""

_MEET: Final = """
INSERT INTO channel_stock (channel, item_key, sku_key, qty_sent, sent_at, sent_count, run_id)
SELECT d.channel, d.item_key, d.sku_key, d.qty, :now, 1, :run
FROM tmp_decision d
WHERE NOT EXISTS (SELECT 1 FROM channel_stock c
                  WHERE c.channel = d.channel AND c.item_key = d.item_key AND c.sku_key = d.sku_key)
ORDER BY d.channel, d.item_key, d.sku_key
"""


def decide_quantities(ctx: RunContext) -> int:
    """Decide the quantity of every listing whose SKU is known and limited; write those that changed.

    Shown = on hand - allocated - waited for by open orders - the channel's safety, at least 0 and at
    most the channel's cap; of a set as many as its scarcest component allows, safety taken off the
    sets. With a stale or missing file behind a channel, its stale-data buffer comes off as well. A SKU
    whose proof is broken only falls. A channel whose warehouse was never counted, or whose cut-over is
    still to come, is left alone. Returns how many quantities changed.
    """
    unblock_mended_skus(ctx)
    shops = _shops(ctx)
    if not shops:
        return 0
    with scratch_tables(
        ctx,
        tmp_shop="channel TEXT, warehouse TEXT, withheld BIGINT, most BIGINT, PRIMARY KEY (channel)",
        tmp_component=COMPONENT_COLUMNS,
        tmp_free="warehouse TEXT, sku TEXT, units BIGINT, blocked BIGINT, PRIMARY KEY (warehouse, sku)",
        tmp_sellable="warehouse TEXT, sku TEXT, units BIGINT, blocked BIGINT, PRIMARY KEY (warehouse, sku)",
        tmp_decision="channel TEXT, item_key TEXT, sku_key TEXT, sku TEXT, qty BIGINT, previous_qty BIGINT, "
        "nth BIGINT, PRIMARY KEY (channel, item_key, sku_key)",
    ):
        fill(ctx, "tmp_shop", shops)
        explode_sets(ctx)
        ctx.execute(_FREE)
        analyze(ctx, "tmp_shop", "tmp_component", "tmp_free")
        ctx.execute(_SINGLES)
        ctx.execute(_SETS)
        analyze(ctx, "tmp_sellable")
        decided = ctx.execute(_DECIDE).rowcount
        if not decided:
            return 0
        ctx.execute(_NUMBER, first=counters.take(ctx.conn, COUNTER, decided))
        ctx.execute(_TELL, now=ctx.now, run=ctx.run_id)
        ctx.execute(_REMEMBER, now=ctx.now, run=ctx.run_id)
        ctx.execute(_MEET, now=ctx.now, run=ctx.run_id)
    return decided


def _shops(ctx: RunContext) -> list[dict[str, object]]:
    counted = {row[0] for row in ctx.rows("SELECT DISTINCT warehouse FROM stock_balance ORDER BY warehouse")}
    rows: list[dict[str, object]] = []
    for name, channel in sorted(ctx.settings.channels.items()):
        if channel.warehouse not in counted or _is_to_come(channel.cutover, ctx.now):
            continue
        stale = _stale_parties(ctx) & parties_behind(ctx.settings, name)
        withheld = channel.safety + (channel.stale_buffer if stale else 0)
        rows.append(
            {
                "channel": name,
                "warehouse": channel.warehouse,
                "withheld": withheld,
                "most": channel.max_published,
            }
        )
    return rows


def _stale_parties(ctx: RunContext) -> frozenset[str]:
    return frozenset(flow.party for flow in ctx.settings.inbound if flow.name in ctx.stale_flows)


def _is_to_come(cutover: datetime | None, now: str) -> bool:
    return cutover is not None and cutover.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") > now
