"""Read the master with nothing but the database's own driver: for the command that must answer at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from ecsync.master import opening, revisions
from ecsync.master.failures import master_errors

if TYPE_CHECKING:
    import sqlite3

    import psycopg

    from ecsync.config import Settings

# read(sql, name=value): every row of a SELECT whose parameters stand in it as `:name`.
Read = Callable[..., list[tuple[Any, ...]]]

_PARAMETER: Final = re.compile(r"(?<!:):(\w+)")
_SCHEME: Final = re.compile(r"^postgres(?:ql)?(?:\+\w+)?://")
_HAS_REVISION: Final = {
    "sqlite": "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = :kept",
    "postgresql": "SELECT 1 WHERE to_regclass(:kept) IS NOT NULL",
}


@contextmanager
def reading(settings: Settings) -> Iterator[Read]:
    """Give a reader that sees one state of the master and neither waits for a writer nor blocks one.

    Raises SchemaVersionError unless the master's schema is the program's, and what `master_errors` says.
    """
    with master_errors():
        opened = _sqlite(settings) if settings.database.url is None else _postgres(settings)
        with opened as (dialect, read):
            revisions.refuse_unless_current(revisions.state_of(revision_of(dialect, read)))
            yield read


def revision_of(dialect: str, read: Read) -> str:
    """Return the revision of a master's schema, '' where there is none."""
    if not read(_HAS_REVISION[dialect], kept=revisions.KEPT_IN):
        return ""
    rows = read(f"SELECT version_num FROM {revisions.KEPT_IN} ORDER BY version_num DESC")  # noqa: S608
    return str(rows[0][0]) if rows else ""


@contextmanager
def _sqlite(settings: Settings) -> Iterator[tuple[str, Read]]:
    path = settings.path(settings.database.path)
    opening.check_sqlite(path)
    if not path.is_file():
        raise revisions.absent()
    conn = opening.open_sqlite(path, settings.database.busy_timeout_seconds, read_only=True)
    try:
        conn.execute("BEGIN DEFERRED")
        yield "sqlite", _reader_of_sqlite(conn)
    finally:
        conn.close()


def _reader_of_sqlite(conn: sqlite3.Connection) -> Read:
    def read(sql: str, **values: object) -> list[tuple[Any, ...]]:
        return conn.execute(sql, values).fetchall()

    return read


@contextmanager
def _postgres(settings: Settings) -> Iterator[tuple[str, Read]]:
    try:
        import psycopg  # noqa: PLC0415  (projects on SQLite do without)
    except ModuleNotFoundError:
        raise opening.no_driver() from None
    with psycopg.connect(**_address(settings)) as conn:
        opening.check_server(conn)
        conn.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        conn.read_only = True
        yield "postgresql", _reader_of_postgres(conn)


def _address(settings: Settings) -> dict[str, Any]:
    from psycopg import ProgrammingError, conninfo  # noqa: PLC0415

    reference = settings.database.url
    text = reference.resolve(settings.folder) if reference is not None else ""
    if not _SCHEME.match(text):
        raise opening.wrong_address()
    try:
        parts: dict[str, Any] = conninfo.conninfo_to_dict(_SCHEME.sub("postgresql://", text))
    except ProgrammingError:
        raise opening.wrong_address() from None
    seconds = settings.database.busy_timeout_seconds
    return {**parts, **opening.postgres_arguments(str(parts.get("options", "")), seconds, read_only=True)}


def _reader_of_postgres(conn: psycopg.Connection[Any]) -> Read:
    def read(sql: str, **values: object) -> list[tuple[Any, ...]]:
        statement = _PARAMETER.sub(r"%(\1)s", sql.replace("%", "%%")) if values else sql
        return conn.execute(statement.encode(), values or None).fetchall()

    return read
