"""Stand beside the master: read it together with what is staged, and write nothing but temporary tables.

SQLite: the connection's own database is the throwaway staging file; the master is attached to it for reading
only, so that not even a defect could change it. PostgreSQL: one transaction that is always rolled back; the
right to select, and to make temporary tables, is all that it needs.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy import event

from ecsync.master.engine import is_sqlite, master_errors, open_engine, sqlite_path
from ecsync.master.failures import keep_silent
from ecsync.master.place import sqlite_uri
from ecsync.master.staging import FILE, StagingWriter, attached
from ecsync.master.upgrade import require_current

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecsync.config import Settings

_SCHEMA: Final = "master"


@contextmanager
def beside_master(settings: Settings, staging: StagingWriter) -> Iterator[sa.Connection]:
    """Yield a connection that sees one state of the master and the staging tables, each by its plain name.

    Raises MasterUnavailableError or SchemaVersionError where there is no current master.
    """
    check = open_engine(settings, read_only=True)
    try:
        require_current(check)
    finally:
        check.dispose()
    engine = _staged_engine(settings, staging) if is_sqlite(settings) else open_engine(settings)
    try:
        with master_errors(), engine.connect() as conn:
            if is_sqlite(settings):
                with conn.begin() as undone:
                    yield conn
                    undone.rollback()
            else:
                reader = conn.execution_options(isolation_level="REPEATABLE READ")
                with attached(reader, staging), reader.begin() as undone:
                    yield reader
                    undone.rollback()
    finally:
        engine.dispose()


def _staged_engine(settings: Settings, staging: StagingWriter) -> sa.Engine:
    staging.close()
    path = staging.folder / FILE
    master = sqlite_uri(sqlite_path(settings), read_only=True)
    seconds = settings.database.busy_timeout_seconds
    engine = sa.create_engine(
        sa.URL.create("sqlite+pysqlite", database=str(path)),
        creator=lambda: _open(path, master, seconds),
        hide_parameters=True,
    )
    keep_silent(engine)
    # SQLAlchemy's own BEGIN is none: the driver opens no transaction by itself.
    event.listen(engine, "begin", lambda conn: conn.exec_driver_sql("BEGIN DEFERRED"))
    return engine


def _open(path: Path, master: str, busy_seconds: int) -> sqlite3.Connection:
    conn = sqlite3.connect(
        sqlite_uri(path, read_only=False),
        uri=True,
        timeout=busy_seconds,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        conn.execute(f"ATTACH DATABASE ? AS {_SCHEMA}", (master,))
        for pragma in (
            f"busy_timeout={busy_seconds * 1000}",
            "trusted_schema=OFF",
            "main.journal_mode=MEMORY",
            "main.synchronous=OFF",
            "main.cache_size=-65536",
            f"{_SCHEMA}.cache_size=-65536",
        ):
            conn.execute(f"PRAGMA {pragma}")
    except BaseException:
        conn.close()
        raise
    return conn
