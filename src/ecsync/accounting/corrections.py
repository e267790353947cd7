"""Correct what was booked when the order has changed since: reverse it, and book it anew.

Nothing that was booked is edited. A cancelled order is left alone: goods that come back are returns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.accounting import bookings, faults, order_amounts, progress, sales
from ecsync.accounting.worktables import fill, is_empty

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

_SCOPE: Final = """
SELECT DISTINCT b.channel, b.order_no
FROM booking b
JOIN sales_order o ON o.channel = b.channel AND o.order_no = b.order_no
JOIN acc_channel c ON c.channel = b.channel
WHERE b.kind = 'sale' AND o.revision > b.revision AND o.order_status <> 'cancelled' AND o.state <> 'foreign'
  AND NOT EXISTS (SELECT 1 FROM booking r WHERE r.booking_key = 'reversal:' || b.booking_key)
UNION
SELECT f.channel, f.order_no
FROM acc_fresh f JOIN booking b ON b.channel = f.channel AND b.order_no = f.order_no
WHERE b.kind = 'sale' AND NOT EXISTS (SELECT 1 FROM booking r WHERE r.booking_key = 'reversal:' || b.booking_key)
"""

# What ought to stand in the books for the units booked, by today's amounts of the order.
_DUE: Final = f"""
SELECT p.channel, p.order_no, p.line_id, p.description, p.tax_rate,
       CASE WHEN p.line_id = '' THEN p.amount
            WHEN l.ships_flag = 0 THEN p.amount
            ELSE {bookings.amount_due("p.amount", "COALESCE(b.units, 0)", "p.qty")} END AS amount
FROM acc_part p
LEFT JOIN acc_line l ON l.channel = p.channel AND l.order_no = p.order_no AND l.line_id = p.line_id
LEFT JOIN (SELECT channel, order_no, line_id, CAST(SUM(units) AS BIGINT) AS units FROM acc_booked_line
           WHERE line_id <> '' GROUP BY channel, order_no, line_id) b
  ON b.channel = p.channel AND b.order_no = p.order_no AND b.line_id = p.line_id
WHERE p.line_id = '' OR COALESCE(b.units, 0) > 0 OR l.ships_flag = 0
"""  # noqa: S608

_CHANGED: Final = f"""
SELECT DISTINCT channel, order_no
FROM (SELECT channel, order_no
      FROM (SELECT channel, order_no, line_id, description, tax_rate, amount FROM acc_due
            UNION ALL
            SELECT channel, order_no, line_id, description, tax_rate, -amount FROM acc_booked_line) t
      GROUP BY channel, order_no, line_id, description, tax_rate
      HAVING SUM(amount) <> 0
      UNION ALL
      SELECT k.channel, k.order_no
      FROM acc_booked_rate k
      JOIN acc_rate r ON r.channel = k.channel AND r.order_no = k.order_no AND r.tax_rate = k.tax_rate
      WHERE {bookings.tax_due("r.tax", "k.gross", "r.total")} <> k.tax) d
WHERE NOT EXISTS (SELECT 1 FROM acc_fault x WHERE x.channel = d.channel AND x.order_no = d.order_no)
"""  # noqa: S608

_REVERSED: Final = """
SELECT s.booking_key, s.channel, s.order_no, s.payer, s.parcel_no, a.business_date, a.revision
FROM acc_standing s
JOIN acc_changed c ON c.channel = s.channel AND c.order_no = s.order_no
JOIN acc_order a ON a.channel = s.channel AND a.order_no = s.order_no
"""

_INSERT_REVERSAL: Final = """
INSERT INTO booking (booking_key, kind, reverses, channel, order_no, parcel_no, payer, booked_on, sequence,
                     final_flag, revision, run_id)
SELECT 'reversal:' || booking_key, 'reversal', booking_key, channel, order_no, parcel_no, payer, business_date, 1, 0,
       revision, :run
FROM acc_reversed ORDER BY booking_key
"""

_INSERT_AMOUNT: Final = """
INSERT INTO booking_amount (booking_key, tax_rate, goods, fees, gross, tax, run_id)
SELECT 'reversal:' || r.booking_key, a.tax_rate, -a.goods, -a.fees, -a.gross, -a.tax, :run
FROM acc_reversed r JOIN booking_amount a ON a.booking_key = r.booking_key
ORDER BY r.booking_key, a.tax_rate
"""

_INSERT_ENTRY: Final = """
INSERT INTO core_entry (entry_id, booking_key, kind, reverses, booked_on, channel, order_no, line_id, parcel_no, sku,
                        description, qty, tax_rate, amount, tax, run_id)
SELECT 'reversal:' || e.entry_id, 'reversal:' || r.booking_key, 'reversal', e.entry_id, r.business_date, e.channel,
       e.order_no, e.line_id, e.parcel_no, e.sku, e.description, -e.qty, e.tax_rate, -e.amount, -e.tax, :run
