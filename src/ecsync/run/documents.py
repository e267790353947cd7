"""Where the rows of each outbound document come from: decided, and not told yet.

Every query yields the columns of its entity plus `business_key` (told once, for ever) and ends in a total
order. `:party` is the receiving flow's party, `:fresh` the run whose decisions for it no file has told so far (0 for
none), `:methods` and `:channels` are those of a payment company; `{since}` is filled in with the cut-overs of the
warehouses. What a broken proof holds back is left out by key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ecsync.accounting import documents as accounting_documents
from ecsync.master.told import INSTRUCTION_KEY
from ecsync.run import payment_documents as payments
from ecsync.stock import documents as stock_documents

UNTOLD: Final = (
    "NOT EXISTS (SELECT 1 FROM outbox_key k WHERE k.document = :document AND k.business_key = {key})"
)


@dataclass(frozen=True)
class DocumentSource:
    """Say how the rows of an entity are selected.

    `stage` is the run stage that decides them; `priority` is the order of sending (smaller first).
    """

    entity: str
    stage: str
    priority: int
    sql: str
    of_payments: bool = False
    of_warehouses: bool = False


_INSTRUCTIONS = """
SELECT i.parcel_no, l.line_no, i.channel, i.order_no, i.dest_id, i.warehouse, i.ship_date,
       l.sku, COALESCE(NULLIF(p.name, ''), ol.item_name) AS item_name, l.qty, o.payment_method, i.cod_amount,
       d.wished_date, d.wished_slot, d.delivery_method,
       s.name AS ship_name, s.kana AS ship_kana, s.postcode AS ship_postcode, d.ship_prefecture,
       s.city AS ship_city, s.address AS ship_address, s.phone AS ship_phone, b.name AS buyer_name, s.noshi,
       {key} AS business_key, i.parcel_no AS reference
FROM shipping_instruction i
JOIN instruction_line l ON l.parcel_no = i.parcel_no
JOIN sales_order o ON o.channel = i.channel AND o.order_no = i.order_no
JOIN order_destination d ON d.channel = i.channel AND d.order_no = i.order_no AND d.dest_id = i.dest_id
LEFT JOIN order_line ol ON ol.channel = l.channel AND ol.order_no = l.order_no AND ol.line_id = l.line_id
LEFT JOIN product p ON p.sku = l.sku
LEFT JOIN person s ON s.channel = i.channel AND s.order_no = i.order_no AND s.role = 'ship' AND s.dest_id = i.dest_id
LEFT JOIN person b ON b.channel = i.channel AND b.order_no = i.order_no AND b.role = 'buyer' AND b.dest_id = ''
WHERE i.warehouse = :party AND i.state = 'instructed' AND {untold}
ORDER BY i.parcel_no, l.line_no
"""

# A wished date that the ship date cannot keep is said once, and does not stand on the label.
_PARCELS = """
SELECT i.parcel_no, i.channel, i.order_no, i.dest_id, i.warehouse, i.ship_date,
       CASE WHEN d.wished_date > i.ship_date THEN d.wished_date ELSE '' END AS wished_date,
       d.wished_slot, d.delivery_method, o.payment_method, i.cod_amount,
       CASE WHEN i.cod_amount IS NULL OR (o.tax_standard IS NULL AND o.tax_reduced IS NULL) THEN NULL
            ELSE COALESCE(o.tax_standard, 0) + COALESCE(o.tax_reduced, 0) END AS cod_tax,
       COALESCE(NULLIF(p1.name, ''), n1.item_name, '') AS item_name_1,
       COALESCE(NULLIF(p2.name, ''), n2.item_name, '') AS item_name_2,
       (SELECT COUNT(*) FROM instruction_line c WHERE c.parcel_no = i.parcel_no) AS line_count,
       (SELECT CAST(SUM(c.qty) AS BIGINT) FROM instruction_line c WHERE c.parcel_no = i.parcel_no) AS units,
       s.name AS ship_name, s.kana AS ship_kana, s.postcode AS ship_postcode, d.ship_prefecture,
       s.city AS ship_city, s.address AS ship_address,
       d.ship_prefecture || COALESCE(s.city, '') || COALESCE(s.address, '') AS ship_full_address,
       s.phone AS ship_phone, b.name AS buyer_name, b.phone AS buyer_phone, s.noshi,
       {key} AS business_key, i.parcel_no AS reference
