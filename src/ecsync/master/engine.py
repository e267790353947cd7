"""Open the master: one engine for SQLite or PostgreSQL, set up so that both behave alike."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy import event

from ecsync.errors import ConfigurationError, MasterUnavailableError
from ecsync.locale import _
from ecsync.master.failures import keep_silent, master_errors
from ecsync.master.place import refuse_network_share, sqlite_uri

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import psycopg

    from ecsync.config import Settings

__all__ = ["is_postgres", "is_sqlite", "master_errors", "open_engine", "reading", "sqlite_path"]

OLDEST_SQLITE: Final = (3, 37, 0)
OLDEST_POSTGRES: Final = 130_000

_READS: Final = "ecsync_reads"
_CACHE_KIB: Final = 65_536
_WAL_KEPT: Final = 64 * 1024 * 1024


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


def _sqlite_engine(path: Path, busy_seconds: int, *, read_only: bool) -> sa.Engine:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise ConfigurationError(
            _("SQLite {found} is too old; ecsync needs 3.37 or newer").format(found=sqlite3.sqlite_version),
            hint=_("use a newer Python, or PostgreSQL"),
        )
    refuse_network_share(path)
    engine = sa.create_engine(
        sa.URL.create("sqlite+pysqlite", database=str(path)),
        creator=_sqlite_opener(path, busy_seconds, read_only=read_only),
        hide_parameters=True,
    )
    keep_silent(engine)

    def begin(conn: sa.Connection) -> None:
        reads = read_only or conn.get_execution_options().get(_READS, False)
        conn.exec_driver_sql("BEGIN DEFERRED" if reads else "BEGIN IMMEDIATE")

    event.listen(engine, "begin", begin)
    return engine


def _sqlite_opener(path: Path, busy_seconds: int, *, read_only: bool) -> Callable[[], sqlite3.Connection]:
    def connect() -> sqlite3.Connection:
        if not path.is_file():
            raise MasterUnavailableError(
                _("there is no database {path}").format(path=path), hint="ecsync init, ecsync db upgrade"
            )
        # isolation_level=None: sqlite3 opens no transaction by itself; the `begin` event does.
        conn = sqlite3.connect(
            sqlite_uri(path, read_only=read_only),
            uri=True,
            timeout=busy_seconds,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            for pragma in _pragmas(busy_seconds, read_only=read_only):
                conn.execute(f"PRAGMA {pragma}")
        except BaseException:
            conn.close()
            raise
        return conn

    return connect


def _pragmas(busy_seconds: int, *, read_only: bool) -> tuple[str, ...]:
    both = (f"busy_timeout={busy_seconds * 1000}", f"cache_size=-{_CACHE_KIB}", "trusted_schema=OFF")
    if read_only:
        return (*both, "query_only=ON")
    return (
        *both,
        "journal_mode=WAL",
        "synchronous=FULL",
        "secure_delete=ON",
        f"journal_size_limit={_WAL_KEPT}",
    )


def _postgres_engine(settings: Settings, *, read_only: bool) -> sa.Engine:
    reference = settings.database.url
    if reference is None:
        raise ConfigurationError(_("[database] url is not set"))
    url = _postgres_url(reference.resolve(settings.folder))
    seconds = settings.database.busy_timeout_seconds
    options = [
        f"-c lock_timeout={seconds * 1000}",
        "-c client_encoding=UTF8",
        "-c standard_conforming_strings=on",
    ]
    if read_only:
        options.append("-c default_transaction_read_only=on")
    given = url.query.get("options", "")
    engine = _create_postgres_engine(
        url.difference_update_query(["options"]),
        connect_args={
            "options": " ".join([given if isinstance(given, str) else " ".join(given), *options]).strip(),
            "connect_timeout": seconds,
            "application_name": "ecsync",
        },
        pool_pre_ping=True,
        hide_parameters=True,
        isolation_level="REPEATABLE READ" if read_only else "READ COMMITTED",
    )
    keep_silent(engine)
    event.listen(engine, "connect", _check_server)
    return engine


def _create_postgres_engine(url: sa.URL, **options: Any) -> sa.Engine:
    try:
        return sa.create_engine(url, **options)
    except ModuleNotFoundError:
        raise ConfigurationError(
            _("the PostgreSQL driver is not installed"), hint='pip install "ecsync[postgres]"'
        ) from None


def _postgres_url(text: str) -> sa.URL:
    wrong = ConfigurationError(
        _("the database address that [database] url refers to is not a PostgreSQL address"),
        hint="postgresql://user@host/database",
    )
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        raise wrong from None
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        raise wrong
    return url.set(drivername="postgresql+psycopg")


def _check_server(driver_connection: psycopg.Connection[Any], _record: object) -> None:
    info = driver_connection.info
    if info.server_version < OLDEST_POSTGRES:
        raise ConfigurationError(_("this PostgreSQL server is too old; ecsync needs version 13 or newer"))
    if info.parameter_status("server_encoding") != "UTF8":
        raise ConfigurationError(
            _("this PostgreSQL database does not keep UTF-8"), hint="CREATE DATABASE ... ENCODING 'UTF8'"
        )
