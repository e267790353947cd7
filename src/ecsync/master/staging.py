"""Bulk load: Arrow batches into throwaway staging tables that the run's transaction can see.

SQLite: ADBC writes a staging file and is closed before the master attaches it. ADBC brings a SQLite library of
its own, and two libraries on one file drop each other's locks: it never opens the master, and no other
module imports it. PostgreSQL: temporary tables of the run's own connection (staging_postgres).
"""

from __future__ import annotations

import sqlite3
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

import pyarrow as pa
import pyarrow.compute as pc

from ecsync.errors import EcsyncError
from ecsync.faultpoints import declare, faultpoint
from ecsync.locale import _
from ecsync.master.place import create_private_file
from ecsync.master.staging_postgres import ArrowFiles, CopiedBeside
from ecsync.master.staging_tables import create_statements, index_statements, table_name, to_loaded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from types import TracebackType

    import psycopg
    import sqlalchemy as sa

AFTER_BATCH = declare("staging.after_batch", "a batch is in the staging files")
BEFORE_CLOSE = declare("staging.before_close", "all batches are written; nothing is indexed")
AFTER_ATTACH = declare(
    "staging.after_attach", "the staging tables are visible; the transaction has not begun"
)
AFTER_REMOVAL = declare("staging.after_removal", "the staging files are gone")

_SCHEMA: Final = "staging"
FILE: Final = "staging.sqlite"
# Rows of staging are wide: several of them fit into a page.
_PAGE: Final = 32_768


class _Store(Protocol):
    def append(self, entity: str, batch: pa.RecordBatch) -> None: ...
    def close(self, files: Mapping[str, set[int]]) -> None: ...
    def show(self, driver: Any, files: Mapping[str, set[int]]) -> None: ...  # noqa: ANN401
    def remove(self) -> None: ...


class StagingWriter:
    """Take Arrow batches of inbound entities into a folder of their own; a context manager that cleans up.

    `dialect` is the name of the master's (sqlite or postgresql). Files are 0600 and are removed on leaving. `conn` is
    PostgreSQL's connection that the rows will be attached to, where nobody else needs it until then: they are copied
    there at once, and its transaction has begun with that.
    """

    def __init__(self, folder: Path, dialect: str, conn: sa.Connection | None = None) -> None:
        """Make the folder (0700) and empty staging tables in it."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        self.dialect = dialect
        self.conn = conn
        self.rows: dict[str, int] = {}
        self.files: dict[str, set[int]] = {}
        self._next_row = 1
        self._closed = False
        self._store = _store(folder, dialect, conn)

    def append(self, entity: str, batch: pa.RecordBatch) -> None:
        """Add a batch: the entity's columns and `src_*` (absent ones become '' or null).

        Raises KeyError for a column that the entity does not have, EcsyncError where a value is of a wrong kind.
        """
        if batch.num_rows == 0:
            return
        try:
            loaded = to_loaded(entity, batch, self._next_row)
        except pa.ArrowException as error:
            raise _refused(entity, type(error).__name__) from None
        self._store.append(entity, loaded)
        faultpoint(AFTER_BATCH)
        self._next_row += batch.num_rows
        self.rows[entity] = self.rows.get(entity, 0) + batch.num_rows
        self.files.setdefault(entity, set()).update(_files_of(batch))

    def close(self) -> None:
        """End loading: index what was filled and let go of the files, so that the master may attach them."""
        if not self._closed:
            self._closed = True
            faultpoint(BEFORE_CLOSE)
            self._store.close(self.files)

    def show(self, driver: Any) -> None:  # noqa: ANN401  (SQLite's or PostgreSQL's)
        """Make the staging tables visible on a connection."""
        self._store.show(driver, self.files)

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the staging files: they hold personal data."""
        self._store.remove()
        faultpoint(AFTER_REMOVAL)


