"""Channel listings: what a channel calls an item, which SKU of ours it is, and how many it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.products.newest import RowMerge, Value, merge_rows

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

# A listing is as old as the last look at what the channel shows.
LISTINGS: Final = RowMerge(
    staging="stg_channel_listings",
    target="channel_listing",
    key=(("src_party", "channel"), ("item_key", "item_key"), ("sku_key", "sku_key")),
    values=(
        Value("s.sku_code", "sku_code"),
        Value("s.item_code", "item_code"),
        Value("s.title", "title"),
        Value("COALESCE(s.unlimited_flag, 0)", "unlimited_flag", integer=True),
        Value("COALESCE(s.not_stocked_flag, 0)", "not_stocked_flag", integer=True),
    ),
    known_as_of="COALESCE(c.seen_at, '')",
    joins="LEFT JOIN channel_stock c ON c.channel = s.src_party AND c.item_key = s.item_key AND c.sku_key = s.sku_key",
    also_differs="s.qty <> c.qty_seen OR (s.qty IS NULL) <> (c.qty_seen IS NULL)",
)

_SEEN: Final = """
INSERT INTO channel_stock (channel, item_key, sku_key, qty_seen, seen_at, run_id)
SELECT s.src_party, s.item_key, s.sku_key, s.qty, s.src_as_of, :run
FROM stg_channel_listings s
LEFT JOIN channel_stock c ON c.channel = s.src_party AND c.item_key = s.item_key AND c.sku_key = s.sku_key
WHERE s.verdict IN ('new', 'changed', 'unchanged') AND (c.seen_at IS NULL OR c.seen_at < s.src_as_of)
ON CONFLICT (channel, item_key, sku_key)
DO UPDATE SET qty_seen = excluded.qty_seen, seen_at = excluded.seen_at, run_id = excluded.run_id
"""

_SKU: Final = """
COALESCE((SELECT p.sku FROM product p WHERE p.sku = channel_listing.sku_code AND p.sku <> ''),
         (SELECT p.sku FROM product p WHERE p.sku = channel_listing.item_code AND p.sku <> ''), '')
"""
_RESOLVE: Final = f"UPDATE channel_listing SET sku = {_SKU}, run_id = :run WHERE sku <> {_SKU}"  # noqa: S608

# Products are never deleted: a listing finds another SKU only where a product or the listing is new.
_MAY_RESOLVE: Final = """
SELECT (SELECT COUNT(*) FROM stg_products WHERE verdict = 'new')
     + (SELECT COUNT(*) FROM stg_channel_listings WHERE verdict IN ('new', 'changed'))
"""

_UNKNOWN: Final = """
SELECT s.src_party, s.item_key, s.sku_key FROM stg_channel_listings s
JOIN channel_listing t ON t.channel = s.src_party AND t.item_key = s.item_key AND t.sku_key = s.sku_key
WHERE s.verdict = 'new' AND t.sku = ''
ORDER BY s.src_party, s.item_key, s.sku_key
"""


def take_listings(ctx: RunContext) -> None:
    """Merge stg_channel_listings into channel_listing and channel_stock, and find each listing's SKU.

    Adds a finding for every listing seen for the first time whose SKU the product master does not know.
    """
    merge_rows(ctx, LISTINGS)
    ctx.execute(_SEEN, run=ctx.run_id)
    if ctx.scalar(_MAY_RESOLVE):
        ctx.execute(_RESOLVE, run=ctx.run_id)
    for channel, item_key, sku_key in ctx.rows(_UNKNOWN):
        ctx.findings.add("unknown_listing", f"{item_key}/{sku_key}" if sku_key else item_key, channel=channel)
