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


def stop(conn: sa.Connection, file_id: int, reason: str) -> None:
    """Keep a file out of this run and the next ones; a person lets it in again by name."""
    conn.execute(
        sa.update(INBOX_FILE).where(INBOX_FILE.c.file_id == file_id).values(state="guarded", reason=reason)
    )
