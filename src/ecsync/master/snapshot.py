"""A consistent copy of a SQLite master for a dry run, which blocks nobody and writes nothing beside the master.

The work is done in a process of its own: closing any handle on a database file drops the locks that this
process holds on it through SQLite. Run as a program, this module is that process.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Final

from ecsync.errors import MasterUnavailableError
from ecsync.locale import _
from ecsync.master.place import create_private_file, sqlite_uri

_TRIES: Final = 20
_PAUSE_SECONDS: Final = 0.1
_WAL_HEADER: Final = 32
_MOVED: Final = 3


def copy_for_reading(path: Path, target: Path) -> None:
    """Copy the SQLite master at `path` to `target` (0600), as it was at one moment between two commits.

    Works where the file and its folder may only be read. Raises MasterUnavailableError where it cannot be read,
    or where it moves so much that no consistent copy is to be had.
    """
    if not path.is_file():
        raise MasterUnavailableError(
            _("there is no database {path}").format(path=path), hint="ecsync db upgrade"
        )
    done = subprocess.run(  # noqa: S603  (our own interpreter and our own module)
        [sys.executable, "-P", "-m", "ecsync.master.snapshot", str(path.resolve()), str(target.resolve())],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        discard(target)
        reason = (
            _("it is written all the time")
            if done.returncode == _MOVED
            else _("it cannot be read or is damaged")
        )
        raise MasterUnavailableError(
            _("the database {path} could not be copied: {reason}").format(path=path, reason=reason),
            hint=_("try again in a few minutes, or look at it with `ecsync db check`"),
        )


def discard(target: Path) -> None:
    """Remove a copy and what SQLite left beside it."""
    for name in (target.name, f"{target.name}-wal", f"{target.name}-shm", f"{target.name}-journal"):
        target.with_name(name).unlink(missing_ok=True)


def make_copy(source: Path, target: Path) -> bool:
    """Copy in this process; return False where the source kept moving.

    Only for a process that holds no connection to `source`.
    """
    discard(target)
    create_private_file(target)
    if os.access(source, os.W_OK) and os.access(source.parent, os.W_OK):
        _copy_online(source, target)
        return True
    for _try in range(_TRIES):
        if _copy_files(source, target) and _is_sound(target):
            return True
        discard(target)
        create_private_file(target)
        time.sleep(_PAUSE_SECONDS)
    return False


def _copy_online(source: Path, target: Path) -> None:
    # All pages in one step: one read transaction, so that a writer never makes it start again. Whoever may only
    # read leaves a -wal as it is; where there is none, only who may write clears away the one SQLite makes.
    there = source.with_name(source.name + "-wal").exists()
    with (
        closing(sqlite3.connect(sqlite_uri(source, read_only=there), uri=True, timeout=60)) as read,
        closing(sqlite3.connect(target)) as write,
    ):
        read.execute("PRAGMA query_only=ON")
        read.backup(write, pages=-1)


def _copy_files(source: Path, target: Path) -> bool:
    """Copy the database, then its -wal; return whether both belong together.

    A checkpoint that runs meanwhile only moves pages from the -wal into the database, and the copied -wal still
    holds every one of them, unless it was begun anew: then its header is another one.
    """
    wal = source.with_name(source.name + "-wal")
    before = (_wal_header(wal), _identity(source))
    shutil.copyfile(source, target)
    if before[0] is None:
        return (_wal_header(wal), _identity(source)) == before
    copied = target.with_name(target.name + "-wal")
    create_private_file(copied)
    try:
        shutil.copyfile(wal, copied)
    except FileNotFoundError:
        return False
    return before[0] == _wal_header(copied) == _wal_header(wal)


def _wal_header(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(_WAL_HEADER)
    except FileNotFoundError:
        return None


def _identity(path: Path) -> tuple[int, int, int]:
    facts = path.stat()
    return facts.st_ino, facts.st_size, facts.st_mtime_ns


def _is_sound(target: Path) -> bool:
    with closing(sqlite3.connect(target)) as conn:
        try:
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            return conn.execute("PRAGMA quick_check(1)").fetchall() == [("ok",)]
        except sqlite3.DatabaseError:
            return False


def main(arguments: list[str]) -> int:
    """Copy `arguments[0]` to `arguments[1]`; return 0, 3 where the source kept moving, 1 where it cannot be read."""
    try:
        return 0 if make_copy(Path(arguments[0]), Path(arguments[1])) else _MOVED
    except (OSError, sqlite3.Error):
        return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
