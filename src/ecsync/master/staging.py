"""Bulk load: Arrow batches into throwaway staging tables that the run's transaction can see.

SQLite: ADBC writes a staging file and is closed before the master attaches it. ADBC brings a SQLite library of
its own, and two libraries on one file drop each other's locks: it never opens the master, and no other
module imports it. PostgreSQL: batches wait in Arrow files and are copied into temporary tables on the run's
own connection.
"""

from __future__ import annotations

import os
import sqlite3
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as pacsv

from ecsync.errors import EcsyncError
from ecsync.faultpoints import declare, faultpoint
from ecsync.locale import _
from ecsync.master.place import create_private_file
from ecsync.master.staging_tables import (
    create_statements,
    found_by,
    index_statements,
    room_statement,
    table_name,
    to_loaded,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
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
    def close(self, filled: list[str]) -> None: ...
    def remove(self) -> None: ...


class StagingWriter:
    """Take Arrow batches of inbound entities into a folder of their own; a context manager that cleans up.

    `dialect` is the name of the master's (sqlite or postgresql). Files are 0600 and are removed on leaving.
    """

    def __init__(self, folder: Path, dialect: str) -> None:
        """Make the folder (0700) and empty staging tables in it."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        self.dialect = dialect
        self.rows: dict[str, int] = {}
        self.files: dict[str, set[int]] = {}
        self._next_row = 1
        self._closed = False
        self._store: _Store = _ArrowFiles(folder) if dialect == "postgresql" else _SqliteFile(folder)

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
            self._store.close(sorted(self.rows))

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close, and remove the staging files: they hold personal data."""
        with suppress(EcsyncError):
            self.close()
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
    _attach(driver, staging.folder / FILE)
    try:
        faultpoint(AFTER_ATTACH)
        yield
    finally:
        try:
            driver.execute(f"DETACH DATABASE {_SCHEMA}")
        except sqlite3.Error:
            # A connection that cannot let go must not go back to the pool.
            conn.invalidate()


def _attach(driver: sqlite3.Connection, path: Path) -> None:
    driver.execute(f"ATTACH DATABASE ? AS {_SCHEMA}", (str(path),))
    # Staging is worth nothing after a crash; rolling a savepoint back must still undo changes in it.
    for pragma in ("synchronous=OFF", "journal_mode=TRUNCATE", "secure_delete=OFF", "cache_size=-65536"):
        driver.execute(f"PRAGMA {_SCHEMA}.{pragma}")


def _copy_in(driver: psycopg.Connection[Any], staging: StagingWriter) -> None:
    with driver.cursor() as cursor:
        for statement in create_statements(postgres=True):
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{statement.split()[3]}")
            cursor.execute(statement)
        for entity in sorted(staging.rows):
            for path in sorted(staging.folder.glob(f"{entity}.*.arrow")):
                _copy_entity(cursor, entity, path)
            for statement in index_statements(entity, several_files=len(staging.files[entity]) > 1):
                cursor.execute(statement)
            # Only what rows are found by: looking at a hundred columns takes as long as an index.
            cursor.execute(f"ANALYZE {table_name(entity)} ({', '.join(found_by(entity))})")


def _copy_entity(cursor: psycopg.Cursor[Any], entity: str, path: Path) -> None:
    options = pacsv.WriteOptions(include_header=False)
    with pa.OSFile(str(path), "rb") as source, pa.ipc.open_stream(source) as reader:
        cursor.execute(room_statement(entity, reader.schema.names))
        columns = ", ".join(reader.schema.names)
        with cursor.copy(f"COPY {table_name(entity)} ({columns}) FROM STDIN (FORMAT csv)") as copy:
            for batch in reader:
                sink = pa.BufferOutputStream()
                pacsv.write_csv(batch, sink, options)
                copy.write(memoryview(sink.getvalue()))


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

    def close(self, filled: list[str]) -> None:
        self._wait()
        self._thread.shutdown()
        loader = self._open()
        with loader.cursor() as cursor:
            for entity in filled:
                for statement in index_statements(entity):
                    cursor.execute(statement)
        loader.adbc_connection.commit()
        loader.close()
        self._loader = None

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


class _ArrowFiles:
    """One Arrow stream per entity and set of columns, copied into temporary tables later."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[tuple[str, ...], tuple[Any, pa.ipc.RecordBatchStreamWriter]] = {}
        self.remove()

    def append(self, entity: str, batch: pa.RecordBatch) -> None:
        kind = (entity, *batch.schema.names)
        if kind not in self._open:
            path = self._folder / f"{entity}.{len(self._open):04d}.arrow"
            create_private_file(path)
            sink = os.fdopen(os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC), "wb")
            self._open[kind] = (sink, pa.ipc.new_stream(sink, batch.schema))
        self._open[kind][1].write_batch(batch)

    def close(self, filled: list[str]) -> None:  # noqa: ARG002  (temporary tables are indexed where they are)
        for sink, writer in self._open.values():
            writer.close()
            sink.close()
        self._open.clear()

    def remove(self) -> None:
        self.close([])
        for path in self._folder.glob("*.arrow"):
            path.unlink(missing_ok=True)
