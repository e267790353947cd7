"""The real run: take the lock, finish what an earlier run left, perform, commit, deliver, report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecsync.errors import EcsyncError, OutcomeUnknownError
from ecsync.exchange import delivery, inbox, reconciliation
from ecsync.exchange.journal import DeliveryJournal
from ecsync.faultpoints import declare, faultpoint
from ecsync.findings import FindingLog
from ecsync.locale import _
from ecsync.master import lock as locks
from ecsync.master.engine import master_errors, open_engine
from ecsync.master.erasing import forget_blanked
from ecsync.master.upgrade import require_current
from ecsync.run import collecting, guards, history, records, saying, workspace
from ecsync.run.clock import business_date
from ecsync.run.collecting import Collector, RemoteCollector
from ecsync.run.ground import CommittingGround
from ecsync.run.outcome import Outcome
from ecsync.run.retain import PERSONAL_TABLES, erase_files
from ecsync.run.session import BeforeCommit, Session, perform
from ecsync.run.stages import stages_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from ecsync.config import Settings
    from ecsync.exchange.steps import Steps
    from ecsync.run.records import RunRow

AFTER_RUN_ROW = declare("sync.after_run_row", "the run's row is committed; nothing is collected")
AFTER_COLLECT = declare("sync.before_delivery", "the run is committed; remote inputs are not archived yet")
AFTER_DELIVERY = declare("sync.after_delivery", "everything was delivered; the run is not closed yet")


@dataclass(frozen=True)
class Request:
    """What is asked of a real run."""

    kind: str
    clock: str
    wait_minutes: float = 0
    owner: str = "sync"
    overrides: tuple[tuple[str, str], ...] = ()
    collector: Callable[[workspace.Workspace], Collector] | None = None
    before_commit: BeforeCommit | None = None


def sync(settings: Settings, request: Request) -> Outcome:
    """Run once and commit; raise EcsyncError where nothing was kept."""
    stages_of(settings, request.kind)
    guards.refuse_unknown(settings, request.overrides)
    engine = open_engine(settings)
    try:
        with master_errors():
            require_current(engine)
            with locks.run_lock(
                settings, engine, wait_minutes=request.wait_minutes, owner=request.owner, now=request.clock
            ) as held:
                return _locked(settings, engine, request, held)
    finally:
        engine.dispose()


def _locked(settings: Settings, engine: sa.Engine, request: Request, held: locks.HeldLock) -> Outcome:
    ground = CommittingGround(engine)
    space = workspace.real(settings)
    space.prepare()
    findings = FindingLog()
    journal = DeliveryJournal(settings.path(settings.outbox.journal))
    refuse_unreconciled(ground.steps, journal)
    run, finished = _run_row(settings, ground.steps, request, journal, findings, held)
    _grant_overrides(ground.steps, request, run)
    faultpoint(AFTER_RUN_ROW)
    collector = request.collector(space) if request.collector else RemoteCollector(settings, space.spool)
    session = Session(settings, ground, space, run, collector, _fenced(held, request.before_commit), findings)
    try:
        outcome = perform(session)
    except EcsyncError as error:
        with ground.steps.begin() as conn:
            records.set_state(conn, run.run_id, "failed", exit_status=error.exit_status, ended_at=run.clock)
        raise
    faultpoint(AFTER_COLLECT)
    finish(settings, ground.steps, run, journal, outcome, held)
    _close(ground.steps, [*finished, (run, outcome)])
    # What an earlier run had to say was said to nobody: its process died before its end.
    outcome.finished = tuple(earlier.run_id for earlier, _told in finished)
    outcome.statuses |= {told.exit_status for _earlier, told in finished}
    if any(stage.name == "retain" for stage in stages_of(settings, run.kind)):
        forget_blanked(engine, PERSONAL_TABLES)
    return outcome


def refuse_unreconciled(steps: Steps, journal: DeliveryJournal) -> None:
    """Raise OutcomeUnknownError where the delivery journal knows more than the database: a restored backup."""
    with steps.begin() as conn:
        behind = reconciliation.needs_reconciliation(journal, conn)
    if behind:
        raise OutcomeUnknownError(
            _("the delivery journal knows of deliveries that the database does not: was a backup restored?"),
            hint="ecsync outbox reconcile",
        )


def _fenced(held: locks.HeldLock, then: BeforeCommit | None) -> BeforeCommit:
    def check(ctx: object, outcome: Outcome) -> None:
        locks.check_fence(ctx.conn, held.fence)  # type: ignore[attr-defined]
        if then is not None:
            then(ctx, outcome)  # type: ignore[arg-type]

    return check


def _run_row(
    settings: Settings,
    steps: Steps,
    request: Request,
    journal: DeliveryJournal,
    findings: FindingLog,
    held: locks.HeldLock,
) -> tuple[RunRow, list[tuple[RunRow, Outcome]]]:
    today = business_date(request.clock, settings.zone)
    with steps.begin() as conn:
        unfinished = records.unfinished(conn)
    resumed: RunRow | None = None
    finished: list[tuple[RunRow, Outcome]] = []
    for run in unfinished:
        if run.state == "committed":
            outcome = _committed(steps, run)
            finish(settings, steps, run, journal, outcome, held)
            finished.append((run, outcome))
            findings.add("run_resumed", str(run.run_id))
        elif run.kind == request.kind and run.business_date == today and request.before_commit is None:
            resumed = run
            findings.add("run_resumed", str(run.run_id))
        else:
            with steps.begin() as conn:
                records.set_state(conn, run.run_id, "abandoned", ended_at=request.clock)
            findings.add("run_abandoned", str(run.run_id))
    if resumed is not None:
        return resumed, finished
    with steps.begin() as conn:
        return records.open_run(conn, request.kind, today, request.clock), finished


def _committed(steps: Steps, run: RunRow) -> Outcome:
    """Return the outcome of a run as it was at its commit."""
    outcome = Outcome(run.run_id, run.kind, run.business_date, run.clock, dry=False)
    with steps.begin() as conn:
        outcome.findings.extend(history.findings_of(conn, run.run_id))
    outcome.statuses.add(run.exit_status or 0)
    return outcome


def _grant_overrides(steps: Steps, request: Request, run: RunRow) -> None:
    for guard, subject in request.overrides:
        with steps.begin() as conn:
            guards.grant(conn, guard, subject, request.owner, run.clock, run.run_id)


def finish(
    settings: Settings,
    steps: Steps,
    run: RunRow,
    journal: DeliveryJournal,
    outcome: Outcome,
    held: locks.HeldLock,
) -> None:
    """Do what comes after the commit, as often as it takes: archive remote inputs, deliver, erase files."""
    outcome.statuses |= archive_inputs(settings, steps, outcome.findings)
    delivered = delivery.deliver(
        steps,
        settings,
        journal,
        outcome.findings,
        now=run.clock,
        run_id=run.run_id,
        fence=lambda conn: locks.check_fence(conn, held.fence),
    )
    outcome.deliveries = dict(delivered.counts)
    outcome.statuses |= delivered.statuses
    erase_files(settings, steps, run.clock)
    faultpoint(AFTER_DELIVERY)


def _close(steps: Steps, runs: list[tuple[RunRow, Outcome]]) -> None:
    """Close the rows of runs together: none that was finished for another is closed before somebody tells it."""
    with steps.begin() as conn:
        for run, outcome in runs:
            if len(outcome.findings):
                saying.record(conn, run, outcome.findings)
            records.set_state(
                conn, run.run_id, "delivered", exit_status=outcome.exit_status, ended_at=run.clock
            )


def archive_inputs(settings: Settings, steps: Steps, findings: FindingLog) -> set[int]:
    """Archive or delete on the remote side every loaded file whose flow says so; return the statuses."""
    return inbox.finish_remote(
        steps,
        settings,
        findings,
        facts={flow.name: collecting.flow_facts(settings, flow) for flow in settings.inbound},
    )
