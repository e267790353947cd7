from __future__ import annotations

import sqlalchemy as sa

from ecsync.stock.allocation import allocate
from ecsync.stock.release import release_excess
from stock.small_shop import order, parcel, promised, shelf, told


def allocated_orders(master, *quantities):
    """Allocate one order per quantity, oldest first."""
    shelf(master, A=sum(quantities))
    for number, qty in enumerate(quantities, start=1):
        order(master, str(number), ("A", qty), at=f"2026-11-23T{number:02}:00:00Z")
    with master.context() as ctx:
        allocate(ctx)


def count(master, units):
    with master.engine.begin() as conn:
        conn.execute(sa.text("UPDATE stock_balance SET on_hand = :units"), {"units": units})
    with master.context() as ctx:
        release_excess(ctx)
    return ctx


def test_the_newest_order_gives_back_first(master):
    allocated_orders(master, 2, 2, 2)
    ctx = count(master, 3)
    assert promised(master) == {("1", "1", "A"): (2, 2), ("2", "1", "A"): (1, 2), ("3", "1", "A"): (0, 2)}
    assert told(ctx.findings, "allocation_released") == [("A", {"qty": "3", "warehouse": "main"})]


def test_units_in_a_parcel_are_given_back_last(master):
    allocated_orders(master, 2, 2, 2)
    parcel(master, "P3", "3", ("1", "A", 2))
    count(master, 3)
    assert promised(master) == {("1", "1", "A"): (1, 2), ("2", "1", "A"): (0, 2), ("3", "1", "A"): (2, 2)}


def test_when_only_parcels_are_left_the_newest_gives_back_first(master):
    allocated_orders(master, 2, 2)
    parcel(master, "P1", "1", ("1", "A", 2))
    parcel(master, "P2", "2", ("1", "A", 1), state="recalling")
    count(master, 1)
    assert promised(master) == {("1", "1", "A"): (1, 2), ("2", "1", "A"): (0, 2)}


def test_a_shelf_below_zero_holds_no_promise(master):
    allocated_orders(master, 2)
    count(master, -5)
    assert promised(master) == {("1", "1", "A"): (0, 2)}


def test_nothing_is_given_back_while_the_count_suffices(master):
    allocated_orders(master, 2, 2)
    ctx = count(master, 4)
    assert ctx.changes == 0
    assert len(ctx.findings) == 0


def test_a_released_unit_goes_to_the_oldest_order_when_it_turns_up_again(master):
    allocated_orders(master, 2, 2)
    count(master, 0)
    with master.engine.begin() as conn:
        conn.execute(sa.text("UPDATE stock_balance SET on_hand = 3"))
    with master.context() as ctx:
        allocate(ctx)
    assert promised(master) == {("1", "1", "A"): (2, 2), ("2", "1", "A"): (1, 2)}
