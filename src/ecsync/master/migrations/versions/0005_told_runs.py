"""What a run reports: its figures, its proofs added up, and from when to when orders stood still."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0005"
down_revision: Final = "0004"

TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INTEGER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table("run_figure", _number("run_id"), _key("name"), _integer("value"), sqlite_strict=True)
    op.create_table(
        "run_proof",
        _number("run_id"),
        _key("name"),
        *map(_integer, ("checked", "broken", "expected", "found")),
        sqlite_strict=True,
    )
    op.create_table(
        "standing_order",
        *map(_key, ("channel", "order_no", "dest_id", "kind", "reason", "until")),
        _number("first_run"),
        _integer("last_run"),
        sqlite_strict=True,
    )
    op.create_index("ix_standing_last", "standing_order", ["last_run"])


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, TEXT, primary_key=True, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, INTEGER, primary_key=True, nullable=False, autoincrement=False)


def _integer(name: str) -> sa.Column[int]:
    return sa.Column(name, INTEGER, nullable=False, server_default=sa.text("0"))
