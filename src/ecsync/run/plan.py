"""The dry run: the same function on ground that is undone, leaving the bytes that a real run would send."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ecsync.master import generation
from ecsync.master import lock as locks
from ecsync.master.engine import is_sqlite, master_errors, open_engine, sqlite_path
from ecsync.master.snapshot import copy_for_reading
from ecsync.master.tables_running import INBOX_FILE, INBOX_SIGHTING, OUTBOX_FILE
from ecsync.master.upgrade import absent, require_current
from ecsync.run import guards, manifest, pairs, plan_folder, records, workspace
from ecsync.run.clock import business_date
from ecsync.run.collecting import RemoteCollector
from ecsync.run.ground import CommittingGround, Ground, RolledBackGround
from ecsync.run.session import Session, perform
from ecsync.run.stages import stages_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecsync.config import Settings
    from ecsync.run.outcome import Outcome


@dataclass(frozen=True)
class PlanRequest:
    """What is asked of a dry run."""

    kind: str
    clock: str
    out: Path
    wait_minutes: float = 0
    overrides: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Plan:
    """A finished plan: the run as it would be, and the manifest that holds `apply` to it."""

    outcome: Outcome
    manifest: manifest.Manifest
    folder: Path


def make_plan(settings: Settings, request: PlanRequest) -> Plan:
    """Run the function and undo it; leave inputs, outputs and plan.json in the plan's folder.

    Writes nothing to the master, the remotes or the inbound folders, and takes no lock on SQLite.
    """
    stages_of(settings, request.kind)
    guards.refuse_unknown(settings, request.overrides)
    if is_sqlite(settings) and not sqlite_path(settings).is_file():
        raise absent()
    with plan_folder.emptied(request.out, owner=request.kind, wait_minutes=request.wait_minutes):
        return _made(settings, request)


def _made(settings: Settings, request: PlanRequest) -> Plan:
    space = workspace.dry(request.out)
    space.prepare()
    with _ground(settings, request) as (ground, start):
        _take_pending(ground, settings, space.spool)
        with ground.steps.begin() as conn:
            waiting = _waiting(conn)
            before = {int(row[0]) for row in conn.execute(sa.select(INBOX_FILE.c.file_id))}
            pending = _pending(conn)
            run = records.open_run(
                conn, request.kind, business_date(request.clock, settings.zone), request.clock
            )
            for guard, subject in request.overrides:
                guards.grant(conn, guard, subject, "plan", request.clock, run.run_id)
        outcome = perform(Session(settings, ground, space, run, RemoteCollector(settings, space.spool)))
        with ground.steps.begin() as conn:
            inputs = _inputs(conn, before, pending) + _seen_again(conn, settings, run.run_id)
    shutil.rmtree(space.staging, ignore_errors=True)
    made = manifest.Manifest(
        kind=request.kind,
        clock=request.clock,
        business_date=outcome.business_date,
        generation=start,
        configuration=settings.fingerprint,
        mappings=manifest.mapping_fingerprints(settings),
        inputs=inputs,
        outputs=manifest.outputs_of(outcome.published),
        changes=outcome.changes,
        waiting=waiting,
        exit_status=outcome.exit_status,
        overrides=request.overrides,
    )
    made.write(request.out)
    _lay_out(outcome, request.out)
    return Plan(outcome, made, request.out)


@contextmanager
def _ground(settings: Settings, request: PlanRequest) -> Iterator[tuple[Ground, int]]:
    if is_sqlite(settings):
        copy = request.out / "master-copy.db"
        copy_for_reading(sqlite_path(settings), copy)
        engine = open_engine(settings, sqlite_path=copy)
        try:
            with master_errors():
                require_current(engine)
                with engine.connect() as conn:
                    start = generation.current(conn)
                yield CommittingGround(engine), start
        finally:
            engine.dispose()
            for leftover in request.out.glob("master-copy.db*"):
                leftover.unlink()
        return
    engine = open_engine(settings)
    try:
        with master_errors():
            require_current(engine)
            with (
                # Not even the lock's owner is written: a dry run leaves every table as it is.
                locks.run_lock(
                    settings,
                    engine,
                    wait_minutes=request.wait_minutes,
                    owner="plan",
                    now=request.clock,
                    record=False,
                ),
                engine.connect() as conn,
            ):
                outer = conn.begin()
                try:
                    yield RolledBackGround(conn), generation.current(conn)
                finally:
                    outer.rollback()
    finally:
        engine.dispose()


def _pending(conn: sa.Connection) -> frozenset[int]:
    return frozenset(
        int(row[0])
        for row in conn.execute(sa.select(INBOX_FILE.c.file_id).where(INBOX_FILE.c.state == "spooled"))
    )


def _take_pending(ground: Ground, settings: Settings, inputs: Path) -> None:
    with ground.steps.begin() as conn:
        rows = conn.execute(
            sa.select(INBOX_FILE.c.spool_path).where(INBOX_FILE.c.state.in_(("spooled", "guarded")))
        ).all()
    for (relative,) in rows:
        name = Path(str(relative)).name
        source = settings.folder / "spool" / name
        if source.is_file():
            shutil.copyfile(source, inputs / name)


def _waiting(conn: sa.Connection) -> tuple[str, ...]:
    query = (
        sa.select(OUTBOX_FILE.c.remote_name)
        .where(OUTBOX_FILE.c.state.not_in(("verified", "acknowledged", "dropped", "conflict", "unknown")))
        .order_by(OUTBOX_FILE.c.priority, OUTBOX_FILE.c.outbox_id)
    )
    return tuple(str(row[0]) for row in conn.execute(query))


def _inputs(
    conn: sa.Connection, before: set[int], pending: frozenset[int]
) -> tuple[manifest.PlannedInput, ...]:
    rows = conn.execute(
        sa.select(
            INBOX_FILE.c.file_id,
            INBOX_FILE.c.flow,
            INBOX_FILE.c.name,
            INBOX_FILE.c.size,
            INBOX_FILE.c.mtime,
            INBOX_FILE.c.as_of,
            INBOX_FILE.c.sha256,
        ).order_by(INBOX_FILE.c.flow, INBOX_FILE.c.as_of, INBOX_FILE.c.name, INBOX_FILE.c.file_id)
    ).all()
    return tuple(
        manifest.PlannedInput(row[1], row[2], int(row[3]), row[4], row[5], row[6], row[0] in before)
        for row in rows
        if row[0] not in before or row[0] in pending
    )


def _seen_again(conn: sa.Connection, settings: Settings, run_id: int) -> tuple[manifest.PlannedInput, ...]:
    """Return known files that this run saw again and that count: for a later time, or as half of a new pair."""
    flows = {
        flow.name for pair in pairs.pairs_of(settings, settings.inbound) for flow in (pair.heads, pair.rows)
    }
    seen = INBOX_SIGHTING.c
    later = (
        sa.select(INBOX_FILE.c.file_id)
        .where(
            INBOX_FILE.c.flow == seen.flow,
            INBOX_FILE.c.sha256 == seen.sha256,
            INBOX_FILE.c.seen_as_of > INBOX_FILE.c.as_of,
        )
        .exists()
    )
    query = (
        sa.select(seen.flow, seen.name, seen.size, seen.mtime, seen.sha256)
        .where(
            seen.run_id == run_id,
            seen.outcome == "known",
            sa.or_(seen.flow.in_(sorted(flows)), later),
        )
        .order_by(seen.flow, seen.name, seen.sighting_id)
    )
    return tuple(
        manifest.PlannedInput(row[0], row[1], int(row[2]), row[3], "", row[4], pending=False)
        for row in conn.execute(query)
    )


def _lay_out(outcome: Outcome, folder: Path) -> None:
    for published in outcome.published:
        target = folder / "files" / published.endpoint / published.remote_dir / published.remote_name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(published.payload, target)
        target.chmod(0o600)
