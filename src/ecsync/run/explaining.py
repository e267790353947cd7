"""`explain stock` and `explain order`: find what is meant, and gather its chain from the master; nothing is written."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecsync.errors import UsageError
from ecsync.locale import _
from ecsync.run.looking import LookRequest, looking
from ecsync.run.order_chain import OrderChain, find_orders, near_orders, order_chain
from ecsync.stock.explaining import StockExplained, explain_stock, known_sku, near_skus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecsync.config import Settings
    from ecsync.run.sources import Source


@dataclass(frozen=True)
class StockChain:
    """The chain behind a SKU's figure, and the files that the master rests on."""

    explained: StockExplained
    sources: list[Source]
    clock: str


def stock_chain(settings: Settings, asked: str, channel: str, clock: str) -> StockChain:
    """Return the chain of a SKU, given by its code, a listing's code or its JAN code.

    Raises UsageError, naming near ones, where there is none.
    """
    _refuse_unknown_channel(settings, channel)
    with looking(settings, settings.inbound, LookRequest(clock)) as look:
        sku = known_sku(look.ctx, asked)
        if not sku:
            raise _nothing_like(asked, near_skus(look.ctx, asked), _("there is no SKU {asked}"))
        return StockChain(explain_stock(look.ctx, sku, channel), look.sources, clock)


def chain_of_order(settings: Settings, asked: str, channel: str, clock: str) -> list[OrderChain]:
    """Return the chain of every order of that number, one per shop.

    Raises UsageError, naming near ones, where there is none.
    """
    _refuse_unknown_channel(settings, channel)
    with looking(settings, [], LookRequest(clock)) as look:
        found = find_orders(look.ctx, asked, channel)
        if not found:
            raise _nothing_like(asked, near_orders(look.ctx, asked, channel), _("there is no order {asked}"))
        return [order_chain(look.ctx, name, number) for name, number in found]


def _nothing_like(asked: str, there: Iterable[str], message: str) -> UsageError:
    near = difflib.get_close_matches(asked, list(dict.fromkeys(there)), n=5, cutoff=0.5)
    said = message.format(asked=asked)
    if near:
        said += _("; near it are: {near}").format(near=", ".join(near))
    return UsageError(said)


def _refuse_unknown_channel(settings: Settings, channel: str) -> None:
    if channel and channel not in settings.channels:
        raise UsageError(
            _("there is no channel {name}; there are: {known}").format(
                name=channel, known=", ".join(sorted(settings.channels))
            )
        )
