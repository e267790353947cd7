"""`outbox list|resolve|reconcile|table`: what was sent, what waits, what is not known."""

from __future__ import annotations

from typing import Annotated

import typer

from ecsync.cli import console, state
from ecsync.cli.contents import said_of
from ecsync.cli.reporting import Format, Out, give
from ecsync.cli.statuses import epilog
from ecsync.locale import _


def build() -> typer.Typer:
    """Build the group."""
    app = typer.Typer(
        help=said_of("outbox"),
        no_args_is_help=True,
    )
    app.command("list", help=_("List outbound files and their states."), epilog=epilog(10, 15, 16))(listing)
    app.command(
        "resolve", help=_("Say what became of a file whose outcome is unknown."), epilog=epilog(10, 11, 15)
    )(resolve)
    app.command(
        "reconcile",
        help=_("After a restored backup: put back what the delivery journal knows."),
        epilog=epilog(10, 11, 15),
    )(reconcile)
    app.command(
        "table",
        help=_("Print the SQL that makes the interface table of a flow."),
        epilog=epilog(10),
    )(table)
    return app


def listing(
    everything: Annotated[bool, typer.Option("--all", help=_("Also what has arrived."))] = False,
    form: Format = None,
    out: Out = None,
) -> int:
    """List."""
    from ecsync.exchange import outbox  # noqa: PLC0415
    from ecsync.report.blocks import Column, table_report  # noqa: PLC0415
    from ecsync.run.standing import reading  # noqa: PLC0415

    with reading(state.settings()) as conn:
        rows = outbox.listing(conn, everything=everything)
    report = table_report(
        _("Outbound files"),
        (
            Column("#", "count"),
            _("flow"),
            _("partner"),
            Column(_("file"), "code"),
            Column(_("rows"), "count"),
            _("state"),
            _("detail"),
        ),
        [
            (
                r.outbox_id,
                r.flow,
                r.endpoint,
                r.remote_name,
                r.row_count,
                r.state,
                outbox.spoken_detail(r.detail),
            )
            for r in rows
        ],
        [vars(r) for r in rows],
        empty=_("nothing"),
    )
    give(report, form, out)
    return 16 if any(r.state in {"unknown", "conflict"} for r in rows) else 0


def resolve(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help=_("Number of the file in `outbox list`."))],
    outcome: Annotated[
        str, typer.Option("--as", help=_("sent: it arrived. resend: send it again. dropped: forget it."))
    ],
) -> int:
    """Resolve."""
    from ecsync.exchange import resolution  # noqa: PLC0415
    from ecsync.exchange.journal import DeliveryJournal  # noqa: PLC0415
    from ecsync.run.standing import writing  # noqa: PLC0415

    settings = state.settings()
    clock = state.clock(settings)
    with writing(settings, owner="outbox resolve", clock=clock) as standing:
        resolution.resolve(
            standing.steps,
            DeliveryJournal(settings.path(settings.outbox.journal)),
            number,
            outcome,
            now=clock,
            run_id=0,
            fence=standing.fence,
        )
    console.talk(_("file {number}: {outcome}").format(number=number, outcome=outcome))
    console.data({"number": number, "outcome": outcome})
    return 0


def reconcile() -> int:
    """Reconcile."""
    from ecsync.exchange import reconciliation  # noqa: PLC0415
    from ecsync.exchange.journal import DeliveryJournal  # noqa: PLC0415
    from ecsync.run.standing import writing  # noqa: PLC0415

    settings = state.settings()
    clock = state.clock(settings)
    with writing(settings, owner="outbox reconcile", clock=clock) as standing:
        journal = DeliveryJournal(settings.path(settings.outbox.journal))
        done = reconciliation.reconcile(standing.steps, journal, now=clock, run_id=0)
    console.talk(
        _("{files} deliveries and {keys} keys were put back from the delivery journal").format(
            files=done.files, keys=done.keys
        )
    )
    console.data({"files": done.files, "keys": done.keys})
    return 0


def table(
    flow: Annotated[str, typer.Argument(metavar="FLOW", help=_("An outbound flow with handover = rows."))],
    dialect: Annotated[
        str,
        typer.Option(
            "--dialect", help=_("postgresql or sqlite; without it, that of the endpoint's own database.")
        ),
    ] = "",
) -> int:
    """Print the SQL."""
    from ecsync.run.table_sql import table_sql  # noqa: PLC0415

    made = table_sql(state.settings(), flow, dialect)
    for statement in made.statements:
        console.say(f"{statement};")
    console.talk(
        _("have this run there, and give the login of ecsync SELECT and INSERT on {tables}").format(
            tables=", ".join(made.tables)
        )
    )
    console.data({"tables": made.tables, "dialect": made.dialect, "sql": made.statements})
    return 0
