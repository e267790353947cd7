"""Listings: their title, and whether the channel keeps stock of them at our place."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0007"
down_revision: Final = "0006"

TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INTEGER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("channel_listing", sa.Column("title", TEXT, nullable=False, server_default=sa.text("''")))
    op.add_column(
        "channel_listing", sa.Column("not_stocked_flag", INTEGER, nullable=False, server_default=sa.text("0"))
    )
