"""Which file, and which line of it, brought a revision of an order or an event of a warehouse."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0006"
down_revision: Final = "0005"

TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INTEGER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "order_source",
        _key("channel"),
        _key("order_no"),
        sa.Column("revision", INTEGER, primary_key=True, nullable=False, autoincrement=False),
        *map(_integer, ("file_id", "line", "run_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "event_source",
        _key("warehouse"),
        _key("event_id"),
        *map(_integer, ("file_id", "line", "run_id")),
        sqlite_strict=True,
    )


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, TEXT, primary_key=True, nullable=False)


def _integer(name: str) -> sa.Column[int]:
    return sa.Column(name, INTEGER, nullable=False, server_default=sa.text("0"))
