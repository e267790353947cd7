"""`db backup` and `db restore`: one file holds the whole master.

SQLite: a database file, made through the online backup. PostgreSQL: a tar with a CSV file per table, a manifest
and hashes. A restored master shuts out whoever held the lock before, and makes older plans stale; what the
delivery journal knows beyond it is for `outbox reconcile`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecsync.errors import UsageError
from ecsync.faultpoints import declare, faultpoint
from ecsync.locale import _
from ecsync.master import backup_postgres, backup_sqlite
from ecsync.master.engine import is_sqlite, open_engine, sqlite_path
from ecsync.master.failures import master_errors
from ecsync.master.lock import run_lock
from ecsync.master.place import free_name, sync_file, sync_folder
from ecsync.master.upgrade import describe

if TYPE_CHECKING:
    from pathlib import Path

    import sqlalchemy as sa

    from ecsync.config import Settings

BEFORE_LINK = declare("backup.before_link", "the backup is complete under a name of its own")
AFTER_LINK = declare("backup.after_link", "the backup has its name")


@dataclass(frozen=True)
class Backup:
    """A finished backup."""

    path: Path
    size: int
    revision: str


@dataclass(frozen=True)
class Restored:
    """A finished restore: the schema it has now, and where the master of before is kept (None where none was)."""

    revision: str
    standing: str
    aside: Path | None


def backup(settings: Settings, target: Path) -> Backup:
    """Write the whole master to a new file (0600) while others read and write.

    Raises UsageError where `target` exists, EcsyncError where the copy is not sound, MasterUnavailableError.
    """
    if target.exists():
        raise UsageError(_("{path} exists; a backup never replaces a file").format(path=target))
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.partial")
    temporary.unlink(missing_ok=True)
    engine = open_engine(settings)
    try:
        with master_errors():
            if is_sqlite(settings):
                backup_sqlite.write(engine, temporary)
            else:
                backup_postgres.write(engine, temporary)
            revision = describe(engine).revision
        sync_file(temporary)
        faultpoint(BEFORE_LINK)
        # A link, not a rename: it fails where somebody made the target meanwhile.
        os.link(temporary, target)
    finally:
        engine.dispose()
        temporary.unlink(missing_ok=True)
    sync_folder(target.parent)
    faultpoint(AFTER_LINK)
    return Backup(target, target.stat().st_size, revision)


def restore(settings: Settings, source: Path, *, now: str) -> Restored:
    """Put a backup in the master's place, under the run's lock; the master of before is kept aside.

    Raises InputRefusedError for a damaged or foreign file, SchemaVersionError for one of a newer program,
    LockedError, MasterUnavailableError. Until it succeeds the master stays as it was.
    """
    if not source.is_file():
        raise UsageError(_("there is no file {path}").format(path=source))
    stamp = now.replace(":", "").replace("-", "")
    engine = open_engine(settings)
    try:
        with run_lock(settings, engine, owner="db restore", now=now, record=False):
            if is_sqlite(settings):
                aside = backup_sqlite.restore(sqlite_path(settings), source, stamp)
            else:
                aside = _keep_aside(settings, engine, stamp)
                backup_postgres.restore(engine, source)
            engine.dispose()
            state = describe(engine)
    finally:
        engine.dispose()
    return Restored(state.revision, state.standing, aside)


def _keep_aside(settings: Settings, engine: sa.Engine, stamp: str) -> Path | None:
    if describe(engine).standing == "absent":
        return None
    return backup(settings, free_name(settings.path(f"data/before-restore-{stamp}.tar"))).path
