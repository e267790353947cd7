"""A SQLite master as one file, and back: checked before it counts, and put in place by one rename."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ecsync.errors import EcsyncError, InputRefusedError, MasterUnavailableError
from ecsync.faultpoints import declare, faultpoint
from ecsync.locale import _
from ecsync.master.place import create_private_file, free_name, sqlite_uri, sync_file, sync_folder
from ecsync.master.succession import Numbers, numbers_of, succeed
from ecsync.master.upgrade import describe_connection, refuse_foreign

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BEFORE_SWAP = declare("restore.before_swap", "the restored database is complete beside the master")
AFTER_SWAP = declare("restore.after_swap", "the restored database has the master's name")

_COMPANIONS = ("-wal", "-shm", "-journal")


def write(engine: sa.Engine, target: Path) -> None:
    """Copy the master of `engine` to `target` while others work; raise EcsyncError where the copy is not sound."""
    create_private_file(target)
    source = engine.raw_connection()
    try:
        driver: Any = source.driver_connection
        with closing(sqlite3.connect(target)) as copy:
            driver.backup(copy, pages=-1)
            # One file without companions, so that it can be carried away.
            copy.execute("PRAGMA journal_mode=DELETE").fetchall()
            if not _is_sound(copy):
                raise EcsyncError(_("the database is damaged"), hint="ecsync db restore")
    finally:
        source.close()


def restore(master: Path, source: Path, stamp: str) -> Path | None:
    """Put the backup `source` in the place of `master`; return where the old file is now, None where none was.

    The caller holds the run's lock. Raises InputRefusedError, SchemaVersionError, MasterUnavailableError.
    """
    master.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = master.with_name(f".{master.name}.restored")
    fresh.unlink(missing_ok=True)
    try:
        _copy_checked(source, fresh)
        with _nobody_else(master) as before:
            with _opened(fresh) as conn, conn.begin():
                succeed(conn, before)
            sync_file(fresh)
            faultpoint(BEFORE_SWAP)
            aside = _keep_aside(master, stamp) if master.exists() else None
            fresh.replace(master)
            faultpoint(AFTER_SWAP)
        sync_folder(master.parent)
    finally:
        fresh.unlink(missing_ok=True)
    return aside


def _copy_checked(source: Path, fresh: Path) -> None:
    create_private_file(fresh)
    try:
        with (
            closing(sqlite3.connect(sqlite_uri(source, read_only=True), uri=True)) as read,
            closing(sqlite3.connect(fresh)) as write_to,
        ):
            read.backup(write_to, pages=-1)
            sound = _is_sound(write_to)
    except sqlite3.Error:
        sound = False
    if not sound:
        raise InputRefusedError(
            _("{path} is damaged, or no backup of a SQLite master").format(path=source),
            hint=_("use another backup; the master was not touched"),
        )
    with _opened(fresh) as conn:
        refuse_foreign(describe_connection(conn))


@contextmanager
def _nobody_else(master: Path) -> Iterator[Numbers]:
    """Keep everybody out of the old master meanwhile, and give its numbers; a damaged one has none."""
    if not master.exists():
        yield Numbers()
        return
    with closing(sqlite3.connect(sqlite_uri(master, read_only=False), uri=True, isolation_level=None)) as old:
        try:
            with _opened(master) as conn:
                before = numbers_of(conn)
            # Leaving WAL takes every change into the file, and works only while nobody else is connected.
            old.execute("PRAGMA journal_mode=DELETE").fetchall()
            old.execute("BEGIN EXCLUSIVE")
        except (sqlite3.OperationalError, sa.exc.OperationalError):
            raise MasterUnavailableError(
                _("the database is in use"), hint=_("end whatever reads it, and restore again")
            ) from None
        except (sqlite3.DatabaseError, sa.exc.DBAPIError):
            before = Numbers()
        yield before


def _keep_aside(master: Path, stamp: str) -> Path:
    aside = free_name(master.with_name(f"{master.name}.before-restore-{stamp}"))
    for suffix in _COMPANIONS:
        companion = master.with_name(master.name + suffix)
        if companion.exists():
            companion.rename(aside.with_name(aside.name + suffix))
    os.link(master, aside)
    return aside


@contextmanager
def _opened(path: Path) -> Iterator[sa.Connection]:
    engine = sa.create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(sqlite_uri(path, read_only=False), uri=True),
        poolclass=sa.NullPool,
        hide_parameters=True,
    )
    with engine.connect() as conn:
        yield conn


def _is_sound(conn: sqlite3.Connection) -> bool:
    return conn.execute("PRAGMA integrity_check(1)").fetchall() == [("ok",)]
