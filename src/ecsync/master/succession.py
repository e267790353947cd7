"""What a restored master takes over from the one it replaces: numbers that must never go back."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from ecsync.master import generation
from ecsync.master.lock import raise_fence
from ecsync.master.tables_running import LOCK_OWNER
from ecsync.master.upgrade import describe_connection


@dataclass(frozen=True)
class Numbers:
    """The fence and the generation of a master, zeros where it has none."""

    fence: int = 0
    generation: int = 0


def numbers_of(conn: sa.Connection) -> Numbers:
    """Return the numbers of the master on `conn`."""
    if describe_connection(conn).standing == "absent":
        return Numbers()
    fence = conn.execute(sa.select(sa.func.max(LOCK_OWNER.c.fence))).scalar()
    return Numbers(int(fence or 0), generation.current(conn))


def succeed(conn: sa.Connection, before: Numbers) -> None:
    """Lift the restored master's numbers above those of the one before.

    Whoever held the lock may then commit nothing, and plans that were made on either master are stale.
    """
    raise_fence(conn, before.fence)
    generation.raise_to(conn, max(before.generation, generation.current(conn)) + 1)
