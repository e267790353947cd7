"""Prove that no line is told to a warehouse beyond its quantity, and no parcel beyond what it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.master.proof import Proof

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

# Of the orders instructed by this run: what was told and is not back, against what was ordered.
_INSTRUCTED: Final = """
SELECT t.channel, t.order_no, t.line_id, t.sku, n.qty * COALESCE(a.per_unit, 1) AS ordered, t.told
FROM (
  SELECT l.channel, l.order_no, l.line_id, l.sku, CAST(SUM(l.qty - l.short_qty - l.recalled_qty) AS BIGINT) AS told
  FROM instruction_line l
  JOIN (SELECT DISTINCT channel, order_no FROM shipping_instruction
        WHERE state = 'instructed' AND instructed_at = :now) i ON i.channel = l.channel AND i.order_no = l.order_no
  GROUP BY l.channel, l.order_no, l.line_id, l.sku
) t
JOIN order_line n ON n.channel = t.channel AND n.order_no = t.order_no AND n.line_id = t.line_id
LEFT JOIN allocation a ON a.channel = t.channel AND a.order_no = t.order_no
                      AND a.line_id = t.line_id AND a.sku = t.sku
WHERE t.told > n.qty * COALESCE(a.per_unit, 1)
  AND EXISTS (SELECT 1 FROM shipping_instruction i JOIN instruction_line l ON l.parcel_no = i.parcel_no
              WHERE i.state = 'instructed' AND i.instructed_at = :now AND l.channel = t.channel
                AND l.order_no = t.order_no AND l.line_id = t.line_id AND l.sku = t.sku)
ORDER BY t.channel, t.order_no, t.line_id, t.sku
"""

_PARCELS: Final = """
SELECT l.channel, l.order_no, l.parcel_no, l.line_no, l.qty, l.shipped_qty + l.short_qty + l.recalled_qty AS answered
FROM instruction_line l
JOIN shipping_instruction i ON i.parcel_no = l.parcel_no
WHERE (l.run_id = :run OR i.state IN ('instructed', 'recalling'))
  AND (l.shipped_qty + l.short_qty + l.recalled_qty > l.qty OR l.returned_qty > l.shipped_qty)
ORDER BY l.parcel_no, l.line_no
"""


def check(ctx: RunContext) -> list[Proof]:
    """Return the shipping proofs that do not hold; their subject is `channel:order_no`.

    `order.instructed`: of a line instructed now, no more is told and not back than was ordered.
    `order.answered`: a parcel's line answers for no more units than it holds.
    """
    proofs = [
        Proof("order.instructed", f"{channel}:{order_no}", int(ordered), int(told), f"{line_id} {sku}")
        for channel, order_no, line_id, sku, ordered, told in ctx.rows(_INSTRUCTED, now=ctx.now)
    ]
    proofs += [
        Proof("order.answered", f"{channel}:{order_no}", int(qty), int(answered), f"{parcel_no}/{line_no}")
        for channel, order_no, parcel_no, line_no, qty, answered in ctx.rows(_PARCELS, run=ctx.run_id)
    ]
    return proofs
