"""`reconcile stock`: read what is asked for, let the stock room compare, and hand the result to whoever shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecsync.run import fresh_files
from ecsync.run.looking import LookRequest, looking
from ecsync.run.outcome import first_of
from ecsync.stock.places import parties_behind
from ecsync.stock.reconciliation import StockComparison, StockQuestion, compare_stock, refuse_unknown_names

if TYPE_CHECKING:
    from ecsync.config import Inbound, Settings
    from ecsync.findings import FindingLog
    from ecsync.run.sources import Source

_FRAMES: Final = frozenset({"stock_levels", "channel_listings", "warehouse_events", "order_lines"})


@dataclass(frozen=True)
class StockReconciled:
    """A comparison with the files that it rests on, what else is to be said, and the exit statuses."""

    comparison: StockComparison
    question: StockQuestion
    sources: list[Source]
    findings: FindingLog
    clock: str
    statuses: frozenset[int]

    def exit_status(self, *, differences_count: bool) -> int:
        """Return the one status; differences count only where that was asked for."""
        own = {4} if differences_count and self.comparison.differs else set()
        return first_of(set(self.statuses) | own)


def reconcile_stock(settings: Settings, question: StockQuestion, request: LookRequest) -> StockReconciled:
    """Compare, and write nothing anywhere.

    Raises UsageError for names that do not exist; files that are refused and partners that are away are findings.
    """
    refuse_unknown_names(settings, question)
    flows = _flows(settings, question)
    with looking(settings, flows, request) as look:
        comparison = compare_stock(look.ctx, question)
        return StockReconciled(
            comparison=comparison,
            question=question,
            sources=look.sources,
            findings=look.ctx.findings,
            clock=request.clock,
            statuses=frozenset(look.looked.statuses),
        )


def _flows(settings: Settings, question: StockQuestion) -> list[Inbound]:
    channels = [
        name
        for name, channel in settings.channels.items()
        if question.channel in {"", name} and question.warehouse in {"", channel.warehouse}
    ]
    parties: set[str] = set(settings.core) if not question.channel else set()
    for name in channels:
        parties |= parties_behind(settings, name)
    parties |= {question.warehouse} if question.warehouse else set()
    if not (question.channel or question.warehouse):
        parties |= set(settings.warehouses)
    return fresh_files.flows_of(settings, _FRAMES, frozenset(parties))
