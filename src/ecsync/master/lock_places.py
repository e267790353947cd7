"""Where the lock lies: a file that the kernel locks, or a session of the database server.

Both keep a label (owner, host, pid, since, a bar between them) beside the lock, for the message to whoever comes late.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

if TYPE_CHECKING:
    from pathlib import Path

_LABEL_BYTES: Final = 400
_HALF: Final = 32
_POLL_SECONDS: Final = 0.5


def acquired(place: FileLock | AdvisoryLock, label: str, wait_minutes: float) -> bool:
    """Take a lock, at once or within so many minutes; return whether it was taken."""
    deadline = time.monotonic() + wait_minutes * 60
    while not place.try_acquire(label):
        if time.monotonic() >= deadline:
            return False
        time.sleep(min(_POLL_SECONDS, max(0.0, deadline - time.monotonic())))
    return True


class FileLock:
    """flock on a file; the kernel frees it when the process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        """Name the lock file; its folder is made when it is first taken."""
        self._path = path
        self._handle: int | None = None

    def try_acquire(self, label: str) -> bool:
        """Take the lock and write the label, or return False at once."""
        while True:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                os.close(handle)
                if error.errno in {errno.EAGAIN, errno.EACCES}:
                    return False
                raise
            if self._is_still(handle):
                break
            os.close(handle)
        os.ftruncate(handle, 0)
        os.pwrite(handle, label.encode()[:_LABEL_BYTES], 0)
        self._handle = handle
        return True

    def _is_still(self, handle: int) -> bool:
        # A lock on a file that somebody removed meanwhile would exclude nobody.
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return False
        ours = os.fstat(handle)
        return (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)

    def holder(self) -> str:
        """Return the label that the holder wrote, '' where there is none."""
        try:
            return self._path.read_bytes()[:_LABEL_BYTES].decode("utf-8", "replace")
        except OSError:
            return ""

    def release(self) -> None:
        """Free the lock; the file stays, so that nobody locks a removed one."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


class AdvisoryLock:
    """A session advisory lock on a connection of its own; the server frees it when the session ends."""

    def __init__(self, engine: sa.Engine) -> None:
        """Lock what the engine's schema holds: two projects may share a database."""
        self._engine = engine
        self._conn: sa.Connection | None = None

    def try_acquire(self, label: str) -> bool:
        """Take the lock and label the session, or return False at once."""
        conn = self._session()
        key = self._key(conn)
        if not conn.execute(sa.text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar():
            return False
        # 63 bytes is what the server keeps of a name.
        name = label.encode("ascii", "replace").decode()[:63]
        conn.execute(sa.text("SELECT set_config('application_name', :name, false)"), {"name": name})
        return True

    def holder(self) -> str:
        """Return the label of the session that holds the lock, '' where there is none."""
        conn = self._session()
        key = self._key(conn) & 0xFFFF_FFFF_FFFF_FFFF
        label = conn.execute(
            sa.text(
                "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
                "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND a.datname = current_database() "
                "AND l.classid = CAST(:high AS BIGINT)::oid AND l.objid = CAST(:low AS BIGINT)::oid ORDER BY a.pid"
            ),
            {"high": key >> _HALF, "low": key & 0xFFFF_FFFF},
        ).scalar()
        return str(label or "")

    def release(self) -> None:
        """End the session, and the lock with it."""
        if self._conn is not None:
            with suppress(sa.exc.SQLAlchemyError):
                # The server notices a closed session only a moment later.
                self._conn.execute(sa.text("SELECT pg_advisory_unlock_all()"))
            with suppress(sa.exc.SQLAlchemyError):
                self._conn.close()
            self._conn = None

    def _session(self) -> sa.Connection:
        if self._conn is None:
            self._conn = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            # Detached, closing ends the session; a pooled one would keep the lock.
            self._conn.detach()
        return self._conn

    @staticmethod
    def _key(conn: sa.Connection) -> int:
        schema = str(conn.execute(sa.text("SELECT current_schema()")).scalar())
        return int.from_bytes(hashlib.sha256(f"ecsync:{schema}".encode()).digest()[:8], "big", signed=True)
