"""Fixtures for all rooms: the same tests run on SQLite and on PostgreSQL, both real, both thrown away."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from ecsync.config import Settings
from ecsync.master.engine import open_engine
from ecsync.master.upgrade import upgrade
from master_under_test import SHOP, MasterUnderTest, merged
from postgres_server import URL_FILE, PostgresServer, postgres_settings, running_server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty, current SQLite master to copy."""
    folder = tmp_path_factory.mktemp("template")
    engine = open_engine(Settings.model_validate({**SHOP, "folder": folder}))
    upgrade(engine)
    engine.dispose()
    return folder / "data" / "ecsync.db"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Run one PostgreSQL server for the session (per worker); the first test that asks starts it."""
    with running_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
def master(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MasterUnderTest]:
    """Give an empty, current master: once on SQLite, once on PostgreSQL."""
    base: dict[str, Any] = merged(SHOP, {"folder": tmp_path})
    with ExitStack() as stack:
        if request.param == "postgres":
            server: PostgresServer = request.getfixturevalue("postgres_server")
            base["database"] = {"url": {"file": URL_FILE}}
            settings = postgres_settings(tmp_path, stack.enter_context(server.database()))
        else:
            template: Path = request.getfixturevalue("sqlite_template")
            (tmp_path / "data").mkdir(mode=0o700)
            shutil.copyfile(template, tmp_path / "data" / "ecsync.db")
            (tmp_path / "data" / "ecsync.db").chmod(0o600)
            settings = Settings.model_validate(base)
        engine = open_engine(settings)
        stack.callback(engine.dispose)
        yield MasterUnderTest(engine.dialect.name, engine, settings, tmp_path, base)


@pytest.fixture
def settings(tmp_path: Path) -> Callable[..., Settings]:
    """Give a builder of small settings: `settings(channels={"rakuten1": {"safety": 2}})`."""

    def build(**patch: Any) -> Settings:
        return Settings.model_validate(merged({**SHOP, "folder": tmp_path}, patch))

    return build
