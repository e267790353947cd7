"""A core system's database: the merchant's second address, on SQLite or on a real PostgreSQL server."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from postgres_server import PostgresServer

SECRET = "core-url"


@dataclass(frozen=True)
class PartnerDatabase:
    """One database that is not ours. `url` is what the project's secret holds."""

    kind: str
    url: str

    def execute(self, statement: str, rows: Iterable[Sequence[Any]] = ()) -> None:
        """Let the partner change its database: one statement, or one per row with `?` for its cells."""
        with closing(self.connection()) as conn:
            cursor = conn.cursor()
            many = list(rows)
            if many:
                cursor.executemany(statement if self.kind == "sqlite" else statement.replace("?", "%s"), many)
            else:
                cursor.execute(statement)
            conn.commit()

    def all(self, query: str) -> list[tuple[Any, ...]]:
        """Return what the partner sees there."""
        with closing(self.connection()) as conn:
            return [tuple(row) for row in conn.cursor().execute(query).fetchall()]

    def connection(self) -> Any:
        """Return a connection of the partner's own."""
        if self.kind == "sqlite":
            return sqlite3.connect(str(sa.make_url(self.url).database))
        return psycopg.connect(self.url)

    def endpoint(self, project: Path, **words: Any) -> dict[str, Any]:
        """Keep the address in a secret of the project; return the endpoint's table of ecsync.toml."""
        keep_secret(project, self.url)
        return {"kind": "database", "url": {"file": SECRET}, "timeout_seconds": 5, **words}


def keep_secret(project: Path, url: str, name: str = SECRET) -> None:
    """Write an address where only its owner can read it."""
    path = project / name
    path.touch(mode=0o600)
    path.write_text(url, encoding="utf-8")


def on_sqlite(folder: Path) -> PartnerDatabase:
    """Make an empty database file."""
    path = folder / "core.db"
    sqlite3.connect(path).close()
    path.touch()
    return PartnerDatabase("sqlite", f"sqlite:///{path}")


@contextmanager
def on_postgres(server: PostgresServer) -> Iterator[PartnerDatabase]:
    """Make an empty database of the server, and drop it at the end."""
    with server.database("ecsync_empty") as url:
        yield PartnerDatabase("postgres", url)
