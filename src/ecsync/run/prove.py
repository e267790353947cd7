"""Gather the run's proofs; what a broken one concerns is held back, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ecsync.accounting import proofs as accounting_proofs
from ecsync.errors import ProofError
from ecsync.locale import _
from ecsync.master.told import INSTRUCTION_KEY, PARCEL_DOCUMENTS
from ecsync.orders import proofs as orders_proofs
from ecsync.shipping import proofs as shipping_proofs
from ecsync.stock import proofs as stock_proofs
from ecsync.stock.documents import RECEIPT_KEY, RECEIPT_KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecsync.master.context import RunContext
    from ecsync.master.proof import Proof

CHECKS: Final[tuple[Callable[[RunContext], list[Proof]], ...]] = (
    orders_proofs.check,
    stock_proofs.check,
    shipping_proofs.check,
    accounting_proofs.check,
)

# A proof's name is `scope.what`; a break of these scopes concerns its subject only.
LOCAL_SCOPES: Final = frozenset({"order", "sku", "file", "entry"})


_RISES_OF_SKU: Final = """
SELECT q.channel || ':' || q.item_key || ':' || q.sku_key || ':' || q.sequence
FROM channel_quantity q
WHERE (q.sku = :sku OR q.sku IN (SELECT set_sku FROM set_component WHERE component_sku = :sku))
  AND (q.previous_qty IS NULL OR q.qty > q.previous_qty)
ORDER BY q.channel, q.item_key, q.sku_key, q.sequence
"""


_RECEIPTS_OF_SKU: Final = f"""
SELECT {RECEIPT_KEY} FROM warehouse_event e
WHERE e.kind IN {RECEIPT_KINDS} AND e.warehouse = :warehouse AND e.sku = :sku
ORDER BY e.warehouse, e.event_id
"""  # noqa: S608 - constants only


@dataclass
class HeldBack:
    """Business keys that a broken proof keeps from being told, per document."""

    by_document: dict[str, set[str]] = field(default_factory=dict)

    def keys(self, document: str) -> set[str]:
        """Return the keys of one document that stay untold in this run."""
        return self.by_document.get(document, set())


def prove(ctx: RunContext, file_proofs: list[Proof]) -> tuple[list[Proof], HeldBack]:
    """Check every proof of the run.

    Returns the proofs and what is held back. Raises ProofError (and the run is rolled back) where a break
    belongs to no order, SKU, file or entry.
    """
    proofs = [*file_proofs]
    for check in CHECKS:
        proofs.extend(check(ctx))
    held = HeldBack()
    for proof in proofs:
        if proof.holds:
            continue
        scope = proof.name.partition(".")[0]
        if scope not in LOCAL_SCOPES:
            raise ProofError(
                _("proof {name} does not hold for {subject}: {expected} expected, {actual} found").format(
                    name=proof.name, subject=proof.subject, expected=proof.expected, actual=proof.actual
                ),
                hint=_("nothing was kept and nothing was sent; keep the inbound files and report this"),
            )
        ctx.findings.add(
            "proof_broken", proof.subject, proof=proof.name, detail=f"{proof.expected} / {proof.actual}"
        )
        _hold_back(ctx, proof, scope, held)
    return proofs, held


def _hold_back(ctx: RunContext, proof: Proof, scope: str, held: HeldBack) -> None:
    if scope == "sku":
        warehouse, _sep, sku = proof.subject.partition(":")
        ctx.execute(
            "UPDATE stock_balance SET blocked_flag = 1, run_id = :run "
            "WHERE warehouse = :warehouse AND sku = :sku AND blocked_flag = 0",
            run=ctx.run_id,
            warehouse=warehouse,
            sku=sku,
        )
        rises = {str(row[0]) for row in ctx.rows(_RISES_OF_SKU, sku=sku)}
        held.by_document.setdefault("channel_quantities", set()).update(rises)
        came = {str(row[0]) for row in ctx.rows(_RECEIPTS_OF_SKU, warehouse=warehouse, sku=sku)}
        held.by_document.setdefault("core_receipts", set()).update(came)
        return
    if scope == "entry":
        held.by_document.setdefault("journal_lines", set()).add(proof.subject)
        return
    if scope == "order":
        channel, _sep, order_no = proof.subject.partition(":")
        _hold_order(ctx, channel, order_no, held)


def _hold_order(ctx: RunContext, channel: str, order_no: str, held: HeldBack) -> None:
    parameters = {"channel": channel, "order_no": order_no}
    parcels = (
        f"SELECT {INSTRUCTION_KEY} FROM shipping_instruction i "  # noqa: S608
        "WHERE i.channel = :channel AND i.order_no = :order_no ORDER BY i.parcel_no"
    )
    queries = {
        **dict.fromkeys(PARCEL_DOCUMENTS, parcels),
        **dict.fromkeys(
            ("payment_orders", "payment_captures"),
            "SELECT channel || ':' || order_no FROM sales_order "
            "WHERE channel = :channel AND order_no = :order_no ORDER BY order_no",
        ),
        "payment_shipments": "SELECT channel || ':' || order_no || ':' || dest_id || ':' || tracking_no "
        "FROM shipping_notice WHERE channel = :channel AND order_no = :order_no ORDER BY dest_id, tracking_no",
        "core_entries": "SELECT entry_id FROM core_entry "
        "WHERE channel = :channel AND order_no = :order_no ORDER BY entry_id",
        "core_receipts": f"SELECT {RECEIPT_KEY} FROM warehouse_event e "  # noqa: S608
        "JOIN shipping_instruction i ON i.parcel_no = e.parcel_no "
        f"WHERE e.kind IN {RECEIPT_KINDS} AND i.channel = :channel AND i.order_no = :order_no "
        "ORDER BY e.warehouse, e.event_id",
        "journal_lines": "SELECT e.entry_key FROM booking_journal bj JOIN journal_entry e ON e.entry_no = bj.entry_no "
        "JOIN booking b ON b.booking_key = bj.booking_key "
        "WHERE b.channel = :channel AND b.order_no = :order_no ORDER BY e.entry_key",
    }
    for document, query in queries.items():
        keys = {str(row[0]) for row in ctx.rows(query, **parameters)}
        held.by_document.setdefault(document, set()).update(keys)
