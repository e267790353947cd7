"""How a connection to the master is opened and what is asked of the database, with the bare drivers."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any, Final

from ecsync.errors import ConfigurationError, MasterUnavailableError
from ecsync.locale import _
from ecsync.master.place import refuse_network_share, sqlite_uri

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import psycopg

OLDEST_SQLITE: Final = (3, 37, 0)
OLDEST_POSTGRES: Final = 130_000

_CACHE_KIB: Final = 65_536
_WAL_KEPT: Final = 64 * 1024 * 1024


def check_sqlite(path: Path) -> None:
    """Raise ConfigurationError where this SQLite library or this place cannot hold a master."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise ConfigurationError(
            _("SQLite {found} is too old; ecsync needs 3.37 or newer").format(found=sqlite3.sqlite_version),
            hint=_("use a newer Python, or PostgreSQL"),
        )
    refuse_network_share(path)


def open_sqlite(path: Path, busy_seconds: int, *, read_only: bool) -> sqlite3.Connection:
    """Open a SQLite master; it begins no transaction by itself. A missing file is not made."""
    if not path.is_file():
        raise MasterUnavailableError(
            _("there is no database {path}").format(path=path), hint="ecsync init, ecsync db upgrade"
        )
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


# A run works on temporary tables as large as its files: the server's usual 8 MB for them, and 4 MB for a sort, would
# make it read and write them again and again. Compiling a statement costs more than any of ours gains by it.
_WORKING_ROOM: Final = ("-c temp_buffers=256MB", "-c work_mem=64MB", "-c jit=off")


def postgres_arguments(given: str, busy_seconds: int, *, read_only: bool) -> Mapping[str, Any]:
    """Return what a connection to PostgreSQL is opened with; `given` are options of the address itself."""
    options = [
        f"-c lock_timeout={busy_seconds * 1000}",
        *_WORKING_ROOM,
        "-c client_encoding=UTF8",
        "-c standard_conforming_strings=on",
    ]
    if read_only:
        options.append("-c default_transaction_read_only=on")
    return {
        "options": " ".join([given, *options]).strip(),
        "connect_timeout": busy_seconds,
        "application_name": "ecsync",
    }


def check_server(driver_connection: psycopg.Connection[Any]) -> None:
    """Raise ConfigurationError where this server cannot hold a master."""
    info = driver_connection.info
    if info.server_version < OLDEST_POSTGRES:
        raise ConfigurationError(_("this PostgreSQL server is too old; ecsync needs version 13 or newer"))
    if info.parameter_status("server_encoding") != "UTF8":
        raise ConfigurationError(
            _("this PostgreSQL database does not keep UTF-8"), hint="CREATE DATABASE ... ENCODING 'UTF8'"
        )


def no_driver() -> ConfigurationError:
    """Return the error of a machine without the PostgreSQL driver."""
    return ConfigurationError(
        _("the PostgreSQL driver is not installed"), hint='pip install "ecsync[postgres]"'
    )


def wrong_address() -> ConfigurationError:
    """Return the error of an address that is none of a PostgreSQL database."""
    return ConfigurationError(
        _("the database address that [database] url refers to is not a PostgreSQL address"),
        hint="postgresql://user@host/database",
    )
