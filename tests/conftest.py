"""Fixtures for all rooms: the same tests run on SQLite and on PostgreSQL, both real, both thrown away."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import figures
from ecsync.config import Settings
from ecsync.master.engine import open_engine
from master_under_test import SHOP, MasterUnderTest, make_tables, merged
from postgres_server import URL_FILE, PostgresServer, postgres_settings, running_server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty, current SQLite master to copy."""
    folder = tmp_path_factory.mktemp("template")
    engine = open_engine(Settings.model_validate({**SHOP, "folder": folder}))
    make_tables(engine)
    engine.dispose()
    return folder / "data" / "ecsync.db"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Run one PostgreSQL server for the session (per worker); the first test that asks starts it."""
    with running_server() as server:
        yield server


@contextmanager
def _on_sqlite(template: Path, folder: Path) -> Iterator[MasterUnderTest]:
    base = merged(SHOP, {"folder": folder})
    database = folder / "data" / "ecsync.db"
    database.parent.mkdir(mode=0o700, parents=True)
    shutil.copyfile(template, database)
    database.chmod(0o600)
    settings = Settings.model_validate(base)
    engine = open_engine(settings)
    yield MasterUnderTest(engine.dialect.name, engine, settings, folder, base)
    engine.dispose()


@contextmanager
def _on_postgres(server: PostgresServer, folder: Path) -> Iterator[MasterUnderTest]:
    with server.database() as uri:
        settings = postgres_settings(folder, uri)
        base = merged(SHOP, {"folder": folder, "database": {"url": {"file": URL_FILE}}})
        engine = open_engine(settings)
        yield MasterUnderTest(engine.dialect.name, engine, settings, folder, base)
        engine.dispose()


# Rooms that only write rows share one PostgreSQL database per worker, emptied after every test; whoever changes
# schemas, locks or connections gets a database of its own.
SHARING_ROOMS = frozenset({"accounting", "customers", "orders", "products", "shipping", "stock"})


# Where a case was seen on SQLite before it is seen on PostgreSQL; that both send the same bytes is seen at once.
SQLITE_FIRST = SHARING_ROOMS | {"laws", "run"}
# Long stories of partners whose days the scenarios tell as well.
TOLD_AS_SCENARIOS_TOO = frozenset(
    {
        "test_stories_of_shopify",
        "test_stories_of_two_channels",
        "test_stories_of_labels",
        "test_stories_of_pairs",
        "test_retention_stories",
        "test_quarantine_stories",
    }
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to `make test-slow` what PostgreSQL shows again, and stories that are told twice."""
    for item in items:
        again = item.path.parent.name in SQLITE_FIRST and "postgres" in item.name
        if again or item.path.stem in TOLD_AS_SCENARIOS_TOO:
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Keep a figure of every long test: those that count by themselves write their own."""
    if item.get_closest_marker("long") is None:
        return (yield)
    with figures.one_figure(item.nodeid):
        return (yield)


@pytest.fixture(scope="session")
def shared_postgres(postgres_server: PostgresServer) -> Iterator[str]:
    """Give the address of the worker's shared database."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def master(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MasterUnderTest]:
    """Give an empty, current master: once on SQLite, once on PostgreSQL."""
    if request.param == "postgres":
        made = _on_postgres(request.getfixturevalue("postgres_server"), tmp_path)
    else:
        made = _on_sqlite(request.getfixturevalue("sqlite_template"), tmp_path)
    with made as opened:
        yield opened


@pytest.fixture
def both_masters(
    sqlite_template: Path, postgres_server: PostgresServer, tmp_path: Path
) -> Iterator[tuple[MasterUnderTest, MasterUnderTest]]:
    """Give two empty, current masters to compare: on SQLite and on PostgreSQL."""
    folders = [tmp_path / "sqlite", tmp_path / "postgres"]
    for folder in folders:
        folder.mkdir()
    with (
        _on_sqlite(sqlite_template, folders[0]) as first,
        _on_postgres(postgres_server, folders[1]) as second,
    ):
        yield first, second


@pytest.fixture
def settings(tmp_path: Path) -> Callable[..., Settings]:
    """Give a builder of small settings: `settings(channels={"rakuten1": {"safety": 2}})`."""

    def build(**patch: Any) -> Settings:
        return Settings.model_validate(merged({**SHOP, "folder": tmp_path}, patch))

    return build
