from __future__ import annotations

import sqlalchemy as sa

from ecsync.stock import proofs
from stock.small_shop import order, parcel, shelf


def check(master, **overrides):
    with master.context(**overrides) as ctx:
        return {(p.name, p.subject): (p.expected, p.actual) for p in proofs.check(ctx)}


def change(master, sql):
    with master.engine.begin() as conn:
        conn.execute(sa.text(sql))


def test_the_units_of_every_warehouse_are_proved(master):
    shelf(master, A=5, B=2)
    shelf(master, warehouse="east", A=1)
    assert check(master) == {("stock.units", "main"): (7, 7), ("stock.units", "east"): (1, 1)}


def test_what_this_run_moved_is_said_beside_what_was_there(master):
    shelf(master, A=5)
    master.insert(
        "stock_movement", {"movement_key": "x", "warehouse": "main", "sku": "A", "qty": -2, "run_id": 7}
    )
    change(master, "UPDATE stock_balance SET on_hand = 3")
    with master.context(run_id=7) as ctx:
        (proof,) = proofs.check(ctx)
    assert (proof.expected, proof.actual, proof.detail) == (3, 3, "5 -2")


def test_a_balance_that_its_movements_do_not_explain_concerns_its_sku_only(master):
    shelf(master, A=5, B=2)
    change(master, "UPDATE stock_balance SET on_hand = 6 WHERE sku = 'A'")
    assert check(master) == {("stock.units", "main"): (2, 2), ("sku.ledger", "main:A"): (5, 6)}


def test_movements_without_a_balance_are_found(master):
    shelf(master, A=5, B=2)
    change(master, "DELETE FROM stock_balance WHERE sku = 'A'")
    assert check(master)["sku.ledger", "main:A"] == (5, 0)


def test_a_balance_without_movements_is_found(master):
    shelf(master, A=5)
    change(master, "DELETE FROM stock_movement")
    assert check(master)["sku.ledger", "main:A"] == (0, 5)


def test_more_promised_than_there_is_is_found(master):
    shelf(master, A=5)
    master.insert(
        "allocation",
        {
            "channel": "rakuten1",
            "order_no": "1",
            "line_id": "1",
            "sku": "A",
            "warehouse": "main",
            "needed": 6,
            "qty": 6,
        },
    )
    assert check(master)["sku.allocation", "main:A"] == (5, 6)


def test_parcels_must_say_what_the_warehouse_told(master):
    shelf(master, A=5)
    order(master, "1", ("A", 3))
    parcel(master, "P1", "1", ("1", "A", 3))
    master.insert(
        "warehouse_event",
        {
            "warehouse": "main",
            "event_id": "E1",
            "kind": "shipped",
            "parcel_no": "P1",
            "line_no": 1,
            "sku": "A",
            "qty": 3,
        },
    )
    master.insert(
        "stock_movement",
        {
            "movement_key": "event:main:E1",
            "warehouse": "main",
            "sku": "A",
            "kind": "shipment",
            "qty": -3,
            "reference": "P1",
            "run_id": 1,
        },
    )
    change(master, "UPDATE stock_balance SET on_hand = 2")
    assert check(master)["sku.shipped", "main:A"] == (3, 0)
    change(master, "UPDATE instruction_line SET shipped_qty = 3")
    assert check(master) == {("stock.units", "main"): (2, 2)}
