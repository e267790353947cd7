"""Lines that no warehouse packs, and orders whose visible number may stand twice."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0004"
down_revision: Final = "0003"

TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INTEGER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("sales_order", sa.Column("partner_id", TEXT, nullable=False, server_default=sa.text("''")))
    for name, default in (("ships_flag", "1"), ("left_flag", "0")):
        op.add_column("order_line", sa.Column(name, INTEGER, nullable=False, server_default=sa.text(default)))
    op.create_table(
        "order_without_parcel",
        *(sa.Column(name, TEXT, primary_key=True, nullable=False) for name in ("channel", "order_no")),
        sa.Column("done_on", TEXT, nullable=False, server_default=sa.text("''")),
        *(
            sa.Column(name, INTEGER, nullable=False, server_default=sa.text("0"))
            for name in ("booked_flag", "run_id")
        ),
        sqlite_strict=True,
    )
