"""Stop parcels that the warehouse was told of and that nobody wants any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecsync.master.scratch import analyze, scratch_tables
from ecsync.master.told import PARCEL_TOLD
from ecsync.shipping.changes import tell_changes
from ecsync.shipping.completion import close_shipped_orders

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

# Told means that a file with it is committed. What no file ever held needs no recall: it is withdrawn.
_TOLD: Final = f"CASE WHEN {PARCEL_TOLD} THEN 1 ELSE 0 END"

_CANCELLED: Final = f"""
INSERT INTO tmp_unwanted (parcel_no, reason, told)
SELECT i.parcel_no, 'cancelled', {_TOLD}
FROM shipping_instruction i
JOIN sales_order o ON o.channel = i.channel AND o.order_no = i.order_no AND o.state = 'cancelled'
WHERE i.state = 'instructed' AND NOT EXISTS (SELECT 1 FROM recall r WHERE r.parcel_no = i.parcel_no)
"""  # noqa: S608

# A line that is gone, that goes to another destination, or that is another product now.
_OTHERWISE: Final = f"""
INSERT INTO tmp_unwanted (parcel_no, reason, told)
SELECT DISTINCT i.parcel_no, 'changed', {_TOLD}
FROM shipping_instruction i
JOIN sales_order o ON o.channel = i.channel AND o.order_no = i.order_no AND o.state <> 'cancelled'
JOIN instruction_line l ON l.parcel_no = i.parcel_no AND l.qty > l.shipped_qty + l.short_qty + l.recalled_qty
LEFT JOIN order_line n ON n.channel = l.channel AND n.order_no = l.order_no AND n.line_id = l.line_id
WHERE i.state = 'instructed' AND NOT EXISTS (SELECT 1 FROM recall r WHERE r.parcel_no = i.parcel_no)
  AND (n.line_id IS NULL OR n.dest_id <> i.dest_id
       OR (l.line_sku <> '' AND n.sku <> '' AND n.sku <> l.line_sku))
"""  # noqa: S608

_DECIDED: Final = f"""
INSERT INTO tmp_unwanted (parcel_no, reason, told)
SELECT DISTINCT i.parcel_no, 'decided', {_TOLD}
FROM staff_decision d
JOIN shipping_instruction i ON i.parcel_no = d.parcel_no AND i.state = 'instructed'
WHERE d.kind = 'recall' AND d.state = 'active'
  AND NOT EXISTS (SELECT 1 FROM recall r WHERE r.parcel_no = i.parcel_no)
  AND NOT EXISTS (SELECT 1 FROM tmp_unwanted u WHERE u.parcel_no = i.parcel_no)
"""  # noqa: S608

# Units beyond what is still wanted leave with the newest parcels; those that are on their way back count first,
# those whose recall failed last.
_TOO_MANY: Final = f"""
INSERT INTO tmp_unwanted (parcel_no, reason, told)
SELECT DISTINCT i.parcel_no, 'changed', {_TOLD}
FROM (
  SELECT p.parcel_no, p.in_parcels - p.wanted AS excess, p.units,
         CAST(SUM(p.units) OVER (PARTITION BY p.channel, p.order_no, p.line_id, p.sku
           ORDER BY p.rank, p.parcel_no DESC, p.line_no ROWS UNBOUNDED PRECEDING) AS BIGINT) - p.units AS earlier
  FROM (
    SELECT l.channel, l.order_no, l.line_id, l.sku, l.parcel_no, l.line_no,
           l.qty - l.shipped_qty - l.short_qty - l.recalled_qty AS units,
           CASE WHEN i.state = 'recalling' THEN 0 WHEN r.parcel_no IS NULL THEN 1 ELSE 2 END AS rank,
           CAST(SUM(l.qty - l.shipped_qty - l.short_qty - l.recalled_qty)
             OVER (PARTITION BY l.channel, l.order_no, l.line_id, l.sku) AS BIGINT) AS in_parcels,
           CASE WHEN n.qty * COALESCE(a.per_unit, 1) > s.shipped
                THEN n.qty * COALESCE(a.per_unit, 1) - s.shipped ELSE 0 END AS wanted
    FROM shipping_instruction i
    JOIN sales_order o ON o.channel = i.channel AND o.order_no = i.order_no AND o.state <> 'cancelled'
    JOIN instruction_line l ON l.parcel_no = i.parcel_no
    JOIN order_line n ON n.channel = l.channel AND n.order_no = l.order_no AND n.line_id = l.line_id
    LEFT JOIN allocation a ON a.channel = l.channel AND a.order_no = l.order_no
                          AND a.line_id = l.line_id AND a.sku = l.sku
    LEFT JOIN recall r ON r.parcel_no = i.parcel_no
    JOIN (
      SELECT t.channel, t.order_no, t.line_id, t.sku, CAST(SUM(t.shipped_qty) AS BIGINT) AS shipped
      FROM instruction_line t
      JOIN (SELECT DISTINCT channel, order_no FROM shipping_instruction
            WHERE state IN ('instructed', 'recalling')) w ON w.channel = t.channel AND w.order_no = t.order_no
      GROUP BY t.channel, t.order_no, t.line_id, t.sku
    ) s ON s.channel = l.channel AND s.order_no = l.order_no AND s.line_id = l.line_id AND s.sku = l.sku
    WHERE i.state IN ('instructed', 'recalling')
  ) p
) e
JOIN shipping_instruction i ON i.parcel_no = e.parcel_no AND i.state = 'instructed'
WHERE e.excess > e.earlier AND e.units > 0
  AND NOT EXISTS (SELECT 1 FROM recall r WHERE r.parcel_no = i.parcel_no)
  AND NOT EXISTS (SELECT 1 FROM tmp_unwanted u WHERE u.parcel_no = i.parcel_no)
