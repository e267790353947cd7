"""`quarantine list|export|retry`: rows that could not be used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ecsync.cli import console, state
from ecsync.cli.contents import said_of
from ecsync.cli.reporting import Format, Out, give
from ecsync.cli.statuses import epilog
from ecsync.locale import _


def build() -> typer.Typer:
    """Build the group."""
    app = typer.Typer(help=said_of("quarantine"), no_args_is_help=True)
    app.command("list", help=_("List the rows that were put aside."), epilog=epilog(10, 15))(listing)
    app.command(
        "export", help=_("Write the rows of a flow in the partner's own layout."), epilog=epilog(10, 11, 15)
    )(export)
    app.command(
        "retry", help=_("Put a mended file back in; the next run takes it."), epilog=epilog(10, 11, 15)
    )(retry)
    return app


Flow = Annotated[str, typer.Option("--flow", help=_("Name of the inbound flow."))]


def listing(flow: Flow = "", form: Format = None, out: Out = None) -> int:
    """List."""
    from ecsync.report.blocks import Column, table_report  # noqa: PLC0415
    from ecsync.run import quarantine, row_reasons  # noqa: PLC0415
    from ecsync.run.standing import reading  # noqa: PLC0415

    settings = state.settings()
    if flow:
        settings.inbound_flow(flow)
    with reading(settings) as conn:
        rows = quarantine.put_aside(conn, flow)
    report = table_report(
        _("Rows put aside"),
        (
            _("flow"),
            Column(_("file"), "code"),
            Column(_("line"), "count"),
            _("column"),
            _("reason"),
            Column(_("order"), "code"),
        ),
        [
            (
                r.flow,
                r.file_name,
                r.line,
                r.column,
                row_reasons.sentence(r.reason, r.params),
                r.business_key,
            )
            for r in rows
        ],
        [vars(r) for r in rows],
        empty=_("nothing"),
    )
    give(report, form, out)
    console.talk(_("{count} rows are put aside").format(count=len(rows)))
    for name in sorted({r.flow for r in rows}):
        console.talk(
            _(
                "`ecsync quarantine export --flow {flow}` writes them, "
                "`ecsync quarantine retry --flow {flow}` takes mended ones back"
            ).format(flow=name)
        )
    return 0


def export(
    flow: Annotated[str, typer.Option("--flow", help=_("Name of the inbound flow."))],
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help=_("File to write; it holds personal data."))
    ],
) -> int:
    """Export."""
    from ecsync.run import quarantine  # noqa: PLC0415
    from ecsync.run.standing import writing  # noqa: PLC0415

    settings = state.settings()
    with writing(settings, owner="quarantine export", clock=state.clock(settings)) as standing:
        done = quarantine.export(standing.steps, settings, settings.inbound_flow(flow), out)
    console.talk(
        _("{count} rows written to {path}; mend them, then `ecsync quarantine retry`").format(
            count=done.records, path=out
        )
    )
    console.data({"path": str(out), "records": done.records, "files_left": done.files_left})
    if done.files_left:
        console.talk(
            _("rows of {count} files with another header are left for another export").format(
                count=done.files_left
            )
        )
    return 0


def retry(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", exists=True, dir_okay=False, help=_("The mended file.")),
    ],
    flow: Annotated[str, typer.Option("--flow", help=_("Name of the inbound flow."))],
    wait: Annotated[
        float, typer.Option("--wait", metavar="MIN", help=_("Wait so many minutes for the lock."))
    ] = 0,
) -> int:
    """Retry."""
    from ecsync.run import quarantine  # noqa: PLC0415
    from ecsync.run.standing import writing  # noqa: PLC0415

    settings = state.settings()
    clock = state.clock(settings)
    with writing(settings, owner="quarantine retry", clock=clock, wait_minutes=wait) as standing:
        count = quarantine.retry(standing.steps, settings, settings.inbound_flow(flow), file, clock)
    console.talk(_("the file answers {count} rows; the next run takes it in").format(count=count))
    console.data({"answered": count})
    return 0
