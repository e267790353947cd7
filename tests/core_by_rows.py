"""A shop whose core system takes sales and receipts as rows of its database.

On SQLite that is a file beside the project, on PostgreSQL a schema beside the master's tables: a copy of the shop has a
copy of it.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import psycopg

from ecsync.run.table_sql import table_sql
from partner_database import SECRET, keep_secret
from shop import DATABASE_FILE, Shop

FLOWS = ("erp-sales", "erp-receipts")
_FILES = 'mapping = "core/sales"\nendpoint = "erp"\npath = "in"\n'


def by_rows(text: str) -> str:
    """Change ecsync.toml: sales go as rows, and receipts with them."""
    on_postgres = DATABASE_FILE in text
    schema = "core." if on_postgres else ""
    secret = DATABASE_FILE if on_postgres else SECRET
    door = f'[endpoints.core]\nkind = "database"\nurl = {{ file = "{secret}" }}\nretries = 0\n\n'
    rows = f'endpoint = "core"\npath = "{schema}sales_in"\nhandover = "rows"\n'
    receipts = (
        '\n[[outbound]]\nname = "erp-receipts"\nparty = "erp"\nmapping = "core/receipts"\n'
        f'endpoint = "core"\npath = "{schema}receipts_in"\nhandover = "rows"\n'
    )
    assert _FILES in text
    text = text.replace(_FILES, f'mapping = "core/sales"\n{rows}{receipts}')
    return text.replace("[[inbound]]", f"{door}[[inbound]]", 1)


def make_tables(shop: Shop) -> None:
    """Let the core system make its tables: with the SQL that `outbox table` prints."""
    if not shop.database_url:
        keep_secret(shop.project, "sqlite:///../core.db")
    statements = [sql for flow in FLOWS for sql in table_sql(shop.settings, flow).statements]
    if shop.database_url:
        statements.insert(0, "CREATE SCHEMA core")
    with closing(_connection(shop)) as conn:
        for statement in statements:
            conn.cursor().execute(statement)
        conn.commit()


def told_rows(shop: Shop) -> dict[str, list[tuple[Any, ...]]]:
    """Return all that the core system was told, table by table."""
    names = [f"{table}_in{ending}" for table in ("sales", "receipts") for ending in ("", "_delivery")]
    schema = "core." if shop.database_url else ""
    with closing(_connection(shop)) as conn:
        return {
            name: sorted(conn.cursor().execute(f"SELECT * FROM {schema}{name}").fetchall()) for name in names
        }


def core(shop: Shop, statement: str) -> None:
    """Let the core system change its tables."""
    with closing(_connection(shop)) as conn:
        conn.cursor().execute(statement)
        conn.commit()


def _connection(shop: Shop) -> Any:
    return psycopg.connect(shop.database_url) if shop.database_url else sqlite3.connect(shop.root / "core.db")
