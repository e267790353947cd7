"""`init --opening FOLDER`: start a project with its opening figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ecsync.cli import console, state
from ecsync.cli.reporting import give
from ecsync.cli.statuses import epilog
from ecsync.locale import _


def add(app: typer.Typer) -> None:
    """Add the command to the tree."""
    app.command(
        "init", help=_("Make the master of a project and load its opening."), epilog=epilog(3, 10, 11, 14, 15)
    )(init)


def init(
    opening: Annotated[
        Path | None,
        typer.Option(
            "--opening",
            metavar="FOLDER",
            help=_("Folder with stock.csv, orders.csv, receivables.csv, counters.csv."),
        ),
    ] = None,
) -> int:
    """Make the master, then load the opening."""
    from ecsync.master import upgrade as schema  # noqa: PLC0415
    from ecsync.master.engine import master_errors, open_engine  # noqa: PLC0415

    settings = state.settings()
    engine = open_engine(settings)
    with master_errors():
        schema.upgrade(engine)
        console.talk(_("the schema is {revision}").format(revision=schema.describe(engine).revision))
    engine.dispose()
    if opening is None:
        console.data({"opening": None})
        return 0
    from ecsync.report import run_summary  # noqa: PLC0415
    from ecsync.run.opening_run import load_opening_folder  # noqa: PLC0415

    outcome = load_opening_folder(settings, opening.resolve(), state.clock(settings))
    give(run_summary.report_of(outcome))
    return outcome.exit_status
