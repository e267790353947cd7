"""Lines that no warehouse packs: they wait for nothing, and an order of nothing else is done without a parcel."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ecsync.shipping.completion import close_orders_without_parcel, close_shipped_orders
from ecsync.shipping.instructing import instruct
from ecsync.stock.allocation import allocate
from stock.small_shop import order, shelf


def run(master):
    with master.context() as ctx:
        allocate(ctx)
        instruct(ctx)
        closed = close_orders_without_parcel(ctx)
        close_shipped_orders(ctx)
    return closed, ctx


def change(master, sql):
    with master.engine.begin() as conn:
        conn.execute(sa.text(sql))


def not_shipping(master, order_no="1", line_id="2"):
    change(
        master,
        f"UPDATE order_line SET ships_flag = 0 WHERE order_no = '{order_no}' AND line_id = '{line_id}'",
    )


def states(master):
    return dict(master.rows("SELECT order_no, state FROM sales_order ORDER BY order_no"))


def told(master):
    return master.rows("SELECT order_no, line_id, sku, qty FROM instruction_line ORDER BY order_no, line_id")


def test_the_rest_of_the_order_leaves_without_them(master):
    shelf(master, A=1)
    order(master, "1", ("A", 1), ("GIFT", 1))
    not_shipping(master)
    closed, _ctx = run(master)
    assert closed == 0
    assert told(master) == [("1", "1", "A", 1)]
    assert master.scalar("SELECT COUNT(*) FROM allocation WHERE line_id = '2'") == 0


def test_the_order_is_shipped_when_all_that_ships_has_left(master):
    shelf(master, A=1)
    order(master, "1", ("A", 1), ("GIFT", 1))
    not_shipping(master)
    run(master)
    change(master, "UPDATE instruction_line SET shipped_qty = qty")
    change(master, "UPDATE shipping_instruction SET state = 'shipped'")
    run(master)
    assert states(master) == {"1": "shipped"}


def test_an_order_of_nothing_else_is_done_at_once_and_once(master):
    shelf(master, A=1)
    order(master, "1", ("GIFT", 1), payment_state="confirmed")
    not_shipping(master, line_id="1")
    assert run(master)[0] == 1
    assert told(master) == []
    assert states(master) == {"1": "shipped"}
    assert master.rows("SELECT order_no, done_on, booked_flag FROM order_without_parcel") == [
        ("1", "2026-11-24", 0)
    ]
    closed, ctx = run(master)
    assert (closed, ctx.changes) == (0, 0)


@pytest.mark.parametrize(
    "keeps",
    [
        "UPDATE sales_order SET payment_state = 'waiting'",
        "UPDATE sales_order SET state = 'cancelled'",
        "UPDATE sales_order SET state = 'foreign'",
        "UPDATE order_line SET qty = 0",
        "UPDATE order_line SET ships_flag = 1",
        "INSERT INTO order_hold (channel, order_no, dest_id, reason, opened_at) VALUES ('rakuten1', '1', '', 'x', '')",
        "INSERT INTO order_wait (channel, order_no, dest_id, kind) VALUES ('rakuten1', '1', '', 'money')",
    ],
)
def test_it_waits_like_any_other_order(master, keeps):
    shelf(master, A=1)
    order(master, "1", ("GIFT", 1), payment_state="confirmed")
    not_shipping(master, line_id="1")
    change(master, keeps)
    assert run(master)[0] == 0
    assert states(master)["1"] != "shipped"
