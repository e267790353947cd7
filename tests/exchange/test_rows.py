"""Rows of an interface table: what is there, what is found there, and what never stands there twice."""

from __future__ import annotations

import hashlib

import pytest

from ecsync import faultpoints
from ecsync.exchange import handover_rows, outbox
from ecsync.exchange.resolution import resolve
from exchange.desk import KilledError, killed_at
from exchange.rows_desk import COLUMNS, SALES, RowsDesk, payload, told
from master_under_test import NOW

pytestmark = pytest.mark.parametrize("master", ["sqlite"], indirect=True)
only_sqlite = pytest.mark.parametrize("bare_desk", ["sqlite"], indirect=True)


@pytest.fixture
def desk(table_desk: RowsDesk) -> RowsDesk:
    return table_desk


def killed(desk: RowsDesk, monkeypatch: pytest.MonkeyPatch, point: str) -> None:
    """Kill a delivery at a point by name."""

    def act(name: str) -> None:
        if name == point:
            raise KilledError

    monkeypatch.setattr(faultpoints, "_setting", "test")
    monkeypatch.setattr(faultpoints, "_act", act)
    with pytest.raises(KilledError):
        desk.deliver()
    killed_at(monkeypatch, 0)


def detail(desk: RowsDesk) -> str:
    return str(desk.master.scalar("SELECT detail FROM outbox_file WHERE outbox_id = 1"))


def test_rows_arrive_whole_and_once_with_their_delivery(desk: RowsDesk) -> None:
    desk.put_rows()
    assert desk.deliver().counts == {"verified": 1}
    assert desk.rows() == told()
    assert desk.entries() == [("sales_001.csv", 2, NOW)]
    with desk.database.connect() as conn:
        (ids,) = conn.exec_driver_sql("SELECT DISTINCT delivery_id FROM sales_in").all()
    assert ids == (hashlib.sha256(payload()).hexdigest(),)
    again = desk.deliver()
    assert (again.counts, again.statuses) == ({}, set())
    assert desk.rows() == told()


def test_the_steps_are_those_of_the_protocol(desk: RowsDesk) -> None:
    desk.put_rows()
    desk.deliver()
    assert [line.state for line in desk.journal.lines()] == ["uploading", "verified"]


# What may be found of a delivery, how it came to be there, and what follows: the state, its reason, the rows.
SAME, NOTHING = (), ("DELETE FROM sales_in", "DELETE FROM sales_in_delivery")
CHANGED = ("UPDATE sales_in SET qty = '3' WHERE row_no = 2",)
ROW_GONE, ROWS_GONE = ("DELETE FROM sales_in WHERE row_no = 1",), ("DELETE FROM sales_in",)
NOT_ENTERED = ("DELETE FROM sales_in_delivery",)
RENUMBERED = ("UPDATE sales_in SET row_no = 7 WHERE row_no = 2",)
ENTERED_OTHERWISE = ("UPDATE sales_in_delivery SET row_count = 3",)
TOLD_ELSEWHERE = (*NOT_ENTERED, "UPDATE sales_in SET delivery_id = 'other'")
KEYS = f"{handover_rows.KEYS_THERE}\tsale:1/01, sale:1/03"
FOUND = {
    "nothing": (NOTHING, {}, "verified", "", told()),
    "all of it": (SAME, {}, "verified", handover_rows.ROWS_THERE, told()),
    "another value": (CHANGED, {}, "conflict", handover_rows.FOREIGN_ROWS, None),
    "another number": (RENUMBERED, {}, "conflict", handover_rows.FOREIGN_ROWS, None),
    "another count": (ENTERED_OTHERWISE, {}, "conflict", handover_rows.FOREIGN_ROWS, None),
    "rows without their entry": (NOT_ENTERED, {}, "conflict", handover_rows.FOREIGN_ROWS, None),
    "a row is gone": (ROW_GONE, {}, "conflict", handover_rows.MISSING_ROWS, None),
    "all rows are gone": (ROWS_GONE, {}, "conflict", handover_rows.MISSING_ROWS, None),
    "a row was taken": (ROW_GONE, {"receiver_removes": True}, "verified", handover_rows.ROWS_TAKEN, None),
    "all rows were taken": (ROWS_GONE, {"receiver_removes": True}, "verified", handover_rows.ROWS_TAKEN, []),
    "taken, and another value": (
        (*CHANGED, *ROW_GONE),
        {"receiver_removes": True},
        "conflict",
        handover_rows.FOREIGN_ROWS,
        None,
    ),
    "keys of another delivery": (TOLD_ELSEWHERE, {}, "conflict", KEYS, told()),
}


