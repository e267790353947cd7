"""The staging tables of PostgreSQL: temporary ones, filled by COPY on the connection that the run decides on.

A real run has that connection to itself while files are read: a thread copies beside the reading, a batch behind. Where
it has something else to do, batches wait in Arrow files.
"""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import csv as pacsv

from ecsync.master.place import create_private_file
from ecsync.master.staging_tables import (
    create_statements,
    found_by,
    index_statements,
    room_statement,
    table_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import psycopg


class ArrowFiles:
    """One Arrow stream per entity and set of columns, copied into temporary tables later."""

    def __init__(self, folder: Path) -> None:
        """Stand in a folder, and remove what an earlier run left there."""
        self._folder = folder
        self._open: dict[tuple[str, ...], tuple[Any, pa.ipc.RecordBatchStreamWriter]] = {}
        self.remove()

    def append(self, entity: str, batch: pa.RecordBatch) -> None:
        """Write a batch to the stream of its kind."""
        kind = (entity, *batch.schema.names)
        if kind not in self._open:
            path = self._folder / f"{entity}.{len(self._open):04d}.arrow"
            create_private_file(path)
            sink = os.fdopen(os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC), "wb")
            self._open[kind] = (sink, pa.ipc.new_stream(sink, batch.schema))
        self._open[kind][1].write_batch(batch)

    def close(self, files: Mapping[str, set[int]]) -> None:  # noqa: ARG002  (indexed where they are copied to)
        """End the streams."""
        for sink, writer in self._open.values():
            writer.close()
            sink.close()
        self._open.clear()

    def show(self, driver: psycopg.Connection[Any], files: Mapping[str, set[int]]) -> None:
        """Copy everything into temporary tables of a connection."""
        with driver.cursor() as cursor:
            _create(cursor)
            for entity in sorted(files):
                for path in sorted(self._folder.glob(f"{entity}.*.arrow")):
                    for batch in _batches(path):
                        _copy(cursor, entity, batch)
            _index(cursor, files)

    def remove(self) -> None:
        """Remove the files."""
        self.close({})
        for path in self._folder.glob("*.arrow"):
            path.unlink(missing_ok=True)


class CopiedBeside:
    """Temporary tables of one connection, filled by a thread of their own while the next batch is read."""

    def __init__(self, driver: psycopg.Connection[Any]) -> None:
        """Begin the connection's transaction with empty tables."""
        self._driver = driver
        self._cursor = driver.cursor()
        _create(self._cursor)
        self._thread = ThreadPoolExecutor(1)
        self._under_way: Future[None] | None = None

    def append(self, entity: str, batch: pa.RecordBatch) -> None:
        """Let the thread copy a batch; raises what it met in the one before."""
        self._wait()
        # Nobody else will ever see these rows: whether they are there need not be asked of each again.
        self._under_way = self._thread.submit(_copy, self._cursor, entity, batch, ", FREEZE")

    def _wait(self) -> None:
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            under_way.result()

    def close(self, files: Mapping[str, set[int]]) -> None:
        """Wait for the last batch, and index."""
        self._wait()
        self._thread.shutdown()
        _index(self._cursor, files)

    def show(self, driver: psycopg.Connection[Any], files: Mapping[str, set[int]]) -> None:  # noqa: ARG002
        """Do nothing: the tables are there, on this connection alone."""
        if driver is not self._driver:
            message = "staging stands on another connection"
            raise ValueError(message)

    def remove(self) -> None:
        """Let the thread end; the tables go with the transaction."""
        self._thread.shutdown()


def _create(cursor: psycopg.Cursor[Any]) -> None:
    for statement in create_statements(postgres=True):
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{statement.split()[3]}")
        cursor.execute(statement)


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    with pa.OSFile(str(path), "rb") as source, pa.ipc.open_stream(source) as reader:
        yield from reader


def _copy(cursor: psycopg.Cursor[Any], entity: str, batch: pa.RecordBatch, how: str = "") -> None:
    names = batch.schema.names
    cursor.execute(room_statement(entity, names))
    sink = pa.BufferOutputStream()
    pacsv.write_csv(batch, sink, pacsv.WriteOptions(include_header=False))
    with cursor.copy(f"COPY {table_name(entity)} ({', '.join(names)}) FROM STDIN (FORMAT csv{how})") as copy:
        copy.write(memoryview(sink.getvalue()))


def _index(cursor: psycopg.Cursor[Any], files: Mapping[str, set[int]]) -> None:
    for entity in sorted(files):
        for statement in index_statements(entity, several_files=len(files[entity]) > 1):
            cursor.execute(statement)
        # Only what rows are found by: looking at a hundred columns takes as long as an index.
        cursor.execute(f"ANALYZE {table_name(entity)} ({', '.join(found_by(entity))})")
