"""`runs list|show`: the ledger of runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from ecsync.cli import state
from ecsync.cli.contents import said_of
from ecsync.cli.reporting import Format, Out, give, settled, spoken
from ecsync.cli.statuses import epilog
from ecsync.errors import UsageError
from ecsync.locale import _

if TYPE_CHECKING:
    from ecsync.report.blocks import Report


def build() -> typer.Typer:
    """Build the group."""
    app = typer.Typer(help=said_of("runs"), no_args_is_help=True)
    app.command("list", help=_("List the newest runs."), epilog=epilog(10, 15))(listing)
    app.command("show", help=_("Show the report of a run again."), epilog=epilog(10, 15))(show)
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
    number: Annotated[int, typer.Argument(metavar="NUMBER")],
    with_personal: Annotated[
        bool,
        typer.Option("--with-personal", help=_("Also the customers' names and phone numbers; needs --out.")),
    ] = False,
    form: Format = None,
    out: Out = None,
) -> int:
    """Show."""
    from ecsync.report.contacts import contacts_of  # noqa: PLC0415
    from ecsync.report.filing import place_of  # noqa: PLC0415
    from ecsync.report.run_report import report_of  # noqa: PLC0415
    from ecsync.run import history  # noqa: PLC0415
    from ecsync.run.standing import reading  # noqa: PLC0415

    settled(form, out)
    if with_personal and out is None:
        raise UsageError(_("--with-personal writes a file that only you read"), hint="--out report.html")
    settings = state.settings()
    with reading(settings) as conn:
        facts = history.facts_of(conn, number)
        stages = history.stages_of(conn, number)
        contacts = contacts_of(conn, facts) if with_personal else None
    with spoken(settings, out):
        report = report_of(facts, settings, place=place_of(number), contacts=contacts)
        give(_with_stages(report, stages), form, out)
    return 0


def _with_stages(report: Report, stages: list[tuple[str, str]]) -> Report:
    """Return the report with the rows that each stage wrote: in the data, and with --verbose on the terminal."""
    from ecsync.report.blocks import Block, Column  # noqa: PLC0415

    columns = (_("stage"), Column(_("rows written"), "count"))
    block = Block(_("Stages"), columns=columns, rows=tuple((name, int(count)) for name, count in stages))
    data = {**report.data, "stages": dict(stages)} if isinstance(report.data, dict) else report.data
    shown = (*report.blocks, block) if state.current().verbose else report.blocks
    return replace(report, blocks=shown, data=data)
