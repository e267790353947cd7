"""What was seen at a partner's: name, size and mtime of a file, and the content that it had."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from ecsync.exchange.endpoint import RemoteFile
from ecsync.master.tables_running import INBOX_FILE, INBOX_SIGHTING

if TYPE_CHECKING:
    from collections.abc import Sequence

_BATCH: Final = 500

# A file may change without changing its mtime, which some servers tell to the minute only: a file is known by
# these three only if it was older than that when it was seen.
_RACY: Final = timedelta(minutes=2)


def last_spoke() -> sa.Case[str]:
    """Return the latest time for which the content of an inbox file came: its first coming's, or a later one's."""
    return sa.case(
        (INBOX_FILE.c.seen_as_of > INBOX_FILE.c.as_of, INBOX_FILE.c.seen_as_of), else_=INBOX_FILE.c.as_of
    )


def record(
    conn: sa.Connection, flow: str, file: RemoteFile, sha256: str, *, outcome: str, at: str, run_id: int
) -> None:
    """Record that a file was seen with this content; `outcome` is taken, known or refused."""
    newest = conn.execute(sa.select(sa.func.max(INBOX_SIGHTING.c.sighting_id))).scalar()
    conn.execute(
        sa.insert(INBOX_SIGHTING).values(
            sighting_id=int(newest or 0) + 1,
            flow=flow,
            name=file.name,
            size=file.size,
            mtime=file.mtime,
            sha256=sha256,
            seen_at=at,
            outcome=outcome,
            run_id=run_id,
        )
    )


def contents_seen(
    conn: sa.Connection,
    flow: str,
    files: Sequence[RemoteFile],
    *,
    states: Sequence[str],
    surely: bool = False,
) -> dict[RemoteFile, str]:
    """Return the SHA-256 of those files that were seen before and whose content is in one of the states.

    `surely` leaves out files that may have changed since without a new mtime.
    """
    found: dict[RemoteFile, str] = {}
    for start in range(0, len(files), _BATCH):
        batch = files[start : start + _BATCH]
        wanted = set(batch)
        for row in conn.execute(_query(flow, [file.name for file in batch], states)):
            file = RemoteFile(str(row.name), int(row.size), str(row.mtime))
            if file in wanted and (not surely or _was_old(file.mtime, str(row.seen_at))):
                found[file] = str(row.sha256)
    return found


def _query(flow: str, names: list[str], states: Sequence[str]) -> sa.Select[tuple[str, int, str, str, str]]:
    seen = INBOX_SIGHTING.c
    contents = sa.select(INBOX_FILE.c.sha256).where(INBOX_FILE.c.flow == flow, INBOX_FILE.c.state.in_(states))
    return (
        sa.select(seen.name, seen.size, seen.mtime, seen.sha256, seen.seen_at)
        .where(
            seen.flow == flow,
            seen.name.in_(names),
            seen.outcome.in_(("taken", "known")),
            seen.sha256.in_(contents),
        )
        .order_by(seen.sighting_id)
    )


def _was_old(mtime: str, seen_at: str) -> bool:
    return bool(mtime) and datetime.fromisoformat(mtime) + _RACY <= datetime.fromisoformat(seen_at)
