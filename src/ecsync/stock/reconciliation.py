"""Compare master, counts and channels, SKU by SKU, on demand; nothing is decided or written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecsync.errors import UsageError
from ecsync.locale import _
from ecsync.master.scratch import scratch_tables
from ecsync.stock import channel_differences, count_differences, difference_rows
from ecsync.stock.difference_rows import DIFFERENCES, KindTotal, StockDifference
from ecsync.stock.shops import open_shops

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecsync.config import Settings
    from ecsync.master.context import RunContext


@dataclass(frozen=True)
class StockQuestion:
    """What is to be compared; '' stands for all. `most` rows of each kind are told, the sums are of all."""

    channel: str = ""
    warehouse: str = ""
    sku: str = ""
    most: int = 200


@dataclass(frozen=True)
class StockComparison:
    """What was found: sums per kind, the largest rows, and what was compared or left alone."""

    totals: dict[str, KindTotal]
    rows: list[StockDifference]
    listings: int
    counts: int
    left_alone: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Tell whether any difference was found; notes are none."""
        return any(kind in self.totals for kind in DIFFERENCES)


def refuse_unknown_names(settings: Settings, question: StockQuestion) -> None:
    """Raise UsageError for a channel or warehouse that ecsync.toml does not name."""
    _known(question.channel, settings.channels, _("there is no channel {name}; there are: {known}"))
    _known(question.warehouse, settings.warehouses, _("there is no warehouse {name}; there are: {known}"))


def compare_stock(ctx: RunContext, question: StockQuestion) -> StockComparison:
    """Compare the counts of warehouses and core systems, then what channels show, with the ledger.

    With a channel only that channel is compared; with a warehouse its counts and the channels that sell
    from it.
    """
    settings = ctx.settings
    shops = [
        shop
        for shop in open_shops(ctx)
        if question.channel in {"", shop["channel"]} and question.warehouse in {"", shop["warehouse"]}
    ]
    wanted = {question.warehouse} if question.warehouse else set(settings.warehouses)
    tables = {**difference_rows.SCRATCH, **count_differences.SCRATCH, **channel_differences.SCRATCH}
    with scratch_tables(ctx, **tables):
        counts = 0
        if not question.channel:
            count_differences.find_count_differences(ctx, frozenset(wanted), question.sku)
            counts = int(ctx.scalar("SELECT COUNT(*) FROM tmp_count"))
        listings = channel_differences.find_channel_differences(ctx, shops, question.sku)
        return StockComparison(
            totals=difference_rows.totals(ctx),
            rows=difference_rows.largest(ctx, question.most),
            listings=listings,
            counts=counts,
            left_alone=tuple(
                name
                for name, channel in sorted(settings.channels.items())
                if question.channel in {"", name}
                and question.warehouse in {"", channel.warehouse}
                and name not in {shop["channel"] for shop in shops}
            ),
        )


def _known(name: str, there: Iterable[str], message: str) -> None:
    if name and name not in there:
        raise UsageError(message.format(name=name, known=", ".join(sorted(there))))
