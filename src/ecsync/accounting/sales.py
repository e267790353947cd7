"""Book what was shipped: the shipped events of an order and a business day are one booking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecsync.accounting import bookings, came_back, faults, order_amounts, progress
from ecsync.accounting.worktables import fill, fill_channels, is_empty

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

_FRESH: Final = """
SELECT e.warehouse, e.event_id, e.business_date, e.parcel_no, l.channel, l.order_no, l.line_id
FROM warehouse_event e
JOIN instruction_line l ON l.parcel_no = e.parcel_no AND l.line_no = e.line_no
JOIN sales_order o ON o.channel = l.channel AND o.order_no = l.order_no
JOIN acc_channel c ON c.channel = l.channel
WHERE e.kind = 'shipped' AND e.booked_flag = 0 AND e.verdict = 'ok' AND o.state <> 'foreign'
UNION ALL
SELECT '', '', w.done_on, '', l.channel, l.order_no, l.line_id
FROM order_without_parcel w
JOIN order_line l ON l.channel = w.channel AND l.order_no = w.order_no AND l.qty > 0
JOIN sales_order o ON o.channel = l.channel AND o.order_no = l.order_no
JOIN acc_channel c ON c.channel = l.channel
WHERE w.booked_flag = 0 AND o.order_status <> 'cancelled'
"""

_SCOPE: Final = "SELECT DISTINCT channel, order_no FROM acc_fresh"

# The order no longer holds a line that has left: to book the rest would hide it.
_LOST_LINES: Final = """
INSERT INTO acc_fault (channel, order_no, reason)
SELECT DISTINCT f.channel, f.order_no, 'line_gone'
FROM acc_fresh f
LEFT JOIN acc_line l ON l.channel = f.channel AND l.order_no = f.order_no AND l.line_id = f.line_id
WHERE COALESCE(l.qty, 0) <= 0
  AND NOT EXISTS (SELECT 1 FROM acc_fault x WHERE x.channel = f.channel AND x.order_no = f.order_no)
"""

_GROUP: Final = """
SELECT f.channel, f.order_no, f.business_date, MIN(f.parcel_no) AS parcel_no,
       ROW_NUMBER() OVER (PARTITION BY f.channel, f.order_no ORDER BY f.business_date DESC) AS from_last
FROM acc_fresh f
WHERE NOT EXISTS (SELECT 1 FROM acc_fault x WHERE x.channel = f.channel AND x.order_no = f.order_no)
GROUP BY f.channel, f.order_no, f.business_date
"""

# Day '' holds what was booked before.
_SHIPPED: Final = """
SELECT l.channel, l.order_no, l.line_id, c.sku_key, c.per_set,
       CASE WHEN e.booked_flag = 1 THEN '' ELSE e.business_date END AS business_date, e.parcel_no,
       CAST(SUM(e.qty) AS BIGINT) AS qty
FROM (SELECT DISTINCT channel, order_no FROM acc_group) g
JOIN instruction_line l ON l.channel = g.channel AND l.order_no = g.order_no
JOIN warehouse_event e ON e.parcel_no = l.parcel_no AND e.line_no = l.line_no
JOIN acc_component c ON c.channel = l.channel AND c.order_no = l.order_no AND c.line_id = l.line_id
                    AND (c.sku_key = '' OR c.sku_key = l.sku)
WHERE e.kind = 'shipped' AND e.verdict = 'ok'
GROUP BY l.channel, l.order_no, l.line_id, c.sku_key, c.per_set,
         CASE WHEN e.booked_flag = 1 THEN '' ELSE e.business_date END, e.parcel_no
"""

_SETS: Final = """
SELECT channel, order_no, line_id, business_date, MIN(sets) AS sets
FROM (SELECT g.channel, g.order_no, c.line_id, g.business_date, c.sku_key,
             CAST(SUM(CASE WHEN s.business_date <= g.business_date THEN s.qty ELSE 0 END) AS BIGINT) / c.per_set AS sets
      FROM acc_group g
      JOIN acc_component c ON c.channel = g.channel AND c.order_no = g.order_no
      LEFT JOIN acc_shipped s ON s.channel = c.channel AND s.order_no = c.order_no AND s.line_id = c.line_id
                             AND s.sku_key = c.sku_key
      GROUP BY g.channel, g.order_no, c.line_id, g.business_date, c.sku_key, c.per_set) t
GROUP BY channel, order_no, line_id, business_date
"""

# What no warehouse packs goes with the first of the rest.
# Never fewer than are booked, never more than were ordered. Where the warehouse is done with the order,
# all of it has left, whatever became of a set's definition meanwhile.
_UNITS: Final = """
SELECT t.*, COALESCE(LAG(t.units_after) OVER (PARTITION BY t.channel, t.order_no, t.line_id ORDER BY t.business_date),
                     t.booked) AS units_before
FROM (SELECT s.channel, s.order_no, s.line_id, s.business_date, l.qty, COALESCE(b.units, 0) AS booked,
             CASE WHEN l.qty < COALESCE(b.units, 0) THEN COALESCE(b.units, 0)
                  WHEN l.ships_flag = 0 THEN l.qty
                  WHEN a.state = 'shipped' AND g.from_last = 1 THEN l.qty
                  WHEN s.sets > l.qty THEN l.qty
                  WHEN s.sets < COALESCE(b.units, 0) THEN COALESCE(b.units, 0)
                  ELSE s.sets END AS units_after
      FROM acc_sets s
      JOIN acc_group g ON g.channel = s.channel AND g.order_no = s.order_no AND g.business_date = s.business_date
      JOIN acc_order a ON a.channel = s.channel AND a.order_no = s.order_no
      JOIN acc_line l ON l.channel = s.channel AND l.order_no = s.order_no AND l.line_id = s.line_id
      LEFT JOIN (SELECT channel, order_no, line_id, CAST(SUM(units) AS BIGINT) AS units FROM acc_booked_line
                 WHERE line_id <> '' GROUP BY channel, order_no, line_id) b
        ON b.channel = s.channel AND b.order_no = s.order_no AND b.line_id = s.line_id) t
