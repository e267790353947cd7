"""The run is a function: (master, inbound files, settings, clock) -> (master', outbound files, findings).

Dry and real runs go through `perform`; only the ground they stand on and the delivery differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ecsync.errors import EcsyncError, ProofError
from ecsync.findings import FindingLog
from ecsync.locale import N_, _
from ecsync.master import generation
from ecsync.master.context import RunContext
from ecsync.master.engine import reader_of
from ecsync.master.schema import business_tables
from ecsync.master.tables_running import INBOX_FILE
from ecsync.progress import step
from ecsync.run import (
    duplicate_pass,
    facts,
    guards,
    history,
    inbox_states,
    joining,
    load,
    pairs,
    prove,
    records,
    repeated_states,
    saying,
    tally,
)
from ecsync.run.clock import local_text
from ecsync.run.expected import stale_flows
from ecsync.run.outcome import Outcome
from ecsync.run.publish import publish
from ecsync.run.spooled import spooled
from ecsync.run.stages import Stage, entities_of, stages_of

if TYPE_CHECKING:
    from ecsync.config import Inbound, Settings
    from ecsync.master.proof import Proof
    from ecsync.run import collecting
    from ecsync.run.ground import Ground
    from ecsync.run.loaded_file import LoadedFile
    from ecsync.run.records import RunRow
    from ecsync.run.workspace import Workspace

BeforeCommit = Callable[[RunContext, Outcome], None]


@dataclass
class Session:
    """Everything one run works with. `before_commit` may still refuse (a stale plan)."""

    settings: Settings
    ground: Ground
    workspace: Workspace
    run: RunRow
    collector: collecting.Collector
    before_commit: BeforeCommit | None = None
    findings: FindingLog = field(default_factory=FindingLog)

    def outcome(self) -> Outcome:
        """Return the still empty outcome of this session's run."""
        return Outcome(
            run_id=self.run.run_id,
            kind=self.run.kind,
            business_date=self.run.business_date,
            clock=self.run.clock,
            dry=self.workspace.dry,
            local_clock=local_text(self.run.clock, self.settings.zone),
            findings=self.findings,
            settings=self.settings,
        )


def perform(session: Session) -> Outcome:
    """Collect, load, decide, prove and publish; commit. Delivery is the caller's.

    Raises EcsyncError; then nothing of the transaction was kept, and the findings so far are written apart.
    """
    outcome = session.outcome()
    stages = stages_of(session.settings, session.run.kind)
    flows = load.known_entities(session.settings, session.settings.inbound, entities_of(stages))
    outcome.statuses |= session.collector.collect(session.ground.steps, flows, session.run, session.findings)
    with session.ground.steps.begin() as conn:
        files = spooled(conn, [flow.name for flow in flows])
        arranged = pairs.arrange(conn, session.settings, flows, files, session.workspace)
        guards.remind(conn, flows, session.findings)
        pairs.say_waiting(conn, session.settings, arranged.waiting, session.run.clock, session.findings)
    session.workspace.clear_staging()
    try:
        _decide_without_broken_files(session, outcome, stages, flows, arranged)
    except EcsyncError:
        with session.ground.steps.begin() as conn:
            saying.record(conn, session.run, session.findings)
        raise
    finally:
        session.workspace.clear_staging()
    return outcome


class _UnaccountedRowsError(ProofError):
    """Rows of these files became nothing that the run can name."""

    def __init__(self, files: list[LoadedFile]) -> None:
        super().__init__(
            _("rows of {files} are not accounted for").format(files=", ".join(f.name for f in files))
        )
        self.files = files


def _decide_without_broken_files(
    session: Session,
    outcome: Outcome,
    stages: tuple[Stage, ...],
    flows: list[Inbound],
    arranged: pairs.Arranged,
) -> None:
    """Decide; where a file's rows do not add up, undo, put that file aside and decide on the rest."""
    broken: set[int] = set()
    while True:
        mark = session.findings.mark()
        try:
            usable = [arrival for arrival in arranged.arrivals if not arrival.holds(broken)]
            _decide(session, outcome, stages, flows, pairs.Arranged(usable, arranged.waiting))
        except _UnaccountedRowsError as error:
            session.findings.rewind(mark)
            session.workspace.clear_staging()
            with session.ground.steps.begin() as conn:
                for file in error.files:
                    broken.add(file.file_id)
                    inbox_states.stop(conn, file.file_id, "rows_unaccounted")
                    session.findings.add("proof_broken", file.name, proof="file.rows", detail=file.flow)
        else:
            return


