"""What payment companies are told: orders to register, what has left of them, and what is to be captured."""

from __future__ import annotations

from typing import Final

ORDER_KEY: Final = "o.channel || ':' || o.order_no"

# Only what is sure: an order that somebody has to look at, or whose amounts do not add up, waits.
_PAID_HERE: Final = """o.payment_method IN :methods AND o.channel IN :channels
  AND o.unfixed_flag = 0 AND o.totals_ok = 1 AND o.billed > 0
  AND NOT EXISTS (SELECT 1 FROM order_hold h
                  WHERE h.channel = o.channel AND h.order_no = o.order_no AND h.closed_at = '')"""

# What the opening lists was registered by the old system.
ORDERS: Final = f"""
SELECT o.channel, o.order_no, o.ordered_at, o.payment_method, o.billed AS amount,
       (SELECT l.item_name FROM order_line l WHERE l.channel = o.channel AND l.order_no = o.order_no
        ORDER BY l.line_id LIMIT 1) AS item_name,
       (SELECT COUNT(*) FROM order_line l WHERE l.channel = o.channel AND l.order_no = o.order_no) AS line_count,
       b.name AS buyer_name, b.kana AS buyer_kana, b.postcode AS buyer_postcode,
       o.buyer_prefecture || COALESCE(b.city, '') || COALESCE(b.address, '') AS buyer_address,
       b.phone AS buyer_phone, b.email AS buyer_email,
       s.name AS ship_name, s.kana AS ship_kana, s.postcode AS ship_postcode,
       d.ship_prefecture || COALESCE(s.city, '') || COALESCE(s.address, '') AS ship_address, s.phone AS ship_phone,
       {{key}} AS business_key
FROM sales_order o
JOIN order_destination d ON d.channel = o.channel AND d.order_no = o.order_no
LEFT JOIN person b ON b.channel = o.channel AND b.order_no = o.order_no AND b.role = 'buyer' AND b.dest_id = ''
LEFT JOIN person s ON s.channel = o.channel AND s.order_no = o.order_no AND s.role = 'ship' AND s.dest_id = d.dest_id
WHERE {_PAID_HERE} AND o.state = 'open' AND {{untold}}
  AND d.dest_id = (SELECT MIN(f.dest_id) FROM order_destination f
                   WHERE f.channel = o.channel AND f.order_no = o.order_no)
  AND NOT EXISTS (SELECT 1 FROM opening_order p WHERE p.channel = o.channel AND p.order_no = o.order_no)
ORDER BY o.channel, o.order_no
"""  # noqa: S608

SHIPMENTS: Final = f"""
SELECT n.channel, n.order_no, n.dest_id, o.payment_method, o.billed AS amount, n.tracking_no, n.carrier, n.ship_date,
       {{key}} AS business_key
FROM shipping_notice n JOIN sales_order o ON o.channel = n.channel AND o.order_no = n.order_no
WHERE {_PAID_HERE} AND {{untold}}
ORDER BY n.channel, n.order_no, n.dest_id, n.tracking_no
"""  # noqa: S608

CAPTURES: Final = f"""
SELECT o.channel, o.order_no, o.payment_method, o.billed AS amount, n.shipped_on, {{key}} AS business_key
FROM sales_order o
JOIN (SELECT channel, order_no, MAX(ship_date) AS shipped_on FROM shipping_notice GROUP BY channel, order_no) n
  ON n.channel = o.channel AND n.order_no = o.order_no
WHERE {_PAID_HERE} AND o.state = 'shipped' AND {{untold}}
ORDER BY o.channel, o.order_no
"""  # noqa: S608
