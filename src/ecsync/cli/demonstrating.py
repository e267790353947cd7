"""`demo`: play a small shop's day against a throwaway SFTP server."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from ecsync.cli import console
from ecsync.cli.statuses import epilog
from ecsync.errors import ConfigurationError
from ecsync.locale import _


def add(app: typer.Typer) -> None:
    """Add the command to the tree."""
    app.command(
        "demo", help=_("Play a small shop's day on this machine; nothing leaves it."), epilog=epilog(10)
    )(demo)


def demo(
    keep: Annotated[
        Path | None,
        typer.Option("--keep", metavar="DIR", help=_("Leave the project in this folder for exploring.")),
    ] = None,
) -> int:
    """Play."""
    try:
        from ecsync.demo.play import play  # noqa: PLC0415
    except ImportError as error:
        if error.name != "asyncssh":
            raise
        raise ConfigurationError(
            _("the demo needs its extra packages"), hint='pip install "ecsync[demo]"'
        ) from None
    with tempfile.TemporaryDirectory(prefix="ecsync-demo-") as scratch:
        played = play(keep.resolve() if keep else Path(scratch) / "demo", console.show, console.say)
    if keep:
        console.talk(
            _("the shop is in {folder}; its partners' folders beside it").format(folder=keep / "shop")
        )
    console.data([vars(step) for step in played])
    return 0 if all(step.as_told for step in played) else 1
