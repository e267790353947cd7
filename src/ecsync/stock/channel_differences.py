"""What each channel shows beside what can be sold, with what it sold and was told since its figure was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.master.scratch import analyze, fill
from ecsync.stock import sellable
from ecsync.stock.shops import SHOP_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecsync.master.context import RunContext

_LISTING: Final = "channel TEXT, item_key TEXT, sku_key TEXT"
_BY_LISTING: Final = "PRIMARY KEY (channel, item_key, sku_key)"

SCRATCH: Final = {
    "tmp_shop": SHOP_COLUMNS,
    "tmp_cancelled": "channel TEXT, order_status TEXT, PRIMARY KEY (channel, order_status)",
    "tmp_fresh": f"{_LISTING}, sku TEXT, unlimited BIGINT, qty BIGINT, as_of TEXT, {_BY_LISTING}",
    "tmp_untaken": "channel TEXT, order_no TEXT, line_id TEXT, item_key TEXT, sku_key TEXT, sku TEXT, ordered_at TEXT, "
    "qty BIGINT, PRIMARY KEY (channel, order_no, line_id)",
    "tmp_listed": "channel TEXT, sku TEXT, item_key TEXT, sku_key TEXT, SORTED BY (channel, sku)",
    "tmp_in_set": "channel TEXT, sku TEXT, PRIMARY KEY (channel, sku)",
    "tmp_sold": f"{_LISTING}, ordered_at TEXT, qty BIGINT, PRIMARY KEY (channel, item_key, sku_key, ordered_at)",
    "tmp_sold_listing": f"{_LISTING}, {_BY_LISTING}",
    "tmp_case": f"{_LISTING}, sku TEXT, unlimited BIGINT, fresh BIGINT, seen BIGINT, seen_at TEXT, "
    "sold_since_seen BIGINT, known BIGINT, sold_since_known BIGINT, sent BIGINT, sent_at TEXT, "
    "sold_since_sent BIGINT, units BIGINT, low BIGINT, target BIGINT, blocked BIGINT, "
    "SORTED BY (channel, item_key, sku_key)",
    "tmp_delivered": f"{_LISTING}, state TEXT, remote_name TEXT, SORTED BY (channel, item_key, sku_key)",
    **sellable.SCRATCH,
}

_SKU: Final = """
COALESCE((SELECT p.sku FROM product p WHERE p.sku = s.sku_code AND p.sku <> ''),
         (SELECT p.sku FROM product p WHERE p.sku = s.item_code AND p.sku <> ''), '')
"""

_FRESH: Final = f"""
INSERT INTO tmp_fresh (channel, item_key, sku_key, sku, unlimited, qty, as_of)
SELECT n.channel, n.item_key, n.sku_key, n.sku, n.unlimited, n.qty, n.as_of
FROM (
  SELECT s.src_party AS channel, s.item_key, s.sku_key, {_SKU} AS sku, COALESCE(s.unlimited_flag, 0) AS unlimited,
         s.qty, s.src_as_of AS as_of,
         ROW_NUMBER() OVER (PARTITION BY s.src_party, s.item_key, s.sku_key
                            ORDER BY s.src_as_of DESC, s.src_row) AS place
  FROM stg_channel_listings s JOIN tmp_shop p ON p.channel = s.src_party
  WHERE s.verdict = ''
) n
LEFT JOIN channel_stock c ON c.channel = n.channel AND c.item_key = n.item_key AND c.sku_key = n.sku_key
WHERE n.place = 1 AND COALESCE(c.seen_at, '') <= n.as_of
"""  # noqa: S608

# Orders in files read just now that no run has taken yet: their units are sold all the same.
_UNTAKEN: Final = """
INSERT INTO tmp_untaken (channel, order_no, line_id, item_key, sku_key, sku, ordered_at, qty)
SELECT n.channel, n.order_no, n.line_id, n.item_key, n.sku_key, n.sku, n.ordered_at, n.qty
FROM (
  SELECT s.src_party AS channel, s.order_no, s.line_id, s.item_key, s.sku_key, s.ordered_at, s.qty, s.order_status,
         COALESCE((SELECT NULLIF(c.sku, '') FROM channel_listing c
                   WHERE c.channel = s.src_party AND c.item_key = s.item_key AND c.sku_key = s.sku_key),
                  (SELECT p.sku FROM product p WHERE p.sku = s.sku_code AND p.sku <> ''), '') AS sku,
         ROW_NUMBER() OVER (PARTITION BY s.src_party, s.order_no, s.line_id
                            ORDER BY s.src_as_of DESC, s.src_row) AS place
  FROM stg_order_lines s JOIN tmp_shop p ON p.channel = s.src_party
  WHERE s.verdict = ''
    AND NOT EXISTS (SELECT 1 FROM sales_order o WHERE o.channel = s.src_party AND o.order_no = s.order_no)
) n
WHERE n.place = 1
  AND NOT EXISTS (SELECT 1 FROM tmp_cancelled x WHERE x.channel = n.channel AND x.order_status = n.order_status)