def _decide(
    session: Session,
    outcome: Outcome,
    stages: tuple[Stage, ...],
    flows: list[Inbound],
    arranged: pairs.Arranged,
) -> None:
    settings = session.settings
    with session.ground.staging(session.workspace.staging) as staging:
        loaded = load.load(
            session.ground.steps,
            settings,
            arranged.arrivals,
            staging,
            session.workspace,
            session.findings,
            now=session.run.clock,
            run_id=session.run.run_id,
        )
        staging.close()
        outcome.files_taken = [file.name for file in loaded.files]
        with session.ground.steps.begin() as conn:
            stale = stale_flows(
                reader_of(conn),
                settings,
                flows,
                session.run.clock,
                session.findings,
                unusable=loaded.refused.keys()
                | loaded.guarded.keys()
                | {file.file_id for file in arranged.waiting},
            )
        with session.ground.transaction(staging) as conn:
            ctx = RunContext(
                conn=conn,
                run_id=session.run.run_id,
                kind=session.run.kind,
                now=session.run.clock,
                business_date=session.run.business_date,
                settings=settings,
                findings=session.findings,
                stale_flows=stale,
            )
            duplicate_pass.prepare(ctx, loaded)
            with step(N_("deciding"), total=len(stages)) as advance:
                for position, stage in enumerate(stages, start=1):
                    _run_stage(ctx, position, stage)
                    advance(1)
            joining.settle_heads(ctx, loaded)
            repeated_states.name_contradicted(ctx)
            file_proofs = _file_proofs(ctx, settings, loaded)
            outcome.proofs, held = prove.prove(ctx, file_proofs)
            outcome.published = publish(ctx, stages, session.workspace, held)
            _close(ctx, session, outcome, loaded)


def _run_stage(ctx: RunContext, position: int, stage: Stage) -> None:
    before = ctx.changes
    with ctx.conn.begin_nested():
        for step in stage.steps:
            step(ctx)
    records.note_stage(ctx.conn, ctx.run_id, position, stage.name, str(ctx.changes - before))


def _file_proofs(ctx: RunContext, settings: Settings, loaded: load.Loaded) -> list[Proof]:
    proofs = tally.account(ctx, loaded.files, lambda file, lines: load.fetch_records(settings, file, lines))
    broken = [file for file, proof in zip(loaded.files, proofs, strict=True) if not proof.holds]
    if broken:
        raise _UnaccountedRowsError(broken)
    return proofs


def _close(ctx: RunContext, session: Session, outcome: Outcome, loaded: load.Loaded) -> None:
    for state, reasons in (("refused", loaded.refused), ("guarded", loaded.guarded)):
        for file_id, reason in sorted(reasons.items()):
            _set_file(ctx, file_id, state, reason)
    for file in loaded.files:
        _set_file(ctx, file.file_id, "loaded", "")
    outcome.changes = changed_rows(ctx)
    facts.keep_standing(ctx)
    outcome.standing = history.standing_of(ctx.conn, ctx.run_id)
    outcome.files = history.files_of(ctx.conn, ctx.run_id)
    outcome.figures = facts.figures(ctx, outcome.changes)
    facts.record(ctx.conn, ctx.run_id, outcome.figures, facts.gather(outcome.proofs))
    if ctx.changes:
        generation.bump(ctx.conn)
    outcome.generation = generation.current(ctx.conn)
    if session.before_commit is not None:
        session.before_commit(ctx, outcome)
    saying.record(ctx.conn, session.run, session.findings)
    # Whoever finishes this run in our place tells its status and findings, for we may not live to do it.
    records.set_state(ctx.conn, ctx.run_id, "committed", exit_status=outcome.exit_status)


def _set_file(ctx: RunContext, file_id: int, state: str, reason: str) -> None:
    ctx.conn.execute(
        sa.update(INBOX_FILE)
        .where(INBOX_FILE.c.file_id == file_id, INBOX_FILE.c.state != "erased")  # past its days already
        .values(state=state, reason=reason, run_id=ctx.run_id)
    )


def changed_rows(ctx: RunContext) -> dict[str, int]:
    """Return how many rows of each business table this run wrote: the change set of a plan."""
    found = {}
    for table in business_tables():
        if "run_id" in table.c:
            count = ctx.scalar(f"SELECT COUNT(*) FROM {table.name} WHERE run_id = :run", run=ctx.run_id)  # noqa: S608
            if count:
                found[table.name] = int(count)
    return found
