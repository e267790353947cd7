"""Put spooled files back into play: guarded ones that a person lets pass, refused ones never."""

from __future__ import annotations

import sqlalchemy as sa

from ecsync.master.tables_running import INBOX_FILE


def let_guarded_in(conn: sa.Connection, flow: str) -> int:
    """Set the guarded files of a flow back to `spooled`; return how many."""
    result = conn.execute(
        sa.update(INBOX_FILE)
        .where(INBOX_FILE.c.flow == flow, INBOX_FILE.c.state == "guarded")
        .values(state="spooled", reason="")
    )
    return int(result.rowcount)
