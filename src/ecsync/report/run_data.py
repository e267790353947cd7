"""A run as plain data, for `--json`: codes beside the words, so that a program need not read sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecsync.config import Settings
    from ecsync.report.staff_lines import Line
    from ecsync.run.facts import RunFacts


def as_data(facts: RunFacts, lines: Sequence[Line], settings: Settings) -> dict[str, object]:
    """Return what the report holds, with every line and finding."""
    return {
        "run_id": facts.run_id,
        "kind": facts.kind,
        "business_date": facts.business_date,
        "as_of": facts.clock,
        "project": settings.project.name,
        "dry_run": facts.dry,
        "state": facts.state,
        "exit_status": facts.exit_status,
        "files_taken": [file.name for file in facts.files],
        "files": [vars(file) for file in facts.files],
        "figures": {name: value for name, value in facts.figures.items() if ":" not in name},
        "changes": facts.changes,
        "outbound": [
            {
                "flow": sent.flow,
                "document": sent.document,
                "endpoint": sent.endpoint,
                "path": sent.path,
                "name": sent.name,
                "sha256": sent.sha256,
                "bytes": sent.size,
                "rows": sent.row_count,
                "state": sent.state,
            }
            for sent in facts.sent
        ],
        "findings": [
            {
                "code": f.code,
                "subject": f.subject,
                "needs_person": f.needs_person,
                "text": f.sentence(),
                "action": f.action(),
            }
            for f in facts.findings
        ],
        "lines": [
            {
                "deadline": line.due,
                "desk": line.desk,
                "code": line.code,
                "channel": line.order[0] if line.order else "",
                "order_no": line.order[1] if line.order else "",
                "shop": line.shop,
                "number": line.number,
                "what": line.what,
                "why": line.why,
                "next_step": line.next_step,
                "by": line.by,
            }
            for line in lines
        ],
        "standing": [vars(order) for order in facts.standing],
        "proofs": [{**vars(proof), "holds": not proof.broken} for proof in facts.proofs],
    }