"""

_PLAN: Final = """
SELECT t.channel, t.order_no, t.booked_on, t.parcel_no, t.position,
       CASE WHEN t.position = 1 AND NOT EXISTS (
              SELECT 1 FROM acc_standing k WHERE k.channel = t.channel AND k.order_no = t.order_no)
            THEN 1 ELSE 0 END AS fees_flag,
       t.position + COALESCE(n.bookings, 0) AS sequence
FROM (SELECT g.channel, g.order_no, g.business_date AS booked_on, g.parcel_no,
             ROW_NUMBER() OVER (PARTITION BY g.channel, g.order_no ORDER BY g.business_date) AS position
      FROM acc_group g
      WHERE EXISTS (SELECT 1 FROM acc_units u WHERE u.channel = g.channel AND u.order_no = g.order_no
                      AND u.business_date = g.business_date AND u.units_after > u.units_before)) t
LEFT JOIN (SELECT b.channel, b.order_no, COUNT(*) AS bookings FROM acc_scope s
           JOIN booking b ON b.channel = s.channel AND b.order_no = s.order_no AND b.kind = 'sale'
           GROUP BY b.channel, b.order_no) n ON n.channel = t.channel AND n.order_no = t.order_no
"""

_PLAN_LINE: Final = """
SELECT p.channel, p.order_no, p.position, u.line_id, u.qty, u.units_before, u.units_after,
       COALESCE(s.parcel_no, p.parcel_no) AS parcel_no
FROM acc_plan p
JOIN acc_units u ON u.channel = p.channel AND u.order_no = p.order_no AND u.business_date = p.booked_on
LEFT JOIN (SELECT channel, order_no, line_id, business_date, MIN(parcel_no) AS parcel_no FROM acc_shipped
           GROUP BY channel, order_no, line_id, business_date) s
  ON s.channel = u.channel AND s.order_no = u.order_no AND s.line_id = u.line_id AND s.business_date = u.business_date
"""

# A part of a set is taken too: the set is booked with the event that completes it.
_TAKEN: Final = """
UPDATE warehouse_event SET booked_flag = 1, run_id = :run
WHERE (warehouse, event_id) IN (
  SELECT f.warehouse, f.event_id FROM acc_fresh f
  JOIN acc_group g ON g.channel = f.channel AND g.order_no = f.order_no AND g.business_date = f.business_date)
"""


_TAKEN_WITHOUT_PARCEL: Final = """
UPDATE order_without_parcel SET booked_flag = 1, run_id = :run
WHERE booked_flag = 0 AND (channel, order_no) IN (
  SELECT f.channel, f.order_no FROM acc_fresh f
  JOIN acc_group g ON g.channel = f.channel AND g.order_no = f.order_no AND g.business_date = f.business_date)
"""


@dataclass(frozen=True)
class SalesBooked:
    """How many bookings were written, and how many shipped orders could not be booked."""

    bookings: int
    not_booked: int


def fill_fresh(ctx: RunContext) -> bool:
    """Fill acc_fresh with the shipped events that no booking has taken; tell whether there are any."""
    fill_channels(ctx)
    fill(ctx, "acc_fresh", _FRESH, index="channel, order_no")
    came_back.set_aside(ctx)
    return not is_empty(ctx, "acc_fresh")


def book_sales(ctx: RunContext) -> SalesBooked:
    """Book the shipped events that are not booked yet.

    Each order and business day, in order, becomes one booking with its amounts per rate and its entries
    per line. Fees go with the order's first booking; the one that completes the order takes the
    remainder. An order whose amounts do not add up is not booked: finding not_booked.
    """
    if not fill_fresh(ctx):
        return SalesBooked(0, 0)
    fill(ctx, "acc_scope", _SCOPE, index="channel, order_no")
    order_amounts.compute(ctx)
    ctx.execute(_LOST_LINES)
    progress.fill_booked(ctx)
    progress.fill_components(ctx, progress.LINES_OF_ORDERS)
    fill(ctx, "acc_group", _GROUP, index="channel, order_no, business_date")
    fill(ctx, "acc_shipped", _SHIPPED, index="channel, order_no, line_id, sku_key")
    fill(ctx, "acc_sets", _SETS, index="channel, order_no, business_date")
    fill(ctx, "acc_units", _UNITS, index="channel, order_no, business_date")
    fill(ctx, "acc_plan", _PLAN, index="channel, order_no, position")
    fill(ctx, "acc_plan_line", _PLAN_LINE, index="channel, order_no, position, line_id")
    bookings.write_planned(ctx)
    not_booked = faults.report(ctx, "not_booked")
    faults.report_tax_differences(ctx)
    ctx.execute(_TAKEN, run=ctx.run_id)
    ctx.execute(_TAKEN_WITHOUT_PARCEL, run=ctx.run_id)
    return SalesBooked(int(ctx.scalar("SELECT COUNT(*) FROM acc_booking")), not_booked)
