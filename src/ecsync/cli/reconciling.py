"""`reconcile stock|orders`: compare on demand; nothing is written."""

from __future__ import annotations

from typing import Annotated

import typer

from ecsync.cli import state
from ecsync.cli.contents import said_of
from ecsync.cli.reporting import Format, Out, give, settled
from ecsync.cli.statuses import epilog
from ecsync.locale import _

_STATUSES = (3, 4, 10, 12, 13, 14, 15)
_EVERYTHING = 10**9

Channel = Annotated[str, typer.Option("--channel", metavar="NAME", help=_("Only this shop."))]
Files = Annotated[
    list[str] | None,
    typer.Option(
        "--file", metavar="FLOW=PATH", help=_("Look at this file as well; it is not taken in. Repeatable.")
    ),
]
Pull = Annotated[
    bool, typer.Option("--pull", help=_("Look at the files that lie at the partners now; take none in."))
]
ExitCode = Annotated[bool, typer.Option("--exit-code", help=_("End with 4 when there are differences."))]
Limit = Annotated[
    int, typer.Option("--limit", min=0, metavar="N", help=_("Show so many rows of each kind; 0 shows all."))
]


def build() -> typer.Typer:
    """Build the group."""
    app = typer.Typer(
        help=said_of("reconcile"),
        no_args_is_help=True,
    )
    app.command(
        "stock",
        help=_("Compare what shops show and warehouses count with the master, SKU by SKU."),
        epilog=epilog(*_STATUSES),
    )(stock)
    app.command(
        "orders",
        help=_("Compare order files with the master: is everything in, and does it add up?"),
        epilog=epilog(*_STATUSES),
    )(orders)
    return app


def stock(
    channel: Channel = "",
    warehouse: Annotated[
        str, typer.Option("--warehouse", metavar="NAME", help=_("Only this warehouse and its shops."))
    ] = "",
    sku: Annotated[str, typer.Option("--sku", metavar="SKU", help=_("Only this SKU."))] = "",
    file: Files = None,
    pull: Pull = False,
    limit: Limit = 200,
    exit_code: ExitCode = False,
    form: Format = None,
    out: Out = None,
) -> int:
    """Reconcile stock."""
    from ecsync.report import stock_differences  # noqa: PLC0415
    from ecsync.run.looking import LookRequest  # noqa: PLC0415
    from ecsync.run.stock_reconciling import reconcile_stock  # noqa: PLC0415
    from ecsync.stock.reconciliation import StockQuestion  # noqa: PLC0415

    settled(form, out)
    settings = state.settings()
    reconciled = reconcile_stock(
        settings,
        StockQuestion(channel, warehouse, sku, limit or _EVERYTHING),
        LookRequest(state.clock(settings), tuple(file or ()), pull),
    )
    give(stock_differences.report_of(settings, reconciled), form, out)
    return reconciled.exit_status(differences_count=exit_code)


def orders(
    channel: Channel = "",
    file: Files = None,
    pull: Pull = False,
    twin_days: Annotated[
        int,
        typer.Option(
            "--twin-days",
            min=0,
            max=366,
            metavar="N",
            help=_("Orders so many days apart may be one and the same."),
        ),
    ] = 3,
    limit: Limit = 200,
    exit_code: ExitCode = False,
    form: Format = None,
    out: Out = None,
) -> int:
    """Reconcile orders."""
    from ecsync.report import order_differences  # noqa: PLC0415
    from ecsync.run.looking import LookRequest  # noqa: PLC0415
    from ecsync.run.order_reconciling import OrderQuestion, reconcile_orders  # noqa: PLC0415

    settled(form, out)
    settings = state.settings()
    reconciled = reconcile_orders(
        settings,
        OrderQuestion(channel, twin_days, limit or _EVERYTHING),
        LookRequest(state.clock(settings), tuple(file or ()), pull),
    )
    give(order_differences.report_of(settings, reconciled), form, out)
    return reconciled.exit_status(differences_count=exit_code)
