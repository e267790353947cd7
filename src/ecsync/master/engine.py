"""Open the master: one engine for SQLite or PostgreSQL, set up so that both behave alike."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy import event

from ecsync.errors import ConfigurationError
from ecsync.locale import _
from ecsync.master import opening
from ecsync.master.failures import keep_silent, master_errors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecsync.config import Settings
    from ecsync.master.plain import Read

__all__ = ["is_postgres", "is_sqlite", "master_errors", "open_engine", "reading", "sqlite_path"]

_READS: Final = "ecsync_reads"


def is_sqlite(settings: Settings) -> bool:
    """Tell whether the master is a SQLite file (else PostgreSQL)."""
    return settings.database.url is None


def is_postgres(conn: sa.Connection) -> bool:
    """Tell whether a connection goes to PostgreSQL."""
    return conn.dialect.name == "postgresql"


def sqlite_path(settings: Settings) -> Path:
    """Return where the SQLite master is, or would be."""
    return settings.path(settings.database.path)


def open_engine(settings: Settings, *, sqlite_path: Path | None = None, read_only: bool = False) -> sa.Engine:
    """Return the engine of the master; it connects when it is first used.

    `sqlite_path` names another SQLite file (a copy). A `read_only` engine can change nothing and blocks nobody.
    Raises ConfigurationError for a wrong place or address; connecting raises what `master_errors` translates.
    """
    if sqlite_path is not None or is_sqlite(settings):
        path = sqlite_path or settings.path(settings.database.path)
        return _sqlite_engine(path, settings.database.busy_timeout_seconds, read_only=read_only)
    return _postgres_engine(settings, read_only=read_only)


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Yield a connection that sees one state of the master and neither waits for a writer nor blocks one."""
    with engine.connect() as conn:
        if engine.dialect.name == "postgresql":
            reader = conn.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        else:
            reader = conn.execution_options(**{_READS: True})
        with reader.begin():
            yield reader


def reader_of(conn: sa.Connection) -> Read:
    """Return what reads on an open connection as `master.plain` does."""

    def read(sql: str, **values: object) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in conn.execute(sa.text(sql), values)]

    return read


def _sqlite_engine(path: Path, busy_seconds: int, *, read_only: bool) -> sa.Engine:
    opening.check_sqlite(path)
    engine = sa.create_engine(
        sa.URL.create("sqlite+pysqlite", database=str(path)),
        creator=lambda: opening.open_sqlite(path, busy_seconds, read_only=read_only),
        hide_parameters=True,
    )
    keep_silent(engine)

    def begin(conn: sa.Connection) -> None:
        reads = read_only or conn.get_execution_options().get(_READS, False)
        conn.exec_driver_sql("BEGIN DEFERRED" if reads else "BEGIN IMMEDIATE")

    event.listen(engine, "begin", begin)
    return engine


def _postgres_engine(settings: Settings, *, read_only: bool) -> sa.Engine:
    reference = settings.database.url
    if reference is None:
        raise ConfigurationError(_("[database] url is not set"))
    url = _postgres_url(reference.resolve(settings.folder))
    seconds = settings.database.busy_timeout_seconds
    given = url.query.get("options", "")
    options = given if isinstance(given, str) else " ".join(given)
    engine = _create_postgres_engine(
        url.difference_update_query(["options"]),
        connect_args=opening.postgres_arguments(options, seconds, read_only=read_only),
        pool_pre_ping=True,
        hide_parameters=True,
        isolation_level="REPEATABLE READ" if read_only else "READ COMMITTED",
    )
    keep_silent(engine)
    event.listen(
        engine, "connect", lambda driver_connection, _record: opening.check_server(driver_connection)
    )
    return engine


def _create_postgres_engine(url: sa.URL, **options: Any) -> sa.Engine:
    try:
        return sa.create_engine(url, **options)
    except ModuleNotFoundError:
        raise opening.no_driver() from None


def _postgres_url(text: str) -> sa.URL:
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        raise opening.wrong_address() from None
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        raise opening.wrong_address()
    return url.set(drivername="postgresql+psycopg")
