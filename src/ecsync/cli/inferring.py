"""`mappings infer`: what an undeclared file says of itself, and the draft of a mapping that follows from it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecsync.cli import state
from ecsync.cli.reporting import Format, Out, give, settled
from ecsync.cli.statuses import epilog
from ecsync.errors import ConfigurationError, UsageError
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
    from ecsync.mapping.infer_nearest import nearest  # noqa: PLC0415

    settled(form, out)
    if not file.is_file():
        raise UsageError(_("there is no file {path}").format(path=file))
    mappings = known_mappings(_project())
    seen = infer_file(file, mappings, header=header)
    _refuse_strangers(show or [], seen)
    report = report_of(file, seen, nearest(seen.header, mappings), mappings, frozenset(show or []))
    give(report, form, out)
    return 0


def _project() -> Path | None:
    try:
        return state.project_folder()
    except ConfigurationError:
        return None


def _refuse_strangers(names: list[str], seen: Inferred) -> None:
    for name in names:
        if name not in seen.header.names:
            known = ", ".join(seen.header.names)
            raise UsageError(
                _("the file has no column {name}; there are: {known}").format(name=name, known=known)
            )
