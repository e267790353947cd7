"""A database as a partner's door: the answer to a query is the file that lies there, and nothing is written there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core_by_sql import asked_at
from ecsync.config import Settings
from ecsync.errors import (
    AuthenticationError,
    ConfigurationError,
    EcsyncError,
    TransferError,
    UnreachableError,
)
from ecsync.exchange.opening import open_endpoint
from ecsync.locale import speaking
from exchange.desk import Desk
from partner_database import PartnerDatabase, keep_secret, on_postgres, on_sqlite

QUERY = "queries/products.sql"
FLOW = {"name": "products", "party": "erp", "mapping": "core/products", "endpoint": "core", "query": QUERY}


@pytest.fixture(params=["sqlite", "postgres"])
def core(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PartnerDatabase]:
    if request.param == "sqlite":
        yield on_sqlite(tmp_path)
        return
    with on_postgres(request.getfixturevalue("postgres_server")) as made:
        yield made


@pytest.fixture
def ask(settings: Callable[..., Settings], tmp_path: Path) -> Callable[..., bytes]:
    """Give a function that asks a query and returns its file's bytes: `ask(core, "SELECT ...", key=["sku"])`."""

    def asked(core: PartnerDatabase, query: str, key: list[str], **words: Any) -> bytes:
        with (
            speaking("en"),
            open_endpoint("core", project(settings, tmp_path, core, query, key, **words)) as door,
        ):
            file = door.list_files(QUERY).files[0]
            received = door.download(QUERY, file.name, tmp_path / "answer.csv")
        assert received.size == file.size
        return (tmp_path / "answer.csv").read_bytes()

    return asked


def project(
    settings: Callable[..., Settings],
    folder: Path,
    core: PartnerDatabase,
    query: str,
    key: list[str],
    **words: Any,
) -> Settings:
    (folder / "queries").mkdir(exist_ok=True)
    (folder / QUERY).write_text(query, encoding="utf-8")
    endpoint = core.endpoint(folder, **{"retries": 0, **words})
    return settings(endpoints={"core": endpoint}, inbound=[{**FLOW, "key": key}])


def goods(core: PartnerDatabase) -> None:
    core.execute("CREATE TABLE goods (code TEXT, title TEXT, price INTEGER)")
    rows = [("B-2", "皿, 青", 800), ("a-1", '"名"', 700), ("A-1", None, 0), ("あ", "二\n行", -5)]
    core.execute("INSERT INTO goods VALUES (?, ?, ?)", rows)


def test_the_answer_is_a_file_in_the_bytewise_order_of_its_key(
    core: PartnerDatabase, ask: Callable[..., bytes]
) -> None:
    goods(core)
    answer = ask(core, "SELECT code AS sku, title AS name, price FROM goods ORDER BY price", ["sku"])
    assert answer.decode() == (
        'sku,name,price\r\nA-1,,0\r\nB-2,"皿, 青",800\r\na-1,"""名""",700\r\nあ,"二\n行",-5\r\n'
    )


def test_an_answer_without_rows_is_its_header(core: PartnerDatabase, ask: Callable[..., bytes]) -> None:
    goods(core)
    for end in (";", "; -- all", " -- all", "\n;\n"):
        assert ask(core, f"SELECT code FROM goods WHERE price > 900{end}", ["code"]) == b"code\r\n"


def test_the_door_lists_one_file_of_the_moment_of_its_query(
    core: PartnerDatabase, settings: Callable[..., Settings], tmp_path: Path
) -> None:
    goods(core)
    with open_endpoint("core", project(settings, tmp_path, core, "SELECT code FROM goods", ["code"])) as door:
        listing = door.list_files(QUERY)
        (file,) = listing.files
        assert (file.name, file.size, listing.refused) == ("products.csv", 6 + 5 + 5 + 5 + 5, ())
        assert file.mtime > "2026"
        assert door.stat(QUERY, "products.csv") == file
        assert door.stat(QUERY, "others.csv") is None
        core.execute("DELETE FROM goods")
        # The file is the answer that was given; the next look asks anew.
        assert b"".join(door.read(QUERY, "products.csv")).startswith(b"code\r\nA-1\r\n")
        assert door.list_files(QUERY).files[0].size == 6


