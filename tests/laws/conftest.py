"""Whole shops for the tests of the laws, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from laws_types import MakeShop
from postgres_server import PostgresServer
from shop import Shop


@pytest.fixture(params=["sqlite", "postgres"])
def make_shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeShop]:
    """Give a maker of new shops, each with partners and a master of its own, all on one kind of database."""
    with ExitStack() as stack:

        def make(name: str = "shop") -> Shop:
            url = ""
            if request.param == "postgres":
                server: PostgresServer = request.getfixturevalue("postgres_server")
                url = stack.enter_context(server.database("ecsync_empty"))
            return Shop(tmp_path / name, url).set_up()

        yield make


@pytest.fixture
def both_databases(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[tuple[Shop, Shop]]:
    """Give the same shop twice: on SQLite and on PostgreSQL."""
    with postgres_server.database("ecsync_empty") as url:
        yield Shop(tmp_path / "sqlite").set_up(), Shop(tmp_path / "postgres", url).set_up()
