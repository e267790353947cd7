from __future__ import annotations

import traceback
from collections.abc import Callable

import pyarrow as pa
import pytest
import sqlalchemy as sa

from ecsync.errors import EcsyncError
from ecsync.master.engine import master_errors
from ecsync.master.staging import StagingWriter
from master_under_test import MasterUnderTest

NAME = "山田カナリア太郎"
PHONE = "090-0000-4711"


def _doubled_key(conn: sa.Connection) -> None:
    for _time in range(2):
        conn.execute(
            sa.text(
                "INSERT INTO person (channel, order_no, role, dest_id, name) VALUES (:p, '1', 'ship', '', :n)"
            ),
            {"n": NAME, "p": PHONE},
        )


def _wrong_kind(conn: sa.Connection) -> None:
    conn.execute(sa.text("INSERT INTO product (sku, cost) VALUES ('A', :n)"), {"n": NAME})


def _null_in_a_full_row(conn: sa.Connection) -> None:
    conn.execute(
        sa.text("INSERT INTO product (sku, jan, name) VALUES (:n, :p, NULL)"), {"n": NAME, "p": PHONE}
    )


def _cast(conn: sa.Connection) -> None:
    conn.execute(
        sa.text("INSERT INTO product (sku, cost) VALUES (:n, CAST(:p AS BIGINT) / 0)"),
        {"n": NAME, "p": PHONE},
    )


def _many_rows(conn: sa.Connection) -> None:
    table = sa.table("product", sa.column("sku"), sa.column("name"))
    conn.execute(sa.insert(table), [{"sku": "A", "name": NAME}, {"sku": "A", "name": PHONE}])


@pytest.mark.parametrize("statement", [_doubled_key, _wrong_kind, _null_in_a_full_row, _many_rows])
def test_no_value_leaves_a_failed_statement(
    master: MasterUnderTest, statement: Callable[[sa.Connection], None]
):
    master.insert("product", {"sku": "first"})
    with pytest.raises(EcsyncError) as error, master_errors(), master.engine.begin() as conn:
        statement(conn)
    assert error.value.exit_status == 1
    _assert_silent(error.value)


@pytest.mark.parametrize("statement", [_doubled_key, _wrong_kind, _null_in_a_full_row, _many_rows])
def test_no_value_is_in_the_errors_before_they_are_translated(
    master: MasterUnderTest, statement: Callable[[sa.Connection], None]
):
    master.insert("product", {"sku": "first"})
    with pytest.raises(sa.exc.DBAPIError) as error, master.engine.begin() as conn:
        statement(conn)
    for seen in (error.value, error.value.orig):
        assert seen is not None
        assert NAME not in f"{seen!s} {seen!r}"
        assert PHONE not in f"{seen!s} {seen!r}"
    _assert_silent(error.value)


@pytest.mark.parametrize("master", ["postgres"], indirect=True)
def test_no_value_leaves_a_failed_cast(master: MasterUnderTest):
    with pytest.raises(EcsyncError) as error, master_errors(), master.engine.begin() as conn:
        _cast(conn)
    _assert_silent(error.value)
    assert "22P02" in str(error.value)


def test_an_error_names_table_and_column(master: MasterUnderTest):
    with pytest.raises(EcsyncError) as error, master_errors(), master.engine.begin() as conn:
        _null_in_a_full_row(conn)
    assert "product" in str(error.value)
    assert "name" in str(error.value)


def test_no_value_leaves_a_batch_that_cannot_be_staged(master: MasterUnderTest):
    batch = pa.record_batch({"sku": pa.array(["A"]), "cost": pa.array([PHONE])})
    with (
        StagingWriter(master.folder / "staging", master.dialect) as staging,
        pytest.raises(EcsyncError) as error,
    ):
        staging.append("products", batch)
    _assert_silent(error.value)


def test_no_value_leaves_text_that_the_driver_cannot_even_send(master: MasterUnderTest):
    with pytest.raises(Exception, match=r"Unicode|surrogates") as error, master.engine.begin() as conn:
        conn.execute(sa.text("UPDATE product SET name = :n"), {"n": f"{NAME}\udce3{PHONE}"})
    _assert_silent(error.value)


def test_an_error_that_is_not_the_databases_passes_as_it_is():
    with pytest.raises(KeyError), master_errors():
        {}["sku"]


def _assert_silent(error: BaseException) -> None:
    text = "".join(traceback.format_exception(error))
    assert NAME not in text
    assert PHONE not in text
