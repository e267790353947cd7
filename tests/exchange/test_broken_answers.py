"""Half an answer is never taken: a line that is cut or falls silent, a lock, a slow query, a damaged cell."""

from __future__ import annotations

import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ecsync.config import Settings
from ecsync.errors import (
    AuthenticationError,
    ConfigurationError,
    EcsyncError,
    TransferError,
    UnreachableError,
)
from ecsync.exchange import database_connection
from ecsync.exchange.opening import open_endpoint
from ecsync.exchange.query_text import read_query
from ecsync.locale import speaking
from partner_database import PartnerDatabase, keep_secret, on_postgres, on_sqlite
from postgres_server import PostgresServer

QUERY = "queries/goods.sql"
FLOW = {
    "name": "goods",
    "party": "erp",
    "mapping": "core/products",
    "endpoint": "core",
    "query": QUERY,
    "key": ["code"],
}
MANY = 20_000


class BrokenLine:
    """A socket between us and the server that passes so many bytes of it, and then is cut or falls silent.

    `times`: how many connections break; those after it are whole.
    """

    def __init__(
        self, server: str, folder: Path, *, after: int, silent: bool = False, times: int = 99
    ) -> None:
        self.connections = 0
        self._server = server
        self._after, self._silent, self._times = after, silent, times
        self._open: list[socket.socket] = []
        self._ends: list[threading.Thread] = []
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / ".s.PGSQL.5432"))
        self._listening.listen()
        self._start(self._accept)

    def _start(self, act: Callable[..., None], *words: Any) -> None:
        thread = threading.Thread(target=act, args=words, daemon=True)
        thread.start()
        self._ends.append(thread)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                ours, _address = self._listening.accept()
                theirs = socket.socket(socket.AF_UNIX)
                theirs.connect(self._server)
                self._open += [ours, theirs]
                self.connections += 1
                whole = self.connections > self._times
                self._start(self._pass, ours, theirs, None)
                self._start(self._pass, theirs, ours, None if whole else self._after)

    def _pass(self, source: socket.socket, target: socket.socket, left: int | None) -> None:
        with suppress(OSError):
            while block := source.recv(4096):
                if left is not None:
                    block, left = block[:left], left - len(block)
                target.sendall(block)
                if left is not None and left <= 0:
                    break
        if left is not None and left <= 0 and self._silent:
            return
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        for end in (self._listening, *self._open):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self._ends:
            thread.join(5)
        for end in (self._listening, *self._open):
            end.close()


@pytest.fixture
def postgres_core(postgres_server: PostgresServer) -> Iterator[PartnerDatabase]:
    with on_postgres(postgres_server) as core:
        core.execute("CREATE TABLE goods (code TEXT, title TEXT)")
        core.execute(f"INSERT INTO goods SELECT 'A-' || n, repeat('x', 50) FROM generate_series(1, {MANY}) n")
        yield core


@pytest.fixture
def project(settings: Callable[..., Settings], tmp_path: Path) -> Callable[..., Settings]:
    """Give a project that asks: `project(core, "SELECT ...", retries=0)`."""

    def made(core: PartnerDatabase, query: str = "SELECT code, title FROM goods", **words: Any) -> Settings:
        (tmp_path / "queries").mkdir(exist_ok=True)
        (tmp_path / QUERY).write_text(query, encoding="utf-8")
        endpoint = core.endpoint(tmp_path, **{"retry_delay_seconds": 0, **words})
        return settings(endpoints={"core": endpoint}, inbound=[FLOW])

    return made


def asked(settings: Settings) -> int:
    """Ask; return the size of the answer's file."""
    with speaking("en"), open_endpoint("core", settings) as door:
        return door.list_files(QUERY).files[0].size


@pytest.fixture
def broken_line(postgres_core: PartnerDatabase, tmp_path: Path) -> Iterator[Callable[..., BrokenLine]]:
    """Put a broken line between us and the server: the secret then leads through it."""
    made: list[BrokenLine] = []

    def build(**words: Any) -> BrokenLine:
        url = sa.make_url(postgres_core.url)
        line = BrokenLine(f"{url.query['host']}/.s.PGSQL.5432", tmp_path, **words)
        made.append(line)
        keep_secret(tmp_path, url.set(query={"host": str(tmp_path)}).render_as_string(hide_password=False))
        return line

    yield build
    for line in made:
        line.close()


