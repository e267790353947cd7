"""The master's fingerprint for plans: one number, raised by every transaction that changes business state."""

from __future__ import annotations

import sqlalchemy as sa

_ROW = 1


def current(conn: sa.Connection) -> int:
    """Return the generation, 0 in a new master."""
    value = conn.execute(sa.text("SELECT value FROM generation WHERE id = :id"), {"id": _ROW}).scalar()
    return int(value or 0)


def bump(conn: sa.Connection) -> int:
    """Raise the generation within the caller's transaction and return it."""
    value = conn.execute(
        sa.text(
            "INSERT INTO generation (id, value) VALUES (:id, 1) "
            "ON CONFLICT (id) DO UPDATE SET value = generation.value + 1 RETURNING value"
        ),
        {"id": _ROW},
    ).scalar_one()
    return int(value)


def raise_to(conn: sa.Connection, value: int) -> None:
    """Set the generation to `value` where it is lower."""
    conn.execute(
        sa.text(
            "INSERT INTO generation (id, value) VALUES (:id, :value) "
            "ON CONFLICT (id) DO UPDATE SET value = excluded.value WHERE generation.value < excluded.value"
        ),
        {"id": _ROW, "value": value},
    )
