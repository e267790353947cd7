"""Small steps: each is one transaction of its own, or a savepoint where everything is undone at the end."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

from ecsync.master.engine import master_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa


class Steps(Protocol):
    """Give one connection per step; leaving the block keeps the step, an error undoes it."""

    @property
    def dialect(self) -> str:
        """Return the name of the database: sqlite or postgresql."""

    def begin(self) -> AbstractContextManager[sa.Connection]:
        """Begin a step."""


class CommittingSteps:
    """Commit every step: what is outside the database happens between them."""

    def __init__(self, engine: sa.Engine) -> None:
        """Take connections from an engine."""
        self._engine = engine

    @property
    def dialect(self) -> str:
        """Return the name of the database."""
        return self._engine.dialect.name

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """Begin a transaction of its own."""
        with master_errors(), self._engine.begin() as conn:
            yield conn


class NestedSteps:
    """Set a savepoint per step in a transaction that its owner rolls back."""

    def __init__(self, conn: sa.Connection) -> None:
        """Nest in an open transaction."""
        self._conn = conn

    @property
    def dialect(self) -> str:
        """Return the name of the database."""
        return self._conn.dialect.name

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """Begin a savepoint."""
        with master_errors(), self._conn.begin_nested():
            yield self._conn
