"""Name the orders that were changed after the warehouse was told of them, and keep what waits for a decision."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

# What a warehouse packs by; everything else of an order may change behind its back.
_MATTERS: Final = frozenset(
    {
        "dest_id",
        "delivery_method",
        "destination_added",
        "destination_removed",
        "item_key",
        "line_added",
        "line_removed",
        "noshi",
        "options",
        "payment_method",
        "qty",
        "sku_code",
        "sku_key",
        "wished_date",
        "wished_slot",
    }
)
_RECEIVER: Final = "ship_"
_TO_COLLECT: Final = "billed"

_CHANGED: Final = """
SELECT i.parcel_no, i.channel, i.order_no, v.changed, i.cod_amount, o.revision
FROM shipping_instruction i
JOIN sales_order o ON o.channel = i.channel AND o.order_no = i.order_no
                  AND o.state <> 'cancelled' AND o.revision > i.revision
JOIN order_revision v ON v.channel = i.channel AND v.order_no = i.order_no AND v.revision > i.revision
WHERE i.state = 'instructed'
ORDER BY i.parcel_no, v.revision
"""

_SEEN: Final = """
UPDATE shipping_instruction SET revision = o.revision, run_id = :run
FROM sales_order AS o
WHERE shipping_instruction.state IN ('instructed', 'recalling')
  AND o.channel = shipping_instruction.channel AND o.order_no = shipping_instruction.order_no
  AND o.revision > shipping_instruction.revision
"""

_TO_DECIDE: Final = """
INSERT INTO parcel_change (parcel_no, revision, channel, order_no, fields, told_at, run_id)
VALUES (:parcel_no, :revision, :channel, :order_no, :fields, :now, :run)
"""

# It left, or is on its way back, or nobody wants the order any more: there is nothing left to decide.
_OVER: Final = """
UPDATE parcel_change SET state = 'over', run_id = :run
WHERE state = 'open' AND NOT EXISTS (SELECT 1 FROM shipping_instruction i
  JOIN sales_order o ON o.channel = i.channel AND o.order_no = i.order_no AND o.state <> 'cancelled'
  WHERE i.parcel_no = parcel_change.parcel_no AND i.state = 'instructed')
"""


def tell_changes(ctx: RunContext) -> None:
    """Add a finding for every open parcel whose order changed in what a warehouse packs by, once per change.

    Field names only are told and kept (in parcel_change, until somebody decides), never values. A parcel that is
    being recalled is not named again.
    """
    for parcel_no, rows in groupby(ctx.rows(_CHANGED), key=lambda row: str(row[0])):
        changes = list(rows)
        _parcel, channel, order_no, _changed, cod_amount, revision = changes[0]
        fields = {name for row in changes for name in str(row[3]).split(",")}
        matters = {
            name
            for name in fields
            if name in _MATTERS
            or name.startswith(_RECEIVER)
            or (name == _TO_COLLECT and cod_amount is not None)
        }
        if matters:
            ctx.findings.add(
                "changed_after_instruction",
                f"{channel} {order_no}",
                parcel_no=parcel_no,
                fields=", ".join(sorted(matters)),
            )
            ctx.execute(
                _TO_DECIDE,
                parcel_no=parcel_no,
                revision=revision,
                channel=channel,
                order_no=order_no,
                fields=",".join(sorted(matters)),
                now=ctx.now,
                run=ctx.run_id,
            )
    ctx.execute(_SEEN, run=ctx.run_id)
    ctx.execute(_OVER, run=ctx.run_id)
