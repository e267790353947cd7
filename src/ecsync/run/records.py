"""The rows that say which runs there were: opened before load, closed after delivery."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass

import sqlalchemy as sa

import ecsync
from ecsync.master import counters
from ecsync.master.tables_running import RUN, STAGE_RUN


@dataclass(frozen=True)
class RunRow:
    """One run: its number, kind, business date, clock and state."""

    run_id: int
    kind: str
    business_date: str
    clock: str
    state: str
    exit_status: int | None = None


_COLUMNS = (RUN.c.run_id, RUN.c.kind, RUN.c.business_date, RUN.c.clock, RUN.c.state, RUN.c.exit_status)


def unfinished(conn: sa.Connection) -> list[RunRow]:
    """Return the runs that are open or committed but not delivered, oldest first."""
    query = sa.select(*_COLUMNS).where(RUN.c.state.in_(("open", "committed"))).order_by(RUN.c.run_id)
    return [RunRow(*row) for row in conn.execute(query)]


def open_run(conn: sa.Connection, kind: str, business_date: str, clock: str) -> RunRow:
    """Insert the row of a new run and return it."""
    run_id = counters.take(conn, "run", 1)
    conn.execute(
        sa.insert(RUN).values(
            run_id=run_id,
            kind=kind,
            business_date=business_date,
            clock=clock,
            state="open",
            started_at=clock,
            host=socket.gethostname(),
            pid=os.getpid(),
            program_version=ecsync.__version__,
        )
    )
    return RunRow(run_id, kind, business_date, clock, "open")


def set_state(
    conn: sa.Connection, run_id: int, state: str, *, exit_status: int | None = None, ended_at: str = ""
) -> None:
    """Move a run to another state."""
    values: dict[str, object] = {"state": state}
    if exit_status is not None:
        values["exit_status"] = exit_status
    if ended_at:
        values["ended_at"] = ended_at
    conn.execute(sa.update(RUN).where(RUN.c.run_id == run_id).values(**values))


def note_stage(conn: sa.Connection, run_id: int, position: int, stage: str, summary: str) -> None:
    """Record that a stage ran, with its summary; a resumed run writes over its first try."""
    conn.execute(sa.delete(STAGE_RUN).where(STAGE_RUN.c.run_id == run_id, STAGE_RUN.c.position == position))
    conn.execute(sa.insert(STAGE_RUN).values(run_id=run_id, position=position, stage=stage, summary=summary))