"""

_UNTAKEN_UNITS: Final = """
UPDATE tmp_free SET units = tmp_free.units - g.units
FROM (
  SELECT p.warehouse, COALESCE(c.sku, u.sku) AS sku, CAST(SUM(u.qty * COALESCE(c.per_unit, 1)) AS BIGINT) AS units
  FROM tmp_untaken u
  JOIN tmp_shop p ON p.channel = u.channel
  LEFT JOIN tmp_component c ON c.set_sku = u.sku
  WHERE u.sku <> ''
  GROUP BY p.warehouse, COALESCE(c.sku, u.sku)
) AS g
WHERE g.warehouse = tmp_free.warehouse AND g.sku = tmp_free.sku
"""

# Orders of an item without variants name no variant, though its listing has a key for it: the SKU finds it.
_ANY_LISTING: Final = """
    SELECT c.channel, c.sku, c.item_key, c.sku_key, 0 AS fresh
    FROM channel_listing c JOIN tmp_shop p ON p.channel = c.channel
    UNION ALL
    SELECT f.channel, f.sku, f.item_key, f.sku_key, 1 FROM tmp_fresh f
"""
_WITH_SKU: Final = f"SELECT COUNT(*) FROM ({_ANY_LISTING}) l WHERE l.sku <> ''"  # noqa: S608
_LISTED: Final = f"""
INSERT INTO tmp_listed (channel, sku, item_key, sku_key)
SELECT l.channel, l.sku, MIN(l.item_key), MIN(l.sku_key) FROM ({_ANY_LISTING}) l
WHERE l.sku <> '' GROUP BY l.channel, l.sku HAVING COUNT(*) = 1
"""  # noqa: S608
_LISTED_TWICE: Final = f"""
INSERT INTO tmp_listed (channel, sku, item_key, sku_key)
SELECT n.channel, n.sku, n.item_key, n.sku_key
FROM (
  SELECT l.channel, l.sku, l.item_key, l.sku_key,
         ROW_NUMBER() OVER (PARTITION BY l.channel, l.sku ORDER BY l.fresh, l.item_key, l.sku_key) AS place
  FROM ({_ANY_LISTING}) l
  WHERE l.sku <> '' AND NOT EXISTS (SELECT 1 FROM tmp_listed g WHERE g.channel = l.channel AND g.sku = l.sku)
) n
WHERE n.place = 1
"""  # noqa: S608

_IN_SETS: Final = """
INSERT INTO tmp_in_set (channel, sku)
SELECT DISTINCT l.channel, c.sku FROM tmp_component c JOIN tmp_listed l ON l.sku = c.set_sku
"""

# Only what was ordered after the oldest figure of its channel can count for any of its listings.
_SOLD: Final = """
INSERT INTO tmp_sold (channel, item_key, sku_key, ordered_at, qty)
SELECT r.channel, r.item_key, r.sku_key, r.ordered_at, CAST(SUM(r.qty) AS BIGINT)
FROM (
  SELECT t.channel, COALESCE(e.item_key, g.item_key, t.item_key) AS item_key,
         COALESCE(e.sku_key, g.sku_key, t.sku_key) AS sku_key, t.ordered_at, t.qty
  FROM (
    SELECT o.channel, l.item_key, l.sku_key, l.sku, o.ordered_at, l.qty
    FROM (SELECT p.channel,
                 MIN(CASE WHEN c.sent_at = '' OR c.seen_at < c.sent_at THEN c.seen_at ELSE c.sent_at END) AS at
          FROM tmp_shop p JOIN channel_stock c ON c.channel = p.channel GROUP BY p.channel) w
    JOIN sales_order o ON o.channel = w.channel AND o.ordered_at > w.at AND o.state <> 'cancelled'
    JOIN order_line l ON l.channel = o.channel AND l.order_no = o.order_no
    UNION ALL
    SELECT u.channel, u.item_key, u.sku_key, u.sku, u.ordered_at, u.qty FROM tmp_untaken u
  ) t
  LEFT JOIN channel_listing e ON e.channel = t.channel AND e.item_key = t.item_key AND e.sku_key = t.sku_key
  LEFT JOIN tmp_listed g ON g.channel = t.channel AND g.sku = t.sku
) r
GROUP BY r.channel, r.item_key, r.sku_key, r.ordered_at
"""

_SOLD_LISTINGS: Final = """
INSERT INTO tmp_sold_listing (channel, item_key, sku_key)
SELECT DISTINCT s.channel, s.item_key, s.sku_key FROM tmp_sold s
"""

_LISTINGS: Final = """
  SELECT l.channel, l.item_key, l.sku_key, COALESCE(f.sku, l.sku) AS sku,
         COALESCE(f.unlimited, l.unlimited_flag) AS unlimited,
         CASE WHEN f.channel IS NULL THEN c.qty_seen ELSE f.qty END AS seen,
         COALESCE(f.as_of, c.seen_at, '') AS seen_at, c.qty_sent AS sent, COALESCE(c.sent_at, '') AS sent_at,
         CASE WHEN f.as_of > c.seen_at THEN 1 ELSE 0 END AS fresh,
         CASE WHEN c.seen_at > c.sent_at THEN c.qty_seen ELSE c.qty_sent END AS known,
         CASE WHEN c.seen_at > c.sent_at THEN c.seen_at ELSE COALESCE(c.sent_at, '') END AS known_at
  FROM tmp_shop p
  JOIN channel_listing l ON l.channel = p.channel
  LEFT JOIN channel_stock c ON c.channel = l.channel AND c.item_key = l.item_key AND c.sku_key = l.sku_key
  LEFT JOIN tmp_fresh f ON f.channel = l.channel AND f.item_key = l.item_key AND f.sku_key = l.sku_key
  UNION ALL
  SELECT f.channel, f.item_key, f.sku_key, f.sku, f.unlimited, f.qty, f.as_of, NULL, '', 1, NULL, ''
  FROM tmp_fresh f
  WHERE NOT EXISTS (SELECT 1 FROM channel_listing l
                    WHERE l.channel = f.channel AND l.item_key = f.item_key AND l.sku_key = f.sku_key)
