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
_DECIDE: Final = """
INSERT INTO tmp_decision (channel, item_key, sku_key, sku, qty, previous_qty, met)
SELECT t.channel, t.item_key, t.sku_key, t.sku, t.qty, t.known, t.met
FROM (
  SELECT l.channel, l.item_key, l.sku_key, l.sku,
         CASE WHEN COALESCE(s.units, 0) <= p.withheld THEN 0
              WHEN s.units - p.withheld > p.most THEN p.most
              ELSE s.units - p.withheld END AS qty,
         COALESCE(s.blocked, 0) AS blocked,
         CASE WHEN c.channel IS NULL THEN 0 ELSE 1 END AS met,
         CASE WHEN c.seen_at > c.sent_at THEN c.qty_seen ELSE c.qty_sent END AS known
  FROM tmp_shop p
  JOIN channel_listing l ON l.channel = p.channel
  LEFT JOIN tmp_sellable s ON s.warehouse = p.warehouse AND s.sku = l.sku
  LEFT JOIN channel_stock c ON c.channel = l.channel AND c.item_key = l.item_key AND c.sku_key = l.sku_key
  WHERE l.sku <> '' AND l.unlimited_flag = 0 AND l.not_stocked_flag = 0
) t
WHERE (t.known IS NULL OR t.qty <> t.known)
  AND (t.blocked = 0 OR t.qty < COALESCE(t.known, 0))
ORDER BY t.channel, t.item_key, t.sku_key
"""

# One counter for all, which `outbox reconcile` raises: a restored master never uses a told key again.
_TELL: Final = """
INSERT INTO channel_quantity (channel, item_key, sku_key, sequence, sku, qty, previous_qty, decided_at, run_id)
SELECT d.channel, d.item_key, d.sku_key,
       SUBSTR('00000000000' || CAST(:before + d.nth AS TEXT), LENGTH(CAST(:before + d.nth AS TEXT))),
       d.sku, d.qty, d.previous_qty, :now, :run
FROM tmp_decision d
ORDER BY d.nth
"""

_REMEMBER: Final = """
UPDATE channel_stock SET qty_sent = d.qty, sent_at = :now, sent_count = channel_stock.sent_count + 1, run_id = :run
FROM tmp_decision AS d
WHERE d.channel = channel_stock.channel AND d.item_key = channel_stock.item_key
  AND d.sku_key = channel_stock.sku_key AND d.met = 1
"""

_MEET: Final = """
INSERT INTO channel_stock (channel, item_key, sku_key, qty_sent, sent_at, sent_count, run_id)
SELECT d.channel, d.item_key, d.sku_key, d.qty, :now, 1, :run
FROM tmp_decision d
WHERE d.met = 0
ORDER BY d.nth
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
        tmp_decision="nth NUMBERED, channel TEXT, item_key TEXT, sku_key TEXT, sku TEXT, qty BIGINT, "
        "previous_qty BIGINT, met BIGINT",
        **sellable.SCRATCH,
    ):
        fill(ctx, "tmp_shop", shops)
        analyze(ctx, "tmp_shop")
        sellable.fill_sellable(ctx)
        decided = ctx.execute(_DECIDE).rowcount
        if not decided:
            return 0
        analyze(ctx, "tmp_decision")
        first = counters.take(ctx.conn, COUNTER, decided)
        ctx.execute(_TELL, before=first - 1, now=ctx.now, run=ctx.run_id)
        ctx.execute(_REMEMBER, now=ctx.now, run=ctx.run_id)
        ctx.execute(_MEET, now=ctx.now, run=ctx.run_id)
    return decided
