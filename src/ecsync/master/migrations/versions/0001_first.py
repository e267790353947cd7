"""Every table of the first release."""

from __future__ import annotations

from typing import Final

from alembic import op

from ecsync.master.schema import METADATA

revision: Final = "0001"
down_revision: Final = None


def upgrade() -> None:
    METADATA.create_all(op.get_bind())