"""

# Few listings sold anything since: only those are asked.
_SOLD_SINCE: Final = """
CASE WHEN w.channel IS NULL THEN 0 ELSE
COALESCE((SELECT CAST(SUM(x.qty) AS BIGINT) FROM tmp_sold x
          WHERE x.channel = l.channel AND x.item_key = l.item_key AND x.sku_key = l.sku_key
            AND x.ordered_at > l.{at}), 0) END
"""

_CLIPPED: Final = """CASE WHEN COALESCE(v.units, 0) <= p.{less} THEN 0
              WHEN v.units - p.{less} > p.most THEN p.most ELSE v.units - p.{less} END"""

# A listing whose two figures both come to the target is nobody's business, and most are like that.
_CASES: Final = f"""
INSERT INTO tmp_case (channel, item_key, sku_key, sku, unlimited, fresh, seen, seen_at, sold_since_seen, known,
                      sold_since_known, sent, sent_at, sold_since_sent, units, low, target, blocked)
SELECT t.channel, t.item_key, t.sku_key, t.sku, t.unlimited, t.fresh, t.seen, t.seen_at, t.sold_since_seen, t.known,
       t.sold_since_known, t.sent, t.sent_at, t.sold_since_sent, t.units, t.low, t.target, t.blocked
FROM (
  SELECT l.channel, l.item_key, l.sku_key, l.sku, l.unlimited, l.fresh, l.seen, l.seen_at, l.known, l.sent, l.sent_at,
         {_SOLD_SINCE.format(at="seen_at")} AS sold_since_seen,
         {_SOLD_SINCE.format(at="sent_at")} AS sold_since_sent,
         {_SOLD_SINCE.format(at="known_at")} AS sold_since_known,
         CASE WHEN COALESCE(v.units, 0) > 0 THEN v.units ELSE 0 END AS units,
         {_CLIPPED.format(less="withheld")} AS low, {_CLIPPED.format(less="safety")} AS target,
         COALESCE(v.blocked, 0) AS blocked
  FROM ({_LISTINGS}) l
  JOIN tmp_shop p ON p.channel = l.channel
  LEFT JOIN tmp_sellable v ON v.warehouse = p.warehouse AND v.sku = l.sku
  LEFT JOIN tmp_sold_listing w ON w.channel = l.channel AND w.item_key = l.item_key AND w.sku_key = l.sku_key
  WHERE CAST(:sku AS TEXT) IN ('', l.sku) OR CAST(:sku AS TEXT) IN (l.item_key, l.sku_key)
) t
WHERE t.sku = '' OR t.unlimited = 1
   OR (t.seen IS NOT NULL AND (t.seen - t.sold_since_seen > t.target OR t.seen - t.sold_since_seen < t.low))
   OR (t.sent IS NOT NULL AND (t.sent - t.sold_since_sent > t.target OR t.sent - t.sold_since_sent < t.low))
