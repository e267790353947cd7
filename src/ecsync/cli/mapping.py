"""`mappings list|show|check|test|schema`: how partners' files are declared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ecsync.cli import console, inferring, mapping_drafts, state
from ecsync.cli.contents import said_of
from ecsync.cli.reporting import Format, Out, give
from ecsync.cli.statuses import epilog
from ecsync.errors import ConfigurationError, UsageError
from ecsync.locale import _


def build() -> typer.Typer:
    """Build the group."""
    app = typer.Typer(help=said_of("mappings"), no_args_is_help=True)
    app.command(
        "list",
        help=_("List every mapping, the project's own in place of the shipped ones."),
        epilog=epilog(10),
    )(listing)
    app.command("show", help=_("Print a mapping."), epilog=epilog(10))(show)
    app.command(
        "check", help=_("Check mapping files; say file, line, column and the fix."), epilog=epilog(10)
    )(check)
    app.command("test", help=_("Prove round trip and golden files of mappings."), epilog=epilog(10))(prove)
    mapping_drafts.add(app)
    inferring.add(app)
    app.command("schema", help=_("Print the JSON Schema of mapping files, for editors."), epilog=epilog())(
        schema
    )
    return app


Names = Annotated[
    list[str] | None, typer.Argument(metavar="NAME", help=_("Names such as rakuten/orders; all if none."))
]


def _refuse_unknown(names: list[str]) -> None:
    from ecsync.mapping.listing import list_mappings  # noqa: PLC0415

    known = [entry.name for entry in list_mappings(state.project_if_any())]
    for name in names:
        if name not in known:
            raise UsageError(
                _("there is no mapping {name}; there are: {known}").format(name=name, known=", ".join(known))
            )


def listing(form: Format = None, out: Out = None) -> int:
    """List."""
    from ecsync.mapping.listing import list_mappings  # noqa: PLC0415
    from ecsync.report.blocks import Column, table_report  # noqa: PLC0415

    entries = list_mappings(state.project_if_any())
    report = table_report(
        _("Mappings"),
        (Column(_("mapping"), "code"), _("from"), _("file")),
        [(e.name, _("project") if e.origin == "project" else _("ecsync"), str(e.path)) for e in entries],
        [{"name": e.name, "origin": e.origin, "path": str(e.path)} for e in entries],
    )
    give(report, form, out)
    return 0


def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help=_("A name such as rakuten/orders."))],
) -> int:
    """Show."""
    from ecsync.mapping.catalogue import load_mapping  # noqa: PLC0415

    _refuse_unknown([name])
    mapping = load_mapping(name, state.project_if_any())
    console.say(mapping.path.read_text(encoding="utf-8"))
    console.data(mapping.model_dump(mode="json", by_alias=True, exclude_defaults=True))
    return 0


def check(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help=_("Mapping files; all mappings if none."))
    ] = None,
) -> int:
    """Check."""
    from ecsync.mapping.catalogue import check_file  # noqa: PLC0415
    from ecsync.mapping.listing import list_mappings  # noqa: PLC0415

    project = state.project_if_any()
    paths = files or [entry.path for entry in list_mappings(project)]
    faults = [fault for path in paths for fault in check_file(path.resolve(), project)]
    for fault in faults:
        console.say(fault.message)
        if fault.hint:
            console.say(f"  → {fault.hint}")
    console.data(
        [
            {"file": f.file, "line": f.line, "column": f.column, "fault": f.message, "fix": f.hint}
            for f in faults
        ]
    )
    console.talk(_("{files} files checked, {faults} faults").format(files=len(paths), faults=len(faults)))
    return ConfigurationError.exit_status if faults else 0


def prove(
    names: Names = None,
    record: Annotated[
        bool,
        typer.Option(
            "--record",
            help=_(
                "First write what is expected anew, from what the mapping does now; read it before you believe it."
            ),
        ),
    ] = False,
    form: Format = None,
    out: Out = None,
) -> int:
    """Test."""
    from ecsync.mapping.golden import check_mapping  # noqa: PLC0415
    from ecsync.mapping.listing import list_mappings  # noqa: PLC0415
    from ecsync.report.blocks import Column, table_report  # noqa: PLC0415

    _refuse_unknown(names or [])
    project = state.project_if_any()
    if record:
        _record(names or [], project)
    wanted = names or [entry.name for entry in list_mappings(project)]
    results = [result for name in wanted for result in check_mapping(name, project)]
    report = table_report(
        _("Proofs of the mappings"),
        (Column(_("mapping"), "code"), _("sample"), _("proof"), _("result")),
        [(r.mapping, r.sample, r.proof, _("holds") if r.holds else r.detail) for r in results],
        [
            {"mapping": r.mapping, "sample": r.sample, "proof": r.proof, "holds": r.holds, "detail": r.detail}
            for r in results
        ],
    )
    give(report, form, out)
    return 0 if all(r.holds for r in results) else ConfigurationError.exit_status


def _record(names: list[str], project: Path | None) -> None:
    from ecsync.mapping.golden import record_expectations  # noqa: PLC0415
    from ecsync.mapping.listing import list_mappings  # noqa: PLC0415

    own = [entry.name for entry in list_mappings(project) if entry.origin == "project"]
    if not names or not set(names) <= set(own):
        raise UsageError(
            _("--record needs names of the project's own mappings"),
            hint=_("there are: {known}").format(known=", ".join(own) or "-"),
        )
    for name in names:
        for path in record_expectations(name, project):
            console.talk(_("{path} is written anew; read it").format(path=path))


def schema() -> int:
    """Print the schema."""
    from ecsync.mapping.catalogue import json_schema  # noqa: PLC0415

    print(json.dumps(json_schema(), ensure_ascii=False, indent=1, sort_keys=True))  # noqa: T201
    return 0
