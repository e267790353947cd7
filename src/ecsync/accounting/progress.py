"""How far the books of an order have come, and how far its shipments have.

`fill_booked` leaves acc_booked_line and acc_booked_rate; `fill_components` leaves acc_component: the
units of each component that one unit of a line needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.accounting.worktables import fill

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

# Sales with their reversals: what stands. Returns are told apart.
_BOOKED_LINE: Final = """
SELECT e.channel, e.order_no, e.line_id, CASE WHEN e.line_id = '' THEN e.description ELSE '' END AS description,
       e.tax_rate, MAX(e.sku) AS sku, MAX(e.description) AS item_name,
       CAST(SUM(CASE WHEN e.kind = 'return' THEN 0 ELSE e.qty END) AS BIGINT) AS units,
       CAST(SUM(CASE WHEN e.kind = 'return' THEN 0 ELSE e.amount END) AS BIGINT) AS amount,
       CAST(SUM(CASE WHEN e.kind = 'return' THEN 0 ELSE e.tax END) AS BIGINT) AS tax,
       CAST(SUM(CASE WHEN e.kind = 'return' THEN -e.qty ELSE 0 END) AS BIGINT) AS returned_units,
       CAST(SUM(CASE WHEN e.kind = 'return' THEN -e.amount ELSE 0 END) AS BIGINT) AS returned_amount,
       CAST(SUM(CASE WHEN e.kind = 'return' THEN -e.tax ELSE 0 END) AS BIGINT) AS returned_tax
FROM acc_scope s
JOIN booking b ON b.channel = s.channel AND b.order_no = s.order_no
JOIN core_entry e ON e.booking_key = b.booking_key
GROUP BY e.channel, e.order_no, e.line_id, CASE WHEN e.line_id = '' THEN e.description ELSE '' END, e.tax_rate
"""

_BOOKED_RATE: Final = """
SELECT b.channel, b.order_no, a.tax_rate, CAST(SUM(a.gross) AS BIGINT) AS gross, CAST(SUM(a.tax) AS BIGINT) AS tax
FROM acc_scope s
JOIN booking b ON b.channel = s.channel AND b.order_no = s.order_no AND b.kind <> 'return'
JOIN booking_amount a ON a.booking_key = b.booking_key
GROUP BY b.channel, b.order_no, a.tax_rate
"""

_STANDING: Final = """
SELECT b.booking_key, b.channel, b.order_no, b.payer, b.parcel_no, b.revision
FROM acc_scope s
JOIN booking b ON b.channel = s.channel AND b.order_no = s.order_no AND b.kind = 'sale'
WHERE NOT EXISTS (SELECT 1 FROM booking r WHERE r.booking_key = 'reversal:' || b.booking_key)
"""

# Key '' stands for "whatever was sent for it": a line that is no set counts its units, not their names.
_COMPONENT: Final = """
WITH RECURSIVE exploded (channel, order_no, line_id, sku, qty, depth) AS (
  SELECT channel, order_no, line_id, sku, CAST(1 AS BIGINT), 0 FROM ({lines}) l
  UNION ALL
  SELECT e.channel, e.order_no, e.line_id, c.component_sku, e.qty * c.qty, e.depth + 1
  FROM exploded e JOIN set_component c ON c.set_sku = e.sku
  WHERE e.depth < 8)
SELECT channel, order_no, line_id, CASE WHEN depth = 0 THEN '' ELSE sku END AS sku_key,
       CAST(SUM(qty) AS BIGINT) AS per_set
FROM exploded e
WHERE NOT EXISTS (SELECT 1 FROM set_component c WHERE c.set_sku = e.sku)
GROUP BY channel, order_no, line_id, CASE WHEN depth = 0 THEN '' ELSE sku END
"""

LINES_OF_ORDERS: Final = "SELECT channel, order_no, line_id, sku FROM acc_line"
LINES_OF_BOOKS: Final = (
    "SELECT channel, order_no, line_id, MAX(sku) AS sku FROM acc_booked_line "
    "WHERE line_id <> '' GROUP BY channel, order_no, line_id"
)


def fill_booked(ctx: RunContext) -> None:
    """Fill acc_booked_line, acc_booked_rate and acc_standing for the orders of acc_scope."""
    fill(ctx, "acc_booked_line", _BOOKED_LINE, index="channel, order_no, line_id")
    fill(ctx, "acc_booked_rate", _BOOKED_RATE, index="channel, order_no, tax_rate")
    fill(ctx, "acc_standing", _STANDING, index="channel, order_no")


def fill_components(ctx: RunContext, lines: str) -> None:
    """Fill acc_component for a query of lines (channel, order_no, line_id, sku)."""
    fill(ctx, "acc_component", _COMPONENT.format(lines=lines), index="channel, order_no, line_id")