def test_nothing_of_an_answer_has_a_name_on_our_disk(
    core: PartnerDatabase, settings: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goods(core)
    empty = tmp_path / "temporary"
    empty.mkdir()
    for name in ("TMPDIR", "SQLITE_TMPDIR"):
        monkeypatch.setenv(name, str(empty))
    monkeypatch.setattr("tempfile.tempdir", None)
    with open_endpoint("core", project(settings, tmp_path, core, "SELECT code FROM goods", ["code"])) as door:
        assert door.list_files(QUERY).files != ()
        assert os.listdir(empty) == []  # noqa: PTH208


def test_a_query_can_write_nothing(
    core: PartnerDatabase, settings: Callable[..., Settings], tmp_path: Path
) -> None:
    goods(core)
    made = project(settings, tmp_path, core, "SELECT code FROM goods", ["code"])
    with open_endpoint("core", made) as door, speaking("en"):
        # What reads by its words and writes all the same is refused by the database.
        for statement in ("DELETE FROM goods", "CREATE TABLE mine (x INTEGER)"):
            with pytest.raises(EcsyncError):
                list(door._rows(statement))  # type: ignore[attr-defined]
        for act in (
            lambda: door.write("", "x", tmp_path / "x", in_order=True),
            lambda: door.rename("", "x", "y"),
            lambda: door.remove("", "x"),
        ):
            with pytest.raises(TransferError, match="core is a database"):
                act()
    assert core.all("SELECT COUNT(*) FROM goods") == [(4,)]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT code, NULL AS sku FROM goods", "has no sku, which is its key"),
        ("SELECT 'X' AS sku, price FROM goods", "two rows of the answer have one key, sku = X"),
        ("SELECT code FROM goods", "the answer has no column sku, which is the key; it has code"),
        ("SELECT code AS sku, price, price FROM goods", "or two have the same"),
    ],
)
def test_an_answer_that_cannot_be_a_file_is_refused_with_its_reason(
    core: PartnerDatabase, ask: Callable[..., bytes], query: str, said: str
) -> None:
    goods(core)
    with pytest.raises(TransferError, match=said):
        ask(core, query, ["sku"])


@pytest.mark.parametrize(
    ("query", "error", "said"),
    [
        ("SELECT code FROM good", ConfigurationError, "does not understand the statement.*good"),
        ("SELECT cod AS code FROM goods", ConfigurationError, "does not understand the statement.*cod"),
        ("DELETE FROM goods", ConfigurationError, "products.sql is not one SELECT statement"),
        ("SELECT code FROM goods; DELETE FROM goods", ConfigurationError, "is not one SELECT"),
        (
            "WITH x AS (DELETE FROM goods RETURNING code) SELECT * FROM x",
            ConfigurationError,
            "is not one SELECT",
        ),
        ("SELECT code FROM goods FOR UPDATE", ConfigurationError, "is not one SELECT"),
    ],
)
def test_a_wrong_query_is_a_configuration_error(
    core: PartnerDatabase, ask: Callable[..., bytes], query: str, error: type[EcsyncError], said: str
) -> None:
    goods(core)
    with pytest.raises(error, match=said):
        ask(core, query, ["code"])
    assert core.all("SELECT COUNT(*) FROM goods") == [(4,)]


@pytest.mark.parametrize(
    ("url", "error", "said"),
    [
        ("sqlite:////nowhere/hidden-place.db", UnreachableError, "database of core cannot be reached"),
        ("sqlite://", ConfigurationError, "no address of a database"),
        ("hidden-place", ConfigurationError, "no address of a database"),
        (
            "mysql://boss:hidden-place@db.example.jp/x",
            ConfigurationError,
            "driver MySQLdb of core is not installed",
        ),
        ("db2+x://boss:hidden-place@db.example.jp/x", ConfigurationError, r"driver db2\+x of core"),
        (
            "postgresql://boss:hidden-place@127.0.0.1:1/x",
            UnreachableError,
            "database of core cannot be reached",
        ),
    ],
)
def test_a_wrong_address_shows_nothing_of_itself(
    settings: Callable[..., Settings], tmp_path: Path, url: str, error: type[EcsyncError], said: str
) -> None:
    core = PartnerDatabase("sqlite", url)
    made = project(settings, tmp_path, core, "SELECT 1 AS code", ["code"])
    with speaking("en"), pytest.raises(error, match=said) as caught, open_endpoint("core", made):
        pass
    assert "hidden-place" not in f"{caught.value.message} {caught.value.hint}"
    assert "boss" not in f"{caught.value.message} {caught.value.hint}"
    assert caught.value.__cause__ is None


