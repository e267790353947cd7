"""What earlier runs did and said."""

from __future__ import annotations

import json
from dataclasses import dataclass

import sqlalchemy as sa

from ecsync.findings import Finding
from ecsync.master.tables_running import FINDING, RUN, STAGE_RUN


@dataclass(frozen=True)
class PastRun:
    """One run of the ledger."""

    run_id: int
    kind: str
    business_date: str
    clock: str
    state: str
    exit_status: int | None


def past_runs(conn: sa.Connection, limit: int = 20) -> list[PastRun]:
    """Return the newest runs, newest first."""
    columns = [RUN.c[name] for name in PastRun.__dataclass_fields__]
    return [
        PastRun(*row) for row in conn.execute(sa.select(*columns).order_by(RUN.c.run_id.desc()).limit(limit))
    ]


def exists(conn: sa.Connection, run_id: int) -> bool:
    """Tell whether there is a run of this number."""
    return conn.execute(sa.select(RUN.c.run_id).where(RUN.c.run_id == run_id)).first() is not None


def stages_of(conn: sa.Connection, run_id: int) -> list[tuple[str, str]]:
    """Return the stages of a run with what each wrote."""
    query = (
        sa.select(STAGE_RUN.c.stage, STAGE_RUN.c.summary)
        .where(STAGE_RUN.c.run_id == run_id)
        .order_by(STAGE_RUN.c.position)
    )
    return [(str(row[0]), str(row[1])) for row in conn.execute(query)]


def findings_of(conn: sa.Connection, run_id: int) -> list[Finding]:
    """Return what a run had to say, in order."""
    query = (
        sa.select(FINDING.c.code, FINDING.c.subject, FINDING.c.params)
        .where(FINDING.c.run_id == run_id)
        .order_by(FINDING.c.position)
    )
    return [Finding(row[0], row[1], json.loads(row[2] or "{}")) for row in conn.execute(query)]
