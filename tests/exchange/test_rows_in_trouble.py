"""A partner's database that is away, locked, cut off or closed to us: its rows wait, are looked for, and stand once."""

from __future__ import annotations

import gc
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ecsync.exchange.interface_shape import missing_rights
from ecsync.exchange.interface_table import InterfaceTable
from exchange.cutting_proxy import cutting_proxy
from exchange.desk import FLOW
from exchange.rows_desk import COLUMNS, URL_FILE, RowsDesk, payload, told

pytestmark = pytest.mark.parametrize("master", ["sqlite"], indirect=True)
only_sqlite = pytest.mark.parametrize("bare_desk", ["sqlite"], indirect=True)
only_postgres = pytest.mark.parametrize("bare_desk", ["postgres"], indirect=True)
PRIVATE = "山田太郎"
ROWS = (("sale:1/01", "sale:1/01", PRIVATE, "2"), ("sale:1/03", "sale:1/03", "", "1"))


@pytest.fixture
def desk(table_desk: RowsDesk) -> RowsDesk:
    table_desk.put_rows(ROWS)
    return table_desk


def address(desk: RowsDesk, text: str) -> None:
    """Write another address into the secret."""
    (desk.master.folder / URL_FILE).write_text(text, encoding="utf-8")


def waits(desk: RowsDesk, *statuses: int) -> str:
    """Deliver, see that the rows wait, and return what is said of it."""
    assert desk.deliver().statuses == set(statuses)
    (finding,) = desk.findings
    said = f"{finding.sentence()} {finding.action()}"
    assert finding.code == "delivery_waits"
    assert PRIVATE not in said
    assert "postgres:@" not in said
    return said


def arrives(desk: RowsDesk) -> None:
    assert desk.deliver().statuses == set()
    assert desk.state() == "verified"
    assert desk.rows() == told(ROWS)
    assert len(desk.entries()) == 1


@contextmanager
def ended_at(desk: RowsDesk, number: int, passed: list[str]) -> Iterator[None]:
    """Let the server end the connection before its n-th statement."""

    def before(conn: sa.Connection, _cursor: Any, statement: str, *_others: object) -> None:
        if conn.engine is desk.database or conn.dialect.name != "postgresql":
            return
        passed.append(statement)
        if len(passed) == number:
            pid = conn.connection.dbapi_connection.info.backend_pid  # type: ignore[union-attr]
            desk.run_sql(f"SELECT pg_terminate_backend({pid})")

    sa.event.listen(sa.Engine, "before_cursor_execute", before)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", before)
        with warnings.catch_warnings():
            # The driver warns of a cursor on the server that went with its connection.
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()


def end_at(desk: RowsDesk, number: int) -> bool:
    """End the connection at the n-th statement and deliver again; return whether there was such a statement."""
    desk.run_sql("DELETE FROM sales_in", "DELETE FROM sales_in_delivery")
    desk.set_state("planned")
    passed: list[str] = []
    with ended_at(desk, number, passed):
        statuses = desk.deliver().statuses
    if len(passed) < number:
        assert statuses == set()
        return False
    assert statuses == {13}, passed[-1]
    assert desk.rows() in ([], told(ROWS))
    arrives(desk)
    return True


@only_postgres
@pytest.mark.slow
def test_a_connection_that_ends_at_any_statement_loses_nothing_and_doubles_nothing(desk: RowsDesk) -> None:
    number = 1
    while end_at(desk, number):
        number += 1
    assert number > 10


@only_postgres
def test_a_connection_that_ends_at_the_insertion(desk: RowsDesk) -> None:
    passed: list[str] = []
    with ended_at(desk, 0, passed):
        desk.deliver()
    inserts = [number for number, sql in enumerate(passed, 1) if sql.startswith("INSERT")]
    assert len(inserts) == 2
    assert all(end_at(desk, number) for number in inserts)


@only_postgres
@pytest.mark.parametrize(("cut", "there"), [("before", []), ("after", told(ROWS))])
def test_a_commit_without_an_answer_is_looked_up(desk: RowsDesk, cut: str, there: list[Any]) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="ecsync-cut-") as folder,
        cutting_proxy(desk.address, Path(folder)) as (proxy, through),
    ):
        address(desk, through)
        proxy.cut = cut
        waits(desk, 13)
        assert (desk.state(), proxy.cuts) == ("uploading", 1)
        assert desk.rows() == there
        arrives(desk)


@only_postgres
def test_a_commit_that_nobody_answers_is_given_up_and_looked_up(desk: RowsDesk) -> None:
    desk.endpoint["timeout_seconds"] = 1
    with (
        tempfile.TemporaryDirectory(prefix="ecsync-cut-") as folder,
        cutting_proxy(desk.address, Path(folder)) as (proxy, through),
    ):
        address(desk, through)
        proxy.silent = True
        assert "did not answer in time" in waits(desk, 13)
        assert desk.state() == "uploading"
        desk.endpoint["timeout_seconds"] = 120
        arrives(desk)


