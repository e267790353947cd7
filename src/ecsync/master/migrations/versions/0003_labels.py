"""Labels: what carriers' software tells of whole parcels."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0003"
down_revision: Final = "0002"

TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INTEGER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    keys = ("warehouse", "parcel_no", "tracking_no")
    op.create_table(
        "parcel_result",
        *(sa.Column(name, TEXT, primary_key=True, nullable=False) for name in keys),
        *map(_text, ("carrier", "ship_date", "as_of")),
        _text("verdict", "pending"),
        sa.Column("run_id", INTEGER, nullable=False, server_default=sa.text("0")),
        sqlite_strict=True,
    )
    op.create_index("ix_label_verdict", "parcel_result", ["verdict"])


def _text(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=False, server_default=sa.text(f"'{default}'"))