FROM shipping_instruction i
JOIN sales_order o ON o.channel = i.channel AND o.order_no = i.order_no
JOIN order_destination d ON d.channel = i.channel AND d.order_no = i.order_no AND d.dest_id = i.dest_id
JOIN instruction_line l1 ON l1.parcel_no = i.parcel_no AND l1.line_no = 1
LEFT JOIN instruction_line l2 ON l2.parcel_no = i.parcel_no AND l2.line_no = 2
LEFT JOIN order_line n1 ON n1.channel = l1.channel AND n1.order_no = l1.order_no AND n1.line_id = l1.line_id
LEFT JOIN order_line n2 ON n2.channel = l2.channel AND n2.order_no = l2.order_no AND n2.line_id = l2.line_id
LEFT JOIN product p1 ON p1.sku = l1.sku
LEFT JOIN product p2 ON p2.sku = l2.sku
LEFT JOIN person s ON s.channel = i.channel AND s.order_no = i.order_no AND s.role = 'ship' AND s.dest_id = i.dest_id
LEFT JOIN person b ON b.channel = i.channel AND b.order_no = i.order_no AND b.role = 'buyer' AND b.dest_id = ''
WHERE i.warehouse = :party AND i.state = 'instructed' AND {untold}
ORDER BY i.parcel_no
"""

_RECALLS = """
SELECT r.parcel_no, i.channel, i.order_no, i.warehouse, r.reason, r.requested_on, r.parcel_no AS business_key
FROM recall r JOIN shipping_instruction i ON i.parcel_no = r.parcel_no
WHERE i.warehouse = :party AND {untold}
ORDER BY r.parcel_no
"""

_NOTICE = "n.channel || ':' || n.order_no || ':' || n.dest_id || ':' || n.tracking_no"

_NOTICES = """
SELECT n.channel, n.order_no, n.dest_id, o.multi_destination_flag, o.payment_method, n.tracking_no, n.carrier,
       n.ship_date,
       (SELECT COUNT(*) FROM shipping_notice e
        WHERE e.channel = n.channel AND e.order_no = n.order_no AND e.dest_id = n.dest_id
          AND (e.decided_at < n.decided_at
               OR (e.decided_at = n.decided_at AND e.tracking_no <= n.tracking_no))) AS nth_parcel,
       n.channel || ':' || n.order_no || ':' || n.dest_id || ':' || n.tracking_no AS business_key
FROM shipping_notice n JOIN sales_order o ON o.channel = n.channel AND o.order_no = n.order_no
WHERE n.channel = :party AND {untold}
ORDER BY n.order_no, n.dest_id, n.tracking_no
"""

# A line whose units went in one parcel is told with its number; one in several parcels with each of them.
_NOTICE_LINES = f"""
SELECT n.channel, n.order_no, n.dest_id, l.line_id, l.item_key, l.sku_key, l.sku_code, l.item_name,
       l.qty AS ordered_qty, o.payment_method, n.tracking_no, n.carrier, n.ship_date,
       {{key}} AS business_key, {_NOTICE} AS reference
FROM shipping_notice n
JOIN sales_order o ON o.channel = n.channel AND o.order_no = n.order_no
JOIN order_line l ON l.channel = n.channel AND l.order_no = n.order_no
WHERE n.channel = :party AND {{untold}}
  AND EXISTS (SELECT 1 FROM shipping_instruction i
              JOIN parcel_tracking p ON p.parcel_no = i.parcel_no AND p.tracking_no = n.tracking_no
              JOIN instruction_line s ON s.parcel_no = i.parcel_no AND s.line_id = l.line_id AND s.shipped_qty > 0
              WHERE i.channel = n.channel AND i.order_no = n.order_no AND i.dest_id = n.dest_id)
