"""Whole shops for the tests of the laws, on SQLite and on PostgreSQL: the demo shop's days, played once and copied."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from played_days import BEFORE, MakeShop, PlayedDays, playing
from postgres_server import PostgresServer
from shop import Shop


@pytest.fixture(scope="session")
def memory_folder() -> Iterator[Path]:
    """Give a folder whose fsync costs nothing: a SIGKILL takes no byte from it that a disk would have kept."""
    shared = Path("/dev/shm")  # noqa: S108
    place = shared if os.access(shared, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="ecsync-laws-", dir=place) as name:
        yield Path(name)


@pytest.fixture(scope="session")
def days_on_sqlite(memory_folder: Path) -> Iterator[PlayedDays]:
    """Give the demo shop's days on SQLite."""
    with playing(memory_folder / "days-sqlite") as days:
        yield days


@pytest.fixture(scope="session")
def days_on_postgres(memory_folder: Path, postgres_server: PostgresServer) -> Iterator[PlayedDays]:
    """Give the demo shop's days on PostgreSQL."""
    with playing(memory_folder / "days-postgres", postgres_server) as days:
        yield days


@pytest.fixture(params=["sqlite", "postgres"])
def days(request: pytest.FixtureRequest) -> PlayedDays:
    """Give the days once on each kind of database."""
    played: PlayedDays = request.getfixturevalue(f"days_on_{request.param}")
    return played


def _maker(days: PlayedDays, folder: Path, stack: ExitStack) -> MakeShop:
    def make(name: str = "shop", *, after: str = BEFORE) -> Shop:
        return days.copy(folder / name, after, stack)

    return make


@pytest.fixture
def make_shop(days: PlayedDays, tmp_path: Path) -> Iterator[MakeShop]:
    """Give a maker of shops as they were after a step, each a copy of its own, on either kind of database."""
    with ExitStack() as stack:
        yield _maker(days, tmp_path, stack)


@pytest.fixture
def make_sqlite_shop(days_on_sqlite: PlayedDays, tmp_path: Path) -> Iterator[MakeShop]:
    """Give the same on SQLite alone: for what lies in delivered bytes, which both databases have in common."""
    with ExitStack() as stack:
        yield _maker(days_on_sqlite, tmp_path, stack)


@pytest.fixture
def make_postgres_shop(days_on_postgres: PlayedDays, tmp_path: Path) -> Iterator[MakeShop]:
    """Give the same on PostgreSQL alone: for one more look where SQLite has seen every case."""
    with ExitStack() as stack:
        yield _maker(days_on_postgres, tmp_path, stack)
