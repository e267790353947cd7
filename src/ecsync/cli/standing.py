"""`status`: one screen about the project; it reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecsync.cli import state
from ecsync.cli.contents import said_of
from ecsync.cli.reporting import Format, Out, give
from ecsync.cli.statuses import STATUSES, epilog

if TYPE_CHECKING:
    import typer


def add(app: typer.Typer) -> None:
    """Add the command to the tree."""
    app.command("status", help=said_of("status"), epilog=epilog(10, 15))(status)


def status(form: Format = None, out: Out = None) -> int:
    """Show the screen."""
    from ecsync.findings import FindingLog  # noqa: PLC0415
    from ecsync.master.plain import reading  # noqa: PLC0415
    from ecsync.report.status_facts import read_facts  # noqa: PLC0415
    from ecsync.report.status_report import status_report  # noqa: PLC0415
    from ecsync.run import clock, due, expected  # noqa: PLC0415

    settings = state.settings()
    now = state.clock(settings)
    late = FindingLog()
    with reading(settings) as read:
        facts = read_facts(read, clock.business_date(now, settings.zone))
        expected.stale_flows(read, settings, list(settings.inbound), now, late)
    report = status_report(
        settings,
        facts,
        now=now,
        late_files=list(late),
        runs=due.due_runs(settings, facts.newest, now),
        warehouses=due.warehouse_days(settings, now),
        status_words=STATUSES,
    )
    give(report, form, out)
    return 0
