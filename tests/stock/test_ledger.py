from __future__ import annotations

import pytest
import sqlalchemy as sa

from ecsync.stock.allocation import allocate
from ecsync.stock.ledger import post_events
from ecsync.stock.snapshots import take_snapshots
from stock.small_shop import on_hand, order, parcel, promised, shelf, told

EARLIER = "2026-11-24T01:00:00Z"
NOON = "2026-11-24T03:00:00Z"
LATER = "2026-11-24T05:00:00Z"


def event(
    master, event_id, kind, sku, qty, *, at=NOON, parcel_no="", line_no=None, verdict="ok", warehouse="main"
):
    master.insert(
        "warehouse_event",
        {
            "warehouse": warehouse,
            "event_id": event_id,
            "kind": kind,
            "sku": sku,
            "qty": qty,
            "at": at,
            "parcel_no": parcel_no,
            "line_no": line_no,
            "verdict": verdict,
        },
    )
    column = {"shipped": "shipped_qty", "short": "short_qty"}.get(kind)
    if column and verdict == "ok":
        with master.engine.begin() as conn:
            conn.execute(
                sa.text(f"UPDATE instruction_line SET {column} = {column} + :qty WHERE parcel_no = :parcel"),
                {"qty": qty, "parcel": parcel_no},
            )


def post(master, **overrides):
    with master.context(**overrides) as ctx:
        post_events(ctx)
    return ctx


def movements(master):
    return master.rows(
        "SELECT movement_key, kind, qty, effective_at, reference FROM stock_movement ORDER BY 1"
    )


@pytest.mark.parametrize(
    ("kind", "qty", "after", "movement"),
    [
        ("receipt", 4, 14, "receipt"),
        ("adjustment", -3, 7, "adjustment"),
        ("adjustment", 3, 13, "adjustment"),
        ("sold", 3, 7, "sold"),
        ("sold", -1, 11, "sold"),
        ("return", 2, 12, "return"),
        ("shipped", 2, 8, "shipment"),
        ("short", 2, 8, "short"),
    ],
)
def test_each_kind_of_event_moves_units_once(master, kind, qty, after, movement):
    shelf(master, A=10)
    order(master, "1", ("A", 5))
    parcel(master, "P1", "1", ("1", "A", 5))
    parcel_no, line_no = ("P1", 1) if kind in ("return", "shipped", "short") else ("", None)
    event(master, "E1", kind, "A", qty, parcel_no=parcel_no, line_no=line_no)
    post(master)
    assert on_hand(master, "A") == after
    assert movements(master)[0] == ("event:main:E1", movement, after - 10, NOON, parcel_no or "E1")
    ctx = post(master)
    assert on_hand(master, "A") == after
    assert ctx.changes == 0


@pytest.mark.parametrize("kind", ["recalled", "refused"])
def test_answers_to_a_recall_move_nothing(master, kind):
    shelf(master, A=10)
    parcel(master, "P1", "1", ("1", "A", 5))
    event(master, "E1", kind, "A", 5, parcel_no="P1", line_no=1)
    post(master)
    assert on_hand(master, "A") == 10
    assert master.scalar("SELECT posted_flag FROM warehouse_event") == 1


def test_a_refused_event_moves_nothing_and_waits(master):
    event(master, "E1", "receipt", "A", 4, verdict="bad_quantity")
    post(master)
    assert movements(master) == []
    assert master.scalar("SELECT posted_flag FROM warehouse_event") == 0


def test_the_same_id_at_two_warehouses_is_two_events(master):
    two = master.make_settings(warehouses={"east": {"stock": "ledger"}})
    event(master, "E1", "receipt", "A", 4)
    event(master, "E1", "receipt", "A", 2, warehouse="east")
    post(master, settings=two)
    assert (on_hand(master, "A"), on_hand(master, "A", "east")) == (4, 2)


def count(master, as_of, units):
    master.load("stock_levels", [{"sku": "A", "qty": units}], party="main", as_of=as_of)
    with master.context() as ctx:
        take_snapshots(ctx)


