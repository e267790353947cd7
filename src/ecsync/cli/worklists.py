"""`worklist write|apply`: spreadsheets on which the desks decide."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecsync.cli import console, state
from ecsync.cli.contents import said_of
from ecsync.cli.statuses import epilog
from ecsync.errors import UsageError
from ecsync.locale import N_, _

if TYPE_CHECKING:
    from ecsync.run.worklist_apply import RowFate


def build() -> typer.Typer:
    """Build the group."""
    app = typer.Typer(help=said_of("worklist"), no_args_is_help=True)
    app.command(
        "write", help=_("Write a work list for every desk that something waits for."), epilog=epilog(10, 15)
    )(write)
    app.command(
        "apply",
        help=_(
            "Take back a work list that somebody filled in: .xlsx, or CSV saved by a spreadsheet program."
        ),
        epilog=epilog(3, 10, 11, 14, 15, 16),
    )(apply)
    return app


def write(
    desk: Annotated[
        list[str] | None,
        typer.Option("--desk", help=_("Only for this desk: orders, shipping, stock, accounting.")),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help=_("Folder to write into; worklists/ of the project else.")),
    ] = None,
    personal: Annotated[
        bool, typer.Option("--with-personal", help=_("With the receivers' names, addresses and phones."))
    ] = False,
) -> int:
    """Write."""
    from ecsync.report.matters import DESKS  # noqa: PLC0415
    from ecsync.run.standing import reading  # noqa: PLC0415
    from ecsync.run.worklist_write import write_worklists  # noqa: PLC0415

    settings = state.settings()
    for name in desk or ():
        if name not in DESKS:
            raise UsageError(
                _("there is no desk {desk}; there are: {known}").format(desk=name, known=", ".join(DESKS))
            )
    folder = out or settings.folder / "worklists"
    with reading(settings) as conn:
        written = write_worklists(
            conn, settings, desk or DESKS, folder, now=state.clock(settings), personal=personal
        )
    for made in written:
        if made.path is None:
            console.say(_("{desk}: nothing waits").format(desk=made.desk_word))
        else:
            console.say(
                _("{desk}: {count} rows in {path}").format(
                    desk=made.desk_word, count=made.rows, path=made.path
                )
            )
    console.data([{"desk": made.desk, "path": str(made.path or ""), "rows": made.rows} for made in written])
    return 0


_FATES = {
    "applied": N_("taken"),
    "unchanged": N_("known already"),
    "blank": N_("left blank"),
    "refused": N_("refused"),
}


def apply(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help=_("The filled work list."))
    ],
    by: Annotated[
        str, typer.Option("--by", metavar="NAME", help=_("Who decided, where the row names nobody."))
    ] = "",
    all_or_nothing: Annotated[
        bool, typer.Option("--all-or-nothing", help=_("Keep nothing where one row is refused."))
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=_("Show what would change; keep nothing."))
    ] = False,
    wait: Annotated[
        float, typer.Option("--wait", metavar="MIN", help=_("Wait so many minutes for the lock."))
    ] = 0,
) -> int:
    """Apply."""
    from ecsync.run.worklist_apply import apply_worklist  # noqa: PLC0415

    settings = state.settings()
    applied = apply_worklist(
        settings,
        file,
        by=by,
        clock=state.clock(settings),
        wait_minutes=wait,
        dry=dry_run,
        all_or_nothing=all_or_nothing,
    )
    told = [row for row in applied.rows if row.fate != "blank"]
    if told:
        console.table(
            (_("row"), _("order"), _("decision"), _("result"), _("why")),
            [(str(row.number), row.subject, _word(row), _(_FATES[row.fate]), row.message) for row in told],
        )
    counts = {fate: applied.count(fate) for fate in ("applied", "unchanged", "blank", "refused")}
    console.talk(
        _("{applied} taken, {unchanged} known already, {blank} left blank, {refused} refused").format(
            **counts
        )
    )
    if dry_run:
        console.talk(_("dry run: nothing was kept"))
    elif not applied.kept:
        console.talk(_("nothing was kept, for a row was refused"))
    console.data(
        {
            **counts,
            "kept": applied.kept and not dry_run,
            "rows": [
                {"row": r.number, "order": r.subject, "decision": r.kind, "result": r.fate, "why": r.message}
                for r in told
            ],
        }
    )
    return applied.exit_status


def _word(row: RowFate) -> str:
    from ecsync.report.matter_words import decision_word  # noqa: PLC0415

    return decision_word(row.kind) if row.kind else ""