@pytest.mark.parametrize("after", [0, 100, 5_000, pytest.param(400_000, marks=pytest.mark.slow)])
def test_a_line_that_is_cut_gives_no_answer_at_all(
    project: Callable[..., Settings],
    postgres_core: PartnerDatabase,
    broken_line: Callable[..., BrokenLine],
    after: int,
) -> None:
    made = project(postgres_core, retries=1)
    line = broken_line(after=after)
    with pytest.raises(UnreachableError, match="database of core cannot be reached") as caught:
        asked(made)
    assert not isinstance(caught.value, TransferError)
    assert line.connections == 2


@pytest.mark.slow
def test_after_a_cut_the_query_is_asked_again_from_its_beginning(
    project: Callable[..., Settings], postgres_core: PartnerDatabase, broken_line: Callable[..., BrokenLine]
) -> None:
    made = project(postgres_core, retries=2)
    whole = asked(made)
    line = broken_line(after=100_000, times=2)
    assert asked(made) == whole
    assert line.connections == 3


@pytest.mark.slow
@pytest.mark.parametrize("after", [0, 5_000, 100_000])
def test_a_silent_line_is_left_within_its_time(
    project: Callable[..., Settings],
    postgres_core: PartnerDatabase,
    broken_line: Callable[..., BrokenLine],
    after: int,
) -> None:
    made = project(postgres_core, retries=3, timeout_seconds=1)
    broken_line(after=after, silent=True)
    start = time.monotonic()
    with pytest.raises(UnreachableError, match=r"did not answer in time|cannot be reached"):
        asked(made)
    # A connect that nobody answers is a broken line to its driver; it has two seconds, as libpq wants.
    assert time.monotonic() - start < (6 if after else 14)


def test_a_query_that_takes_too_long_is_ended_on_postgres(
    project: Callable[..., Settings], postgres_core: PartnerDatabase
) -> None:
    made = project(postgres_core, "SELECT code, pg_sleep(0.1) FROM goods", timeout_seconds=0.3)
    with pytest.raises(TransferError, match="did not answer in time"):
        asked(made)


def test_a_query_that_takes_too_long_is_ended_on_sqlite(
    project: Callable[..., Settings], tmp_path: Path
) -> None:
    endless = "WITH RECURSIVE n(code) AS (SELECT 1 UNION ALL SELECT code + 1 FROM n) SELECT max(code) AS code FROM n"
    made = project(on_sqlite(tmp_path), endless, timeout_seconds=0.1)
    start = time.monotonic()
    with pytest.raises(TransferError, match="did not answer in time"):
        asked(made)
    assert time.monotonic() - start < 30


@pytest.mark.slow
def test_a_lock_of_the_partner_s_is_waited_for_and_then_left(
    project: Callable[..., Settings], postgres_core: PartnerDatabase
) -> None:
    made = project(postgres_core, timeout_seconds=0.3)
    with closing(postgres_core.connection()) as other:
        other.cursor().execute("LOCK TABLE goods")
        with pytest.raises(TransferError, match="did not answer in time"):
            asked(made)
    assert asked(made) > MANY


def test_a_query_that_fails_at_a_late_row_leaves_nothing(
    project: Callable[..., Settings], postgres_core: PartnerDatabase
) -> None:
    made = project(postgres_core, f"SELECT code, 1 / (substr(code, 3)::int - {MANY}) AS x FROM goods")
    with pytest.raises(TransferError, match="database of core refused: SQLSTATE 22012") as caught:
        asked(made)
    assert "A-" not in caught.value.message


def test_what_the_server_says_of_a_cell_is_not_told(
    project: Callable[..., Settings], postgres_core: PartnerDatabase
) -> None:
    postgres_core.execute("INSERT INTO goods VALUES ('B', '髙橋 hidden')")
    made = project(postgres_core, "SELECT code, title::int AS title FROM goods WHERE code = 'B'")
    with pytest.raises(TransferError) as caught:
        asked(made)
    assert "hidden" not in f"{caught.value.message} {caught.value.hint}"


def test_text_of_sqlite_that_is_not_utf_8_is_refused_by_its_column(
    project: Callable[..., Settings], tmp_path: Path
) -> None:
    core = on_sqlite(tmp_path)
    core.execute("CREATE TABLE goods (code TEXT, title TEXT)")
    core.execute("INSERT INTO goods VALUES (?, CAST(? AS TEXT))", [("A", "白".encode("cp932"))])
    with speaking("en"), open_endpoint("core", project(core)) as door:
        file = door.list_files(QUERY).files[0]
        with pytest.raises(TransferError, match="column title of the answer holds what a CSV file cannot"):
            list(door.read(QUERY, file.name))