FROM acc_reversed r JOIN core_entry e ON e.booking_key = r.booking_key
ORDER BY e.entry_id
"""

_PLAN_LINE: Final = """
SELECT c.channel, c.order_no, 1 AS position, l.line_id, l.qty, 0 AS units_before,
       CASE WHEN l.ships_flag = 0 THEN l.qty
            WHEN b.units IS NULL THEN 0 WHEN b.units > l.qty THEN l.qty ELSE b.units END AS units_after,
       k.parcel_no
FROM acc_changed c
JOIN acc_line l ON l.channel = c.channel AND l.order_no = c.order_no
JOIN (SELECT channel, order_no, MIN(parcel_no) AS parcel_no FROM acc_standing GROUP BY channel, order_no) k
  ON k.channel = c.channel AND k.order_no = c.order_no
LEFT JOIN (SELECT channel, order_no, line_id, CAST(SUM(units) AS BIGINT) AS units FROM acc_booked_line
           WHERE line_id <> '' GROUP BY channel, order_no, line_id) b
  ON b.channel = l.channel AND b.order_no = l.order_no AND b.line_id = l.line_id
"""

_PLAN: Final = """
SELECT u.channel, u.order_no, 1 AS position, a.business_date AS booked_on, u.parcel_no, 1 AS fees_flag,
       n.bookings + 1 AS sequence
FROM (SELECT channel, order_no, MIN(parcel_no) AS parcel_no FROM acc_plan_line WHERE units_after > 0
      GROUP BY channel, order_no) u
JOIN acc_order a ON a.channel = u.channel AND a.order_no = u.order_no
JOIN (SELECT b.channel, b.order_no, COUNT(*) AS bookings FROM acc_changed c
      JOIN booking b ON b.channel = c.channel AND b.order_no = c.order_no AND b.kind = 'sale'
      GROUP BY b.channel, b.order_no) n ON n.channel = u.channel AND n.order_no = u.order_no
"""

_STILL_RIGHT: Final = """
UPDATE booking
SET run_id = :run,
    revision = (SELECT o.revision FROM sales_order o
                WHERE o.channel = booking.channel AND o.order_no = booking.order_no)
WHERE booking_key IN (
  SELECT s.booking_key FROM acc_standing s
  JOIN acc_order a ON a.channel = s.channel AND a.order_no = s.order_no
  WHERE s.revision < a.revision
    AND NOT EXISTS (SELECT 1 FROM acc_changed c WHERE c.channel = s.channel AND c.order_no = s.order_no)
    AND NOT EXISTS (SELECT 1 FROM acc_fault x WHERE x.channel = s.channel AND x.order_no = s.order_no))
"""

_UNREPORTED: Final = """
DELETE FROM acc_fault WHERE EXISTS (
  SELECT 1 FROM acc_fresh f WHERE f.channel = acc_fault.channel AND f.order_no = acc_fault.order_no)
"""


def reverse_changed(ctx: RunContext) -> int:
    """Reverse and rebook the orders whose booked lines, fees or tax are no longer what the order says.

    Every standing booking of such an order gets a reversal, and all units booked so far become one new
    booking, both of the run's business date. Where the changed amounts do not add up, the books stay as
    they are: finding change_not_booked, until they do. Returns how many orders were reversed.
    """
    sales.fill_fresh(ctx)
    fill(ctx, "acc_scope", _SCOPE, index="channel, order_no")
    if is_empty(ctx, "acc_scope"):
        return 0
    order_amounts.compute(ctx)
    progress.fill_booked(ctx)
    fill(ctx, "acc_due", _DUE)
    fill(ctx, "acc_changed", _CHANGED, index="channel, order_no")
    fill(ctx, "acc_reversed", _REVERSED, index="booking_key")
    fill(ctx, "acc_plan_line", _PLAN_LINE, index="channel, order_no, position, line_id")
    fill(ctx, "acc_plan", _PLAN, index="channel, order_no, position")
    ctx.execute(_INSERT_REVERSAL, run=ctx.run_id)
    ctx.execute(_INSERT_AMOUNT, run=ctx.run_id)
    ctx.execute(_INSERT_ENTRY, run=ctx.run_id)
    progress.fill_booked(ctx)
    bookings.write_planned(ctx)
    ctx.execute(_STILL_RIGHT, run=ctx.run_id)
    changed = ctx.rows("SELECT channel, order_no FROM acc_changed ORDER BY channel, order_no")
    for channel, order_no in changed:
        ctx.findings.add("booking_reversed", f"{channel} {order_no}")
    # Orders with fresh shipments are judged, and reported, by book_sales.
    ctx.execute(_UNREPORTED)
    faults.report(ctx, "change_not_booked")
    return len(changed)
