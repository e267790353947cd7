"""Numbers without holes: counter rows that live and roll back with the transaction they serve."""

from __future__ import annotations

import sqlalchemy as sa

_TAKE = sa.text(
    "INSERT INTO counter (name, value) VALUES (:name, :count) "
    "ON CONFLICT (name) DO UPDATE SET value = counter.value + excluded.value RETURNING value"
)
_RAISE = sa.text(
    "INSERT INTO counter (name, value) VALUES (:name, :value) "
    "ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE counter.value < excluded.value"
)


def take(conn: sa.Connection, name: str, count: int = 1) -> int:
    """Take `count` numbers and return the first; the row stays locked until the transaction ends.

    Numbers start at 1. A count of 0 takes nothing and returns what would come next.
    """
    if count < 0:
        message = "a count of numbers is never negative"
        raise ValueError(message)
    if count == 0:
        return last(conn, name) + 1
    value = conn.execute(_TAKE, {"name": name, "count": count}).scalar_one()
    return int(value) - count + 1


def last(conn: sa.Connection, name: str) -> int:
    """Return the number taken last, 0 where none was."""
    value = conn.execute(sa.text("SELECT value FROM counter WHERE name = :name"), {"name": name}).scalar()
    return int(value or 0)


def raise_to(conn: sa.Connection, name: str, value: int) -> None:
    """Let the next number come after `value`; never goes back (openings, a restored backup)."""
    conn.execute(_RAISE, {"name": name, "value": value})
