"""The master: whole, written the way it should be, and the clock not behind what it holds."""

from __future__ import annotations

import os
import sqlite3
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ecsync.locale import _
from ecsync.master.engine import is_postgres, is_sqlite, sqlite_path
from ecsync.master.place import sqlite_uri
from ecsync.run import clock
from ecsync.run.checkup.checked import Checked, good, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import sqlalchemy as sa

    from ecsync.run.checkup.checked import Scene

_SECONDS: Final = 5.0
_STEPS: Final = 20_000
_LARGE_WAL: Final = 512 * 1024 * 1024
_AHEAD: Final = timedelta(minutes=10)


def check(scene: Scene) -> Iterator[Checked]:
    """Check the database; one that is not there is told elsewhere."""
    if is_sqlite(scene.settings) and sqlite_path(scene.settings).is_file():
        yield _writable(sqlite_path(scene.settings))
        yield _whole(sqlite_path(scene.settings))
    if scene.master is not None:
        if is_postgres(scene.master):
            yield _primary(scene.master)
        yield _clock(scene, scene.master)


def _writable(path: Path) -> Checked:
    name = _("master: may be written")
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        return wrong(
            name,
            15,
            _("this user may not write {path} and its folder").format(path=path),
            _("give it to the user that runs ecsync: chown"),
        )
    wal = path.with_name(path.name + "-wal")
    if wal.is_file() and wal.stat().st_size > _LARGE_WAL:
        return good(
            name,
            _("{path} has grown to {size} MB: a reader has been open for long").format(
                path=wal.name, size=wal.stat().st_size >> 20
            ),
            _("end programs that keep the database open"),
        )
    return good(name)


def _whole(path: Path) -> Checked:
    """Let SQLite check its pages for a few seconds; a large database is not read to its end."""
    name = _("master: integrity")
    began = time.monotonic()
    conn = sqlite3.connect(sqlite_uri(path, read_only=True), uri=True)
    try:
        conn.set_progress_handler(lambda: time.monotonic() - began > _SECONDS, _STEPS)
        mode = str(conn.execute("PRAGMA journal_mode").fetchone()[0])
        found = [str(row[0]) for row in conn.execute("PRAGMA quick_check(1)")]
    except sqlite3.OperationalError:
        return good(name, _("not finished within {seconds} seconds").format(seconds=int(_SECONDS)))
    except sqlite3.DatabaseError:
        found, mode = [""], "wal"
    finally:
        conn.close()
    if found != ["ok"]:
        return wrong(
            name,
            1,
            _("the database is damaged"),
            _("stop all runs, then: ecsync db restore with the newest backup"),
        )
    if mode != "wal":
        return wrong(name, 10, _("the database is not in WAL mode"), "ecsync db upgrade")
    return good(name)


def _primary(conn: sa.Connection) -> Checked:
    name = _("master: may be written")
    if conn.exec_driver_sql("SELECT pg_is_in_recovery()").scalar():
        return wrong(
            name, 15, _("the database server is a standby"), _("point [database] url to the primary server")
        )
    return good(name)


_NEWEST: Final = """
SELECT MAX(moment) FROM (
  SELECT MAX(clock) AS moment FROM run UNION ALL SELECT MAX(at) FROM delivery_attempt
) AS moments
"""


def _clock(scene: Scene, conn: sa.Connection) -> Checked:
    name = _("clock")
    newest = str(conn.exec_driver_sql(_NEWEST).scalar() or "")
    if newest and clock.from_text(newest) - clock.from_text(scene.now) > _AHEAD:
        return wrong(
            name,
            3,
            _("the newest run is of {newest}, and the clock says {now}").format(
                newest=clock.local_text(newest, scene.settings.zone),
                now=clock.local_text(scene.now, scene.settings.zone),
            ),
            _("set this machine's clock, and let NTP keep it"),
        )
    return good(name)
