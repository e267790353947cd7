"""Book what came back, at what was booked for it: the original coupon ratio is in those figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecsync.accounting import bookings, progress
from ecsync.accounting.faults import reason_text
from ecsync.accounting.worktables import fill, fill_channels, is_empty

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

_BACK: Final = """
SELECT e.warehouse, e.event_id, e.business_date, e.at, e.parcel_no, e.qty, l.sku, l.channel, l.order_no, l.line_id
FROM warehouse_event e
JOIN instruction_line l ON l.parcel_no = e.parcel_no AND l.line_no = e.line_no
JOIN sales_order o ON o.channel = l.channel AND o.order_no = l.order_no
JOIN acc_channel c ON c.channel = l.channel
WHERE e.kind = 'return' AND e.booked_flag = 0 AND e.verdict = 'ok' AND o.state <> 'foreign'
"""

_SCOPE: Final = "SELECT DISTINCT channel, order_no FROM acc_back"

# Place 0 holds the units that were booked as returned, or set aside as a part of a set, before.
_ARRIVED: Final = """
SELECT channel, order_no, line_id, sku, place, CAST(SUM(qty) AS BIGINT) AS qty
FROM (SELECT l.channel, l.order_no, l.line_id, l.sku, 0 AS place, e.qty
      FROM acc_scope s
      JOIN instruction_line l ON l.channel = s.channel AND l.order_no = s.order_no
      JOIN warehouse_event e ON e.parcel_no = l.parcel_no AND e.line_no = l.line_no
      WHERE e.kind = 'return' AND e.verdict = 'ok' AND e.booked_flag = 1
      UNION ALL
      SELECT channel, order_no, line_id, sku, place, qty FROM acc_back_placed) t
GROUP BY channel, order_no, line_id, sku, place
"""

_PLACED: Final = """
SELECT b.*, ROW_NUMBER() OVER (PARTITION BY b.channel, b.order_no, b.line_id
                               ORDER BY b.business_date, b.at, b.warehouse, b.event_id) AS place
FROM acc_back b
"""

_SETS: Final = """
SELECT warehouse, event_id, MIN(sets) AS sets
FROM (SELECT p.warehouse, p.event_id, c.sku_key,
             CAST(SUM(COALESCE(a.qty, 0)) AS BIGINT) / c.per_set AS sets
      FROM acc_back_placed p
      JOIN acc_component c ON c.channel = p.channel AND c.order_no = p.order_no AND c.line_id = p.line_id
      LEFT JOIN acc_arrived a ON a.channel = p.channel AND a.order_no = p.order_no AND a.line_id = p.line_id
                             AND a.place <= p.place AND (c.sku_key = '' OR a.sku = c.sku_key)
      GROUP BY p.warehouse, p.event_id, c.sku_key, c.per_set) t
GROUP BY warehouse, event_id
"""

# One row per event: units back after it, and before it.
_STEP: Final = """
SELECT t.*, COALESCE(LAG(t.units_after) OVER (PARTITION BY t.channel, t.order_no, t.line_id ORDER BY t.place),
                     t.returned_units) AS units_before,
       CASE WHEN t.sold_units <= 0 THEN 'sale_not_booked'
            WHEN t.units_after > t.sold_units THEN 'more_than_sold' ELSE '' END AS reason
FROM (SELECT p.warehouse, p.event_id, p.business_date, p.parcel_no, p.channel, p.order_no, p.line_id, p.place,
             COALESCE(k.units, 0) AS sold_units, COALESCE(k.returned_units, 0) AS returned_units,
             CASE WHEN COALESCE(s.sets, 0) < COALESCE(k.returned_units, 0) THEN COALESCE(k.returned_units, 0)
                  ELSE COALESCE(s.sets, 0) END AS units_after
      FROM acc_back_placed p
      LEFT JOIN acc_back_sets s ON s.warehouse = p.warehouse AND s.event_id = p.event_id
      LEFT JOIN (SELECT channel, order_no, line_id, CAST(SUM(units) AS BIGINT) AS units,
                        CAST(SUM(returned_units) AS BIGINT) AS returned_units
                 FROM acc_booked_line WHERE line_id <> '' GROUP BY channel, order_no, line_id) k
        ON k.channel = p.channel AND k.order_no = p.order_no AND k.line_id = p.line_id) t
"""

# What is due back after so many units, less what was due before; the first step of a run starts from what
# the books hold, so that the last unit takes the remainder even if the sale was rebooked in between.
_DRAFT: Final = f"""
SELECT 'return:' || s.warehouse || ':' || s.event_id AS booking_key, s.channel, s.order_no, s.line_id,
       s.business_date AS booked_on, s.parcel_no, k.sku, k.item_name, k.tax_rate, s.units_after - s.units_before AS qty,
       {bookings.amount_due("k.amount", "s.units_after", "k.units")}
         - CASE WHEN s.first_flag = 1 THEN k.returned_amount
                ELSE {bookings.amount_due("k.amount", "s.units_before", "k.units")} END AS amount,
       {bookings.tax_due("k.tax", "s.units_after", "k.units")}
         - CASE WHEN s.first_flag = 1 THEN k.returned_tax
                ELSE {bookings.tax_due("k.tax", "s.units_before", "k.units")} END AS tax