@contextmanager
def attached(conn: sa.Connection, staging: StagingWriter) -> Iterator[None]:
    """Make the staging tables visible on `conn` by their unqualified names, all of them, also empty ones.

    Enter before the transaction begins: SQLite attaches the file outside of it, PostgreSQL loads temporary
    tables that live as long as the transaction (or savepoint) which the same connection opens next.
    """
    staging.close()
    driver: Any = conn.connection.driver_connection
    if staging.dialect == "postgresql":
        _copy_in(driver, staging)
        faultpoint(AFTER_ATTACH)
        yield
        return
    staging.show(driver)
    try:
        faultpoint(AFTER_ATTACH)
        yield
    finally:
        try:
            driver.execute(f"DETACH DATABASE {_SCHEMA}")
        except sqlite3.Error:
            # A connection that cannot let go must not go back to the pool.
            conn.invalidate()


def _copy_in(driver: psycopg.Connection[Any], staging: StagingWriter) -> None:
    staging.show(driver)


def _store(folder: Path, dialect: str, conn: sa.Connection | None) -> _Store:
    if dialect != "postgresql":
        return _SqliteFile(folder)
    if conn is None:
        return ArrowFiles(folder)
    driver: Any = conn.connection.driver_connection
    return CopiedBeside(driver)


def _files_of(batch: pa.RecordBatch) -> list[int]:
    return pc.unique(batch.column("src_file")).to_pylist() if "src_file" in batch.schema.names else []


def _refused(entity: str, reason: str) -> EcsyncError:
    return EcsyncError(_("rows of {entity} cannot be staged: {reason}").format(entity=entity, reason=reason))


class _SqliteFile:
    """A SQLite file, filled through ADBC: by a thread of its own, a batch behind the reader."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self.remove()
        create_private_file(self._path)
        with sqlite3.connect(self._path) as made:
            made.execute(f"PRAGMA page_size={_PAGE}")
            for statement in create_statements(postgres=False):
                made.execute(statement)
        made.close()
        self._loader: Any = None
        self._thread = ThreadPoolExecutor(1)
        self._under_way: Future[None] | None = None

    def append(self, entity: str, batch: pa.RecordBatch) -> None:
        self._wait()
        self._under_way = self._thread.submit(self._ingest, entity, batch)

    def _wait(self) -> None:
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            under_way.result()

    def _ingest(self, entity: str, batch: pa.RecordBatch) -> None:
        from adbc_driver_manager import Error  # noqa: PLC0415  (heavy; PostgreSQL never needs it)

        try:
            with self._open().cursor() as cursor:
                cursor.adbc_ingest(table_name(entity), batch, mode="append")
        except Error as error:
            raise _refused(entity, str(error.status_code)) from None

    def close(self, files: Mapping[str, set[int]]) -> None:
        self._wait()
        self._thread.shutdown()
        loader = self._open()
        with loader.cursor() as cursor:
            for entity in sorted(files):
                for statement in index_statements(entity):
                    cursor.execute(statement)
        loader.adbc_connection.commit()
        loader.close()
        self._loader = None

    def show(self, driver: sqlite3.Connection, files: Mapping[str, set[int]]) -> None:  # noqa: ARG002
        driver.execute(f"ATTACH DATABASE ? AS {_SCHEMA}", (str(self._path),))
        # Staging is worth nothing after a crash; rolling a savepoint back must still undo changes in it.
        for pragma in ("synchronous=OFF", "journal_mode=TRUNCATE", "secure_delete=OFF", "cache_size=-65536"):
            driver.execute(f"PRAGMA {_SCHEMA}.{pragma}")

    def remove(self) -> None:
        if hasattr(self, "_thread"):
            self._thread.shutdown()
        if getattr(self, "_loader", None) is not None:
            self._loader.close()
        for path in self._path.parent.glob(f"{FILE}*"):
            path.unlink(missing_ok=True)

    def _open(self) -> Any:  # noqa: ANN401  (ADBC ships no types)
        if self._loader is None:
            from adbc_driver_sqlite import dbapi  # noqa: PLC0415  (heavy; PostgreSQL never needs it)

            self._loader = dbapi.connect(str(self._path), autocommit=True)
            with self._loader.cursor() as cursor:
                for pragma in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE"):
                    cursor.execute(f"PRAGMA {pragma}")
                    cursor.fetchall()
            self._loader.adbc_connection.set_autocommit(False)
        return self._loader
