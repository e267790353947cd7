"""`mappings new`: a first version of a mapping, made for a person to go on with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ecsync.cli import console, state
from ecsync.cli.statuses import epilog
from ecsync.locale import _

if TYPE_CHECKING:
    from pathlib import Path


def add(app: typer.Typer) -> None:
    """Add the commands to the group."""
    app.command(
        "new",
        help=_("Begin a mapping of your own: its YAML, a sample and what must come of it."),
        epilog=epilog(10),
    )(new)


def new(
    name: Annotated[str, typer.Argument(metavar="PARTNER/KIND", help=_("A name such as minato/stock."))],
    entity: Annotated[
        str,
        typer.Option(
            "--entity", metavar="FRAME", help=_("What a row is: stock_levels, order_lines, parcels ...")
        ),
    ] = "",
    encoding: Annotated[
        str, typer.Option("--encoding", metavar="NAME", help=_("Encoding of the partner's file."))
    ] = "utf-8",
) -> int:
    """Make a scaffold."""
    from ecsync.mapping.scaffold import make_scaffold  # noqa: PLC0415

    made: list[Path] = make_scaffold(name, entity, state.project_folder(), encoding)
    for path, said in zip(made, (_("mapping"), _("sample"), _("must come of it")), strict=True):
        console.say(f"{said}: {path}")
    console.data({"mapping": name, "files": [str(path) for path in made]})
    command = f"ecsync mappings test {name}"
    console.talk(_("next: put the partner's names and rows in, then: {command}").format(command=command))
    return 0
