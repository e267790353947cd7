"""`runs list|show`: the ledger of runs."""

from __future__ import annotations

from typing import Annotated

import typer

from ecsync.cli import state
from ecsync.cli.reporting import Format, Out, give
from ecsync.cli.statuses import epilog
from ecsync.errors import UsageError
from ecsync.locale import _


def build() -> typer.Typer:
    """Build the group."""
    app = typer.Typer(help=_("The ledger of runs."), no_args_is_help=True)
    app.command("list", help=_("List the newest runs."), epilog=epilog(10, 15))(listing)
    app.command("show", help=_("Show the stages and findings of a run."), epilog=epilog(10, 15))(show)
    return app


def listing(form: Format = None, out: Out = None) -> int:
    """List."""
    from ecsync.report.blocks import Column, table_report  # noqa: PLC0415
    from ecsync.run import history  # noqa: PLC0415
    from ecsync.run.standing import reading  # noqa: PLC0415

    with reading(state.settings()) as conn:
        rows = history.past_runs(conn)
    report = table_report(
        _("Runs"),
        (
            Column("#", "count"),
            _("kind"),
            _("business date"),
            _("as of"),
            _("state"),
            Column(_("exit status"), "count"),
        ),
        [(r.run_id, r.kind, r.business_date, r.clock, r.state, r.exit_status) for r in rows],
        [vars(r) for r in rows],
        empty=_("nothing"),
    )
    give(report, form, out)
    return 0


def show(
    number: Annotated[int, typer.Argument(metavar="NUMBER")], form: Format = None, out: Out = None
) -> int:
    """Show."""
    from ecsync.report.blocks import Block, Column, Report  # noqa: PLC0415
    from ecsync.run import history  # noqa: PLC0415
    from ecsync.run.standing import reading  # noqa: PLC0415

    with reading(state.settings()) as conn:
        if not history.exists(conn, number):
            raise UsageError(_("there is no run {number}").format(number=number), hint="ecsync runs list")
        stages = history.stages_of(conn, number)
        findings = history.findings_of(conn, number)
    columns = (_("stage"), Column(_("rows written"), "count"))
    rows = tuple((stage, int(written)) for stage, written in stages)
    said = tuple(f"{finding.sentence()} {finding.action()}".rstrip() for finding in findings)
    report = Report(
        _("Run {number}").format(number=number),
        (
            Block(_("Stages"), columns=columns, rows=rows, empty=_("nothing")),
            Block(_("Findings"), said, empty=_("nothing")),
        ),
        data={
            "stages": dict(stages),
            "findings": [{"code": f.code, "subject": f.subject, "text": f.sentence()} for f in findings],
        },
    )
    give(report, form, out)
    return 0