def test_a_legacy_encoding_of_the_server_comes_as_utf_8(
    project: Callable[..., Settings], postgres_server: PostgresServer
) -> None:
    with postgres_server.admin.connect() as conn:
        conn.exec_driver_sql(
            "CREATE DATABASE legacy TEMPLATE template0 ENCODING 'EUC_JP' LC_COLLATE 'C' LC_CTYPE 'C'"
        )
    try:
        core = PartnerDatabase("postgres", postgres_server.uri("legacy"))
        core.execute("CREATE TABLE goods (code TEXT, title TEXT)")
        core.execute("INSERT INTO goods VALUES (?, ?)", [("皿-1", "波佐見焼")])
        with speaking("en"), open_endpoint("core", project(core)) as door:
            file = door.list_files(QUERY).files[0]
            assert b"".join(door.read(QUERY, file.name)).decode() == "code,title\r\n皿-1,波佐見焼\r\n"
    finally:
        with postgres_server.admin.connect() as conn:
            conn.exec_driver_sql("DROP DATABASE legacy WITH (FORCE)")


def test_a_cell_that_the_driver_cannot_read_stops_its_query_only(
    project: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(raw: bytes) -> str:
        codec = "utf-8"
        raise UnicodeDecodeError(codec, raw, 0, 1, "hidden")

    core = on_sqlite(tmp_path)
    core.execute("CREATE TABLE goods (code TEXT, title TEXT)")
    core.execute("INSERT INTO goods VALUES ('A', 'hidden')")
    monkeypatch.setattr(database_connection, "_text", unreadable)
    with pytest.raises(TransferError, match="refused: UnicodeDecodeError") as caught:
        asked(project(core))
    assert "hidden" not in caught.value.message


@pytest.mark.slow
def test_text_that_the_server_keeps_in_no_encoding_is_refused_and_not_shown(
    project: Callable[..., Settings], postgres_server: PostgresServer
) -> None:
    with postgres_server.admin.connect() as conn:
        conn.exec_driver_sql(
            "CREATE DATABASE raw TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"
        )
    try:
        core = PartnerDatabase("postgres", postgres_server.uri("raw"))
        core.execute("CREATE TABLE goods (code TEXT, title TEXT)")
        core.execute("INSERT INTO goods VALUES ('A', 'hidden' || E'\\x94\\x92')")
        with speaking("en"), open_endpoint("core", project(core)) as door:
            with pytest.raises(TransferError) as caught:
                list(door.read(QUERY, door.list_files(QUERY).files[0].name))
            assert "hidden" not in f"{caught.value.message} {caught.value.hint}"
    finally:
        with postgres_server.admin.connect() as conn:
            conn.exec_driver_sql("DROP DATABASE raw WITH (FORCE)")


def test_a_role_that_may_not_read_is_told_so(
    project: Callable[..., Settings], postgres_core: PartnerDatabase, tmp_path: Path
) -> None:
    postgres_core.execute("CREATE ROLE ecsync_reader LOGIN")
    try:
        made = project(postgres_core)
        url = sa.make_url(postgres_core.url).set(username="ecsync_reader")
        keep_secret(tmp_path, url.render_as_string(hide_password=False))
        with pytest.raises(TransferError, match="database of core refused: SQLSTATE 42501"):
            asked(made)
        keep_secret(tmp_path, url.set(username="ecsync_nobody").render_as_string(hide_password=False))
        with pytest.raises(AuthenticationError, match="refused the login"):
            asked(made)
        keep_secret(tmp_path, url.set(database="ecsync_nowhere").render_as_string(hide_password=False))
        with pytest.raises(ConfigurationError, match="no database of the name"):
            asked(made)
    finally:
        postgres_core.execute("DROP ROLE ecsync_reader")


@pytest.mark.slow
def test_a_wrong_password_is_refused_once_and_the_right_one_asks(
    project: Callable[..., Settings], postgres_core: PartnerDatabase, tmp_path: Path
) -> None:
    (hba,) = postgres_core.all("SHOW hba_file")[0]
    before = Path(hba).read_text(encoding="utf-8")
    postgres_core.execute("CREATE ROLE ecsync_reader LOGIN PASSWORD 'right-word'")
    postgres_core.execute("GRANT SELECT ON goods TO ecsync_reader")
    made = project(postgres_core)
    url = sa.make_url(postgres_core.url).set(username="ecsync_reader")
    try:
        Path(hba).write_text("local all ecsync_reader scram-sha-256\n" + before, encoding="utf-8")
        postgres_core.execute("SELECT pg_reload_conf()")
        time.sleep(0.5)
        for password in ("wrong-word", None):
            keep_secret(tmp_path, url.set(password=password).render_as_string(hide_password=False))
            with pytest.raises(AuthenticationError, match="refused the login") as caught:
                asked(made)
            assert "wrong-word" not in f"{caught.value.message} {caught.value.hint}"
        keep_secret(tmp_path, url.set(password="right-word").render_as_string(hide_password=False))
        assert asked(made) > MANY
    finally:
        Path(hba).write_text(before, encoding="utf-8")
        postgres_core.execute("SELECT pg_reload_conf()")
        postgres_core.execute("DROP OWNED BY ecsync_reader")
        postgres_core.execute("DROP ROLE ecsync_reader")


def test_a_file_that_is_no_database_is_said_so(project: Callable[..., Settings], tmp_path: Path) -> None:
    core = on_sqlite(tmp_path)
    (tmp_path / "core.db").write_bytes(
        b"no database, but text that is long enough to be looked at as a header" * 20
    )
    with pytest.raises(TransferError, match="SQLITE_NOTADB"):
        asked(project(core))


def test_nothing_can_be_written_whatever_the_query_calls(
    project: Callable[..., Settings], postgres_core: PartnerDatabase
) -> None:
    postgres_core.execute("CREATE SEQUENCE numbers")
    for query in (
        "SELECT nextval('numbers') AS code",
        "SELECT set_config('transaction_read_only', 'off', true) AS code",
    ):
        with pytest.raises(EcsyncError):
            asked(project(postgres_core, query))
    assert postgres_core.all("SELECT last_value, is_called FROM numbers") == [(1, False)]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1 AS code;",
        "-- first\nWITH a AS (SELECT 1 AS code) SELECT * FROM a /* ; DELETE */ ;\n",
        "select 'it''s; DELETE FROM x' as code, \"insert\" from [update] where `into` <> 'a'",
        "SELECT last_update, deleted FROM m WHERE name LIKE '100%' AND a = $$x;y$$",
    ],
)
def test_what_reads_is_taken(tmp_path: Path, query: str) -> None:
    (tmp_path / "q.sql").write_text(query, encoding="utf-8-sig")
    assert read_query(tmp_path, "q.sql").endswith(("code", "*/", "'a'", "$$x;y$$"))


