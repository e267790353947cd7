"""Keep what a run had to say, in order, without a personal value."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ecsync.master.tables_running import FINDING

if TYPE_CHECKING:
    from ecsync.findings import FindingLog
    from ecsync.run.records import RunRow


def record(conn: sa.Connection, run: RunRow, findings: FindingLog) -> None:
    """Write the findings of a run, in place of what was written for it before."""
    conn.execute(sa.delete(FINDING).where(FINDING.c.run_id == run.run_id))
    rows = [
        {
            "run_id": run.run_id,
            "position": position,
            "code": finding.code,
            "subject": finding.subject,
            "params": json.dumps(dict(finding.params), ensure_ascii=False, sort_keys=True),
            "urgent_flag": int(finding.needs_person),
            "recorded_at": run.clock,
        }
        for position, finding in enumerate(findings, start=1)
    ]
    if rows:
        conn.execute(sa.insert(FINDING), rows)