@only_sqlite
def test_a_database_that_another_writes_to_is_waited_for(desk: RowsDesk) -> None:
    desk.endpoint["timeout_seconds"] = 0.2
    other = sqlite3.connect(desk.partner / "core.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert "locked by somebody else" in waits(desk, 13)
    other.close()
    arrives(desk)


@only_postgres
@pytest.mark.parametrize("table", [pytest.param("sales_in", marks=pytest.mark.slow), "sales_in_delivery"])
def test_a_table_that_another_has_locked_is_waited_for(desk: RowsDesk, table: str) -> None:
    desk.endpoint["timeout_seconds"] = 1
    with desk.database.begin() as conn:
        conn.exec_driver_sql(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        assert "did not answer in time" in waits(desk, 13)
    desk.endpoint["timeout_seconds"] = 120
    arrives(desk)


@only_postgres
def test_of_two_transactions_at_once_the_second_waits_for_the_first_and_sees_its_rows(desk: RowsDesk) -> None:
    import hashlib

    delivery = hashlib.sha256(payload(ROWS)).hexdigest()
    desk.endpoint["timeout_seconds"] = 1
    with desk.database.begin() as conn:
        conn.exec_driver_sql(
            f"INSERT INTO sales_in_delivery VALUES ('{delivery}', 'sales_001.csv', 2, 'now')"
        )
        waits(desk, 13)
        for row in told(ROWS):
            conn.exec_driver_sql("INSERT INTO sales_in VALUES (%s, %s, %s, %s, %s, %s)", (delivery, *row))
    desk.endpoint["timeout_seconds"] = 120
    arrives(desk)


def lacking(desk: RowsDesk) -> list[str]:
    """Return the rights that doctor asks for."""
    with desk.open() as door, door.looking() as conn:
        return missing_rights(conn, InterfaceTable.of("sales_in", COLUMNS))


@only_postgres
def test_a_login_without_the_rights_is_told_which(desk: RowsDesk) -> None:
    desk.run_sql(
        "DROP ROLE IF EXISTS clerk", "CREATE ROLE clerk LOGIN", "GRANT USAGE ON SCHEMA public TO clerk"
    )
    address(desk, desk.address.replace("postgres:@", "clerk@"))
    assert "permission denied for table sales_in_delivery" in waits(desk, 13)
    assert lacking(desk) == [
        f"GRANT {right} ON {table} TO clerk"
        for table in ("sales_in", "sales_in_delivery")
        for right in ("SELECT", "INSERT")
    ]
    desk.run_sql("GRANT SELECT ON sales_in, sales_in_delivery TO clerk")
    assert "permission denied for table sales_in_delivery" in waits(desk, 13)
    desk.run_sql("GRANT INSERT ON sales_in_delivery TO clerk")
    assert "permission denied for table sales_in" in waits(desk, 13)
    assert desk.entries() == []
    desk.run_sql("GRANT INSERT ON sales_in TO clerk")
    arrives(desk)
    assert lacking(desk) == []
    desk.run_sql("DROP OWNED BY clerk", "DROP ROLE clerk")


@only_postgres
def test_a_login_that_is_refused(desk: RowsDesk) -> None:
    address(desk, desk.address.replace("postgres:@", "nobody@"))
    assert "refused the login" in waits(desk, 12)
    address(desk, desk.address)
    arrives(desk)


def test_a_database_that_is_away_delays_only_its_own_rows(desk: RowsDesk) -> None:
    other = desk.partner / "folder"
    (other / "in").mkdir(parents=True)
    desk.outbound.append({**FLOW, "name": "files", "endpoint": "other"})
    away = "postgresql://nobody@/nothing?host=/nowhere" if desk.is_postgres else "sqlite:////nowhere/core.db"
    address(desk, away)
    desk.others = {"other": {"kind": "folder", "root": str(other)}}
    desk.put(b"content", "file.csv", keys=["F-1"], priority=90, flow="files")
    delivered = desk.deliver()
    assert delivered.statuses == {13}
    assert list(delivered.unreachable) == ["partner"]
    assert (desk.state(1), desk.state(2)) == ("planned", "verified")
    assert (other / "in" / "file.csv").read_bytes() == b"content"


@pytest.mark.parametrize("words", [{"name": "again_009.csv"}, {}])
def test_a_delivery_made_again_after_a_restored_backup_is_known(
    desk: RowsDesk, words: dict[str, Any]
) -> None:
    arrives(desk)
    with desk.master.engine.begin() as conn:
        for table in ("outbox_file", "outbox_key", "delivery_attempt"):
            conn.exec_driver_sql(f"DELETE FROM {table}")
    desk.journal.path.unlink()
    number = desk.put_rows(ROWS, **words)
    assert number == 2
    desk.deliver()
    assert desk.state(number) == "verified"
    assert desk.rows() == told(ROWS)


def test_what_was_told_more_of_after_a_restored_backup_is_a_conflict(desk: RowsDesk) -> None:
    arrives(desk)
    with desk.master.engine.begin() as conn:
        for table in ("outbox_file", "outbox_key", "delivery_attempt"):
            conn.exec_driver_sql(f"DELETE FROM {table}")
    desk.journal.path.unlink()
    desk.put_rows([*ROWS, ("sale:2/01", "", "", "1")])
    assert desk.deliver().counts == {"conflict": 1}
    assert desk.rows() == told(ROWS)


@only_sqlite
def test_a_flow_that_was_pointed_at_a_folder_sends_no_rows_there(desk: RowsDesk) -> None:
    desk.endpoint.clear()
    desk.endpoint |= {"kind": "folder", "root": str(desk.partner)}
    desk.flow(handover="rename")
    assert "is no database, and takes no rows" in waits(desk, 10)
