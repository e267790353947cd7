"""Erase what may not be kept any longer: personal rows in the transaction, files after the commit."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from ecsync.customers import retention
from ecsync.master.tables_running import INBOX_FILE, OUTBOX_FILE, RUN
from ecsync.run import clock

if TYPE_CHECKING:
    from ecsync.config import Settings
    from ecsync.exchange.steps import Steps
    from ecsync.master.context import RunContext

_RUN_DIGITS: Final = 8  # with which a payload's name begins
PERSONAL_TABLES: Final = (*(table.name for table in retention.PERSONAL), "quarantined_row")


def erase_due(ctx: RunContext) -> None:
    """Blank personal rows past their channel's `retention_days` and mark the files that go with them."""
    retention.erase_due(ctx)


def erase_files(settings: Settings, steps: Steps, now: str) -> int:
    """Remove files that the master marks as erased, payloads of work that was undone, and plans past their days.

    Runs after every commit: a file that a killed run left is removed by the next one. Returns how many there were.
    """
    with steps.begin() as conn:
        spool_names = [
            Path(str(row[0])).name
            for row in conn.execute(
                sa.select(INBOX_FILE.c.spool_path)
                .where(INBOX_FILE.c.state == "erased")
                .order_by(INBOX_FILE.c.file_id)
            )
        ]
        kept = {
            Path(str(row[0])).name
            for row in conn.execute(sa.select(INBOX_FILE.c.spool_path).where(INBOX_FILE.c.state != "erased"))
        }
        payloads = [
            str(row[0])
            for row in conn.execute(
                sa.select(OUTBOX_FILE.c.payload_path)
                .where(OUTBOX_FILE.c.erased_at != "")
                .order_by(OUTBOX_FILE.c.outbox_id)
            )
        ]
        undone = _undone_payloads(conn, settings.folder / "outbox")
    removed = 0
    doomed = [settings.folder / "spool" / name for name in spool_names if name not in kept]
    for path in [*doomed, *(settings.folder / "outbox" / name for name in payloads), *undone]:
        if path.is_file():
            path.unlink()
            removed += 1
    return removed + _erase_plans(settings, now)


def _undone_payloads(conn: sa.Connection, outbox: Path) -> list[Path]:
    """Return the payloads of runs that are over and did not keep them: no file of the outbox names them."""
    over = {int(row[0]) for row in conn.execute(sa.select(RUN.c.run_id).where(RUN.c.state != "open"))}
    named = {str(row[0]) for row in conn.execute(sa.select(OUTBOX_FILE.c.payload_path))}
    return [
        path
        for path in sorted(outbox.glob("*.payload"))
        if path.name not in named
        and path.name[:_RUN_DIGITS].isdigit()
        and int(path.name[:_RUN_DIGITS]) in over
    ]


def _erase_plans(settings: Settings, now: str) -> int:
    folder = settings.folder / "reports" / "dry-run"
    if not folder.is_dir():
        return 0
    limit = clock.from_text(now) - timedelta(days=settings.retain_plans_days)
    removed = 0
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.stat().st_mtime < limit.timestamp():
            shutil.rmtree(path)
            removed += 1
    return removed
