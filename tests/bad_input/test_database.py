"""A database that is locked, full or lost in mid-transaction: status 15, nothing kept; the next run does the work."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bad_input.cases_rest import DATABASE
from bad_input.cases_shop import NOON, CasesShop, noon_files, open_postgres_shop
from bad_input.conftest import Kept
from bad_input.noon import LANGUAGES, command, told_on, unlike
from postgres_server import PostgresServer

RUN = ("sync", "noon", "--as-of", NOON.isoformat())
CASES = {case.key: case for case in DATABASE}


def noon(shop: CasesShop, files: dict[str, bytes]) -> CasesShop:
    for flow, content in files.items():
        if flow != "erp-products":
            shop.put(flow, content)
    return shop


def impatient(shop: CasesShop) -> None:
    path = shop.project / "ecsync.toml"
    text = path.read_text(encoding="utf-8")
    assert "[database]\n" in text
    path.write_text(text.replace("[database]\n", "[database]\nbusy_timeout_seconds = 1\n"), encoding="utf-8")


@contextlib.contextmanager
def locked(shop: CasesShop) -> Iterator[None]:
    other = sqlite3.connect(shop.project / "data" / "ecsync.db", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
    finally:
        other.close()


@contextlib.contextmanager
def full(_shop: CasesShop) -> Iterator[None]:
    """Let no database file grow by more than four pages."""

    def limit(connection: Any, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages + 4}")

    sa.event.listen(sa.Engine, "connect", limit)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "connect", limit)


@pytest.mark.parametrize(
    ("key", "trouble"), [("full", full), pytest.param("locked", locked, marks=pytest.mark.slow)]
)
def test_on_sqlite(kept: Kept, tmp_path: Path, key: str, trouble: Any) -> None:
    undisturbed, shop = (
        noon(kept.before.copy(tmp_path / name), kept.files) for name in ("undisturbed", "shop")
    )
    impatient(shop)
    sent = shop.shop.delivered()
    with trouble(shop):
        said = [command(shop, language, *RUN) for language in LANGUAGES]
    for one, words in zip(said, CASES[key].said, strict=True):
        assert one.status == CASES[key].status, one.err
        assert words in one.err
    assert shop.shop.delivered() == sent
    undisturbed.run(NOON)
    assert shop.run(NOON).exit_status == 0
    assert unlike(undisturbed, shop) == {}
    assert told_on(shop, *said) == []


@pytest.fixture(scope="module")
def postgres_shop(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CasesShop]:
    """Give the shop before noon on PostgreSQL, to be copied with its database."""
    with postgres_server.database() as url:
        yield open_postgres_shop(tmp_path_factory.mktemp("cases-pg") / "before", url)


@contextlib.contextmanager
def copied(server: PostgresServer, shop: CasesShop, root: Path) -> Iterator[CasesShop]:
    template = str(sa.make_url(shop.shop.database_url).database)
    with server.database(template) as url:
        yield shop.copy(root, url)


@contextlib.contextmanager
def lost_at(server: PostgresServer, number: int, passed: list[str]) -> Iterator[None]:
    """Let the server end a connection before its n-th statement of the run's transaction."""

    def before(connection: sa.Connection, _cursor: Any, statement: str, *_others: object) -> None:
        if connection.engine is server.admin or (
            "stg_" not in "".join(passed[-1:]) + statement and not passed
        ):
            return
        passed.append(statement[:200])
        if len(passed) == number:
            pid = connection.connection.dbapi_connection.info.backend_pid  # type: ignore[union-attr]
            with server.admin.connect() as other:
                other.exec_driver_sql(f"SELECT pg_terminate_backend({pid})")

    sa.event.listen(sa.Engine, "before_cursor_execute", before)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", before)


def lose(
    server: PostgresServer,
    shop: CasesShop,
    undisturbed: CasesShop,
    root: Path,
    numbers: range,
    files: dict[str, bytes],
) -> None:
    for number in numbers:
        with copied(server, shop, root / f"lost-{number}") as one:
            noon(one, files)
            language = number % 2
            with lost_at(server, number, []):
                said = command(one, LANGUAGES[language], *RUN)
            assert said.status == CASES["lost"].status, (number, said.err)
            assert CASES["lost"].said[language] in said.err
            assert told_on(one, said) == []
            assert command(one, "en", *RUN).status == 0
            assert unlike(undisturbed, one) == {}, number


@pytest.mark.slow
def test_lost_in_mid_transaction(
    postgres_server: PostgresServer, postgres_shop: CasesShop, tmp_path: Path
) -> None:
    files = noon_files(postgres_shop)
    with copied(postgres_server, postgres_shop, tmp_path / "undisturbed") as undisturbed:
        noon(undisturbed, files)
        passed: list[str] = []
        with lost_at(postgres_server, 0, passed):
            assert command(undisturbed, "en", *RUN).status == 0
        assert len(passed) > 200
        lose(postgres_server, postgres_shop, undisturbed, tmp_path, range(20, 320, 100), files)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_lost_at_every_statement(
    postgres_server: PostgresServer, postgres_shop: CasesShop, tmp_path: Path
) -> None:
    files = noon_files(postgres_shop)
    with copied(postgres_server, postgres_shop, tmp_path / "undisturbed") as undisturbed:
        noon(undisturbed, files)
        assert command(undisturbed, "en", *RUN).status == 0
        lose(postgres_server, postgres_shop, undisturbed, tmp_path, range(1, 300), files)


@pytest.mark.slow
def test_a_table_that_is_locked(
    postgres_server: PostgresServer, postgres_shop: CasesShop, tmp_path: Path
) -> None:
    files = noon_files(postgres_shop)
    with (
        copied(postgres_server, postgres_shop, tmp_path / "undisturbed") as undisturbed,
        copied(postgres_server, postgres_shop, tmp_path / "shop") as shop,
    ):
        noon(undisturbed, files).run(NOON)
        noon(shop, files)
        impatient(shop)
        other = sa.create_engine(shop.shop.database_url.replace("postgresql://", "postgresql+psycopg://", 1))
        with other.begin() as conn:
            conn.exec_driver_sql("LOCK TABLE sales_order IN ACCESS EXCLUSIVE MODE")
            for language, words in zip(LANGUAGES, CASES["table locked"].said, strict=True):
                said = command(shop, language, *RUN)
                assert said.status == CASES["table locked"].status, said.err
                assert words in said.err
        assert told_on(shop, said) == []
        other.dispose()
        assert shop.run(NOON).exit_status == 0
        assert unlike(undisturbed, shop) == {}