def test_a_shipment_inside_a_count_is_not_deducted_twice(master):
    shelf(master, A=10, at=EARLIER)
    order(master, "1", ("A", 3))
    parcel(master, "P1", "1", ("1", "A", 3))
    count(master, NOON, 7)
    event(master, "E1", "shipped", "A", 3, at="2026-11-24T02:00:00Z", parcel_no="P1", line_no=1)
    post(master)
    assert on_hand(master, "A") == 7
    assert movements(master)[:2] == [
        (f"count:main:A:{NOON}:1", "count", -3, NOON, "main"),
        (f"count:main:A:{NOON}:2", "count", 3, NOON, "main"),
    ]


def test_a_movement_at_the_very_moment_of_the_count_is_inside_it(master):
    count(master, NOON, 7)
    event(master, "E1", "receipt", "A", 3, at=NOON)
    post(master)
    assert on_hand(master, "A") == 7


def test_a_movement_after_the_count_is_applied_on_top(master):
    count(master, NOON, 7)
    event(master, "E1", "receipt", "A", 3, at=LATER)
    post(master)
    assert on_hand(master, "A") == 10


@pytest.mark.parametrize("count_first", [True, False])
def test_the_outcome_is_the_same_whichever_file_comes_first(master, count_first):
    shelf(master, A=10, at="2026-11-23T00:00:00Z")
    event(master, "E1", "receipt", "A", 5, at=EARLIER)
    event(master, "E2", "adjustment", "A", -1, at=LATER)
    steps = [lambda: count(master, NOON, 12), lambda: post(master)]
    for step in steps if count_first else reversed(steps):
        step()
    assert on_hand(master, "A") == 11


def test_under_a_ledger_every_movement_counts(master):
    ledger = master.make_settings(warehouses={"main": {"stock": "ledger"}})
    shelf(master, A=10)
    master.insert("stock_snapshot", {"source": "main", "sku": "A", "qty": 10, "as_of": LATER})
    event(master, "E1", "adjustment", "A", -4, at=EARLIER)
    post(master, settings=ledger)
    assert on_hand(master, "A") == 6


def test_shipped_units_are_promised_no_more(master):
    shelf(master, A=5)
    order(master, "1", ("A", 5))
    with master.context() as ctx:
        allocate(ctx)
    parcel(master, "P1", "1", ("1", "A", 5))
    event(master, "E1", "shipped", "A", 3, parcel_no="P1", line_no=1)
    ctx = post(master)
    assert promised(master) == {("1", "1", "A"): (2, 2)}
    assert told(ctx.findings, "allocation_released") == []


def test_short_units_leave_the_books_and_are_needed_again(master):
    shelf(master, A=5)
    order(master, "1", ("A", 5))
    with master.context() as ctx:
        allocate(ctx)
    parcel(master, "P1", "1", ("1", "A", 5))
    event(master, "E1", "shipped", "A", 3, parcel_no="P1", line_no=1)
    event(master, "E2", "short", "A", 2, parcel_no="P1", line_no=1)
    ctx = post(master)
    assert on_hand(master, "A") == 0
    assert promised(master) == {("1", "1", "A"): (0, 2)}
    assert told(ctx.findings, "allocation_released") == []


def test_an_adjustment_below_what_is_promised_releases_the_newest(master):
    shelf(master, A=2)
    order(master, "1", ("A", 1))
    order(master, "2", ("A", 1), at="2026-11-23T11:00:00Z")
    with master.context() as ctx:
        allocate(ctx)
    event(master, "E1", "adjustment", "A", -1)
    post(master)
    assert promised(master) == {("1", "1", "A"): (1, 1), ("2", "1", "A"): (0, 1)}


def test_a_shelf_that_falls_below_zero_is_named(master):
    event(master, "E1", "adjustment", "A", -1)
    ctx = post(master)
    assert told(ctx.findings, "negative_stock") == [("A", {"warehouse": "main", "qty": "-1"})]
