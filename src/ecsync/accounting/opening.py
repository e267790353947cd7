"""Prove the opening receivables: what the merchant says is owed is what was loaded.

They are loaded and proved only: the old system booked them. In the file, a row whose order number is
TOTAL is the declared control of its channel; it is no receivable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecsync.errors import InputRefusedError
from ecsync.locale import _
from ecsync.master.proof import Proof

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

CONTROL: Final = "TOTAL"

_SUMS: Final = """
SELECT r.channel, CAST(SUM(CASE WHEN r.order_no = :control THEN 0 ELSE r.amount END) AS BIGINT) AS amount,
       MAX(CASE WHEN r.order_no = :control THEN r.amount END) AS declared
FROM opening_receivable r GROUP BY r.channel ORDER BY r.channel
"""

_ORDERS: Final = """
SELECT CAST(COALESCE(SUM(CASE WHEN o.order_no IS NULL THEN 0 ELSE 1 END), 0) AS BIGINT) AS known,
       CAST(COALESCE(SUM(CASE WHEN o.order_no IS NULL THEN 1 ELSE 0 END), 0) AS BIGINT) AS unknown
FROM opening_receivable r
LEFT JOIN sales_order o ON o.channel = r.channel AND o.order_no = r.order_no
WHERE r.order_no <> :control
"""

# An order that is still to be shipped is booked by us at its shipment: its receivable would stand twice.
_OPEN_TOO: Final = """
SELECT r.channel, r.order_no FROM opening_receivable r
JOIN opening_order o ON o.channel = r.channel AND o.order_no = r.order_no
ORDER BY r.channel, r.order_no
"""


@dataclass(frozen=True)
class ReceivablesProved:
    """The proofs per channel, and how many of the orders are known to the master."""

    proofs: tuple[Proof, ...]
    known_orders: int
    unknown_orders: int


def prove_receivables(ctx: RunContext) -> ReceivablesProved:
    """Compare the receivables of each channel with its declared control.

    An order that is listed both as owed and as still to be shipped would be owed twice: finding
    receivable_also_open. Raises InputRefusedError where a control differs.
    """
    proofs = tuple(
        Proof(
            "opening.receivables",
            str(channel),
            int(amount if declared is None else declared),
            int(amount),
            "",
        )
        for channel, amount, declared in ctx.rows(_SUMS, control=CONTROL)
    )
    for proof in proofs:
        if not proof.holds:
            raise InputRefusedError(
                _(
                    "the opening receivables of {channel} add up to {actual}, the declared total is {expected}"
                ).format(channel=proof.subject, actual=proof.actual, expected=proof.expected),
                hint=_("correct the file of opening receivables, or its TOTAL row"),
            )
    for channel, order_no in ctx.rows(_OPEN_TOO):
        ctx.findings.add("receivable_also_open", f"{channel} {order_no}")
    known, unknown = ctx.rows(_ORDERS, control=CONTROL)[0]
    return ReceivablesProved(proofs, int(known), int(unknown))
