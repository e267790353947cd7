"""`--format` and `--out`: hand a report over as what was asked for, to the terminal or into a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecsync.cli import console, state
from ecsync.errors import UsageError
from ecsync.locale import _, chosen_language, speaking
from ecsync.report.blocks import Report
from ecsync.report.render import Form, form_of_name, render

if TYPE_CHECKING:
    from ecsync.config import Settings

Format = Annotated[
    Form | None,
    typer.Option("--format", help=_("Form of the report; --json is --format json.")),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FILE",
        help=_("Write the report into this file; its ending names the form where --format does not."),
    ),
]


def settled(form: Form | None, out: Path | None = None) -> Form:
    """Return the form that the command line asks for.

    Ask before long work: raises UsageError where two forms are asked for, where a workbook would go to the
    terminal, and where the folder of `out` is not there.
    """
    chosen = _chosen(form, out)
    if chosen is Form.XLSX and out is None and console.is_terminal():
        raise UsageError(_("a workbook is not for the terminal"), hint=_("name a file: --out report.xlsx"))
    if out is not None and not out.absolute().parent.is_dir():
        raise UsageError(_("there is no folder {folder}").format(folder=out.absolute().parent))
    return chosen


def _chosen(form: Form | None, out: Path | None) -> Form:
    if state.current().json:
        if form not in {None, Form.JSON}:
            raise UsageError(_("--json and --format {form} contradict each other").format(form=form))
        return Form.JSON
    if form is not None:
        return form
    named = form_of_name(out.name) if out is not None else None
    return named or Form.TEXT


def give(report: Report, form: Form | None = None, out: Path | None = None) -> None:
    """Hand a report over: text as wide as the terminal, plain where there is none; else bytes.

    With `out` the bytes go into that file (mode 0600) and its path is said on stderr.
    """
    chosen = settled(form, out)
    if out is not None:
        _write_file(out, render(report, chosen))
        console.talk(_("the report is in {path}").format(path=out))
    elif chosen is Form.TEXT:
        console.show(report.blocks)
    else:
        console.write_bytes(render(report, chosen))


@contextmanager
def spoken(settings: Settings, out: Path | None) -> Iterator[None]:
    """Speak the project's language inside the block where the report goes into a file, unless --lang says."""
    with nullcontext() if out is None or chosen_language() else speaking(settings.project.language):
        yield


def _write_file(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)


__all__ = ["Form", "Format", "Out", "give", "settled", "spoken"]
