"""Deliver what still waits in the outbox, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecsync.exchange import delivery
from ecsync.exchange.journal import DeliveryJournal
from ecsync.master import lock as locks
from ecsync.master.engine import master_errors, open_engine
from ecsync.master.upgrade import require_current
from ecsync.run.clock import business_date
from ecsync.run.ground import CommittingGround
from ecsync.run.outcome import Outcome
from ecsync.run.sync import refuse_unreconciled

if TYPE_CHECKING:
    from ecsync.config import Settings


def push(settings: Settings, *, clock: str, wait_minutes: float = 0) -> Outcome:
    """Deliver every payload that waits; decide nothing."""
    engine = open_engine(settings)
    try:
        with master_errors():
            require_current(engine)
            with locks.run_lock(settings, engine, wait_minutes=wait_minutes, owner="push", now=clock) as held:
                steps = CommittingGround(engine).steps
                journal = DeliveryJournal(settings.path(settings.outbox.journal))
                refuse_unreconciled(steps, journal)
                outcome = Outcome(
                    0, "push", business_date(clock, settings.zone), clock, dry=False, settings=settings
                )
                delivered = delivery.deliver(
                    steps,
                    settings,
                    journal,
                    outcome.findings,
                    now=clock,
                    run_id=0,
                    fence=lambda conn: locks.check_fence(conn, held.fence),
                )
                outcome.deliveries = dict(delivered.counts)
                outcome.statuses |= delivered.statuses
                return outcome
    finally:
        engine.dispose()
