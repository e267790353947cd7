"""Orders that may have come in twice: the same buyer, lines and total under another number, or in another shop.

Personal values are compared where they stand and go nowhere: what is found are two order numbers.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from ecsync.master.scratch import analyze, fill
from ecsync.orders.difference_rows import INSERT

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

SCRATCH: Final = {
    "w_pair": "channel TEXT, order_no TEXT, ordered_at TEXT, other_channel TEXT, other_order TEXT, other_at TEXT, "
    "billed BIGINT, as_of TEXT, src_file BIGINT, src_line BIGINT, near BIGINT, "
    "PRIMARY KEY (channel, order_no, other_channel, other_order)",
    "w_hour": "hour TEXT, since TEXT, PRIMARY KEY (hour)",
    "w_content": "channel TEXT, order_no TEXT, part TEXT, price BIGINT, qty BIGINT, "
    "PRIMARY KEY (channel, order_no, part, price)",
}

_SINCE: Final = "SELECT MIN(o.ordered_at) FROM sales_order o WHERE o.state = 'open'"

_CANDIDATES: Final = """
  SELECT o.channel, o.order_no, o.ordered_at, o.billed, o.as_of, 0 AS src_file, 0 AS src_line,
         CASE WHEN o.state = 'open' THEN 1 ELSE 0 END AS waits,
         p.name, p.phone, p.email, p.postcode, p.address
  FROM sales_order o
  JOIN person p ON p.channel = o.channel AND p.order_no = o.order_no AND p.role = 'buyer' AND p.dest_id = ''
  WHERE o.state IN ('open', 'shipped') AND o.ordered_at >= :since AND p.name <> '' AND o.billed IS NOT NULL
  UNION ALL
  SELECT w.channel, w.order_no, s.ordered_at, s.billed, w.as_of, w.src_file, s.src_line, 1,
         s.buyer_name, s.buyer_phone, s.buyer_email, s.buyer_postcode, s.buyer_address
  FROM w_winner w JOIN stg_order_lines s ON s.src_row = w.first_row
  WHERE w.fate = 'new' AND w.state = 'open' AND s.buyer_name <> '' AND s.billed IS NOT NULL
"""

# The later of two, by its own time; a name alone is not the same person.
_PAIRS: Final = f"""
INSERT INTO w_pair (channel, order_no, ordered_at, other_channel, other_order, other_at, billed, as_of, src_file,
                    src_line, near)
SELECT b.channel, b.order_no, b.ordered_at, a.channel, a.order_no, a.ordered_at, b.billed, b.as_of, b.src_file,
       b.src_line, 0
FROM ({_CANDIDATES}) b
JOIN ({_CANDIDATES}) a ON a.name = b.name AND a.billed = b.billed
WHERE b.waits = 1
  AND ((a.phone = b.phone AND a.phone <> '') OR (a.email = b.email AND a.email <> '')
       OR (a.postcode = b.postcode AND a.address = b.address AND a.address <> ''))
  AND (a.ordered_at < b.ordered_at
       OR (a.ordered_at = b.ordered_at AND (a.channel < b.channel
           OR (a.channel = b.channel AND a.order_no < b.order_no))))
"""  # noqa: S608

# To the hour: that is near enough, and there are few of them.
_NEAR: Final = """
UPDATE w_pair SET near = 1
WHERE other_at >= (SELECT d.since FROM w_hour d WHERE d.hour = SUBSTR(w_pair.ordered_at, 1, 13))
"""

_IN_PAIRS: Final = """
  SELECT channel, order_no FROM w_pair WHERE near = 1
  UNION
  SELECT other_channel, other_order FROM w_pair WHERE near = 1
"""
_PART: Final = "CASE WHEN l.sku_code <> '' THEN l.sku_code ELSE l.item_key || '/' || l.sku_key END"

_CONTENT: Final = f"""
INSERT INTO w_content (channel, order_no, part, price, qty)
SELECT t.channel, t.order_no, t.part, t.unit_price, CAST(SUM(t.qty) AS BIGINT)
FROM (
  SELECT l.channel, l.order_no, {_PART} AS part, l.unit_price, l.qty
  FROM order_line l JOIN ({_IN_PAIRS}) p ON p.channel = l.channel AND p.order_no = l.order_no
  UNION ALL
  SELECT l.src_party, l.order_no, {_PART}, l.unit_price, l.qty
  FROM stg_order_lines l
  JOIN w_winner w ON w.channel = l.src_party AND w.order_no = l.order_no AND w.src_file = l.src_file AND w.fate = 'new'
  JOIN ({_IN_PAIRS}) p ON p.channel = l.src_party AND p.order_no = l.order_no
  WHERE l.verdict = ''
) t
GROUP BY t.channel, t.order_no, t.part, t.unit_price
"""  # noqa: S608

_LACKS: Final = """
EXISTS (SELECT 1 FROM w_content x WHERE x.channel = p.{one}channel AND x.order_no = p.{one}{no}
        AND NOT EXISTS (SELECT 1 FROM w_content y WHERE y.channel = p.{two}channel AND y.order_no = p.{two}{other}
                        AND y.part = x.part AND y.price = x.price AND y.qty = x.qty))
"""
_DUPLICATES: Final = f"""{INSERT}
SELECT 'duplicate', p.channel, p.order_no, p.other_channel || ' ' || p.other_order, p.src_file, p.src_line, p.as_of,
       p.billed, CASE WHEN p.order_no = p.other_order THEN 'same_number' ELSE 'same_content' END,
       p.other_channel, p.other_order
FROM w_pair p
WHERE p.near = 1
  AND NOT {_LACKS.format(one="", no="order_no", two="other_", other="order")}
  AND NOT {_LACKS.format(one="other_", no="order", two="", other="order_no")}
"""  # noqa: S608


def find_twins(ctx: RunContext, days: int) -> None:
    """Add `duplicate` rows: an open or new order whose buyer, lines and total another of the last days has, too.

    The order that came later is named, with the earlier one. Cancelled orders have no twins.
    """
    oldest = str(ctx.scalar(_SINCE) or ctx.now)
    since = _earlier(min(oldest, ctx.now), days)
    if not ctx.execute(_PAIRS, since=since).rowcount:
        return
    hours = ctx.rows("SELECT DISTINCT SUBSTR(ordered_at, 1, 13) FROM w_pair ORDER BY 1")
    fill(ctx, "w_hour", [{"hour": hour, "since": _earlier(f"{hour}:00:00Z", days)} for (hour,) in hours])
    ctx.execute(_NEAR)
    analyze(ctx, "w_pair")
    ctx.execute(_CONTENT)
    analyze(ctx, "w_content")
    ctx.execute(_DUPLICATES)


def _earlier(at: str, days: int) -> str:
    moment = datetime.fromisoformat(at) - timedelta(days=days)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