"""  # noqa: S608

# What became of the file that told the newest figure; a listing is left out where no file told it.
_DELIVERY: Final = """
INSERT INTO tmp_delivered (channel, item_key, sku_key, state, remote_name)
SELECT d.channel, d.item_key, d.sku_key, d.state, d.remote_name
FROM (
  SELECT q.channel, q.item_key, q.sku_key, f.state, f.remote_name,
         ROW_NUMBER() OVER (PARTITION BY q.channel, q.item_key, q.sku_key ORDER BY q.sequence DESC) AS place
  FROM tmp_case c
  JOIN channel_quantity q ON q.channel = c.channel AND q.item_key = c.item_key AND q.sku_key = c.sku_key
                         AND q.decided_at = c.sent_at
  JOIN outbox_key k ON k.document = 'channel_quantities'
                   AND k.business_key = q.channel || ':' || q.item_key || ':' || q.sku_key || ':' || q.sequence
  JOIN outbox_file f ON f.outbox_id = k.outbox_id
) AS d
WHERE d.place = 1
"""

_NEVER_ARRIVED: Final = "('', 'dropped', 'conflict')"

# The channel's figure as we know it: the one we told since, unless that never arrived.
_JUDGED: Final = f"""
  SELECT j.*, CASE WHEN j.told = 1 THEN j.sent ELSE j.seen END AS theirs,
         CASE WHEN j.told = 1 THEN j.sent_at ELSE j.seen_at END AS theirs_at,
         CASE WHEN j.told = 1 THEN 0 - j.sold_since_sent ELSE 0 - j.sold_since_seen END AS since,
         CASE WHEN j.told = 1 THEN j.sent - j.sold_since_sent ELSE j.seen - j.sold_since_seen END AS shows,
         CASE WHEN j.told = 1 THEN 'moved_since'
              WHEN j.sent IS NOT NULL AND j.sent_at >= j.seen_at AND j.state = '' THEN 'not_sent'
              WHEN j.sent IS NOT NULL AND j.sent_at >= j.seen_at THEN 'not_arrived'
              WHEN j.known IS NULL THEN 'never_told'
              WHEN j.fresh = 1 AND j.seen - j.sold_since_seen <> j.known - j.sold_since_known THEN 'not_taken'
              ELSE 'moved_since' END AS cause
  FROM (
    SELECT c.*, COALESCE(d.state, '') AS state, COALESCE(d.remote_name, '') AS remote_name,
           CASE WHEN c.sent IS NOT NULL AND c.sent_at >= c.seen_at AND COALESCE(d.state, '') NOT IN {_NEVER_ARRIVED}
                THEN 1 ELSE 0 END AS told
    FROM tmp_case c
    LEFT JOIN tmp_delivered d ON d.channel = c.channel AND d.item_key = c.item_key AND d.sku_key = c.sku_key
    WHERE c.sku <> '' AND c.unlimited = 0
  ) j
