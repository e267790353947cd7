"""`demo`: play three days of a small shop against a throwaway SFTP server."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from ecsync.cli import console
from ecsync.cli.contents import said_of
from ecsync.cli.statuses import epilog
from ecsync.errors import ConfigurationError
from ecsync.locale import _

# What a newcomer may look at in the shop that is kept, in the order in which it explains itself.
TRY = (
    "status",
    "orders held",
    "explain order 000001-20261124-0000000006",
    "reconcile stock",
    "worklist write",
    "runs show 6",
    "outbox list --all",
    "quarantine list",
)


def add(app: typer.Typer) -> None:
    """Add the command to the tree."""
    app.command(
        "demo",
        help=said_of("demo"),
        epilog=epilog(10),
    )(demo)


def demo(
    context: typer.Context,
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
    _say_what_next(keep, played[-1].at, context)
    console.data([vars(step) for step in played])
    return 0 if all(step.as_told for step in played) else 1


def _say_what_next(keep: Path | None, at: str, context: typer.Context) -> None:
    if keep is None:
        console.say("")
        console.say(_("To look around afterwards: {command}").format(command="ecsync demo --keep DIR"))
        return
    shop = keep / "shop"
    console.talk(_("the shop is in {folder}; its partners' folders beside it").format(folder=shop))
    console.say("")
    console.say(_("What to try next:"))
    known = getattr(context.find_root().command, "commands", {})
    for words in TRY:
        if words.partition(" ")[0] in known:
            console.say(f"  ecsync --project {shop} --as-of {at} {words}")
    console.say("  " + _("the full report of every run: {path}").format(path=shop / "reports/*.html"))
