from __future__ import annotations

import sqlalchemy as sa

from ecsync.stock.allocation import Allocated, allocate
from stock.small_shop import line, order, parcel, promised, recipe, shelf, told


def run(master, **overrides):
    with master.context(**overrides) as ctx:
        result = allocate(ctx)
    return result, ctx


def change(master, sql, **params):
    with master.engine.begin() as conn:
        conn.execute(sa.text(sql), params)


def test_units_go_to_the_oldest_order_first_and_a_line_takes_what_there_is(master):
    shelf(master, A=5)
    order(master, "late", ("A", 2), at="2026-11-23T12:00:00Z")
    order(master, "early", ("A", 4), at="2026-11-23T09:00:00Z")
    result, ctx = run(master)
    assert promised(master) == {("early", "1", "A"): (4, 4), ("late", "1", "A"): (1, 2)}
    assert result == Allocated(rows_given=2, skus_oversold=1)
    assert told(ctx.findings, "oversold") == [("A", {"missing": "1", "warehouse": "main"})]


def test_orders_of_one_moment_are_served_by_channel_then_number_then_line(master):
    two = master.make_settings(channels={"yahoo1": {"platform": "yahoo", "warehouse": "main"}})
    shelf(master, A=4)
    order(master, "9", ("A", 1), channel="yahoo1")
    order(master, "20", ("A", 2), ("A", 2))
    order(master, "100", ("A", 1))
    run(master, settings=two)
    assert promised(master) == {
        ("100", "1", "A"): (1, 1),
        ("20", "1", "A"): (2, 2),
        ("20", "2", "A"): (1, 2),
        ("9", "1", "A"): (0, 1),
    }


def test_what_is_promised_stays_promised_when_an_older_order_turns_up(master):
    shelf(master, A=1)
    order(master, "new", ("A", 1), at="2026-11-23T12:00:00Z")
    run(master)
    order(master, "old", ("A", 1), at="2026-11-20T12:00:00Z")
    run(master)
    assert promised(master) == {("new", "1", "A"): (1, 1), ("old", "1", "A"): (0, 1)}


def test_a_second_run_changes_nothing(master):
    shelf(master, A=3)
    recipe(master, "S", A=2)
    order(master, "1", ("S", 1), ("A", 2))
    run(master)
    result, ctx = run(master)
    assert result.rows_given == 0
    assert ctx.changes == 0


def test_a_held_or_unpaid_order_keeps_its_place(master):
    shelf(master, A=1)
    order(master, "waiting", ("A", 1), at="2026-11-20T12:00:00Z", payment_state="waiting")
    order(master, "paid", ("A", 1))
    run(master)
    assert promised(master)["waiting", "1", "A"] == (1, 1)


def test_foreign_cancelled_and_shipped_orders_are_promised_nothing(master):
    shelf(master, A=9)
    for state in ("foreign", "cancelled", "shipped"):
        order(master, state, ("A", 1), state=state)
    run(master)
    assert promised(master) == {}


def test_a_line_of_unknown_sku_or_of_no_units_is_promised_nothing(master):
    shelf(master, A=9)
    order(master, "1", ("", 1), ("A", 0), ("A", 1))
    run(master)
    assert promised(master) == {("1", "3", "A"): (1, 1)}


def test_a_cancelled_order_frees_its_units_for_the_next(master):
    shelf(master, A=1)
    order(master, "1", ("A", 1))
    order(master, "2", ("A", 1), at="2026-11-23T11:00:00Z")
    run(master)
    change(master, "UPDATE sales_order SET state = 'cancelled' WHERE order_no = '1'")
    run(master)
    assert promised(master) == {("2", "1", "A"): (1, 1)}


def test_a_smaller_quantity_frees_the_difference(master):
    shelf(master, A=3)
    order(master, "1", ("A", 3))
    run(master)
    change(master, "UPDATE order_line SET qty = 1")
    run(master)
    assert promised(master) == {("1", "1", "A"): (1, 1)}


def test_a_line_that_changes_its_sku_is_promised_the_new_one(master):
    shelf(master, A=1, B=1)
    order(master, "1", ("A", 1))
    run(master)
    change(master, "UPDATE order_line SET sku = 'B'")
    run(master)
    assert promised(master) == {("1", "1", "B"): (1, 1)}


def test_units_of_a_cancelled_order_stay_promised_while_its_parcel_is_at_the_warehouse(master):
    shelf(master, A=3)
    order(master, "1", ("A", 3))
    run(master)
    parcel(master, "P1", "1", ("1", "A", 2))
    change(master, "UPDATE sales_order SET state = 'cancelled'")
    run(master)
    assert promised(master) == {("1", "1", "A"): (2, 2)}


def test_units_that_have_left_are_needed_no_more(master):
    shelf(master, A=3)
    order(master, "1", ("A", 3))
    run(master)
    parcel(master, "P1", "1", ("1", "A", 3))
    change(master, "UPDATE instruction_line SET shipped_qty = 1")
    change(master, "UPDATE allocation SET qty = 2")
    run(master)
    assert promised(master) == {("1", "1", "A"): (2, 2)}


def test_recalled_and_short_units_are_needed_again(master):
    shelf(master, A=4)
    order(master, "1", ("A", 4))
    parcel(master, "P1", "1", ("1", "A", 4))
    change(master, "UPDATE instruction_line SET recalled_qty = 1, short_qty = 1, shipped_qty = 1")
    run(master)
    assert promised(master) == {("1", "1", "A"): (3, 3)}


def test_a_channel_that_moves_to_another_warehouse_takes_its_untold_lines_along(master):
    moved = master.make_settings(
        warehouses={"east": {"stock": "ledger"}}, channels={"rakuten1": {"warehouse": "east"}}
    )
    shelf(master, A=2, B=2)
    shelf(master, warehouse="east", A=1)
    order(master, "1", ("A", 2), ("B", 2))
    run(master)
    parcel(master, "P1", "1", ("2", "B", 2))
    run(master, settings=moved)
    assert master.rows("SELECT line_id, warehouse, qty FROM allocation ORDER BY line_id") == [
        ("1", "east", 1),
        ("2", "main", 2),
    ]


def test_nothing_is_promised_from_a_shelf_below_zero(master):
    shelf(master, A=-2)
    order(master, "1", ("A", 1))
    run(master)
    assert promised(master) == {("1", "1", "A"): (0, 1)}


def test_two_lines_of_one_sku_share_what_there_is(master):
    shelf(master, A=3)
    order(master, "1", ("A", 2), ("A", 2))
    run(master)
    assert promised(master) == {("1", "1", "A"): (2, 2), ("1", "2", "A"): (1, 2)}


def test_a_line_added_to_an_order_is_promised_in_the_orders_place(master):
    shelf(master, A=1, B=1)
    order(master, "1", ("A", 1))
    order(master, "2", ("B", 1), at="2026-11-23T11:00:00Z")
    line(master, "1", "2", "B", 1)
    run(master)
    assert promised(master)["1", "2", "B"] == (1, 1)
    assert promised(master)["2", "1", "B"] == (0, 1)