@pytest.mark.parametrize("case", FOUND)
@pytest.mark.parametrize("state", ["planned", "uploading", "not journaled"])
def test_what_is_found_decides_what_follows(
    desk: RowsDesk, monkeypatch: pytest.MonkeyPatch, state: str, case: str
) -> None:
    there, words, ends, why, rows = FOUND[case]
    desk.flow(**words)
    desk.put_rows()
    if state == "planned":
        desk.deliver()
        desk.set_state("planned")
    elif state == "uploading":
        killed(desk, monkeypatch, handover_rows.AFTER_COMMIT)
    else:
        killed(desk, monkeypatch, "delivery.after_step")
        insert_by_another(desk)
    desk.run_sql(*there)
    before = desk.rows()
    delivered = desk.deliver()
    assert (delivered.counts, delivered.statuses) == ({ends: 1}, {3} if ends == "conflict" else set())
    assert detail(desk) == why
    assert desk.rows() == (before if rows is None else rows)
    assert desk.findings.counts == ({"rows_conflict": 1} if ends == "conflict" else {})
    desk.deliver()
    assert desk.rows() == (before if rows is None else rows)


def insert_by_another(desk: RowsDesk) -> None:
    """Let the rows be there as a run on another machine had inserted them."""
    delivery = hashlib.sha256(payload()).hexdigest()
    values = [(delivery, *row) for row in told()]
    marks = ", ".join("%s" if desk.is_postgres else "?" for _column in values[0])
    with desk.database.begin() as conn:
        for row in values:
            conn.exec_driver_sql(f"INSERT INTO sales_in VALUES ({marks})", row)
        conn.exec_driver_sql(
            f"INSERT INTO sales_in_delivery VALUES ('{delivery}', 'sales_001.csv', 2, '{NOW}')"
        )


def test_a_conflict_names_a_few_of_the_keys(desk: RowsDesk) -> None:
    rows = [(f"sale:{number}", f"sale:{number}", "", "1") for number in range(8)]
    desk.put_rows(rows)
    desk.deliver()
    desk.put_rows([*rows, ("sale:new", "", "", "1")], "sales_002.csv", keys=["another"])
    assert desk.deliver().conflicts == [2]
    assert desk.rows() == told(rows), "nothing of it was inserted"
    (finding,) = desk.findings
    named = "under another delivery: sale:0, sale:1, sale:2, sale:3, sale:4 …"
    assert named in finding.sentence()
    kept = desk.master.scalar("SELECT detail FROM outbox_file WHERE outbox_id = 2")
    assert named in outbox.spoken_detail(kept)


@only_sqlite
@pytest.mark.parametrize(("outcome", "state"), [("sent", "verified"), ("dropped", "dropped")])
def test_a_person_settles_a_conflict(desk: RowsDesk, outcome: str, state: str) -> None:
    desk.put_rows()
    desk.deliver()
    desk.run_sql(*CHANGED)
    desk.set_state("planned")
    desk.deliver()
    resolve(desk.steps, desk.journal, 1, outcome, now=NOW)
    assert (desk.deliver().counts, desk.state()) == ({}, state)


@only_sqlite
def test_what_a_person_wants_sent_again_is_inserted_once_its_entry_is_gone(desk: RowsDesk) -> None:
    desk.put_rows()
    desk.deliver()
    desk.run_sql(*CHANGED)
    desk.set_state("planned")
    desk.deliver()
    desk.run_sql(*NOTHING)
    resolve(desk.steps, desk.journal, 1, "resend", now=NOW)
    assert desk.deliver().counts == {"verified": 1}
    assert desk.rows() == told()


def test_of_two_that_deliver_at_once_one_inserts_and_the_other_sees_it(
    desk: RowsDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.put_rows()

    def act(name: str) -> None:
        if name == handover_rows.BEFORE_INSERT:
            insert_by_another(desk)

    monkeypatch.setattr(faultpoints, "_setting", "test")
    monkeypatch.setattr(faultpoints, "_act", act)
    assert desk.deliver().counts == {"verified": 1}
    assert detail(desk) == handover_rows.ROWS_THERE
    assert desk.rows() == told()


def test_killed_at_any_point_the_next_run_ends_right(desk: RowsDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    number = 0
    every: list[tuple[str, ...]] = []
    while True:
        number += 1
        rows = [(f"{key}:{number}", *rest) for key, *rest in SALES]
        desk.put_rows(rows, f"sales_{number:03}.csv")
        every += [(f"sales_{number:03}.csv", *row) for row in told(rows)]
        killed_at(monkeypatch, number)
        finished = True
        try:
            desk.deliver()
        except KilledError:
            finished = False
        killed_at(monkeypatch, 0)
        assert desk.deliver().statuses == set()
        with desk.database.connect() as conn:
            columns = ", ".join(f'r."{name}"' for name in ("row_no", *COLUMNS))
            there = conn.exec_driver_sql(
                f"SELECT d.file_name, {columns} FROM sales_in r"
                " JOIN sales_in_delivery d ON d.delivery_id = r.delivery_id ORDER BY d.file_name, r.row_no"
            )
            assert [tuple(row) for row in there] == every, number
        assert desk.state(number) == "verified"
        if finished:
            break
    assert number == 15, "every point of the way was one of the kills"
