"""One run at a time: a lock that dies with its process, and a fencing number that outlives it.

SQLite: flock on a file beside the database. PostgreSQL: a session advisory lock on a connection of its own
(it does not hold through a transaction pooler). The owner's name only tells people; what protects the master
is the fence: every run that takes the lock raises it, and a run whose number was passed may not commit.
"""

from __future__ import annotations

import os
import socket
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from ecsync.errors import LockedError
from ecsync.faultpoints import declare, faultpoint
from ecsync.locale import _
from ecsync.master.engine import reading, sqlite_path
from ecsync.master.failures import master_errors
from ecsync.master.lock_places import AdvisoryLock, FileLock, acquired
from ecsync.master.tables_running import LOCK_OWNER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecsync.config import Settings

BEFORE_RECORD = declare("lock.before_record", "the lock is held; its owner and fence are not written")
AFTER_RECORD = declare("lock.after_record", "the lock is held and its fence is raised; no run is open")

_ROW: Final = 1


@dataclass(frozen=True)
class LockOwner:
    """Who holds the lock: what it does, where, and since when (UTC text of its run's clock)."""

    owner: str = ""
    host: str = ""
    pid: int = 0
    since: str = ""


@dataclass(frozen=True)
class HeldLock:
    """The lock while it is held. `fence` is this holder's number."""

    fence: int
    owner: LockOwner


@contextmanager
def run_lock(
    settings: Settings,
    engine: sa.Engine,
    *,
    owner: str,
    now: str,
    wait_minutes: float = 0,
    record: bool = True,
) -> Iterator[HeldLock]:
    """Hold the project's one lock for the length of the block; it is freed even by SIGKILL.

    `record=False` leaves the master as it is: no owner's row, no new fence (a dry run, a restore).
    Raises LockedError naming the holder, at once or after `wait_minutes`.
    """
    me = LockOwner(owner, socket.gethostname(), os.getpid(), now)
    with master_errors():
        place = _place(settings, engine)
        try:
            _acquire(place, engine, me, wait_minutes)
            fence = _record(engine, me) if record else 0
            yield HeldLock(fence, me)
        finally:
            place.release()


def check_fence(conn: sa.Connection, fence: int) -> None:
    """Raise LockedError where another run has taken the lock since; keep it so until the transaction ends."""
    # The row's lock keeps it so until the transaction ends; SQLite has one writer anyway, and no such clause.
    query = sa.select(LOCK_OWNER.c.fence).where(LOCK_OWNER.c.id == _ROW).with_for_update(read=True)
    found = conn.execute(query).scalar()
    if int(found or 0) != fence:
        raise LockedError(
            _("another run has taken over; this one keeps nothing"), hint=_("look at `ecsync runs list`")
        )


def last_owner(conn: sa.Connection) -> LockOwner:
    """Return who took the lock last; it may be free by now."""
    row = conn.execute(
        sa.text("SELECT owner, host, pid, since FROM lock_owner WHERE id = :id"), {"id": _ROW}
    ).one_or_none()
    return LockOwner() if row is None else LockOwner(str(row[0]), str(row[1]), int(row[2] or 0), str(row[3]))


def raise_fence(conn: sa.Connection, beyond: int) -> None:
    """Lift the fence above `beyond` and above its own value: whoever held the lock before is shut out."""
    conn.execute(
        sa.text(
            "INSERT INTO lock_owner (id, fence) VALUES (:id, :beyond + 1) ON CONFLICT (id) DO UPDATE SET fence = "
            "CASE WHEN lock_owner.fence > :beyond THEN lock_owner.fence + 1 ELSE excluded.fence END"
        ),
        {"id": _ROW, "beyond": beyond},
    )


def _place(settings: Settings, engine: sa.Engine) -> FileLock | AdvisoryLock:
    if engine.dialect.name == "postgresql":
        return AdvisoryLock(engine)
    database = sqlite_path(settings)
    return FileLock(database.with_name(database.name + ".lock"))


def _acquire(place: FileLock | AdvisoryLock, engine: sa.Engine, me: LockOwner, wait_minutes: float) -> None:
    if not acquired(place, _label(me), wait_minutes):
        raise _locked(place.holder(), engine)


def _label(owner: LockOwner) -> str:
    return "|".join((owner.owner, owner.host, str(owner.pid), owner.since))


def _locked(label: str, engine: sa.Engine) -> LockedError:
    owner, host, pid, since = [*label.split("|"), "", "", "", ""][:4]
    if not host:
        with reading(engine) as conn:
            known = last_owner(conn)
        owner, host, pid, since = known.owner, known.host, str(known.pid), known.since
    return LockedError(
        _("another run holds the lock: {owner} on {host}, process {pid}, since {since}").format(
            owner=owner or "?", host=host or "?", pid=pid or "?", since=since or "?"
        ),
        hint=_("wait for it, or say how long to wait with --wait MINUTES"),
    )


def _record(engine: sa.Engine, me: LockOwner) -> int:
    faultpoint(BEFORE_RECORD)
    with engine.begin() as conn:
        fence = conn.execute(
            sa.text(
                "INSERT INTO lock_owner (id, fence, owner, host, pid, since) "
                "VALUES (:id, 1, :owner, :host, :pid, :since)"
                " ON CONFLICT (id) DO UPDATE SET fence = lock_owner.fence + 1, owner = excluded.owner,"
                " host = excluded.host, pid = excluded.pid, since = excluded.since RETURNING fence"
            ),
            {"id": _ROW, "owner": me.owner, "host": me.host, "pid": me.pid, "since": me.since},
        ).scalar_one()
    faultpoint(AFTER_RECORD)
    return int(fence)