"""  # noqa: S608

_INSERT: Final = (
    "INSERT INTO tmp_difference "
    "(kind, party, item_key, sku_key, sku, theirs, theirs_at, since, ours, units, yen, cause, detail) "
)

_WRONG: Final = f"""{_INSERT}
SELECT k.kind, k.channel, k.item_key, k.sku_key, k.sku, k.theirs, k.theirs_at, k.since, k.ours,
       k.units, k.units * COALESCE(p.price, p.cost), k.cause, k.remote_name
FROM (
  SELECT t.channel, t.item_key, t.sku_key, t.sku, t.theirs, t.theirs_at, t.since, t.remote_name,
         CASE WHEN t.shows < t.low AND t.blocked = 1 THEN 'blocked' ELSE t.cause END AS cause,
         CASE WHEN t.shows > t.units THEN 'oversell_risk' WHEN t.shows < t.low THEN 'lost_sale'
              ELSE 'within_safety' END AS kind,
         CASE WHEN t.shows > t.units THEN t.units WHEN t.shows < t.low THEN t.low ELSE t.target END AS ours,
         CASE WHEN t.shows > t.units THEN t.shows - t.units WHEN t.shows < t.low THEN t.low - t.shows
              ELSE t.shows - t.target END AS units
  FROM ({_JUDGED}) t
  WHERE t.shows > t.target OR t.shows < t.low
) k
LEFT JOIN product p ON p.sku = k.sku
"""  # noqa: S608

# Told what is right after it was seen showing something else: on its way, or not looked at since.
_IN_FLIGHT: Final = f"""{_INSERT}
SELECT 'in_flight', t.channel, t.item_key, t.sku_key, t.sku, t.seen, t.seen_at, 0 - t.sold_since_seen, t.sent,
       ABS(t.seen - t.sold_since_seen - t.sent), ABS(t.seen - t.sold_since_seen - t.sent) * COALESCE(p.price, p.cost),
       CASE WHEN t.state IN ('verified', 'acknowledged') THEN 'not_seen_since'
            WHEN t.state = 'unknown' THEN 'outcome_unknown' ELSE 'waits_to_be_sent' END, t.remote_name
FROM ({_JUDGED}) t
LEFT JOIN product p ON p.sku = t.sku
WHERE t.told = 1 AND t.shows <= t.target AND t.shows >= t.low AND t.seen IS NOT NULL
  AND t.seen - t.sold_since_seen <> t.sent - t.sold_since_sent
"""  # noqa: S608

_UNKNOWN: Final = f"""{_INSERT}
SELECT 'unknown_code', c.channel, c.item_key, c.sku_key, '', c.seen, c.seen_at, 0, NULL,
       CASE WHEN COALESCE(c.seen, 0) > 0 THEN c.seen ELSE 0 END, NULL, 'listed_unknown', ''
FROM tmp_case c WHERE c.sku = ''
"""  # noqa: S608

_UNLIMITED: Final = f"""{_INSERT}
SELECT 'unlimited', c.channel, c.item_key, c.sku_key, c.sku, NULL, c.seen_at, 0, c.units, 0, NULL,
       CASE WHEN c.units = 0 THEN 'nothing_free' ELSE 'no_limit' END, ''
