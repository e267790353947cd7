"""`mappings new|drift`: mappings that are begun, and those whose partner has changed the file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecsync.cli import console, state
from ecsync.cli.statuses import epilog
from ecsync.errors import UsageError
from ecsync.locale import _

if TYPE_CHECKING:
    from ecsync.mapping.drift import Drift


def add(app: typer.Typer) -> None:
    """Add the commands to the group."""
    app.command(
        "new",
        help=_("Begin a mapping of your own: its YAML, a sample and what must come of it."),
        epilog=epilog(10),
    )(new)
    app.command(
        "drift",
        help=_(
            "Say how a file's columns differ from a mapping, and the patch of its YAML that would follow."
        ),
        epilog=epilog(4, 10, 14),
    )(drift)


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

    made = make_scaffold(name, entity, state.project_folder(), encoding)
    for path, said in zip(made, (_("mapping"), _("sample"), _("must come of it")), strict=True):
        console.say(f"{said}: {path}")
    console.data({"mapping": name, "files": [str(path) for path in made]})
    command = f"ecsync mappings test {name}"
    console.talk(_("next: put the partner's names and rows in, then: {command}").format(command=command))
    return 0


def drift(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("A file of the partner."))],
    name: Annotated[str, typer.Argument(metavar="MAPPING", help=_("A name such as rakuten/orders."))],
    write: Annotated[
        bool, typer.Option("--write", help=_("Write the patched YAML into the project's own mappings."))
    ] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help=_("End with status 4 where anything differs."))
    ] = False,
) -> int:
    """Compare."""
    from ecsync.mapping.drift import find_drift  # noqa: PLC0415

    if not file.is_file():
        raise UsageError(_("there is no file {path}").format(path=file))
    found = find_drift(file, name, state.project_folder() if write else state.project_if_any())
    target = _write(found) if write and found.patch else None
    for line in _lines(found):
        console.say(line)
    if found.patch:
        console.say()
        console.say(found.patch.rstrip("\n"))
    console.data(
        {
            "mapping": name,
            "added": list(found.added),
            "removed": [{"name": one.name, "required": one.required} for one in found.removed],
            "renamed": [one._asdict() for one in found.renamed],
            "moved": list(found.moved),
            "elsewhere": list(found.elsewhere),
            "patch": found.patch,
            "written": str(target or ""),
        }
    )
    if target is not None:
        console.talk(_("written: {path}; prove it on a sample of the new layout").format(path=target))
    return 4 if exit_code and not found.is_none else 0


def _lines(found: Drift) -> list[str]:
    if found.is_none:
        return [_("no column differs")]
    lines = [
        _("renamed, likely: {old} → {new} (likeness {likeness})").format(**one._asdict())
        for one in found.renamed
    ]
    lines += [_("added: {name}").format(name=name) for name in found.added]
    for one in found.removed:
        said = (
            _("removed: {name}; the mapping needs it, so a person must decide")
            if one.required
            else _("removed: {name}; the mapping does without it")
        )
        lines.append(said.format(name=one.name))
    lines += [
        _("{name} stands in the mapping {base}; the patch does not change that").format(
            name=name, base=found.mapping.based_on
        )
        for name in found.elsewhere
    ]
    if found.moved:
        lines.append(_("moved: {names}; columns are found by name").format(names=", ".join(found.moved)))
    return lines


def _write(found: Drift) -> Path:
    from ecsync.mapping.drift import write_patched  # noqa: PLC0415

    return write_patched(found, state.project_folder())