ORDER BY n.order_no, n.dest_id, n.tracking_no, l.line_id
"""  # noqa: S608

# What the run in hand decided (`:fresh`) nothing has told or overtaken: of hundreds of thousands none need be asked.
# Of what earlier runs decided, only what is not overtaken is asked whether it was told.
_QUANTITIES = """
WITH older AS MATERIALIZED (
  SELECT o.channel, o.item_key, o.sku_key, o.sequence, o.sku, o.qty, o.previous_qty
  FROM channel_quantity o
  WHERE o.channel = :party AND o.run_id <> :fresh
    AND NOT EXISTS (SELECT 1 FROM channel_quantity later
                    WHERE later.channel = o.channel AND later.item_key = o.item_key AND later.sku_key = o.sku_key
                      AND later.sequence > o.sequence)
)
SELECT q.channel, q.item_key, q.sku_key, COALESCE(l.sku_code, '') AS sku_code, COALESCE(l.title, '') AS title, q.sku,
       q.qty, q.previous_qty, {key} AS business_key
FROM (
  SELECT n.channel, n.item_key, n.sku_key, n.sequence, n.sku, n.qty, n.previous_qty
  FROM channel_quantity n WHERE n.channel = :party AND n.run_id = :fresh
  UNION ALL
  SELECT q.channel, q.item_key, q.sku_key, q.sequence, q.sku, q.qty, q.previous_qty FROM older q WHERE {untold}
) q
LEFT JOIN channel_listing l ON l.channel = :party AND l.item_key = q.item_key AND l.sku_key = q.sku_key
ORDER BY q.item_key, q.sku_key
"""


def _keyed(sql: str, key: str) -> str:
    return sql.replace("{untold}", UNTOLD.format(key=key)).replace("{key}", key)


SOURCES: Final[dict[str, DocumentSource]] = {
    source.entity: source
    for source in (
        DocumentSource("recalls", "instruct", 10, _keyed(_RECALLS, "r.parcel_no")),
        DocumentSource("shipping_instructions", "instruct", 20, _keyed(_INSTRUCTIONS, INSTRUCTION_KEY)),
        DocumentSource("parcels", "instruct", 21, _keyed(_PARCELS, INSTRUCTION_KEY)),
        DocumentSource(
            "channel_quantities",
            "publish_stock",
            30,
            _keyed(_QUANTITIES, "q.channel || ':' || q.item_key || ':' || q.sku_key || ':' || q.sequence"),
        ),
        DocumentSource(
            "shipping_notices",
            "notify",
            40,
            _keyed(_NOTICES, _NOTICE),
        ),
        DocumentSource("notice_lines", "notify", 40, _keyed(_NOTICE_LINES, f"{_NOTICE} || ':' || l.line_id")),
        DocumentSource(
            "payment_orders", "orders", 45, _keyed(payments.ORDERS, payments.ORDER_KEY), of_payments=True
        ),
        DocumentSource(
            "payment_shipments", "notify", 50, _keyed(payments.SHIPMENTS, _NOTICE), of_payments=True
        ),
        DocumentSource(
            "payment_captures", "notify", 51, _keyed(payments.CAPTURES, payments.ORDER_KEY), of_payments=True
        ),
        DocumentSource("core_entries", "write_back", 60, accounting_documents.CORE_ROWS),
        DocumentSource(
            "core_receipts",
            "write_back",
            61,
            _keyed(stock_documents.RECEIPTS, stock_documents.RECEIPT_KEY),
            of_warehouses=True,
        ),
        DocumentSource("journal_lines", "book", 70, accounting_documents.JOURNAL_ROWS),
    )
}
