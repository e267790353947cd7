"""One step of a delivery: commit its state, append it to the journal; the act comes after both.

Recorded times are the run's clock. A step whose line the journal lacks was never acted on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from ecsync.exchange import outbox
from ecsync.exchange.journal import DeliveryJournal, JournalLine
from ecsync.faultpoints import declare, faultpoint
from ecsync.master.tables_running import COUNTER, DELIVERY_ATTEMPT, OUTBOX_FILE

if TYPE_CHECKING:
    from ecsync.exchange.outbox import OutboxFile
    from ecsync.exchange.steps import Steps

BEFORE_STEP: Final = declare("delivery.before_step", "the next state of a delivery is not committed yet")
AFTER_STEP: Final = declare("delivery.after_step", "the next state of a delivery is committed, not journaled")

Fence = Callable[[sa.Connection], None]


def unfenced(_conn: sa.Connection) -> None:
    """Let every step pass: for a caller that holds the lock itself."""


_NOT_BEGUN: Final = ("planned", "waiting")


@dataclass(frozen=True)
class Stepper:
    """Take the steps of deliveries. `fence` raises LockedError where another run has taken over."""

    steps: Steps
    journal: DeliveryJournal
    fence: Fence
    now: str
    run_id: int

    def advance(self, file: OutboxFile, state: str, detail: str = "") -> OutboxFile:
        """Commit the next state and journal it; return the file as it is now."""
        faultpoint(BEFORE_STEP)
        with self.steps.begin() as conn:
            self.fence(conn)
            after = replace(file, state=state, detail=detail, attempt=_next_attempt(conn))
            conn.execute(
                sa.insert(DELIVERY_ATTEMPT).values(
                    attempt_id=after.attempt,
                    outbox_id=file.outbox_id,
                    state=state,
                    at=self.now,
                    detail=detail,
                    run_id=self.run_id,
                )
            )
            conn.execute(
                sa.update(OUTBOX_FILE)
                .where(OUTBOX_FILE.c.outbox_id == file.outbox_id)
                .values(state=state, detail=detail, updated_at=self.now)
            )
            first = state == "uploading" or file.state in _NOT_BEGUN
            line = self._line(conn, after, whole=first)
        faultpoint(AFTER_STEP)
        self.journal.append(line)
        return after

    def was_journaled(self, file: OutboxFile) -> bool:
        """Tell whether the file's newest step may have been acted on; True where the journal itself is in doubt."""
        if file.attempt == 0 or self.journal.holds(file.attempt):
            return True
        with self.steps.begin() as conn:
            earlier = conn.execute(
                sa.select(DELIVERY_ATTEMPT.c.attempt_id)
                .where(DELIVERY_ATTEMPT.c.attempt_id < file.attempt)
                .order_by(DELIVERY_ATTEMPT.c.attempt_id.desc())
                .limit(_WITNESSES)
            ).all()
        # A journal that knows nothing of what was done before is not this project's, or was lost: no witness.
        return bool(earlier) and not any(self.journal.holds(int(row[0])) for row in earlier)

    def journal_again(self, file: OutboxFile) -> None:
        """Append the line of a committed step that was killed before its line: its act begins now."""
        with self.steps.begin() as conn:
            self.fence(conn)
            line = self._line(conn, file, whole=True)
        self.journal.append(line)

    def is_older_of_ours(self, file: OutboxFile, *, sha256: str, size: int) -> bool:
        """Tell whether what lies at the file's place is an earlier file of ours."""
        with self.steps.begin() as conn:
            return outbox.is_older_of_ours(conn, file, sha256=sha256, size=size)

    def _line(self, conn: sa.Connection, file: OutboxFile, *, whole: bool) -> JournalLine:
        line = JournalLine(
            attempt=file.attempt,
            delivery=file.delivery,
            outbox_id=file.outbox_id,
            state=file.state,
            endpoint=file.endpoint,
            remote_dir=file.remote_dir,
            remote_name=file.remote_name,
            sha256=file.sha256,
            at=self.now,
        )
        if not whole:
            return line
        told = self.journal.numbers()
        numbers = {
            str(name): int(value)
            for name, value in conn.execute(
                sa.select(COUNTER.c.name, COUNTER.c.value).order_by(COUNTER.c.name)
            )
            if told.get(name, -1) < value
        }
        return replace(
            line, file=_facts(file), keys=tuple(outbox.keys_of(conn, file.outbox_id)), numbers=numbers
        )


_WITNESSES: Final = 20
_NO_FACTS: Final = frozenset(
    {"outbox_id", "endpoint", "remote_dir", "remote_name", "sha256", "state", "attempt", "detail"}
)


def _facts(file: OutboxFile) -> dict[str, Any]:
    return {name: value for name, value in asdict(file).items() if name not in _NO_FACTS}


def _next_attempt(conn: sa.Connection) -> int:
    newest = conn.execute(sa.select(sa.func.max(DELIVERY_ATTEMPT.c.attempt_id))).scalar()
    return int(newest or 0) + 1