def test_a_wrong_password_is_a_refused_login(
    postgres_server: Any, settings: Callable[..., Settings], tmp_path: Path
) -> None:
    with on_postgres(postgres_server) as core:
        # The server of the tests trusts everybody; a login that does not exist it refuses.
        made = project(settings, tmp_path, core, "SELECT 1 AS code", ["code"])
        keep_secret(tmp_path, core.url.replace("postgres:", "nobody:", 1).replace("//postgres@", "//nobody@"))
        with (
            speaking("en"),
            pytest.raises(AuthenticationError, match="refused the login"),
            open_endpoint("core", made),
        ):
            pass


DATABASE = {"kind": "database", "url": {"env": "CORE_URL"}}


@pytest.mark.parametrize(
    ("endpoint", "flow", "said"),
    [
        ({**DATABASE, "url": "postgresql://boss:hidden-place@host/x"}, {}, "url"),
        ({"kind": "database"}, {}, "needs url"),
        ({"kind": "folder", "root": "x", "url": {"env": "CORE_URL"}}, {}, "needs url, and no other"),
        ({"kind": "folder", "root": "x"}, {}, "needs query and key, and no other"),
        (DATABASE, {"query": "", "key": []}, "needs query and key"),
        (DATABASE, {"key": []}, "a query needs key"),
        (DATABASE, {"pattern": "*.csv"}, "pattern is for folders"),
        (DATABASE, {"settle_seconds": 5}, "settle_seconds is for folders"),
        (DATABASE, {"after": "archive"}, "after is for folders"),
    ],
)
def test_a_flow_and_its_endpoint_must_fit(
    settings: Callable[..., Settings], endpoint: dict[str, Any], flow: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        settings(endpoints={"core": endpoint}, inbound=[{**FLOW, "key": ["sku"], **flow}])
    assert "hidden-place" not in str(caught.value)


def test_two_flows_cannot_ask_one_query(settings: Callable[..., Settings]) -> None:
    first = {**FLOW, "key": ["sku"]}
    with pytest.raises(ValueError, match="asks the same query"):
        settings(endpoints={"core": DATABASE}, inbound=[first, {**first, "name": "again"}])
    assert (
        settings(endpoints={"core": DATABASE}, inbound=[{**first, "after": "keep"}]).inbound[0].place == QUERY
    )


@pytest.mark.parametrize(
    ("nature", "states"), [("state", ["10:00"]), ("snapshot", ["10:00", "10:30"]), ("events", ["10:00"])]
)
@pytest.mark.parametrize("master", ["sqlite"], indirect=True)
def test_the_same_answer_later_is_known_and_of_a_snapshot_a_new_observation(
    folder_desk: Desk, tmp_path: Path, nature: str, states: list[str]
) -> None:
    core = on_sqlite(tmp_path)
    goods(core)
    desk = folder_desk
    (desk.master.folder / "queries").mkdir()
    (desk.master.folder / QUERY).write_text("SELECT code FROM goods", encoding="utf-8")
    desk.endpoint = core.endpoint(desk.master.folder)
    desk.outbound = []
    desk.inbound = [{**FLOW, "endpoint": "partner", "key": ["code"]}]
    said = []
    for moment in ("2026-11-24T10:00:00+00:00", "2026-11-24T10:30:00+00:00"):
        with asked_at(datetime.fromisoformat(moment)):
            desk.collect(nature)
        said.append([finding.code for finding in desk.findings])
    taken = desk.master.rows("SELECT as_of FROM inbox_file ORDER BY file_id")
    assert [str(row[0])[11:16] for row in taken] == states
    assert said == [[], [] if nature == "snapshot" else ["file_known"]]
    assert desk.master.scalar("SELECT MAX(seen_as_of) FROM inbox_file") == (
        "2026-11-24T10:30:00Z" if len(states) == 1 else ""
    )
    assert len(list((desk.master.folder / "spool").iterdir())) == 1
