from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from ecsync.master import counters, generation
from ecsync.master.proof import Proof
from master_under_test import MasterUnderTest


def test_numbers_start_at_one_and_follow_each_other(master: MasterUnderTest):
    with master.engine.begin() as conn:
        assert counters.take(conn, "parcel", 3) == 1
        assert counters.take(conn, "parcel") == 4
        assert counters.take(conn, "journal") == 1
        assert counters.last(conn, "parcel") == 4


def test_numbers_of_a_rolled_back_transaction_are_given_again(master: MasterUnderTest):
    with master.engine.begin() as conn:
        counters.take(conn, "parcel", 2)
    with master.engine.connect() as conn:
        with conn.begin() as transaction:
            assert counters.take(conn, "parcel", 5) == 3
            transaction.rollback()
        with conn.begin():
            assert counters.take(conn, "parcel") == 3


def test_numbers_of_a_rolled_back_savepoint_are_given_again(master: MasterUnderTest):
    with master.engine.begin() as conn:
        with conn.begin_nested() as savepoint:
            counters.take(conn, "parcel", 5)
            savepoint.rollback()
        assert counters.take(conn, "parcel") == 1


def test_taking_none_writes_nothing(master: MasterUnderTest):
    with master.engine.begin() as conn:
        assert counters.take(conn, "parcel", 0) == 1
        with pytest.raises(ValueError, match="negative"):
            counters.take(conn, "parcel", -1)
    assert master.scalar("SELECT COUNT(*) FROM counter") == 0


def test_a_counter_is_raised_and_never_lowered(master: MasterUnderTest):
    with master.engine.begin() as conn:
        counters.raise_to(conn, "parcel", 100)
        counters.raise_to(conn, "parcel", 7)
        assert counters.take(conn, "parcel") == 101


def test_two_transactions_never_get_the_same_number(master: MasterUnderTest):
    taken: list[int] = []

    def work() -> None:
        for _time in range(20):
            with master.engine.begin() as conn:
                first = counters.take(conn, "parcel", 2)
                taken.extend((first, first + 1))

    threads = [threading.Thread(target=work) for _n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, 121))


def test_the_generation_rises_with_its_transaction_only(master: MasterUnderTest):
    with master.engine.begin() as conn:
        assert generation.current(conn) == 0
        assert generation.bump(conn) == 1
    with master.engine.connect() as conn, conn.begin() as transaction:
        assert generation.bump(conn) == 2
        transaction.rollback()
    with master.engine.begin() as conn:
        assert generation.current(conn) == 1
        generation.raise_to(conn, 9)
        generation.raise_to(conn, 3)
        assert generation.current(conn) == 9


@pytest.mark.parametrize("master", ["postgres"], indirect=True)  # a SQLite writer locks the whole file
def test_the_row_of_a_counter_stays_locked_until_the_transaction_ends(master: MasterUnderTest):
    with master.engine.begin() as conn:
        counters.take(conn, "parcel")
        counters.take(conn, "other")
    with master.engine.begin() as conn, master.engine.begin() as other:
        counters.take(conn, "parcel")
        locked = sa.text("SELECT name FROM counter ORDER BY name FOR UPDATE SKIP LOCKED")
        assert [row[0] for row in other.execute(locked)] == ["other"]


@given(st.integers(), st.integers())
def test_a_proof_holds_when_both_sides_are_equal(expected: int, actual: int):
    proof = Proof("stock.units", "SKU-1", expected, actual)
    assert proof.holds == (expected == actual)
    assert proof.gap == actual - expected
