"""Samples whose rows need each other: staged in memory and settled by the statements that a run uses."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from ecsync.mapping.frames import SRC_LINE, frame_schema
from ecsync.mapping.pairing import HEAD, join_statements, totals_statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecsync.mapping.model import InboundMapping
    from ecsync.mapping.reader import Batch

_FILES: Final = {"heads": 1, "rows": 2}
_STAGED: Final = ("src_file", "src_party", "src_as_of", "verdict", "verdict_reason")


def settled(
    mapping: InboundMapping, rows: Iterable[Batch], heads: Iterable[Batch] | None = None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows that a file yields, with its heads where it has them, and what was put aside in either.

    Put aside: `file` (heads or rows), `line` and `reason`.
    """
    schema = frame_schema(mapping)
    with closing(sqlite3.connect(":memory:")) as conn:
        conn.row_factory = sqlite3.Row
        table = f"stg_{mapping.entity}"
        columns = [*schema.names, *_STAGED]
        conn.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
        conn.execute("CREATE TABLE stg_reject (src_file, order_no)")
        _stage(conn, table, columns, rows, _FILES["rows"])
        statements = [totals_statement(mapping)]
        if heads is not None:
            _stage(conn, table, columns, heads, _FILES["heads"])
            statements = [*join_statements(mapping.other), totals_statement(mapping.other)]
        for statement in statements:
            conn.execute(statement, _FILES)
        kept = conn.execute(
            f"SELECT {', '.join(schema.names)} FROM {table} "  # noqa: S608
            f"WHERE src_file = :rows AND verdict = '' ORDER BY {SRC_LINE}",
            _FILES,
        ).fetchall()
        aside = conn.execute(
            f"SELECT src_file, {SRC_LINE}, verdict_reason FROM {table} "  # noqa: S608
            f"WHERE verdict NOT IN ('', '{HEAD}') ORDER BY src_file, {SRC_LINE}"
        ).fetchall()
    names = {number: name for name, number in _FILES.items()}
    return [dict(row) for row in kept], [
        {"file": names[number], "line": line, "reason": reason.partition(":")[0]}
        for number, line, reason in aside
    ]


def _stage(
    conn: sqlite3.Connection, table: str, columns: list[str], batches: Iterable[Batch], number: int
) -> None:
    marks = ", ".join("?" for _name in columns)
    for batch in batches:
        staged = {"src_file": number, "src_party": "", "src_as_of": "", "verdict": "", "verdict_reason": ""}
        rows = pa.Table.from_batches([batch.rows]).to_pylist()
        conn.executemany(
            f"INSERT INTO {table} VALUES ({marks})",  # noqa: S608
            [[{**row, **staged}[name] for name in columns] for row in rows],
        )
        rejected = sorted({(number, reject.business_key) for reject in batch.rejects if reject.business_key})
        conn.executemany("INSERT INTO stg_reject VALUES (?, ?)", rejected)