FROM tmp_case c WHERE c.sku <> '' AND c.unlimited = 1
"""  # noqa: S608

_TWICE: Final = f"""{_INSERT}
SELECT 'listed_twice', g.channel, '', '', g.sku, NULL, '', 0, g.units, g.listings, NULL, 'twice',
       CAST(g.listings AS TEXT)
FROM (
  SELECT d.channel, d.sku, d.listings, COALESCE(v.units, 0) AS units
  FROM (
    SELECT l.channel, l.sku, COUNT(*) AS listings FROM ({_LISTINGS}) l
    WHERE l.sku <> '' AND CAST(:sku AS TEXT) IN ('', l.sku)
    GROUP BY l.channel, l.sku HAVING COUNT(*) > 1
  ) d
  JOIN tmp_shop p ON p.channel = d.channel
  LEFT JOIN tmp_sellable v ON v.warehouse = p.warehouse AND v.sku = d.sku
) g
"""  # noqa: S608

# A channel that never showed a listing is not compared: it may have no listing file at all.
_UNLISTED: Final = f"""{_INSERT}
SELECT 'unlisted', s.channel, '', '', v.sku, NULL, '', 0, v.units, v.units, v.units * COALESCE(r.price, r.cost),
       CASE WHEN EXISTS (SELECT 1 FROM tmp_in_set i WHERE i.channel = s.channel AND i.sku = v.sku)
            THEN 'only_in_set' ELSE 'not_listed' END, ''
FROM tmp_shop s
JOIN tmp_sellable v ON v.warehouse = s.warehouse AND v.units > 0
JOIN product r ON r.sku = v.sku
WHERE CAST(:sku AS TEXT) IN ('', v.sku)
  AND EXISTS (SELECT 1 FROM tmp_listed l WHERE l.channel = s.channel)
  AND NOT EXISTS (SELECT 1 FROM tmp_listed l WHERE l.channel = s.channel AND l.sku = v.sku)
"""  # noqa: S608


def find_channel_differences(ctx: RunContext, shops: Sequence[dict[str, object]], sku: str) -> int:
    """Add to tmp_difference what channels show otherwise than they should; return how many listings were compared.

    `shops` are rows of tmp_shop. A figure counts with the channel's own sales since its time taken off;
    one that we told after it was seen takes its place, unless its file never arrived. `sku` '' stands for
    all; a listing's own code is taken, too.
    """
    fill(ctx, "tmp_shop", shops)
    fill(
        ctx,
        "tmp_cancelled",
        [
            {"channel": shop["channel"], "order_status": status}
            for shop in shops
            for status in sorted(set(ctx.settings.channels[str(shop["channel"])].status.cancelled))
        ],
    )
    ctx.execute(_FRESH)
    ctx.execute(_UNTAKEN)
    analyze(ctx, "tmp_shop", "tmp_cancelled", "tmp_fresh", "tmp_untaken")
    sellable.fill_sellable(ctx, adjust=lambda run: run.execute(_UNTAKEN_UNITS))
    once = ctx.execute(_LISTED).rowcount
    analyze(ctx, "tmp_listed")
    # Where every listing is the only one of its SKU, there are none to be ranked or told.
    twice = once < int(ctx.scalar(_WITH_SKU))
    if twice and ctx.execute(_LISTED_TWICE).rowcount:
        analyze(ctx, "tmp_listed")
    ctx.execute(_IN_SETS)
    ctx.execute(_SOLD)
    ctx.execute(_SOLD_LISTINGS)
    analyze(ctx, "tmp_sold", "tmp_sold_listing")
    ctx.execute(_CASES, sku=sku)
    analyze(ctx, "tmp_case (channel, item_key, sku_key, sku, unlimited, sent_at)")
    ctx.execute(_DELIVERY)
    analyze(ctx, "tmp_delivered (channel, item_key, sku_key)")
    for statement in (_WRONG, _IN_FLIGHT, _UNKNOWN, _UNLIMITED):
        ctx.execute(statement)
    for statement in (_TWICE, _UNLISTED) if twice else (_UNLISTED,):
        ctx.execute(statement, sku=sku)
    return int(ctx.scalar(f"SELECT COUNT(*) FROM ({_LISTINGS}) l"))  # noqa: S608
