"""`mappings infer`: what an undeclared file says of itself, and the draft of a mapping that follows from it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecsync.cli import console, state
from ecsync.cli.reporting import Form, Format, Out, give, settled
from ecsync.cli.statuses import epilog
from ecsync.errors import UsageError
from ecsync.locale import _

if TYPE_CHECKING:
    from ecsync.mapping.infer import Inferred


def add(app: typer.Typer) -> None:
    """Add the command to the group."""
    app.command(
        "infer",
        help=_(
            "Say what a file nobody has declared proves of itself: encoding, delimiter, columns, keys, nearest formats."
        ),
        epilog=epilog(10, 14),
    )(infer)


def infer(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("A file of the partner."))],
    like: Annotated[
        str,
        typer.Option(
            "--like",
            metavar="FRAME",
            help=_("What a row is: order_lines, stock_levels ...; maps columns to it."),
        ),
    ] = "",
    write: Annotated[
        Path | None,
        typer.Option(
            "--write",
            metavar="PATH",
            help=_("Write the draft of a mapping there, as mappings/PARTNER/KIND.yaml; else it is printed."),
        ),
    ] = None,
    header: Annotated[
        bool | None,
        typer.Option(
            "--header/--no-header",
            help=_("The file has a header, or has none; judged where neither is said."),
        ),
    ] = None,
    show: Annotated[
        list[str] | None,
        typer.Option(
            "--show",
            metavar="HEADER",
            help=_("Show the codes of this column; you vouch that they are nobody's name. More than once."),
        ),
    ] = None,
    form: Format = None,
    out: Out = None,
) -> int:
    """Look at a file."""
    from ecsync.cli.inferred_report import report_of  # noqa: PLC0415
    from ecsync.mapping.infer import infer_file, known_mappings  # noqa: PLC0415
    from ecsync.mapping.infer_draft import NOBODY, draft_of  # noqa: PLC0415
    from ecsync.mapping.infer_nearest import nearest  # noqa: PLC0415

    chosen = settled(form, out)
    if not file.is_file():
        raise UsageError(_("there is no file {path}").format(path=file))
    _refuse_frame(like)
    name = NOBODY if write is None else _name_at(write)
    mappings = known_mappings(state.project_if_any())
    seen = infer_file(file, mappings, header=header)
    _refuse_strangers(show or [], seen)
    near = nearest(seen.header, mappings)
    vouched = frozenset(show or [])
    draft = draft_of(file, name, seen, near, mappings, like=like, vouched=vouched)
    give(report_of(file, seen, near, mappings, vouched, draft=draft), form, out)
    if write is not None:
        _write(write, draft)
    elif chosen is Form.TEXT and out is None:
        console.say()
        console.say(draft.rstrip("\n"))
    return 0


def _refuse_frame(name: str) -> None:
    from ecsync.entities import ENTITIES  # noqa: PLC0415

    known = [one.name for one in ENTITIES.values() if one.direction == "in"]
    if name and name not in known:
        raise UsageError(
            _("there is no frame {name}").format(name=name),
            hint=_("there are: {known}").format(known=", ".join(known)),
        )


def _name_at(path: Path) -> str:
    from ecsync.mapping.listing import MAPPING_NAME  # noqa: PLC0415

    place = path.absolute()
    name = f"{place.parent.name}/{place.stem}"
    if place.suffix != ".yaml" or not re.fullmatch(MAPPING_NAME, name):
        raise UsageError(
            _("{path} is no place of a mapping").format(path=path), hint="--write mappings/minato/orders.yaml"
        )
    if path.exists():
        raise UsageError(_("{path} is there already; nothing was written").format(path=path))
    return name


def _write(path: Path, draft: str) -> None:
    from ecsync.mapping.catalogue import check_file  # noqa: PLC0415

    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8", newline="\n") as file:
        file.write(draft)
    faults = check_file(path.resolve(), state.project_if_any())
    console.talk(
        _("written: {path}; {faults} faults, told by: {command}").format(
            path=path, faults=len(faults), command=f"ecsync mappings check {path}"
        )
    )


def _refuse_strangers(names: list[str], seen: Inferred) -> None:
    for name in names:
        if name not in seen.header.names:
            known = ", ".join(seen.header.names)
            raise UsageError(
                _("the file has no column {name}; there are: {known}").format(name=name, known=known)
            )
