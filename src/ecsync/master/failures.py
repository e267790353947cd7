"""The choke point for database errors: no value, no address and no statement's parameter leaves it.

PostgreSQL quotes rows and cells in its messages (DETAIL, CONTEXT, "invalid input syntax ... "), and a
failed connection quotes host and user. `keep_silent` rewrites every error text where it is born;
`master_errors` turns what then comes through into the program's own errors.
"""

from __future__ import annotations

import sqlite3
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from ecsync.errors import EcsyncError, MasterUnavailableError
from ecsync.locale import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

# Messages of these classes name tables, columns, rules or the server's state, and no cell.
_TELLING_CLASSES: Final = ("08", "23", "25", "40", "42", "53", "55", "57")
_AWAY_CLASSES: Final = ("08", "40", "53", "55", "57")
_BUSY_SQLITE: Final = ("SQLITE_BUSY", "SQLITE_LOCKED")
_AWAY_SQLITE: Final = ("SQLITE_IOERR", "SQLITE_FULL", "SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM")
_NO_SAVEPOINT: Final = "no such savepoint"
_DAMAGED_SQLITE: Final = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


def keep_silent(engine: sa.Engine) -> None:
    """Rewrite the text of every error that the engine's driver raises, so that it holds no value."""

    def rewrite(context: sa.ExceptionContext) -> None:
        original = context.original_exception
        driver = is_driver_error(original)
        text = describe(original) if driver else type(original).__name__
        if driver and not isinstance(original, sqlite3.Error):
            original.args = (text,)
        if context.sqlalchemy_exception is not None:
            context.sqlalchemy_exception.args = (text,)

    from sqlalchemy import event  # noqa: PLC0415  (who has an engine has paid for it)

    event.listen(engine, "handle_error", rewrite)


def describe(error: BaseException) -> str:
    """Say what a driver's error is: its class, rule, table and column, never a value."""
    if isinstance(error, sqlite3.Error):
        # SQLite never quotes a bound value.
        return f"{getattr(error, 'sqlite_errorname', 'SQLITE_ERROR')}: {error}"
    state = getattr(error, "sqlstate", None)
    if state is None:
        silence = _("no answer from the database server")
        return f"{type(error).__name__}: {silence}"
    diagnosis = getattr(error, "diag", None)
    parts = [f"SQLSTATE {state}"]
    for name in ("table_name", "column_name", "constraint_name"):
        value = getattr(diagnosis, name, None)
        if value:
            parts.append(f"{name.removesuffix('_name')} {value}")
    primary = getattr(diagnosis, "message_primary", None)
    if primary and state[:2] in _TELLING_CLASSES:
        parts.append(str(primary))
    return ", ".join(parts)


@contextmanager
def master_errors() -> Iterator[None]:
    """Turn database errors into the program's own.

    Raises MasterUnavailableError (15) where the database is busy or away, EcsyncError (1) for the rest.
    """
    translated: EcsyncError | None = None
    try:
        yield
    except Exception as error:
        if is_driver_error(error):
            translated = _of_driver(error)
        elif "sqlalchemy" in sys.modules and (told := _of_sqlalchemy(error)) is not None:
            translated = told
        else:
            raise
    if translated is not None:
        raise translated from None


def _of_sqlalchemy(error: Exception) -> EcsyncError | None:
    import sqlalchemy as sa  # noqa: PLC0415  (it is there: an error may be its own)

    if not isinstance(error, sa.exc.SQLAlchemyError):
        return None
    if isinstance(error, sa.exc.TimeoutError):
        return _away("no free connection")
    if not isinstance(error, sa.exc.DBAPIError):
        return EcsyncError(
            _("the database refused a statement: {reason}").format(reason=type(error).__name__)
        )
    original = error.orig
    if error.connection_invalidated and getattr(original, "sqlstate", None) is None:
        return _away(_("the connection was lost"))
    return _of_driver(original) if original is not None else _away(type(error).__name__)


def _of_driver(error: BaseException) -> EcsyncError:
    error = _first_fault(error)
    reason = describe(error)
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(str(getattr(error, "sqlite_errorname", "SQLITE_ERROR")), reason)
    state = getattr(error, "sqlstate", None)
    if (state is None and _says_lost(error)) or (state is not None and state[:2] in _AWAY_CLASSES):
        return _away(reason)
    return EcsyncError(_("the database refused a statement: {reason}").format(reason=reason))


def _first_fault(error: BaseException) -> BaseException:
    """Return the fault behind a savepoint that is gone: SQLite ends the transaction itself where the disk is full."""
    found: BaseException | None = error
    while found is not None and (not isinstance(found, sqlite3.Error) or _NO_SAVEPOINT in str(found)):
        found = found.__context__
    return error if found is None else found


def _of_sqlite(name: str, reason: str) -> EcsyncError:
    if name.startswith(_BUSY_SQLITE):
        return MasterUnavailableError(
            _("the database is busy: {reason}").format(reason=reason), hint=_("try again in a few minutes")
        )
    if name.startswith(_AWAY_SQLITE):
        return _away(reason)
    if name.startswith(_DAMAGED_SQLITE):
        return EcsyncError(
            _("the database file is damaged: {reason}").format(reason=reason), hint="ecsync db restore"
        )
    return EcsyncError(_("the database refused a statement: {reason}").format(reason=reason))


def _away(reason: str) -> MasterUnavailableError:
    return MasterUnavailableError(
        _("the database is away: {reason}").format(reason=reason),
        hint=_("check the disk or the server, and the [database] part of ecsync.toml"),
    )


def _says_lost(error: BaseException) -> bool:
    return type(error).__name__ in {"OperationalError", "InterfaceError", "ConnectionTimeout"}


def is_driver_error(error: BaseException) -> bool:
    """Tell whether an error was made by sqlite3 or psycopg."""
    if isinstance(error, sqlite3.Error):
        return True
    return any(base.__module__ == "psycopg" and base.__name__ == "Error" for base in type(error).__mro__)
