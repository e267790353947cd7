"""`sync`, `plan`, `apply`, `push`: run the function, for real or as a dry run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecsync.cli import console, progress_bars, state
from ecsync.cli.contents import said_of
from ecsync.cli.reporting import Form, Format, Out, give, settled, spoken
from ecsync.cli.statuses import epilog
from ecsync.errors import EcsyncError, UsageError
from ecsync.locale import _

if TYPE_CHECKING:
    from ecsync.config import Settings
    from ecsync.run.outcome import Outcome

_RUN_STATUSES = (3, 4, 10, 11, 12, 13, 14, 15, 16)
_APPLY_STATUSES = (3, 10, 11, 12, 13, 14, 15, 16)


def add(app: typer.Typer) -> None:
    """Add the commands to the tree."""
    app.command("sync", help=said_of("sync"), epilog=epilog(*_RUN_STATUSES))(sync)
    app.command("plan", help=said_of("plan"), epilog=epilog(*_RUN_STATUSES))(plan)
    app.command("apply", help=said_of("apply"), epilog=epilog(*_APPLY_STATUSES))(apply)
    app.command("push", help=said_of("push"), epilog=epilog(*_APPLY_STATUSES))(push)


Kind = Annotated[
    str, typer.Argument(help=_("Kind of run: morning, noon, evening, stock, night, or your own."))
]
Wait = Annotated[float, typer.Option("--wait", metavar="MIN", help=_("Wait so many minutes for the lock."))]
Override = Annotated[
    list[str] | None,
    typer.Option(
        "--override", metavar="GUARD:FLOW", help=_("Let a guard pass once for a flow; it is logged.")
    ),
]
ExitCode = Annotated[
    bool, typer.Option("--exit-code", help=_("End with 4 when a dry run finds differences."))
]


def sync(
    kind: Kind = "night",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=_("Show what would happen; send nothing."))
    ] = False,
    wait: Wait = 0,
    override: Override = None,
    exit_code: ExitCode = False,
    form: Format = None,
    out: Out = None,
) -> int:
    """Run once for real, or with --dry-run as a plan below reports/dry-run."""
    settled(form, out)
    settings = state.settings()
    clock = state.clock(settings)
    if dry_run:
        folder = settings.folder / "reports" / "dry-run" / f"{kind}-{clock.replace(':', '')}"
        return _plan(kind, folder, wait, _overrides(override), exit_code=exit_code, form=form, report=out)
    from ecsync.run.sync import Request  # noqa: PLC0415
    from ecsync.run.sync import sync as run_sync  # noqa: PLC0415

    request = Request(kind=kind, clock=clock, wait_minutes=wait, owner="sync", overrides=_overrides(override))
    with _leaving_a_report(settings), progress_bars.shown():
        outcome = run_sync(settings, request)
    return _show(outcome, form, out)


def plan(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help=_("Folder of the plan."))],
    kind: Kind = "night",
    wait: Wait = 0,
    override: Override = None,
    exit_code: ExitCode = False,
    form: Format = None,
) -> int:
    """Make a plan."""
    settled(form)
    return _plan(kind, out, wait, _overrides(override), exit_code=exit_code, form=form)


def _plan(
    kind: str,
    out: Path,
    wait: float,
    overrides: tuple[tuple[str, str], ...],
    *,
    exit_code: bool,
    form: Form | None,
    report: Path | None = None,
) -> int:
    from ecsync.run.plan import PlanRequest, make_plan  # noqa: PLC0415

    settings = state.settings()
    with progress_bars.shown():
        made = make_plan(settings, PlanRequest(kind, state.clock(settings), out.resolve(), wait, overrides))
    status = _show(made.outcome, form, report, plan=made.folder)
    for name in made.manifest.waiting:
        console.talk(_("Still waiting in the outbox: {name}").format(name=name))
    console.talk(
        _("The plan is in {folder}; make it real with `ecsync apply {folder}`").format(folder=made.folder)
    )
    differs = bool(made.manifest.outputs or made.manifest.changes)
    return 4 if exit_code and differs and status == 0 else status


def apply(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=_("Folder of the plan."))],
    wait: Wait = 0,
    form: Format = None,
    out: Out = None,
) -> int:
    """Apply a plan."""
    settled(form, out)
    from ecsync.run.apply import apply_plan  # noqa: PLC0415

    settings = state.settings()
    with _leaving_a_report(settings), progress_bars.shown():
        outcome = apply_plan(settings, folder.resolve(), wait_minutes=wait)
    return _show(outcome, form, out)


def push(wait: Wait = 0, form: Format = None, out: Out = None) -> int:
    """Deliver what waits."""
    settled(form, out)
    from ecsync.run.push import push as run_push  # noqa: PLC0415

    settings = state.settings()
    with progress_bars.shown():
        outcome = run_push(settings, clock=state.clock(settings), wait_minutes=wait)
    return _show(outcome, form, out)


def _overrides(given: list[str] | None) -> tuple[tuple[str, str], ...]:
    pairs = []
    for word in given or ():
        guard, separator, flow = word.partition(":")
        if not separator or not flow:
            raise UsageError(_("--override {word} is not GUARD:FLOW").format(word=word))
        pairs.append((guard, flow))
    return tuple(pairs)


@contextmanager
def _leaving_a_report(settings: Settings) -> Iterator[None]:
    """Leave the report of a run that fails inside the block."""
    try:
        yield
    except EcsyncError:
        from ecsync.report import filing  # noqa: PLC0415

        if (path := filing.leave_failed(settings)) is not None:
            console.talk(_("the report is in {path}").format(path=path))
        raise


def _show(outcome: Outcome, form: Form | None, out: Path | None, *, plan: Path | None = None) -> int:
    """Leave the run's HTML report, and give the report as it was asked for."""
    from ecsync.report import filing, run_report, run_summary  # noqa: PLC0415
    from ecsync.run import history  # noqa: PLC0415
    from ecsync.run.standing import reading  # noqa: PLC0415

    settings = state.settings()
    if outcome.dry or not outcome.run_id:
        facts, earlier = run_summary.facts_of(outcome, settings), []
    else:
        with reading(settings) as conn:
            facts = history.facts_of(conn, outcome.run_id)
            earlier = [history.facts_of(conn, run_id) for run_id in outcome.finished]
    left = None
    if plan is not None:
        left = filing.leave(settings, facts, plan / filing.PLAN_REPORT)
    elif facts.run_id:
        left = filing.leave_run(settings, facts)
    for finished in earlier:
        if (path := filing.leave_run(settings, finished)) is not None:
            console.talk(_("the report is in {path}").format(path=path))
    with spoken(settings, out):
        give(run_report.report_of(facts, settings, place=str(left or "")), form, out)
    return outcome.exit_status
