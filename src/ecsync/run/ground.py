"""Where a run stands: a database that commits, or one whose every change is undone at the end."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING, Protocol

from ecsync.exchange.steps import CommittingSteps, NestedSteps, Steps
from ecsync.faultpoints import declare, faultpoint
from ecsync.master.engine import master_errors
from ecsync.master.staging import StagingWriter, attached

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import sqlalchemy as sa

BEFORE_COMMIT = declare("run.before_commit", "everything is decided and proved; nothing is committed")
AFTER_COMMIT = declare("run.after_commit", "the one transaction is committed; nothing is delivered")


class Ground(Protocol):
    """Give a run its small steps and its one transaction."""

    steps: Steps

    def staging(self, folder: Path) -> AbstractContextManager[StagingWriter]:
        """Give what the files of one run are read into."""

    def transaction(self, staging: StagingWriter) -> AbstractContextManager[sa.Connection]:
        """Open the one transaction with the staging tables visible in it."""


class CommittingGround:
    """Commit for good: real runs, and dry runs on a copy of a SQLite master."""

    def __init__(self, engine: sa.Engine) -> None:
        """Stand on an engine."""
        self._engine = engine
        self.steps: Steps = CommittingSteps(engine)

    @contextmanager
    def staging(self, folder: Path) -> Iterator[StagingWriter]:
        """Fill PostgreSQL's tables while files are read, on the connection of the transaction that comes."""
        with master_errors(), ExitStack() as ends:
            postgres = self.steps.dialect == "postgresql"
            conn = ends.enter_context(self._engine.connect()) if postgres else None
            with StagingWriter(folder, self.steps.dialect, conn) as staging:
                yield staging

    @contextmanager
    def transaction(self, staging: StagingWriter) -> Iterator[sa.Connection]:
        """Commit at the end, roll back on any error."""
        own = nullcontext(staging.conn) if staging.conn is not None else self._engine.connect()
        with master_errors(), own as conn, attached(conn, staging):
            with conn.begin():
                yield conn
                faultpoint(BEFORE_COMMIT)
            faultpoint(AFTER_COMMIT)


class RolledBackGround:
    """Nest everything in one outer transaction that is rolled back: dry runs on PostgreSQL."""

    def __init__(self, conn: sa.Connection) -> None:
        """Stand on a connection whose outer transaction somebody else rolls back."""
        self._conn = conn
        self.steps: Steps = NestedSteps(conn)

    def staging(self, folder: Path) -> StagingWriter:
        """Let rows wait in files: the one connection is needed between them."""
        return StagingWriter(folder, self.steps.dialect)

    @contextmanager
    def transaction(self, staging: StagingWriter) -> Iterator[sa.Connection]:
        """Use a savepoint of the outer transaction."""
        with master_errors(), attached(self._conn, staging), self._conn.begin_nested():
            yield self._conn
