"""What a run did and found, as blocks of text and tables in the reader's language.

No personal data: shop, order number, SKU, file names and figures only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecsync.finding_catalogue import HOLD_REASONS
from ecsync.locale import N_, _
from ecsync.report.blocks import Block, Report

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ecsync.findings import Finding
    from ecsync.master.proof import Proof
    from ecsync.run.outcome import Outcome


_TABLE_WORDS = {
    "allocation": N_("allocations"),
    "booking": N_("bookings"),
    "channel_listing": N_("channel listings"),
    "channel_quantity": N_("channel quantities"),
    "core_entry": N_("entries for the core system"),
    "journal_entry": N_("journal entries"),
    "opening_receivable": N_("opening receivables"),
    "order_hold": N_("orders on hold"),
    "order_line": N_("order lines"),
    "order_wait": N_("waiting destinations"),
    "parcel_result": N_("labels"),
    "product": N_("products"),
    "recall": N_("recalls"),
    "sales_order": N_("orders"),
    "set_component": N_("set components"),
    "shipping_instruction": N_("shipping instructions"),
    "shipping_notice": N_("shipping notices"),
    "stock_movement": N_("stock movements"),
    "warehouse_event": N_("warehouse events"),
}

DOCUMENT_WORDS = {
    "shipping_instructions": N_("shipping instructions"),
    "parcels": N_("shipping labels"),
    "recalls": N_("recalls"),
    "shipping_notices": N_("shipping notices"),
    "channel_quantities": N_("channel quantities"),
    "core_entries": N_("entries for the core system"),
    "journal_lines": N_("journal entries"),
}

_PROOF_WORDS = {
    "file": N_("rows"),
    "order": N_("one order"),
    "orders": N_("yen of orders"),
    "sku": N_("one SKU"),
    "stock": N_("units"),
    "entry": N_("one journal entry"),
    "bookings": N_("bookings"),
    "core": N_("entries for the core system"),
    "journals": N_("journal entries"),
    "opening": N_("opening receivables"),
    "run": N_("whole run"),
    "day": N_("yen of a day"),
}


def blocks(outcome: Outcome) -> list[Block]:
    """Return the report of a run: first what a person must do, then what happened, then the proofs."""
    urgent = [f for f in outcome.findings if f.needs_person]
    today = [f for f in outcome.findings if not f.needs_person and f.kind.action]
    notes = [f for f in outcome.findings if not f.needs_person and not f.kind.action]
    return [
        _heading(outcome),
        Block(_("To do before today's cut-off"), _sentences(urgent)),
        Block(_("To do today"), _sentences(today)),
        _standing(outcome),
        _sent(outcome),
        _changes(outcome),
        Block(_("For your information"), _sentences(notes)),
        _proofs(outcome.proofs),
    ]


def report_of(outcome: Outcome) -> Report:
    """Return the report of a run in every form."""
    title = _("Dry run (nothing is sent)") if outcome.dry else _("Run")
    return Report(title, tuple(blocks(outcome)), data=as_data(outcome))


def _heading(outcome: Outcome) -> Block:
    title = _("Dry run (nothing is sent)") if outcome.dry else _("Run")
    lines = [
        _("{kind}, business date {date}, as of {clock}").format(
            kind=outcome.kind, date=outcome.business_date, clock=outcome.local_clock or outcome.clock
        )
    ]
    lines.extend(_("File taken in: {name}").format(name=name) for name in outcome.files_taken)
    return Block(title, tuple(lines))


def _sentences(findings: Iterable[Finding]) -> tuple[str, ...]:
    lines = []
    for finding in findings:
        action = finding.action()
        lines.append(f"{finding.sentence()} → {action}" if action else finding.sentence())
    return tuple(lines) or (_("nothing"),)


_WAIT_WORDS = {
    "money": N_("waits for payment"),
    "stock": N_("waits for stock"),
    "date": N_("waits for its ship date"),
}


def _standing(outcome: Outcome) -> Block:
    heading = _("Orders that do not ship yet")
    if not outcome.standing:
        return Block(heading, (_("nothing"),))
    rows = []
    for order in outcome.standing:
        if order.kind == "hold":
            reason, action = HOLD_REASONS[order.reason]
            rows.append((order.channel, order.order_no, _("held"), _(reason), _(action)))
        else:
            rows.append((order.channel, order.order_no, _(_WAIT_WORDS[order.kind]), order.until, ""))
    columns = (_("shop"), _("order"), _("state"), _("why or until when"), _("what to do"))
    return Block(heading, columns=columns, rows=tuple(rows))


def _sent(outcome: Outcome) -> Block:
    heading = _("What would be sent") if outcome.dry else _("What was sent")
    rows = tuple(
        (
            _(DOCUMENT_WORDS.get(p.document, p.document)),
            p.endpoint,
            "/".join(part for part in (p.remote_dir, p.remote_name) if part),
            str(p.row_count),
            str(p.size),
            p.sha256[:12],
        )
        for p in outcome.published
    )
    if not rows:
        return Block(heading, (_("nothing"),))
    columns = (_("document"), _("partner"), _("file"), _("rows"), _("bytes"), "SHA-256")
    return Block(heading, columns=columns, rows=rows)


def _changes(outcome: Outcome) -> Block:
    rows = tuple(
        (_(_TABLE_WORDS[name]), str(count))
        for name, count in sorted(outcome.changes.items())
        if name in _TABLE_WORDS
    )
    heading = _("What would change") if outcome.dry else _("What changed")
    if not rows:
        return Block(heading, (_("nothing"),))
    return Block(heading, columns=(_("what"), _("rows written")), rows=rows)


def _proofs(proofs: Sequence[Proof]) -> Block:
    groups: dict[tuple[str, str], list[Proof]] = {}
    for proof in proofs:
        groups.setdefault((proof.name.partition(".")[0], proof.name), []).append(proof)
    rows = []
    for (scope, name), members in sorted(groups.items()):
        broken = sum(not proof.holds for proof in members)
        rows.append(
            (
                _(_PROOF_WORDS.get(scope, scope)),
                name,
                str(len(members)),
                str(sum(proof.expected for proof in members)),
                str(sum(proof.actual for proof in members)),
                _("holds") if not broken else _("{count} broken").format(count=broken),
            )
        )
    if not rows:
        return Block(_("Proof of rows, units and yen"), (_("nothing"),))
    columns = (_("of"), _("proof"), _("checked"), _("expected"), _("found"), _("result"))
    return Block(_("Proof of rows, units and yen"), columns=columns, rows=tuple(rows))


def as_data(outcome: Outcome) -> dict[str, object]:
    """Return the same as plain data for `--json`."""
    return {
        "run_id": outcome.run_id,
        "kind": outcome.kind,
        "business_date": outcome.business_date,
        "as_of": outcome.clock,
        "dry_run": outcome.dry,
        "exit_status": outcome.exit_status,
        "files_taken": outcome.files_taken,
        "changes": outcome.changes,
        "deliveries": outcome.deliveries,
        "outbound": [
            {
                "flow": p.flow,
                "endpoint": p.endpoint,
                "path": p.remote_dir,
                "name": p.remote_name,
                "sha256": p.sha256,
                "bytes": p.size,
                "rows": p.row_count,
            }
            for p in outcome.published
        ],
        "findings": [
            {
                "code": f.code,
                "subject": f.subject,
                "needs_person": f.needs_person,
                "text": f.sentence(),
                "action": f.action(),
            }
            for f in outcome.findings
        ],
        "standing": [vars(order) for order in outcome.standing],
        "proofs": [
            {
                "name": p.name,
                "subject": p.subject,
                "expected": p.expected,
                "actual": p.actual,
                "holds": p.holds,
            }
            for p in outcome.proofs
        ],
    }
