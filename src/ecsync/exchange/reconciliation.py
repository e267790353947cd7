"""`outbox reconcile`: after a restored backup, tell the database what the delivery journal knows.

A journal line that the database lacks was written after the backup. Until these lines are put back, every
writing run would send again what the partners already have; it therefore ends with status 16.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from ecsync.errors import ConfigurationError
from ecsync.exchange import outbox
from ecsync.faultpoints import declare, faultpoint
from ecsync.locale import _
from ecsync.master import counters, generation
from ecsync.master.tables_running import DELIVERY_ATTEMPT, OUTBOX_FILE, OUTBOX_KEY

if TYPE_CHECKING:
    from ecsync.exchange.journal import DeliveryJournal, JournalLine
    from ecsync.exchange.steps import Steps

BEFORE_COMMIT: Final = declare("reconcile.before_commit", "the journal is put back, not committed")

_BATCH: Final = 5_000


@dataclass(frozen=True)
class Reconciled:
    """What was put back: files, steps, business keys, counters raised."""

    files: int
    steps: int
    keys: int
    numbers: int


def needs_reconciliation(journal: DeliveryJournal, conn: sa.Connection) -> bool:
    """Tell whether the journal ends with a step that the database lacks."""
    last = journal.last()
    return last is not None and not _knows(conn, last)


def reconcile(steps: Steps, journal: DeliveryJournal, *, now: str, run_id: int = 0) -> Reconciled:
    """Put back outbox rows, steps, business keys and counters (the higher of both), in one transaction.

    Raises ConfigurationError where journal and database tell different files under one number.
    """
    files = keys = numbers = taken = 0
    with steps.begin() as conn:
        newest = conn.execute(sa.select(sa.func.max(DELIVERY_ATTEMPT.c.attempt_id))).scalar() or 0
        for line in journal.lines():
            for name, value in (line.numbers or {}).items():
                if counters.last(conn, name) < value:
                    counters.raise_to(conn, name, value)
                    numbers += 1
            if line.attempt <= newest:
                continue
            files += _put_back_file(conn, line, now, run_id)
            keys += _put_back_keys(conn, line, run_id)
            conn.execute(
                sa.insert(DELIVERY_ATTEMPT).values(
                    attempt_id=line.attempt,
                    outbox_id=line.outbox_id,
                    state=line.state,
                    at=line.at,
                    run_id=run_id,
                )
            )
            taken += 1
        if needs_reconciliation(journal, conn):
            raise _different(journal)
        if files or keys or numbers or taken:
            generation.bump(conn)
        faultpoint(BEFORE_COMMIT)
    return Reconciled(files, taken, keys, numbers)


def _knows(conn: sa.Connection, line: JournalLine) -> bool:
    query = (
        sa.select(DELIVERY_ATTEMPT.c.attempt_id)
        .join(OUTBOX_FILE, OUTBOX_FILE.c.outbox_id == DELIVERY_ATTEMPT.c.outbox_id)
        .where(
            DELIVERY_ATTEMPT.c.attempt_id == line.attempt,
            DELIVERY_ATTEMPT.c.outbox_id == line.outbox_id,
            DELIVERY_ATTEMPT.c.state == line.state,
            OUTBOX_FILE.c.sha256 == line.sha256,
        )
    )
    return conn.execute(query).first() is not None


def _put_back_file(conn: sa.Connection, line: JournalLine, now: str, run_id: int) -> int:
    known = conn.execute(
        sa.select(OUTBOX_FILE.c.sha256).where(OUTBOX_FILE.c.outbox_id == line.outbox_id)
    ).scalar()
    if known is not None:
        if known != line.sha256:
            raise _different_file(line)
        conn.execute(
            sa.update(OUTBOX_FILE)
            .where(OUTBOX_FILE.c.outbox_id == line.outbox_id)
            .values(state=line.state, updated_at=line.at)
        )
        return 0
    if line.file is None:
        raise _different_file(line)
    conn.execute(
        sa.insert(OUTBOX_FILE).values(
            _columns(line.file)
            | {
                "outbox_id": line.outbox_id,
                "endpoint": line.endpoint,
                "remote_dir": line.remote_dir,
                "remote_name": line.remote_name,
                "sha256": line.sha256,
                "state": line.state,
                "updated_at": line.at or now,
                "run_id": run_id,
            }
        )
    )
    return 1


def _columns(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name in OUTBOX_FILE.c}


def _put_back_keys(conn: sa.Connection, line: JournalLine, run_id: int) -> int:
    document = (line.file or {}).get("document", "")
    added = 0
    for start in range(0, len(line.keys), _BATCH):
        batch = dict(map(outbox.heard, line.keys[start : start + _BATCH]))
        there = {
            str(row[0])
            for row in conn.execute(
                sa.select(OUTBOX_KEY.c.business_key).where(
                    OUTBOX_KEY.c.document == document, OUTBOX_KEY.c.business_key.in_(list(batch))
                )
            )
        }
        missing = [
            {
                "document": document,
                "business_key": key,
                "outbox_id": line.outbox_id,
                "reference": reference,
                "run_id": run_id,
            }
            for key, reference in batch.items()
            if key not in there
        ]
        if missing:
            conn.execute(sa.insert(OUTBOX_KEY), missing)
            added += len(missing)
    return added


def _different_file(line: JournalLine) -> ConfigurationError:
    return ConfigurationError(
        _("the delivery journal and the database tell different files under number {number}").format(
            number=line.outbox_id
        ),
        hint=_("check that [outbox] journal names this project's journal"),
    )


def _different(journal: DeliveryJournal) -> ConfigurationError:
    return ConfigurationError(
        _("the delivery journal {path} does not belong to this database").format(path=journal.path),
        hint=_("check that [outbox] journal names this project's journal"),
    )
