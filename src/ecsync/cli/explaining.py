"""`explain stock|order`: the chain that made a figure, or everything that happened to an order."""

from __future__ import annotations

from typing import Annotated

import typer

from ecsync.cli import state
from ecsync.cli.contents import said_of
from ecsync.cli.reporting import Format, Out, give, settled
from ecsync.cli.statuses import epilog
from ecsync.locale import _

_STATUSES = (10, 15)

Channel = Annotated[str, typer.Option("--channel", metavar="NAME", help=_("Only this shop."))]


def build() -> typer.Typer:
    """Build the group."""
    app = typer.Typer(
        help=said_of("explain"),
        no_args_is_help=True,
    )
    app.command(
        "stock",
        help=_("Show the counts, movements, orders and files behind the figure of a SKU."),
        epilog=epilog(*_STATUSES),
    )(stock)
    app.command(
        "order",
        help=_(
            "Show everything that happened to an order, by time, with the files it came from and went into."
        ),
        epilog=epilog(*_STATUSES),
    )(order)
    return app


def stock(
    sku: Annotated[
        str, typer.Argument(metavar="SKU", help=_("SKU, a listing's code in a shop, or JAN code."))
    ],
    channel: Channel = "",
    form: Format = None,
    out: Out = None,
) -> int:
    """Explain stock."""
    from ecsync.report import stock_explained  # noqa: PLC0415
    from ecsync.run.explaining import stock_chain  # noqa: PLC0415

    settled(form, out)
    settings = state.settings()
    chain = stock_chain(settings, sku, channel, state.clock(settings))
    give(stock_explained.report_of(settings, chain), form, out)
    return 0


def order(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help=_("Order number as the shop shows it."))],
    channel: Channel = "",
    form: Format = None,
    out: Out = None,
) -> int:
    """Explain an order."""
    from ecsync.report import order_explained  # noqa: PLC0415
    from ecsync.run.explaining import chain_of_order  # noqa: PLC0415

    settled(form, out)
    settings = state.settings()
    chains = chain_of_order(settings, number, channel, state.clock(settings))
    give(order_explained.report_of(settings, chains), form, out)
    return 0
