"""The floor under a run: what the same files and rows take when nothing is decided, checked or kept for later.

`python floor.py JOB.json`: Arrow reads the mapped columns of each file, they are ingested into a staging table (ADBC on
SQLite, COPY on PostgreSQL), one SQL upsert each merges them by key, and files of given sizes are written and fsynced.
Decoding goes over each column's distinct values, as the fastest reader that we know of does.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import sys
from pathlib import Path
from typing import Any

# Mapping -> the columns that make a row's key.
KEYS = {
    "core/products": ["sku"],
    "warehouse/stock": ["sku"],
    "warehouse/events": ["event_id"],
    "rakuten/items": ["商品管理番号（商品URL）", "SKU管理番号"],
    "rakuten/orders": ["注文番号", "商品明細ID"],
    "yahoo/stock": ["code", "sub-code"],
    "yahoo/orders": ["OrderId"],
    "yahoo/order_items": ["OrderId", "LineId"],
    "shopify/inventory": ["SKU", "Location"],
    "shopify/orders": ["Name", "Lineitem sku"],
    "yamato_b2/issued": ["お客様管理番号"],
}


def read(path: Path, encoding: str, mapping: str) -> Any:
    """Return a table of the columns that a mapping names, as text."""
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import csv  # noqa: PLC0415

    python = {"utf-8": "utf-8-sig"}.get(encoding, encoding)
    with path.open("rb") as source:
        header = next(iter(__import__("csv").reader([source.readline().decode(python)])))
    words = (Path(__file__).resolve().parents[1] / "mappings" / f"{mapping}.yaml").read_text(encoding="utf-8")
    raw = [name.encode(encoding).decode("latin-1") for name in header]
    wanted = [
        (cell, name)
        for cell, name in zip(raw, header, strict=True)
        if name in KEYS[mapping] or re.search(rf"(?<![\w]){re.escape(name)}(?![\w])", words)
    ]
    options = csv.ConvertOptions(
        include_columns=[cell for cell, _name in wanted],
        column_types={cell: pa.binary() for cell, _name in wanted},
    )
    table = csv.read_csv(
        path,
        read_options=csv.ReadOptions(column_names=raw, skip_rows_after_names=1, encoding="utf-8"),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=options,
    )
    columns = [_decoded(table.column(cell), python) for cell, _name in wanted]
    return pa.table(columns, names=[name for _cell, name in wanted])


def _decoded(column: Any, encoding: str) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    coded = column.combine_chunks().dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    texts = [value.decode(encoding) if value else "" for value in coded.dictionary.to_pylist()]
    return pa.array(texts, pa.string()).take(coded.indices)


def _named(table: Any, mapping: str) -> tuple[Any, list[str]]:
    """Return the table with plain column names, and those of its key."""
    names = [f"c{number}" for number in range(table.num_columns)]
    keys = [names[table.column_names.index(key)] for key in KEYS[mapping]]
    return table.rename_columns(names), keys


def on_sqlite(path: Path, files: list[tuple[Path, str, str]]) -> None:
    """Merge every file into a SQLite database."""
    from adbc_driver_sqlite import dbapi  # noqa: PLC0415

    staging = path.with_suffix(".staging")
    made = []
    with dbapi.connect(str(staging), autocommit=True) as loader, loader.cursor() as cursor:
        for pragma in ("journal_mode=OFF", "synchronous=OFF"):
            cursor.execute(f"PRAGMA {pragma}")
            cursor.fetchall()
        for number, (file, encoding, mapping) in enumerate(files):
            table, keys = _named(read(file, encoding, mapping), mapping)
            cursor.adbc_ingest(f"s{number}", table, mode="create")
            made.append((number, table.column_names, keys))
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute("PRAGMA journal_mode=WAL")
    conn.execute("ATTACH DATABASE ? AS staging", (str(staging),))
    conn.execute("BEGIN IMMEDIATE")
    for number, names, keys in made:
        for statement in _statements(number, names, keys, f"staging.s{number}"):
            conn.execute(statement)
    conn.execute("COMMIT")
    conn.close()
    staging.unlink()


def on_postgres(address: str, files: list[tuple[Path, str, str]]) -> None:
    """Merge every file into a PostgreSQL database."""
    import psycopg  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import csv  # noqa: PLC0415

    with psycopg.connect(address) as conn, conn.cursor() as cursor:
        for number, (file, encoding, mapping) in enumerate(files):
            table, keys = _named(read(file, encoding, mapping), mapping)
            columns = ", ".join(f'{name} TEXT COLLATE "C"' for name in table.column_names)
            cursor.execute(f"CREATE TEMPORARY TABLE s{number} ({columns})".encode())
            with cursor.copy(f"COPY s{number} FROM STDIN (FORMAT csv)".encode()) as copy:
                for batch in table.to_batches():
                    sink = pa.BufferOutputStream()
                    csv.write_csv(batch, sink, csv.WriteOptions(include_header=False))
                    copy.write(memoryview(sink.getvalue()))
            for statement in _statements(number, table.column_names, keys, f"s{number}"):
                cursor.execute(statement.encode())


def _statements(number: int, names: list[str], keys: list[str], source: str) -> list[str]:
    typed = ", ".join(f"{name} TEXT NOT NULL" for name in names)
    key = ", ".join(keys)
    rest = [name for name in names if name not in keys]
    taken = ", ".join(f"{name} = excluded.{name}" for name in rest)
    once = ", ".join([*keys, *(f"MAX({name})" for name in rest)])
    return [
        f"CREATE TABLE IF NOT EXISTS m{number} ({typed}, PRIMARY KEY ({key}))",
        f"INSERT INTO m{number} ({', '.join([*keys, *rest])}) SELECT {once} FROM {source} WHERE 1=1 GROUP BY {key} "
        f"ON CONFLICT ({key}) DO " + (f"UPDATE SET {taken}" if rest else "NOTHING"),
    ]


def write(folder: Path, sizes: list[int]) -> None:
    """Write files of these sizes, durably."""
    folder.mkdir(parents=True, exist_ok=True)
    line = b"item-00000,v0,123\r\n" * 50_000
    for number, size in enumerate(sizes):
        with (folder / f"{number}.csv").open("wb") as out:
            left = size
            while left > 0:
                left -= out.write(line[: min(left, len(line))])
            out.flush()
            os.fsync(out.fileno())


def main(job: dict[str, Any]) -> None:
    """Do the job."""
    files = [(Path(path), encoding, mapping) for path, encoding, mapping in job["files"]]
    if job["database"]:
        on_postgres(job["database"], files)
    else:
        on_sqlite(Path(job["folder"]) / "floor.db", files)
    write(Path(job["folder"]) / "out", job["sizes"])


if __name__ == "__main__":
    if sys.argv[1:]:
        main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
