"""Decide which quantity each channel shows, and tell only what changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.master import counters
from ecsync.master.scratch import analyze, fill, scratch_tables
from ecsync.stock import sellable
from ecsync.stock.proofs import unblock_mended_skus
from ecsync.stock.shops import SHOP_COLUMNS, open_shops

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

COUNTER: Final = "channel_quantity"

# What the channel shows as far as we know: what we saw there last, unless we sent something since.
# One counter for all, which `outbox reconcile` raises: a restored master never uses a told key again.
_DECIDE: Final = """
INSERT INTO channel_quantity (channel, item_key, sku_key, sequence, sku, qty, previous_qty, decided_at, run_id)
SELECT d.channel, d.item_key, d.sku_key,
       SUBSTR('00000000000' || CAST(:before + d.nth AS TEXT), LENGTH(CAST(:before + d.nth AS TEXT))),
       d.sku, d.qty, d.known, :now, :run
FROM (
  SELECT t.channel, t.item_key, t.sku_key, t.sku, t.qty, t.known,
         ROW_NUMBER() OVER (ORDER BY t.channel, t.item_key, t.sku_key) AS nth
  FROM (
    SELECT l.channel, l.item_key, l.sku_key, l.sku,
           CASE WHEN COALESCE(s.units, 0) <= p.withheld THEN 0
                WHEN s.units - p.withheld > p.most THEN p.most
                ELSE s.units - p.withheld END AS qty,
           COALESCE(s.blocked, 0) AS blocked,
           CASE WHEN c.seen_at > c.sent_at THEN c.qty_seen ELSE c.qty_sent END AS known
    FROM tmp_shop p
    JOIN channel_listing l ON l.channel = p.channel
    LEFT JOIN tmp_sellable s ON s.warehouse = p.warehouse AND s.sku = l.sku
    LEFT JOIN channel_stock c ON c.channel = l.channel AND c.item_key = l.item_key AND c.sku_key = l.sku_key
    WHERE l.sku <> '' AND l.unlimited_flag = 0 AND l.not_stocked_flag = 0
  ) t
  WHERE (t.known IS NULL OR t.qty <> t.known)
    AND (t.blocked = 0 OR t.qty < COALESCE(t.known, 0))
) d
"""

_REMEMBER: Final = """
UPDATE channel_stock SET qty_sent = q.qty, sent_at = :now, sent_count = channel_stock.sent_count + 1, run_id = :run
FROM channel_quantity AS q
WHERE q.channel = channel_stock.channel AND q.item_key = channel_stock.item_key
  AND q.sku_key = channel_stock.sku_key AND q.run_id = :run
"""

_MEET: Final = """
INSERT INTO channel_stock (channel, item_key, sku_key, qty_sent, sent_at, sent_count, run_id)
SELECT q.channel, q.item_key, q.sku_key, q.qty, :now, 1, :run
FROM channel_quantity q
WHERE q.run_id = :run
  AND NOT EXISTS (SELECT 1 FROM channel_stock c
                  WHERE c.channel = q.channel AND c.item_key = q.item_key AND c.sku_key = q.sku_key)
ORDER BY q.channel, q.item_key, q.sku_key
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
    shops = open_shops(ctx)
    if not shops:
        return 0
    with scratch_tables(
        ctx,
        tmp_shop=SHOP_COLUMNS,
        **sellable.SCRATCH,
    ):
        fill(ctx, "tmp_shop", shops)
        analyze(ctx, "tmp_shop")
        sellable.fill_sellable(ctx)
        before = counters.last(ctx.conn, COUNTER)
        decided = ctx.execute(_DECIDE, before=before, now=ctx.now, run=ctx.run_id).rowcount
    if decided:
        counters.take(ctx.conn, COUNTER, decided)
        analyze(ctx, "channel_quantity (run_id, channel, item_key)")
        if ctx.execute(_REMEMBER, now=ctx.now, run=ctx.run_id).rowcount < decided:
            ctx.execute(_MEET, now=ctx.now, run=ctx.run_id)
    return decided
