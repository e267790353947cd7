"""A run in a few lines: what a person must do, what was sent, what waits, and whether everything adds up."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from ecsync.locale import N_, _
from ecsync.report.blocks import Block
from ecsync.report.words import DOCUMENTS, said

if TYPE_CHECKING:
    from ecsync.findings import Finding
    from ecsync.run.outcome import Outcome

MOST: Final = 6  # lines under one heading; the rest is in the full report
_STANDING_WORDS: Final = {
    "hold": N_("held"),
    "money": N_("waits for payment"),
    "stock": N_("waits for stock"),
    "date": N_("waits for its ship date"),
}


def blocks(outcome: Outcome) -> list[Block]:
    """Return the run in brief."""
    urgent = [finding for finding in outcome.findings if finding.needs_person]
    today = [f for f in outcome.findings if not f.needs_person and f.kind.action]
    return [
        Block(_("To do before today's cut-off"), _sentences(urgent)),
        Block(_("To do today"), _sentences(today)),
        _sent(outcome),
        Block(_("Where everything stands"), (_standing(outcome), _proofs(outcome))),
    ]


def _sentences(findings: list[Finding]) -> tuple[str, ...]:
    lines = [f"{f.sentence()} → {f.action()}" for f in findings[:MOST]]
    if len(findings) > MOST:
        lines.append(_("and {count} more in the full report").format(count=len(findings) - MOST))
    return tuple(lines) or (_("nothing"),)


def _sent(outcome: Outcome) -> Block:
    rows = tuple(
        (
            said(DOCUMENTS, p.document),
            "/".join(part for part in (p.endpoint, p.remote_dir, p.remote_name) if part),
            str(p.row_count),
        )
        for p in outcome.published
    )
    if not rows:
        return Block(_("What was sent"), (_("nothing"),))
    return Block(_("What was sent"), columns=(_("document"), _("file"), _("rows")), rows=rows)


def _standing(outcome: Outcome) -> str:
    counts = Counter(order.kind for order in outcome.standing)
    parts = [f"{_(word)} {counts[kind]}" for kind, word in _STANDING_WORDS.items() if counts[kind]]
    return _("Orders that do not ship yet") + ": " + (", ".join(parts) or _("nothing"))


def _proofs(outcome: Outcome) -> str:
    broken = sum(not proof.holds for proof in outcome.proofs)
    found = _("{count} broken").format(count=broken) if broken else _("holds")
    return _("Proof of rows, units and yen") + f": {len(outcome.proofs)} ({found})"
