"""Rows that a person mended: they come from several files at once, and are few by their nature.

Each carries the time of the file in which it was put aside, so that it never overrules a newer state; no guard
counts them, and a list of stock that holds only them says nothing of the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from ecsync.entities import ENTITIES
from ecsync.master.tables_running import INBOX_FILE

if TYPE_CHECKING:
    from ecsync.master.context import RunContext
    from ecsync.run.loaded_file import LoadedFile

# Stands in inbox_file.remote_done: such a file never lay at the partner's.
MENDED: Final = "mended"

_PUT_ASIDE: Final = (
    "FROM quarantined_row q JOIN inbox_file f ON f.file_id = q.file_id "
    "WHERE q.flow = :flow AND q.business_key = {table}.{key} AND q.business_key <> '' AND f.as_of <> ''"
)
_DATE: Final = (
    f"UPDATE {{table}} SET src_as_of = (SELECT MAX(f.as_of) {_PUT_ASIDE}) "  # noqa: S608
    f"WHERE src_file = :file AND EXISTS (SELECT 1 {_PUT_ASIDE})"
)


def mark(conn: sa.Connection, flow: str, sha256: str) -> None:
    """Mark a spooled file as one that a person put in."""
    conn.execute(
        sa.update(INBOX_FILE)
        .where(INBOX_FILE.c.flow == flow, INBOX_FILE.c.sha256 == sha256, INBOX_FILE.c.state == "spooled")
        .values(remote_done=MENDED)
    )


def date_rows(ctx: RunContext, file: LoadedFile) -> None:
    """Give every row of a mended file the time of the newest file in which its key was put aside."""
    entity = ENTITIES[file.entity]
    statement = _DATE.format(table=f"stg_{entity.name}", key=entity.key[0])
    ctx.execute(statement, flow=file.flow, file=file.file_id)
