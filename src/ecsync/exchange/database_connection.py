"""A partner's database: an engine for whatever driver its address names, whose failures are the program's own.

The address is a secret and may hold a password: no message names any part of it but the kind of database. Nor does a
message hold a cell, though drivers quote them.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy import event

from ecsync.errors import (
    AuthenticationError,
    ConfigurationError,
    EcsyncError,
    TransferError,
    UnreachableError,
)
from ecsync.locale import N_
from ecsync.locale.said import said
from ecsync.master.failures import describe
from ecsync.master.place import sqlite_uri

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecsync.config import Endpoint as EndpointSettings

_POSTGRES: Final = frozenset({"postgresql", "postgres"})
_PSYCOPG: Final = "postgresql+psycopg"
# What people have to install for an address without a driver's name in it, or with one.
_PACKAGES: Final = {
    "psycopg": '"ecsync[postgres]"',
    "psycopg2": "psycopg2",
    "MySQLdb": "mysqlclient",
    "pymysql": "PyMySQL",
    "cx_Oracle": "cx_Oracle",
    "oracledb": "oracledb",
    "pyodbc": "pyodbc",
    "pymssql": "pymssql",
}
_BUSY: Final = ("SQLITE_BUSY", "SQLITE_LOCKED")
_AWAY: Final = ("SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_FULL", "SQLITE_PROTOCOL")
_NO_LOGIN: Final = ("authentication failed", "no password supplied", "pg_hba.conf", 'fatal:  role "', "認証")
_NO_DATABASE: Final = 'fatal:  database "'
# Classes of SQLSTATE: the server is going down, out of room, in conflict with others, or the line is broken.
_MAY_PASS: Final = ("08", "40", "53", "57", "58")
_TIMED_OUT: Final = ("57014", "55P03", "25P03")
_GRACE: Final = 1.0
_SILENT: Final = N_("the database of {endpoint} did not answer in time")
_PATIENCE: Final = N_("try again later; raise timeout_seconds of the endpoint if it is only slow")
_NO_RIGHT: Final = "42501"
_OUR_STATEMENT: Final = ("26", "34", "3D", "3F", "42")


def open_database(name: str, settings: EndpointSettings, project: Path, *, read_only: bool) -> sa.Engine:
    """Return an engine for an endpoint's database; it connects when it is first used, inside `failures`.

    Raises ConfigurationError for an address that is none, or whose driver is not installed.
    """
    if settings.url is None:
        raise _wrong_address(name)
    try:
        url = sa.make_url(settings.url.resolve(project))
    except (sa.exc.ArgumentError, ValueError):
        raise _wrong_address(name) from None
    if url.get_backend_name() == "sqlite":
        return _sqlite(name, url, settings, project, read_only=read_only)
    if url.drivername in _POSTGRES:
        url = url.set(drivername=_PSYCOPG)
    if url.drivername != _PSYCOPG:
        return _engine(name, url)
    options = _postgres_options(url, settings, read_only=read_only)
    return _engine(name, url.difference_update_query(["options"]), **options)


@contextmanager
def failures(name: str) -> Iterator[None]:
    """Turn what a partner's database says into the program's own errors; `name` is the endpoint's.

    UnreachableError where it is away, busy or silent, AuthenticationError where it does not let us in,
    ConfigurationError where it does not know what a statement names, TransferError for any other no.
    """
    told: EcsyncError | None = None
    try:
        yield
    except sa.exc.DBAPIError as error:
        told = _told(name, error.orig or error)
    except sa.exc.SQLAlchemyError as error:
        told = refused(name, type(error).__name__)
    except Exception as error:
        if not _is_driver_error(error):
            raise
        told = _told(name, error)
    if told is not None:
        raise told from None


@contextmanager
def transaction(name: str, engine: sa.Engine, seconds: float) -> Iterator[sa.Connection]:
    """Yield a connection of its own in a transaction; the end of the block commits it, within so many seconds.

    Raises what `failures` tells, but IntegrityError as it is: whoever inserts knows what a rule means.
    """
    broken: sa.exc.IntegrityError | None = None
    with failures(name):
        try:
            with engine.connect() as conn, conn.begin() as open_one:
                yield conn
                with patience(name, conn, seconds):
                    open_one.commit()
        except sa.exc.IntegrityError as error:
            broken = error
    if broken is not None:
        raise broken


@contextmanager
def patience(name: str, conn: sa.Connection, seconds: float) -> Iterator[None]:
    """End what the block asks of the database when it takes longer; raises UnreachableError or TransferError then.

    The server's own limits come first: this is for a line on which nobody answers any more, and for SQLite, which
    has none. Of other drivers only their own settings end a wait.
    """
    over = threading.Event()

    def end() -> None:
        over.set()
        _break_off(conn)

    timer = threading.Timer(seconds + _GRACE, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception:
        if over.is_set():
            raise (slow if conn.dialect.name == "sqlite" else silent)(name) from None
        raise
    finally:
        timer.cancel()


def _break_off(conn: sa.Connection) -> None:
    driver = conn.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        driver.interrupt()
    elif driver is not None and type(driver).__module__.partition(".")[0] == "psycopg":
        with suppress(OSError), socket.socket(fileno=os.dup(driver.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)


def lost(name: str) -> UnreachableError:
    """Return the error of a connection that broke, or was never made."""
    return UnreachableError(
        said(N_("the database of {endpoint} cannot be reached"), endpoint=name),
        hint=said(N_("try again later, and check the address in the secret that url names")),
        at_once=True,
    )


def silent(name: str) -> UnreachableError:
    """Return the error of a database that says nothing any more."""
    return UnreachableError(said(_SILENT, endpoint=name), hint=said(_PATIENCE))


def slow(name: str) -> TransferError:
    """Return the error of a statement that took too long, where others need not."""
    return TransferError(said(_SILENT, endpoint=name), hint=said(_PATIENCE))


def _sqlite(
    name: str, url: sa.URL, settings: EndpointSettings, project: Path, *, read_only: bool
) -> sa.Engine:
    if not url.database or url.database == ":memory:":
        raise _wrong_address(name)
    path = project / Path(url.database).expanduser()

    def connect() -> sqlite3.Connection:
        conn = sqlite3.connect(
            sqlite_uri(path, read_only=read_only),
            uri=True,
            timeout=settings.timeout_seconds,
            isolation_level=None,
            check_same_thread=False,
        )
        conn.text_factory = _text
        conn.execute("PRAGMA trusted_schema=OFF")
        if read_only:
            conn.execute("PRAGMA query_only=ON")
        return conn

    engine = sa.create_engine(
        "sqlite+pysqlite://", creator=connect, poolclass=sa.NullPool, hide_parameters=True
    )
    begin = "BEGIN DEFERRED" if read_only else "BEGIN IMMEDIATE"
    event.listen(engine, "begin", lambda conn: conn.exec_driver_sql(begin))
    return engine


def _text(raw: bytes) -> str:
    """Keep bytes that are not UTF-8 apart, so that whoever uses the cell can name it."""
    return raw.decode("utf-8", "surrogateescape")


def _postgres_options(url: sa.URL, settings: EndpointSettings, *, read_only: bool) -> dict[str, Any]:
    patience = max(1, int(settings.timeout_seconds * 1000))
    given = url.query.get("options", "")
    options = [
        given if isinstance(given, str) else " ".join(given),
        f"-c statement_timeout={patience}",
        f"-c lock_timeout={patience}",
        "-c client_encoding=UTF8",
    ]
    if read_only:
        options.append("-c default_transaction_read_only=on")
    return {
        "connect_args": {
            "options": " ".join(options).strip(),
            "connect_timeout": max(2, round(settings.timeout_seconds)),
            "tcp_user_timeout": patience,
            "application_name": "ecsync",
        },
        "isolation_level": "REPEATABLE READ" if read_only else "READ COMMITTED",
    }


def _engine(name: str, url: sa.URL, **options: Any) -> sa.Engine:
    try:
        return sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True, **options)
    except ModuleNotFoundError as error:
        raise _no_driver(name, error.name or url.drivername) from None
    except sa.exc.NoSuchModuleError:
        raise _no_driver(name, url.drivername) from None
    except (sa.exc.ArgumentError, TypeError, ValueError):
        raise _wrong_address(name) from None


def _told(name: str, error: BaseException) -> EcsyncError:
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(name, error)
    if type(error).__module__.split(".")[0] == "psycopg":
        return _of_postgres(name, error)
    # Of other drivers only the classes of PEP 249 are known, and their texts are not looked at.
    kinds = {base.__name__ for base in type(error).__mro__}
    if kinds & {"OperationalError", "InterfaceError"}:
        return lost(name)
    if "ProgrammingError" in kinds:
        return _misunderstood(name, type(error).__name__)
    return refused(name, type(error).__name__)


def _of_sqlite(name: str, error: sqlite3.Error) -> EcsyncError:
    code = getattr(error, "sqlite_errorname", None)
    if code is None:
        # Python's own errors about a cell quote it.
        return refused(name, type(error).__name__)
    if code.startswith(_BUSY):
        return UnreachableError(
            said(N_("the database of {endpoint} is locked by somebody else"), endpoint=name),
            hint=said(_PATIENCE),
        )
    if code == "SQLITE_INTERRUPT":
        return slow(name)
    if code.startswith(_AWAY):
        return lost(name)
    return (_misunderstood if code == "SQLITE_ERROR" else refused)(name, describe(error))


def _of_postgres(name: str, error: BaseException) -> EcsyncError:
    state: str | None = getattr(error, "sqlstate", None)
    if state is None:
        return _of_connection(name, error)
    if state in _TIMED_OUT:
        return slow(name)
    if state.startswith("28"):
        return _no_login(name)
    if state.startswith(_MAY_PASS):
        return lost(name)
    if state.startswith(_OUR_STATEMENT) and state != _NO_RIGHT:
        return _misunderstood(name, describe(error))
    return refused(name, describe(error))


def _of_connection(name: str, error: BaseException) -> EcsyncError:
    """Tell failures apart that carry no SQLSTATE: those of the login, and of a line that breaks."""
    text = str(error).lower()
    if any(sign in text for sign in _NO_LOGIN):
        return _no_login(name)
    if _NO_DATABASE in text:
        return ConfigurationError(
            said(N_("the server of {endpoint} has no database of the name in its address"), endpoint=name),
            hint=said(N_("check the address in the secret that url names")),
        )
    kind = type(error).__name__
    if kind == "ConnectionTimeout":
        return silent(name)
    return lost(name) if kind in {"OperationalError", "InterfaceError"} else refused(name, kind)


def _is_driver_error(error: BaseException) -> bool:
    """Tell whether an error was made by a driver: all of them have these bases by PEP 249."""
    return {"DatabaseError", "InterfaceError"} & {base.__name__ for base in type(error).__mro__} != set()


def _no_login(name: str) -> AuthenticationError:
    return AuthenticationError(
        said(N_("the database of {endpoint} refused the login"), endpoint=name),
        hint=said(N_("check user and password in the secret that url names; it was tried once")),
    )


def _misunderstood(name: str, reason: str) -> ConfigurationError:
    return ConfigurationError(
        said(
            N_("the database of {endpoint} does not understand the statement: {what}"),
            endpoint=name,
            what=reason,
        ),
        hint=said(N_("mend the names of tables and columns in the query, or in ecsync.toml")),
    )


def refused(name: str, reason: str) -> TransferError:
    """Return the error of a database that says no, or gives what its driver cannot read; `reason` holds no cell."""
    return TransferError(
        said(N_("the database of {endpoint} refused: {what}"), endpoint=name, what=reason),
        hint=said(N_("ask whoever looks after that database about the rights of our login")),
    )


def _wrong_address(name: str) -> ConfigurationError:
    return ConfigurationError(
        said(N_("what url of {endpoint} refers to is no address of a database"), endpoint=name),
        hint="sqlite:////srv/core/shop.db, postgresql://user:password@host/database",
    )


def _no_driver(name: str, driver: str) -> ConfigurationError:
    package = _PACKAGES.get(driver.partition(".")[0], driver)
    return ConfigurationError(
        said(N_("the database driver {driver} of {endpoint} is not installed"), driver=driver, endpoint=name),
        hint=f"pip install {package}",
    )
