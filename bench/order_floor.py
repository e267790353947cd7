"""The floor under the order lines: the least that anything must do, written by hand, that checks nothing.

Arrow reads the mapped columns of the file, ADBC (or COPY) brings them into a staging table, one statement upserts
them, one compares. No row is validated, none is put aside, nothing is proved or explained.
"""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import csv

ROOT = Path(__file__).resolve().parents[1]
if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "商品明細ID"


def mapped_columns() -> list[str]:
    """Return the headers that the mapping reads and this layout has."""
    sys.path.insert(0, str(ROOT / "tools"))
    from ecsync.mapping.catalogue import load_inbound  # noqa: PLC0415
    from partner_files.rakuten import COLUMNS  # noqa: PLC0415

    names = {header.name for header in load_inbound("rakuten/orders").headers}
    return [name for name in COLUMNS if name in names]


def batches(path: Path, names: list[str]) -> Iterator[pa.RecordBatch]:
    """Yield the file's rows, decoded, as text."""
    yield from csv.open_csv(
        path,
        read_options=csv.ReadOptions(encoding="cp932", block_size=1 << 20),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            include_columns=names,
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=False,
        ),
    )


def on_sqlite(path: Path, database: Path) -> int:
    """Load the file into a SQLite database; return how many lines differ from it afterwards."""
    from adbc_driver_sqlite import dbapi  # noqa: PLC0415

    names = mapped_columns()
    columns = [f"c{number}" for number in range(len(names))]
    staging = database.with_suffix(".staging")
    with dbapi.connect(str(staging)) as conn, conn.cursor() as cursor:
        conn.adbc_connection.set_autocommit(True)
        for pragma in ("journal_mode=OFF", "synchronous=OFF"):
            cursor.execute(f"PRAGMA {pragma}")
        for number, batch in enumerate(batches(path, names)):
            cursor.adbc_ingest("staged", batch.rename_columns(columns), mode="append" if number else "create")
    with sqlite3.connect(database, isolation_level=None) as conn:
        conn.execute("PRAGMA journal_mode=WAL")
        conn.execute("PRAGMA synchronous=FULL")
        conn.execute("ATTACH ? AS s", (str(staging),))
        key = columns[names.index(KEY)]
        texts = ", ".join(f"{name} TEXT NOT NULL" for name in columns)
        conn.execute(f"CREATE TABLE IF NOT EXISTS line ({texts}, PRIMARY KEY ({key})) STRICT, WITHOUT ROWID")
        conn.execute("BEGIN IMMEDIATE")
        conn.execute(upsert("s.staged", columns, key))
        (differing,) = conn.execute(comparison("s.staged", columns, key)).fetchone()
        conn.execute("COMMIT")
    staging.unlink()
    return int(differing)


def on_postgres(path: Path, url: str) -> int:
    """Load the file into a PostgreSQL database; return how many lines differ from it afterwards."""
    import psycopg  # noqa: PLC0415

    names = mapped_columns()
    columns = [f"c{number}" for number in range(len(names))]
    key = columns[names.index(KEY)]
    texts = ", ".join(f'{name} TEXT COLLATE "C" NOT NULL' for name in columns)
    with psycopg.connect(url) as conn, conn.cursor() as cursor:
        run: Any = cursor.execute
        run(f"CREATE TABLE IF NOT EXISTS line ({texts}, PRIMARY KEY ({key}))")
        run(f"CREATE TEMPORARY TABLE staged ({texts})")
        with cursor.copy("COPY staged FROM STDIN (FORMAT csv)") as copy:
            for batch in batches(path, names):
                sink = pa.BufferOutputStream()
                csv.write_csv(batch, sink, csv.WriteOptions(include_header=False))
                copy.write(memoryview(sink.getvalue()))
        run("ANALYZE staged")
        run(upsert("staged", columns, key))
        run(comparison("staged", columns, key))
        found = cursor.fetchone()
    return int(found[0]) if found else -1


def upsert(staged: str, columns: list[str], key: str) -> str:
    """Return the one upsert: doubled keys once, every column."""
    sets = ", ".join(f"{name} = excluded.{name}" for name in columns if name != key)
    listed = ", ".join(columns)
    once = ", ".join(f"MIN({name})" if name != key else name for name in columns)
    return (
        f"INSERT INTO line ({listed}) SELECT {once} FROM {staged} WHERE 1=1 GROUP BY {key} "
        f"ON CONFLICT ({key}) DO UPDATE SET {sets}"
    )


def comparison(staged: str, columns: list[str], key: str) -> str:
    """Return the one comparison: how many staged lines the table does not hold as they are."""
    differ = " OR ".join(f"t.{name} <> s.{name}" for name in columns if name != key)
    return f"SELECT COUNT(*) FROM {staged} s LEFT JOIN line t ON t.{key} = s.{key} WHERE t.{key} IS NULL OR {differ}"


if __name__ == "__main__":
    _file, _target = Path(sys.argv[1]), sys.argv[2]
    print(on_postgres(_file, _target) if "://" in _target else on_sqlite(_file, Path(_target)))
