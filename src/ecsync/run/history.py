"""What earlier runs did and said."""

from __future__ import annotations

import json
from dataclasses import dataclass

import sqlalchemy as sa

from ecsync.errors import UsageError
from ecsync.findings import Finding
from ecsync.locale import _
from ecsync.master.tables_running import (
    FILE_TALLY,
    FINDING,
    INBOX_FILE,
    OUTBOX_FILE,
    RUN,
    RUN_FIGURE,
    RUN_PROOF,
    STAGE_RUN,
    STANDING_ORDER,
)
from ecsync.run.facts import FileFact, ProofFact, RunFacts, SentFact, StandingOrder


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


def standing_of(conn: sa.Connection, run_id: int) -> tuple[StandingOrder, ...]:
    """Return the orders that stood still at the end of a run, by channel and number."""
    table = STANDING_ORDER.c
    query = (
        sa.select(*(table[name] for name in StandingOrder.__dataclass_fields__))
        .where(table.first_run <= run_id, sa.or_(table.last_run == 0, table.last_run > run_id))
        .order_by(table.channel, table.order_no, table.dest_id, table.kind, table.reason, table.until)
    )
    return tuple(StandingOrder(*row) for row in conn.execute(query))


def files_of(conn: sa.Connection, run_id: int) -> tuple[FileFact, ...]:
    """Return the files that a run took in, with what became of their rows."""
    query = (
        sa.select(
            INBOX_FILE.c.party,
            FILE_TALLY.c.entity,
            INBOX_FILE.c.name,
            INBOX_FILE.c.as_of,
            *(FILE_TALLY.c[name] for name in FileFact.__dataclass_fields__ if name.startswith("rows_")),
        )
        .join(INBOX_FILE, INBOX_FILE.c.file_id == FILE_TALLY.c.file_id)
        .where(FILE_TALLY.c.run_id == run_id)
        .order_by(INBOX_FILE.c.as_of, INBOX_FILE.c.flow, INBOX_FILE.c.name, INBOX_FILE.c.file_id)
    )
    return tuple(FileFact(*row) for row in conn.execute(query))


def _sent_by(conn: sa.Connection, run_id: int) -> tuple[SentFact, ...]:
    names = (
        "flow",
        "document",
        "party",
        "endpoint",
        "remote_dir",
        "remote_name",
        "sha256",
        "size",
        "row_count",
    )
    query = (
        sa.select(*(OUTBOX_FILE.c[name] for name in (*names, "state")))
        .where(OUTBOX_FILE.c.run_id == run_id)
        .order_by(OUTBOX_FILE.c.outbox_id)
    )
    return tuple(SentFact(*row) for row in conn.execute(query))


def _proofs_of(conn: sa.Connection, run_id: int) -> tuple[ProofFact, ...]:
    columns = (RUN_PROOF.c[name] for name in ProofFact.__dataclass_fields__)
    query = sa.select(*columns).where(RUN_PROOF.c.run_id == run_id).order_by(RUN_PROOF.c.name)
    return tuple(ProofFact(*row) for row in conn.execute(query))


def facts_of(conn: sa.Connection, run_id: int) -> RunFacts:
    """Return everything that a report of a past run says; raise UsageError where there is no such run."""
    columns = (RUN.c[name] for name in PastRun.__dataclass_fields__)
    row = conn.execute(sa.select(*columns).where(RUN.c.run_id == run_id)).one_or_none()
    if row is None:
        raise UsageError(_("there is no run {number}").format(number=run_id), hint="ecsync runs list")
    run = PastRun(*row)
    kept = run.state in {"committed", "delivered"}
    query = (
        sa.select(RUN_FIGURE.c.name, RUN_FIGURE.c.value)
        .where(RUN_FIGURE.c.run_id == run_id)
        .order_by(RUN_FIGURE.c.name)
    )
    return RunFacts(
        run_id=run.run_id,
        kind=run.kind,
        business_date=run.business_date,
        clock=run.clock,
        dry=False,
        state=run.state,
        exit_status=run.exit_status or 0,
        findings=tuple(findings_of(conn, run_id)),
        files=files_of(conn, run_id),
        sent=_sent_by(conn, run_id),
        proofs=_proofs_of(conn, run_id),
        standing=standing_of(conn, run_id) if kept else (),
        figures={str(name): int(value) for name, value in conn.execute(query)},
    )


def newest(conn: sa.Connection) -> int:
    """Return the number of the newest run; 0 where there is none."""
    return int(conn.execute(sa.select(sa.func.max(RUN.c.run_id))).scalar() or 0)


def findings_of(conn: sa.Connection, run_id: int) -> list[Finding]:
    """Return what a run had to say, in order."""
    query = (
        sa.select(FINDING.c.code, FINDING.c.subject, FINDING.c.params)
        .where(FINDING.c.run_id == run_id)
        .order_by(FINDING.c.position)
    )
    return [Finding(row[0], row[1], json.loads(row[2] or "{}")) for row in conn.execute(query)]