FROM (SELECT t.*, CASE WHEN ROW_NUMBER() OVER (PARTITION BY t.channel, t.order_no, t.line_id ORDER BY t.place) = 1
                       THEN 1 ELSE 0 END AS first_flag
      FROM acc_back_step t WHERE t.reason = '' AND t.units_after > t.units_before) s
JOIN acc_booked_line k ON k.channel = s.channel AND k.order_no = s.order_no AND k.line_id = s.line_id AND k.units > 0
"""  # noqa: S608

_INSERT_BOOKING: Final = """
INSERT INTO booking (booking_key, kind, reverses, channel, order_no, parcel_no, payer, booked_on, sequence,
                     final_flag, revision, run_id)
SELECT d.booking_key, 'return', '', d.channel, d.order_no, d.parcel_no, k.payer, d.booked_on, 1, 0, k.revision, :run
FROM (SELECT DISTINCT booking_key, channel, order_no, parcel_no, booked_on FROM acc_back_draft) d
JOIN (SELECT channel, order_no, MIN(payer) AS payer, MAX(revision) AS revision FROM acc_standing
      GROUP BY channel, order_no) k ON k.channel = d.channel AND k.order_no = d.order_no
ORDER BY d.booking_key
"""

_INSERT_AMOUNT: Final = """
INSERT INTO booking_amount (booking_key, tax_rate, goods, fees, gross, tax, run_id)
SELECT booking_key, tax_rate, -amount, 0, -amount, -tax, :run FROM acc_back_draft ORDER BY booking_key, tax_rate
"""

_INSERT_ENTRY: Final = """
INSERT INTO core_entry (entry_id, booking_key, kind, reverses, booked_on, channel, order_no, line_id, parcel_no, sku,
                        description, qty, tax_rate, amount, tax, run_id)
SELECT booking_key || '/0' || CAST(place AS TEXT), booking_key, 'return', '', booked_on, channel, order_no, line_id,
       parcel_no, sku, item_name, -qty, tax_rate, -amount, -tax, :run
FROM (SELECT d.*, ROW_NUMBER() OVER (PARTITION BY booking_key ORDER BY tax_rate DESC) AS place FROM acc_back_draft d) t
ORDER BY booking_key, place
"""

_TAKEN: Final = """
UPDATE warehouse_event SET booked_flag = 1, run_id = :run
WHERE (warehouse, event_id) IN (SELECT warehouse, event_id FROM acc_back_step WHERE reason = '')
"""

_NOT_BOOKED: Final = """
SELECT channel, order_no, event_id, CASE WHEN reason = '' THEN 'part_of_set' ELSE reason END AS reason
FROM acc_back_step WHERE reason <> '' OR units_after = units_before
ORDER BY channel, order_no, event_id, warehouse
"""


@dataclass(frozen=True)
class ReturnsBooked:
    """How many returns were booked, and how many events could not be."""

    bookings: int
    not_booked: int


def book_returns(ctx: RunContext) -> ReturnsBooked:
    """Book the return events that are not booked yet, each as a booking of its own.

    A line's amount and tax go back by units; the last unit takes the remainder, so that a line returned in
    full nets to zero. A set goes back when all of its components have. A return of more than was booked,
    or of what is not booked, waits: finding return_not_booked. Fees stay with the sale.
    """
    fill_channels(ctx)
    fill(ctx, "acc_back", _BACK, index="channel, order_no, line_id")
    if is_empty(ctx, "acc_back"):
        return ReturnsBooked(0, 0)
    fill(ctx, "acc_scope", _SCOPE, index="channel, order_no")
    progress.fill_booked(ctx)
    progress.fill_components(ctx, progress.LINES_OF_BOOKS)
    fill(ctx, "acc_back_placed", _PLACED, index="channel, order_no, line_id")
    fill(ctx, "acc_arrived", _ARRIVED, index="channel, order_no, line_id")
    fill(ctx, "acc_back_sets", _SETS, index="warehouse, event_id")
    fill(ctx, "acc_back_step", _STEP, index="channel, order_no, line_id")
    fill(ctx, "acc_back_draft", _DRAFT, index="booking_key")
    booked = ctx.execute(_INSERT_BOOKING, run=ctx.run_id).rowcount
    ctx.execute(_INSERT_AMOUNT, run=ctx.run_id)
    ctx.execute(_INSERT_ENTRY, run=ctx.run_id)
    ctx.execute(_TAKEN, run=ctx.run_id)
    not_booked = ctx.rows(_NOT_BOOKED)
    for channel, order_no, event_id, reason in not_booked:
        ctx.findings.add(
            "return_not_booked", f"{channel} {order_no}", event_id=event_id, reason=reason_text(str(reason))
        )
    return ReturnsBooked(int(booked), len(not_booked))
