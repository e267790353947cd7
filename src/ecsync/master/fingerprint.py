"""A master as a set of hashes: two masters are the same when these are.

Both databases give the same hash for the same rows. This reads every row: it is for tests, `db check` and the
comparison after a crash, never for a run.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from ecsync.master.schema import METADATA, business_tables

if TYPE_CHECKING:
    from collections.abc import Iterable

_CHUNK: Final = 10_000


def business_state(conn: sa.Connection, *, without: Iterable[str] = ()) -> dict[str, str]:
    """Return table name -> SHA-256 of its rows in key order, without run ids.

    Leaves out sighting tables, the counters that number them, and columns named in `without` (as `table.column`).
    """
    left_out = frozenset(without)
    return {table.name: _hash(conn, table, left_out, business=True) for table in business_tables()}


def whole_state(conn: sa.Connection) -> dict[str, str]:
    """Return table name -> SHA-256 of all rows and columns of every table: what a dry run must leave alone."""
    tables = sorted(METADATA.tables.values(), key=lambda t: t.name)
    return {table.name: _hash(conn, table, frozenset(), business=False) for table in tables}


def _hash(conn: sa.Connection, table: sa.Table, left_out: frozenset[str], *, business: bool) -> str:
    columns = [
        column
        for column in table.columns
        if not (business and column.name == "run_id") and f"{table.name}.{column.name}" not in left_out
    ]
    query = sa.select(*columns).order_by(*table.primary_key.columns)
    if business and table.name == "counter":
        query = query.where(table.c.name.not_in(_sighting_names()))
    digest = hashlib.sha256(repr([column.name for column in columns]).encode())
    for chunk in conn.execute(query, execution_options={"yield_per": _CHUNK}).partitions():
        digest.update(repr([tuple(row) for row in chunk]).encode())
    return digest.hexdigest()


def _sighting_names() -> list[str]:
    return sorted(t.name for t in METADATA.tables.values() if t.info.get("sighting", False))
