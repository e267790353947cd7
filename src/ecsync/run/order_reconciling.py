"""`reconcile orders`: read order files, let the order room compare, and hand the result to whoever shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from ecsync.accounting.stated_tax import judge_stated_tax
from ecsync.entities.codes import ORDER_STATUS
from ecsync.errors import ConfigurationError, UsageError
from ecsync.locale import _
from ecsync.master.tables_running import INBOX_FILE
from ecsync.orders.reconciliation import OrderComparison, Scope, compare_orders
from ecsync.run import clock, fresh_files
from ecsync.run.looking import LookRequest, looking
from ecsync.run.outcome import first_of
from ecsync.run.standing import reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecsync.config import Inbound, Settings
    from ecsync.findings import FindingLog
    from ecsync.run.sources import Source

_FRAMES: Final = frozenset({"order_lines"})


@dataclass(frozen=True)
class OrderQuestion:
    """What is to be compared. `twin_days`: orders so many days apart may be one that came in twice."""

    channel: str = ""
    twin_days: int = 3
    most: int = 200


@dataclass(frozen=True)
class OrdersReconciled:
    """A comparison with the files that it rests on, what else is to be said, and the exit statuses.

    `names` gives the name of each file by its number in the rows; `unscoped` are channels whose files
    declare no scope, so that nothing of theirs can be called missing.
    """

    comparison: OrderComparison
    question: OrderQuestion
    sources: list[Source]
    findings: FindingLog
    clock: str
    names: dict[int, str]
    unscoped: tuple[str, ...]
    statuses: frozenset[int]

    def exit_status(self, *, differences_count: bool) -> int:
        """Return the one status; differences count only where that was asked for."""
        own = {4} if differences_count and self.comparison.differs else set()
        return first_of(set(self.statuses) | own)


def reconcile_orders(settings: Settings, question: OrderQuestion, request: LookRequest) -> OrdersReconciled:
    """Compare order files with the master, and write nothing anywhere.

    Without files and without `pull` the newest loaded file of every flow is read again from the spool.
    Raises UsageError for names that do not exist, ConfigurationError for a status that does not.
    """
    if question.channel and question.channel not in settings.channels:
        raise UsageError(
            _("there is no channel {name}; there are: {known}").format(
                name=question.channel, known=", ".join(sorted(settings.channels))
            )
        )
    parties = frozenset({question.channel} if question.channel else settings.channels)
    flows = fresh_files.flows_of(settings, _FRAMES, parties)
    _refuse_unknown_statuses(flows)
    spooled = [] if request.files or request.pull else _newest_of_spool(settings, flows)
    with looking(settings, flows, request, spooled) as look:
        scopes = [scope for flow in flows if (scope := _scope(flow, look.looked)) is not None]
        comparison = compare_orders(
            look.ctx, scopes, judge_stated_tax, twin_days=question.twin_days, most=question.most
        )
        return OrdersReconciled(
            comparison=comparison,
            question=question,
            sources=look.sources,
            findings=look.ctx.findings,
            clock=request.clock,
            names={file.file_id: file.name for file in look.looked.loaded.files},
            unscoped=tuple(sorted({flow.party for flow in flows if flow.scope is None})),
            statuses=frozenset(look.looked.statuses),
        )


def _refuse_unknown_statuses(flows: Sequence[Inbound]) -> None:
    for flow in flows:
        unknown = sorted(set(flow.scope.statuses if flow.scope else ()) - set(ORDER_STATUS))
        if unknown:
            raise ConfigurationError(
                _("the scope of flow {flow} names unknown statuses {unknown}; there are: {known}").format(
                    flow=flow.name, unknown=", ".join(unknown), known=", ".join(ORDER_STATUS)
                )
            )


def _scope(flow: Inbound, looked: fresh_files.Looked) -> Scope | None:
    """Return what the newest of the flow's files claims to hold; None where it claims nothing or none was read."""
    own = [
        (looked.numbers[file.file_id].as_of or "", file.file_id)
        for file in looked.loaded.files
        if file.flow == flow.name and looked.numbers[file.file_id].as_of
    ]
    if flow.scope is None or not own:
        return None
    as_of, number = max(own)
    since = clock.from_text(as_of) - timedelta(days=flow.scope.days)
    return Scope(
        channel=flow.party,
        by_change=flow.scope.by == "changed",
        since=since.strftime(clock.FORMAT),
        as_of=as_of,
        src_file=number,
        statuses=flow.scope.statuses,
    )


def _newest_of_spool(settings: Settings, flows: Sequence[Inbound]) -> list[fresh_files.FreshFile]:
    found = []
    with reading(settings) as conn:
        for flow in flows:
            row = conn.execute(
                sa.select(INBOX_FILE.c.name, INBOX_FILE.c.as_of, INBOX_FILE.c.spool_path)
                .where(INBOX_FILE.c.flow == flow.name, INBOX_FILE.c.state == "loaded")
                .order_by(INBOX_FILE.c.as_of.desc(), INBOX_FILE.c.file_id.desc())
                .limit(1)
            ).first()
            path = settings.folder / "spool" / Path(str(row[2])).name if row else None
            if row is not None and path is not None and path.is_file():
                found.append(fresh_files.FreshFile(flow, str(row[0]), path, str(row[1]), spooled=True))
    return found
