"""Deliveries and runs that did not come to their end."""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from ecsync.errors import EcsyncError
from ecsync.exchange.journal import DeliveryJournal
from ecsync.exchange.reconciliation import needs_reconciliation
from ecsync.locale import _
from ecsync.run import clock
from ecsync.run.checkup.checked import Checked, good, wrong
from ecsync.run.records import unfinished

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecsync.run.checkup.checked import Scene

_LONG: Final = timedelta(days=1)
_OPEN: Final = """
SELECT COALESCE(CAST(SUM(CASE WHEN state IN ('unknown', 'conflict') THEN 1 ELSE 0 END) AS BIGINT), 0),
  COALESCE(CAST(SUM(CASE WHEN state NOT IN ('unknown', 'conflict') AND created_at < :before THEN 1 ELSE 0 END)
    AS BIGINT), 0)
FROM outbox_file WHERE state NOT IN ('verified', 'acknowledged', 'dropped')
"""
_OWNER: Final = "SELECT host, pid FROM lock_owner WHERE id = 1"


def check(scene: Scene) -> Iterator[Checked]:
    """Check the delivery journal against the master, what waits in the outbox, and unfinished runs."""
    if scene.master is None:
        return
    yield _journal(scene, scene.master)
    yield _outbox(scene, scene.master)
    yield _runs(scene.master)


def _journal(scene: Scene, conn: sa.Connection) -> Checked:
    name = _("delivery journal")
    path = scene.settings.path(scene.settings.outbox.journal)
    try:
        behind = needs_reconciliation(DeliveryJournal(path), conn)
    except EcsyncError as error:
        return wrong(name, error.exit_status, error.message, error.hint)
    if behind:
        return wrong(
            name,
            16,
            _("it knows deliveries that the database lacks: a backup was restored"),
            "ecsync outbox reconcile",
        )
    if path.exists() and not os.access(path, os.W_OK):
        return wrong(name, 10, _("this user may not write {path}").format(path=path), _("chown it"))
    return good(name)


def _outbox(scene: Scene, conn: sa.Connection) -> Checked:
    name = _("deliveries")
    before = (clock.from_text(scene.now) - _LONG).strftime(clock.FORMAT)
    unknown, waiting = conn.execute(sa.text(_OPEN), {"before": before}).one()
    if unknown:
        return wrong(
            name,
            16,
            _("what became of {count} files is not known").format(count=unknown),
            _("ecsync outbox list; ask the partner; ecsync outbox resolve"),
        )
    if waiting:
        return wrong(
            name,
            3,
            _("{count} files wait for more than a day").format(count=waiting),
            "ecsync outbox list, ecsync push",
        )
    return good(name)


def _runs(conn: sa.Connection) -> Checked:
    name = _("unfinished runs")
    open_runs = unfinished(conn)
    if not open_runs:
        return good(name)
    newest = open_runs[-1]
    host, pid = conn.execute(sa.text(_OWNER)).one_or_none() or ("", 0)
    if str(host) == socket.gethostname() and _is_alive(int(pid or 0)):
        return good(
            name, _("run {number} ({kind}) is at work").format(number=newest.run_id, kind=newest.kind)
        )
    return good(
        name,
        _("run {number} ({kind}) was stopped in its middle; the next run finishes it").format(
            number=newest.run_id, kind=newest.kind
        ),
        f"ecsync sync {newest.kind}",
    )


def _is_alive(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
