"""Let a person decide, outside of a run: under the project's lock, in one transaction, kept whole or not at all."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ecsync.errors import UsageError
from ecsync.exchange.journal import DeliveryJournal
from ecsync.exchange.steps import CommittingSteps
from ecsync.faultpoints import declare, faultpoint
from ecsync.findings import FindingLog
from ecsync.locale import _
from ecsync.master import generation
from ecsync.master import lock as locks
from ecsync.master.context import RunContext
from ecsync.master.engine import master_errors, open_engine
from ecsync.master.upgrade import require_current
from ecsync.orders import decisions
from ecsync.orders.decision_catalogue import DECISIONS
from ecsync.orders.decisions import Effect
from ecsync.orders.lookup import OrderFacts, find_order
from ecsync.run.clock import business_date
from ecsync.run.sync import refuse_unreconciled
from ecsync.shipping.parcel_decisions import decide_on_parcel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecsync.config import Settings
    from ecsync.master.decisions import Decision

BEFORE_COMMIT = declare("decide.before_commit", "decisions are written; nothing is committed")
AFTER_COMMIT = declare("decide.after_commit", "decisions are committed; nothing is said")


@dataclass(frozen=True)
class Decided:
    """What came of one decision."""

    decision: Decision
    order: OrderFacts
    effect: Effect = field(default_factory=Effect)
    parcel_no: str = ""

    @property
    def is_empty(self) -> bool:
        """Tell whether it changed nothing, for it stood so already."""
        return self.effect == Effect() and not self.parcel_no


@contextmanager
def deciding(
    settings: Settings, *, owner: str, clock: str, wait_minutes: float = 0, dry: bool = False
) -> Iterator[RunContext]:
    """Give a context in which decisions are made; commit at the end, or, `dry`, undo everything.

    Raises LockedError where a run holds the lock, OutcomeUnknownError where a backup was restored and not
    reconciled: such a master does not know what the warehouse was told.
    """
    engine = open_engine(settings)
    try:
        with (
            master_errors(),
            locks.run_lock(
                settings,
                engine,
                owner=owner,
                now=clock,
                wait_minutes=wait_minutes,
                record=not dry,
            ) as held,
        ):
            require_current(engine)
            refuse_unreconciled(
                CommittingSteps(engine), DeliveryJournal(settings.path(settings.outbox.journal))
            )
            with engine.connect() as conn, conn.begin() as transaction:
                ctx = RunContext(
                    conn=conn,
                    run_id=0,
                    kind="decide",
                    now=clock,
                    business_date=business_date(clock, settings.zone),
                    settings=settings,
                    findings=FindingLog(),
                )
                yield ctx
                if dry:
                    transaction.rollback()
                    return
                if ctx.changes:
                    generation.bump(conn)
                locks.check_fence(conn, held.fence)
                faultpoint(BEFORE_COMMIT)
            faultpoint(AFTER_COMMIT)
    finally:
        engine.dispose()


def decide(ctx: RunContext, decision: Decision) -> Decided:
    """Do one decision and record it.

    Raises UsageError where the order, the decision or who decided is not given; DecisionRefusedError where it
    does not fit what the order is.
    """
    if decision.kind not in DECISIONS:
        raise UsageError(
            _("there is no decision {kind}; there are: {known}").format(
                kind=decision.kind, known=", ".join(DECISIONS)
            )
        )
    if not decision.decided_by:
        raise UsageError(_("say who decides"))
    order = find_order(ctx.conn, (decision.channel, decision.order_no))
    if DECISIONS[decision.kind].on == "parcel":
        parcel_no = decide_on_parcel(ctx, decision, order.revision)
        return Decided(decision, order, parcel_no=parcel_no)
    return Decided(decision, order, decisions.decide(ctx, order, decision))
