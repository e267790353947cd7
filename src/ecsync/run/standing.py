"""Stand on the master outside a run: to read it, or to write one decision under the lock."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecsync.exchange.steps import CommittingSteps, Steps
from ecsync.master import lock as locks
from ecsync.master.engine import master_errors, open_engine
from ecsync.master.engine import reading as reading_engine
from ecsync.master.upgrade import require_current

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

    from ecsync.config import Settings
    from ecsync.exchange.stepping import Fence


@dataclass(frozen=True)
class Standing:
    """Small steps under the project's lock, and the fence that says whether we still hold it."""

    steps: Steps
    fence: Fence


@contextmanager
def reading(settings: Settings) -> Iterator[sa.Connection]:
    """Give a connection that only reads."""
    engine = open_engine(settings, read_only=True)
    try:
        with master_errors():
            require_current(engine)
            with reading_engine(engine) as conn:
                yield conn
    finally:
        engine.dispose()


@contextmanager
def writing(settings: Settings, *, owner: str, clock: str, wait_minutes: float = 0) -> Iterator[Standing]:
    """Give small steps under the project's lock; raise LockedError where a run holds it."""
    engine = open_engine(settings)
    try:
        with master_errors():
            require_current(engine)
            with locks.run_lock(settings, engine, wait_minutes=wait_minutes, owner=owner, now=clock) as held:
                yield Standing(CommittingSteps(engine), lambda conn: locks.check_fence(conn, held.fence))
    finally:
        engine.dispose()
