"""What people decide: decisions, notes, amendments, and parcels whose orders changed after they were told."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0002"
down_revision: Final = "0001"

TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INTEGER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _table(
        "staff_decision",
        _number("decision_id"),
        *map(_text, ("kind", "channel", "order_no", "dest_id", "line_id", "parcel_no", "reason", "subject")),
        _text("fields"),
        _integer("revision"),
        *map(_text, ("decided_by", "decided_at", "source")),
        _integer("source_row"),
        _text("source_key"),
        _text("state", "active"),
        _text("ended_at"),
        _integer("ended_by"),
    )
    _table("decision_note", _number("decision_id"), *map(_text, ("channel", "order_no", "note", "erased_at")))
    _table(
        "order_amendment",
        *map(_key, ("channel", "order_no", "scope", "field")),
        _integer("decision_id"),
        _integer("personal"),
        *map(_text, ("value", "base_value", "mall_value")),
        _text("state", "active"),
    )
    _table(
        "person_amendment",
        *map(_key, ("channel", "order_no", "scope", "field")),
        *map(_text, ("value", "base_value", "mall_value", "erased_at")),
    )
    _table(
        "parcel_change",
        _key("parcel_no"),
        _number("revision"),
        *map(_text, ("channel", "order_no", "fields", "told_at")),
        _text("state", "open"),
        _integer("decision_id"),
    )
    op.create_index("ix_decision_order", "staff_decision", ["channel", "order_no"])
    op.create_index("ix_decision_note_order", "decision_note", ["channel", "order_no"])
    op.create_index("ix_decision_source", "staff_decision", ["source_key"])
    op.create_index("ix_decision_run", "staff_decision", ["run_id"])
    op.create_index("ix_amendment_state", "order_amendment", ["state"])
    op.create_index("ix_parcel_change_state", "parcel_change", ["state"])


def _table(name: str, *columns: sa.Column[Any]) -> None:
    op.create_table(name, *columns, _integer("run_id"), sqlite_strict=True)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, TEXT, primary_key=True, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, INTEGER, primary_key=True, nullable=False, autoincrement=False)


def _text(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=False, server_default=sa.text(f"'{default}'"))


def _integer(name: str) -> sa.Column[int]:
    return sa.Column(name, INTEGER, nullable=False, server_default=sa.text("0"))
