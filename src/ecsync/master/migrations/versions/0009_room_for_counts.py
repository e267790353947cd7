"""PostgreSQL: half of each page is left free where a night of counts rewrites every row; no index is then told."""

from __future__ import annotations

from typing import Final

from alembic import op

revision: Final = "0009"
down_revision: Final = "0008"

_REWRITTEN: Final = ("channel_stock", "stock_balance", "stock_snapshot")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name in _REWRITTEN:
            op.execute(f"ALTER TABLE {name} SET (fillfactor = 50)")