@pytest.mark.parametrize(
    "query",
    [
        "", "-- SELECT 1", "DELETE FROM goods", "UPDATE goods SET x = 1", "SELECT 1; SELECT 2", "SELECT 1;;",
        "SELECT * INTO copy FROM goods", "SELECT 1 FOR UPDATE", "WITH a AS (INSERT INTO b VALUES (1)) SELECT 1",
        "PRAGMA query_only=OFF", "BEGIN", "SELECT 'open", 'SELECT "open', "SELECT /* open",
        r"SELECT E'a\''; DELETE FROM goods; --'", r"SELECT 'a\'; DELETE FROM goods; --'", "SELECT '\0'",
        "EXPLAIN SELECT 1", "VALUES (1)", "SET x = 1", "SELECT 1 -- x\n; DROP TABLE goods",
    ],
)  # fmt: skip
def test_what_may_do_anything_else_is_refused_before_a_database_is_asked(tmp_path: Path, query: str) -> None:
    (tmp_path / "q.sql").write_text(query, encoding="utf-8")
    with speaking("en"), pytest.raises(ConfigurationError, match="is not one SELECT statement"):
        read_query(tmp_path, "q.sql")


@pytest.mark.parametrize(
    ("place", "content"), [("q.sql", None), ("q.sql", b"SELECT '\xff'"), ("../q.sql", b"SELECT 1")]
)
def test_a_query_must_be_a_file_of_the_project(tmp_path: Path, place: str, content: bytes | None) -> None:
    project = tmp_path / "shop"
    project.mkdir()
    if content is not None:
        (project / place).write_bytes(content)
    with speaking("en"), pytest.raises(ConfigurationError):
        read_query(project, place)


def test_a_lock_on_sqlite_is_said(project: Callable[..., Settings], tmp_path: Path) -> None:
    core = on_sqlite(tmp_path)
    core.execute("CREATE TABLE goods (code TEXT, title TEXT)")
    made = project(core, timeout_seconds=0.1)
    with closing(sqlite3.connect(tmp_path / "core.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(UnreachableError, match="locked by somebody else"):
            asked(made)