"""  # noqa: S608

_REQUEST: Final = """
INSERT INTO recall (parcel_no, reason, requested_at, requested_on, run_id)
SELECT u.parcel_no, u.reason, :now, :today, :run FROM tmp_unwanted u WHERE u.told = 1 ORDER BY u.parcel_no
"""

_WITHDRAW: Final = """
UPDATE instruction_line SET recalled_qty = qty - shipped_qty - short_qty, run_id = :run
WHERE qty > shipped_qty + short_qty + recalled_qty
  AND EXISTS (SELECT 1 FROM tmp_unwanted u WHERE u.told = 0 AND u.parcel_no = instruction_line.parcel_no)
"""

_STATE: Final = """
UPDATE shipping_instruction SET state = CASE WHEN u.told = 1 THEN 'recalling' ELSE 'recalled' END, run_id = :run
FROM tmp_unwanted AS u WHERE u.parcel_no = shipping_instruction.parcel_no
"""

_TO_TELL: Final = """
SELECT i.channel, i.order_no, u.parcel_no, u.reason
FROM tmp_unwanted u JOIN shipping_instruction i ON i.parcel_no = u.parcel_no
WHERE u.told = 1 ORDER BY u.parcel_no
"""


# What the allocation of the next run would find and drop: a run that is repeated changes nothing.
_NEEDED_NO_MORE: Final = """
DELETE FROM allocation
WHERE needed = 0 AND qty = 0
  AND EXISTS (SELECT 1 FROM sales_order o
              WHERE o.channel = allocation.channel AND o.order_no = allocation.order_no AND o.state = 'shipped')
"""


@dataclass(frozen=True)
class RecallsRequested:
    """Say how many parcels are recalled, and how many were withdrawn before anybody was told of them."""

    recalled: int
    withdrawn: int


def request_recalls(ctx: RunContext) -> RecallsRequested:
    """Recall parcels of cancelled orders, of lines that are gone, fewer, or go elsewhere, and what people decided.

    A parcel is recalled once; its units stay promised until the warehouse answers. Changes that a
    recall does not serve (an address, a wished date) are named once. An order of which nothing is left
    to ship after a change is closed.
    """
    with scratch_tables(
        ctx, tmp_unwanted="parcel_no TEXT, reason TEXT, told BIGINT, PRIMARY KEY (parcel_no)"
    ):
        ctx.execute(_CANCELLED)
        ctx.execute(_OTHERWISE)
        ctx.execute(_DECIDED)
        ctx.execute(_TOO_MANY)
        analyze(ctx, "tmp_unwanted")
        recalled = ctx.execute(_REQUEST, now=ctx.now, today=ctx.business_date, run=ctx.run_id).rowcount
        withdrawn = _withdraw(ctx)
        ctx.execute(_STATE, run=ctx.run_id)
        for channel, order_no, parcel_no, reason in ctx.rows(_TO_TELL):
            if reason == "cancelled":
                ctx.findings.add("cancelled_after_instruction", f"{channel} {order_no}", parcel_no=parcel_no)
            else:
                ctx.findings.add("recall_requested", f"{channel} {order_no} ({parcel_no})")
    tell_changes(ctx)
    if close_shipped_orders(ctx):
        ctx.execute(_NEEDED_NO_MORE)
    return RecallsRequested(recalled, withdrawn)


def _withdraw(ctx: RunContext) -> int:
    ctx.execute(_WITHDRAW, run=ctx.run_id)
    return int(ctx.scalar("SELECT COUNT(*) FROM tmp_unwanted WHERE told = 0"))
