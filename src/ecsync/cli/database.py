"""`db upgrade|check|backup|restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ecsync.cli import console, state
from ecsync.cli.contents import said_of
from ecsync.cli.statuses import epilog
from ecsync.locale import _


def build() -> typer.Typer:
    """Build the group."""
    app = typer.Typer(help=said_of("db"), no_args_is_help=True)
    app.command("upgrade", help=_("Bring the schema to this program's version."), epilog=epilog(10, 11, 15))(
        upgrade
    )
    app.command("check", help=_("Say whether the schema fits this program."), epilog=epilog(10, 15))(check)
    app.command("backup", help=_("Write a backup to a file."), epilog=epilog(10, 15))(backup)
    app.command("restore", help=_("Put a backup in the place of the master."), epilog=epilog(10, 11, 15))(
        restore
    )
    return app


def upgrade() -> int:
    """Upgrade."""
    from ecsync.master import lock as locks  # noqa: PLC0415
    from ecsync.master import upgrade as schema  # noqa: PLC0415
    from ecsync.master.engine import master_errors, open_engine  # noqa: PLC0415

    settings = state.settings()
    engine = open_engine(settings)
    with (
        master_errors(),
        locks.run_lock(settings, engine, owner="db upgrade", now=state.clock(settings), record=False),
    ):
        schema.upgrade(engine)
        revision = schema.describe(engine).revision
        console.talk(_("the schema is {revision}").format(revision=revision))
        console.data({"revision": revision})
    engine.dispose()
    return 0


def check() -> int:
    """Check."""
    from ecsync.master import upgrade as schema  # noqa: PLC0415
    from ecsync.master.engine import master_errors, open_engine  # noqa: PLC0415

    engine = open_engine(state.settings(), read_only=True)
    with master_errors():
        schema.require_current(engine)
        revision = schema.describe(engine).revision
        console.say(_("the schema is {revision}").format(revision=revision))
        console.data({"revision": revision})
    engine.dispose()
    return 0


def backup(
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help=_("File to write; it holds personal data."))
    ],
) -> int:
    """Back up."""
    from ecsync.master.backup import backup as run_backup  # noqa: PLC0415

    run_backup(state.settings(), out.resolve())
    console.talk(_("backup written to {path}").format(path=out))
    console.data({"path": str(out)})
    return 0


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help=_("The backup."))],
) -> int:
    """Restore."""
    from ecsync.master.backup import restore as run_restore  # noqa: PLC0415

    settings = state.settings()
    run_restore(settings, file.resolve(), now=state.clock(settings))
    console.talk(_("restored; run `ecsync outbox reconcile` before the next run"))
    console.data({"restored": str(file)})
    return 0
