"""Temporary tables for set-based work inside a run's transaction, alike on both databases."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ecsync.master.context import RunContext

_KEY: Final = re.compile(r"PRIMARY KEY \(([^)]*)\)")
_TEXT: Final = re.compile(r"\bTEXT\b( NULL)?")
_ORDER: Final = re.compile(r", SORTED BY (\([^)]*\))")


@contextmanager
def scratch_tables(ctx: RunContext, **columns: str) -> Iterator[None]:
    """Create temporary tables for the length of a block.

    A table is given as `name="channel TEXT, qty BIGINT, PRIMARY KEY (channel)"`. TEXT columns become
    NOT NULL and compare by bytes, as the master's do; BIGINT columns are nullable. `SORTED BY` stands in place of
    PRIMARY KEY where rows are many and only joined: SQLite finds them by it, PostgreSQL hashes and needs no index.
    `TEXT NULL` may be null. A column that is NUMBERED counts the rows from 1 as they are inserted.
    """
    postgresql = _is_postgresql(ctx)
    text = 'TEXT COLLATE "C"' if postgresql else "TEXT"
    numbered = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY" if postgresql else "INTEGER PRIMARY KEY"
    for name, given in columns.items():
        definition = _ORDER.sub("" if postgresql else r", PRIMARY KEY \1", given)
        ctx.execute(f"DROP TABLE IF EXISTS {name}")
        # One tree instead of two, where SQLite allows it: no part of the key may be null.
        small = "" if postgresql or not _has_full_key(definition) else " WITHOUT ROWID"
        columns_of = _TEXT.sub(lambda found: text + (found[1] or " NOT NULL"), definition).replace(
            "NUMBERED", numbered
        )
        ctx.execute(f"CREATE TEMPORARY TABLE {name} ({columns_of}){small}")
    yield
    # Not in a `finally`: after an error the transaction is lost, and its temporary tables with it.
    for name in columns:
        ctx.execute(f"DROP TABLE {name}")


def _has_full_key(definition: str) -> bool:
    key = _KEY.search(definition)
    return key is not None and all(
        re.search(rf"\b{name.strip()} (?:TEXT|BIGINT NOT NULL)", definition) for name in key[1].split(",")
    )


def fill(ctx: RunContext, name: str, rows: Sequence[dict[str, object]]) -> None:
    """Insert a few rows, such as settings that rules are compared with."""
    if rows:
        names = ", ".join(rows[0])
        values = ", ".join(f":{column}" for column in rows[0])
        ctx.conn.execute(sa.text(f"INSERT INTO {name} ({names}) VALUES ({values})"), list(rows))  # noqa: S608


def analyze(ctx: RunContext, *names: str) -> None:
    """Tell PostgreSQL's planner how large tables are that this transaction filled: it does not look by itself.

    A name may say of which columns: `sales_order (state)`.
    """
    if _is_postgresql(ctx):
        for name in names:
            ctx.execute(f"ANALYZE {name}")


def _is_postgresql(ctx: RunContext) -> bool:
    return ctx.conn.dialect.name == "postgresql"
