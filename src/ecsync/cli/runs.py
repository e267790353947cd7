"""`runs list|show`: the ledger of runs."""

from __future__ import annotations

from typing import Annotated

import typer

from ecsync.cli import console, state
from ecsync.cli.statuses import epilog
from ecsync.errors import UsageError
from ecsync.locale import _


def build() -> typer.Typer:
    """Build the group."""
    app = typer.Typer(help=_("The ledger of runs."), no_args_is_help=True)
    app.command("list", help=_("List the newest runs."), epilog=epilog(10, 15))(listing)
    app.command("show", help=_("Show the stages and findings of a run."), epilog=epilog(10, 15))(show)
    return app


def listing() -> int:
    """List."""
    from ecsync.run import history  # noqa: PLC0415
    from ecsync.run.standing import reading  # noqa: PLC0415

    with reading(state.settings()) as conn:
        rows = history.past_runs(conn)
    console.table(
        ("#", _("kind"), _("business date"), _("as of"), _("state"), _("exit status")),
        [(str(r.run_id), r.kind, r.business_date, r.clock, r.state, str(r.exit_status)) for r in rows],
    )
    console.data([vars(r) for r in rows])
    return 0


def show(number: Annotated[int, typer.Argument(metavar="NUMBER")]) -> int:
    """Show."""
    from ecsync.run import history  # noqa: PLC0415
    from ecsync.run.standing import reading  # noqa: PLC0415

    with reading(state.settings()) as conn:
        if not history.exists(conn, number):
            raise UsageError(_("there is no run {number}").format(number=number), hint="ecsync runs list")
        stages = history.stages_of(conn, number)
        findings = history.findings_of(conn, number)
    console.table((_("stage"), _("rows written")), stages)
    for finding in findings:
        console.say(f"{finding.sentence()} {finding.action()}".rstrip())
    console.data(
        {
            "stages": dict(stages),
            "findings": [{"code": f.code, "subject": f.subject, "text": f.sentence()} for f in findings],
        }
    )
    return 0
