"""Column makers that keep the master portable: integers and text only, byte order everywhere.

STRICT tables on SQLite and COLLATE "C" on PostgreSQL make both databases sort and compare alike.
Text is never NULL ('' means absent); an integer that may be unknown is nullable.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

METADATA: Final = sa.MetaData()

_TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INTEGER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def key(name: str) -> sa.Column[str]:
    """Make a text column that is part of the primary key."""
    return sa.Column(name, _TEXT, primary_key=True, nullable=False)


def number_key(name: str) -> sa.Column[int]:
    """Make an integer column that is part of the primary key; its values come from counters."""
    return sa.Column(name, _INTEGER, primary_key=True, nullable=False, autoincrement=False)


def text(name: str, *, default: str = "") -> sa.Column[str]:
    """Make a text column that is '' where absent."""
    return sa.Column(name, _TEXT, nullable=False, server_default=sa.text(f"'{default}'"))


def integer(name: str, *, default: int | None = None) -> sa.Column[int]:
    """Make an integer column; NULL where unknown unless it has a default."""
    if default is None:
        return sa.Column(name, _INTEGER, nullable=True)
    return sa.Column(name, _INTEGER, nullable=False, server_default=sa.text(str(default)))


def run_id() -> sa.Column[int]:
    """Make the column that says which run wrote the row; left out when two masters are compared."""
    return sa.Column("run_id", _INTEGER, nullable=False, server_default=sa.text("0"))


def table(name: str, *items: Any, area: str, sighting: bool = False) -> sa.Table:
    """Declare a master table. `area` names its room; `sighting` tables do not count as business state."""
    return sa.Table(name, METADATA, *items, sqlite_strict=True, info={"area": area, "sighting": sighting})


def business_tables() -> list[sa.Table]:
    """Return the tables that two masters must agree on, sorted by name."""
    return sorted(
        (t for t in METADATA.tables.values() if not t.info.get("sighting", False)), key=lambda t: t.name
    )
