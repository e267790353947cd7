"""`orders held|release|amend|decide`: what waits for a person, and what that person decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ecsync.cli import console, state
from ecsync.cli.contents import said_of
from ecsync.cli.reporting import Format, Out, give, settled
from ecsync.cli.statuses import epilog
from ecsync.errors import UsageError
from ecsync.locale import _

if TYPE_CHECKING:
    from ecsync.master.decisions import Decision
    from ecsync.run.deciding import Decided


def build() -> typer.Typer:
    """Build the group."""
    app = typer.Typer(help=said_of("orders"), no_args_is_help=True)
    app.command(
        "held",
        help=_("List what is held or waits: why, what to do, by when."),
        epilog=epilog(10, 15),
    )(held)
    writing = epilog(10, 11, 14, 15, 16)
    app.command("release", help=_("Release an order from its holds; the next run ships it."), epilog=writing)(
        release
    )
    app.command("amend", help=_("Correct an order; files of the shop do not undo it."), epilog=writing)(amend)
    app.command("decide", help=_decide_help(), epilog=writing)(decide)
    return app


def _decide_help() -> str:
    from ecsync.orders.decision_catalogue import DECISIONS  # noqa: PLC0415

    kinds = [
        f"{name}: {_(kind.word)} ({_(kind.does)})."
        for name, kind in DECISIONS.items()
        if name not in {"release", "amend"}
    ]
    return "\n\n".join([_("Decide about an order or a parcel."), *kinds])


Words = Annotated[
    list[str],
    typer.Argument(
        metavar="[SHOP] ORDER", help=_("The order's number; before it the shop, where several have it.")
    ),
]
By = Annotated[str, typer.Option("--by", metavar="NAME", help=_("Who decides."))]
Note = Annotated[str, typer.Option("--note", metavar="WHY", help=_("Why; it is kept with the decision."))]
Dest = Annotated[str, typer.Option("--dest", metavar="ID", help=_("One destination of the order."))]
Wait = Annotated[float, typer.Option("--wait", metavar="MIN", help=_("Wait so many minutes for the lock."))]
DryRun = Annotated[bool, typer.Option("--dry-run", help=_("Show what would change; keep nothing."))]


def held(
    desk: Annotated[
        str, typer.Option("--desk", help=_("Only of one desk: orders, shipping, stock, accounting."))
    ] = "",
    channel: Annotated[str, typer.Option("--channel", help=_("Only of one shop."))] = "",
    reason: Annotated[str, typer.Option("--reason", help=_("Only for one reason, by its code."))] = "",
    form: Format = None,
    out: Out = None,
) -> int:
    """List."""
    from ecsync.report import matter_report, matters  # noqa: PLC0415
    from ecsync.run.standing import reading  # noqa: PLC0415

    settled(form, out)
    settings = state.settings()
    if desk and desk not in matters.DESKS:
        raise UsageError(
            _("there is no desk {desk}; there are: {known}").format(desk=desk, known=", ".join(matters.DESKS))
        )
    if channel and channel not in settings.channels:
        raise UsageError(
            _("there is no shop {shop}; there are: {known}").format(
                shop=channel, known=", ".join(sorted(settings.channels))
            )
        )
    with reading(settings) as conn:
        found = matters.gather_matters(conn, settings, state.clock(settings), waits=True)
    chosen = [
        matter
        for matter in found
        if desk in {"", matter.desk} and channel in {"", matter.channel} and reason in {"", matter.reason}
    ]
    if reason and not chosen and found:
        console.talk(
            _("nothing stands for {reason}; there is: {known}").format(
                reason=reason, known=", ".join(sorted({matter.reason for matter in found}))
            )
        )
    give(matter_report.report_of(chosen, settings), form, out)
    return 0


def release(
    order: Words,
    by: By,
    note: Note,
    reason: Annotated[
        str,
        typer.Option(
            "--reason", metavar="CODE", help=_("Only this hold; without it, every hold of the order.")
        ),
    ] = "",
    dest: Dest = "",
    dry_run: DryRun = False,
    wait: Wait = 0,
) -> int:
    """Release."""
    from ecsync.master.decisions import Decision  # noqa: PLC0415

    return _do(
        order,
        Decision("release", "", "", by, note=note, dest_id=dest, reason=reason, source="orders release"),
        dry=dry_run,
        wait=wait,
    )


def amend(
    words: Annotated[
        list[str],
        typer.Argument(metavar="[SHOP] ORDER FIELD=VALUE...", help=_("The order, and what is right in it.")),
    ],
    by: By,
    note: Note,
    dest: Dest = "",
    line: Annotated[str, typer.Option("--line", metavar="ID", help=_("One line of the order."))] = "",
    dry_run: DryRun = False,
    wait: Wait = 0,
) -> int:
    """Amend."""
    from ecsync.master.decisions import Decision  # noqa: PLC0415
    from ecsync.orders.corrections import read_pairs  # noqa: PLC0415

    order = [word for word in words if "=" not in word]
    values = read_pairs([word for word in words if "=" in word])
    return _do(
        order,
        Decision(
            "amend", "", "", by, note=note, dest_id=dest, line_id=line, values=values, source="orders amend"
        ),
        dry=dry_run,
        wait=wait,
    )


def decide(
    decision: Annotated[str, typer.Argument(metavar="DECISION", help=_("One of the decisions below."))],
    order: Words,
    by: By,
    note: Note,
    dest: Dest = "",
    parcel: Annotated[
        str, typer.Option("--parcel", metavar="NUMBER", help=_("One parcel of the order."))
    ] = "",
    dry_run: DryRun = False,
    wait: Wait = 0,
) -> int:
    """Decide."""
    from ecsync.master.decisions import Decision  # noqa: PLC0415

    if decision in {"release", "amend"}:
        raise UsageError(
            _("{decision} is a command of its own").format(decision=decision),
            hint=f"ecsync orders {decision} --help",
        )
    return _do(
        order,
        Decision(
            decision,
            "",
            "",
            by,
            note=note,
            dest_id=dest,
            parcel_no=parcel,
            source=f"orders decide {decision}",
        ),
        dry=dry_run,
        wait=wait,
    )


def _do(words: list[str], decision: Decision, *, dry: bool, wait: float) -> int:
    from dataclasses import replace  # noqa: PLC0415

    from ecsync.orders.corrections import with_parts  # noqa: PLC0415
    from ecsync.orders.lookup import find_order  # noqa: PLC0415
    from ecsync.run import deciding  # noqa: PLC0415

    if not decision.decided_by.strip() or not decision.note.strip():
        raise UsageError(_("say who decides (--by) and why (--note)"))
    settings = state.settings()
    clock = state.clock(settings)
    with deciding.deciding(settings, owner=decision.source, clock=clock, wait_minutes=wait, dry=dry) as ctx:
        found = find_order(ctx.conn, words)
        whole = replace(decision, channel=found.channel, order_no=found.order_no)
        done = deciding.decide(ctx, with_parts(ctx, whole))
    _say(done, dry=dry)
    return 0


def _say(done: Decided, *, dry: bool) -> None:
    from ecsync.report.decision_text import as_data, sentences  # noqa: PLC0415

    for sentence in sentences(done):
        console.say(sentence)
    if dry:
        console.talk(_("dry run: nothing was kept"))
    console.data(as_data(done))
