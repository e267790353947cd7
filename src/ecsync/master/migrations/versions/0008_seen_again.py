"""When a content of the inbox was last seen again, by its mapping's own time."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0008"
down_revision: Final = "0007"

TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("inbox_file", sa.Column("seen_as_of", TEXT, nullable=False, server_default=sa.text("''")))
