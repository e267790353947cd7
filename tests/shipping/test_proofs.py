from __future__ import annotations

import pytest
import sqlalchemy as sa

from ecsync.shipping import proofs
from ecsync.shipping.instructing import instruct
from ecsync.stock.allocation import allocate
from stock.small_shop import order, parcel, recipe, shelf


def check(master):
    with master.context() as ctx:
        return [(p.name, p.subject, p.expected, p.actual) for p in proofs.check(ctx)]


@pytest.fixture
def shop(master):
    shelf(master, A=4)
    recipe(master, "S", A=2)
    order(master, "1", ("S", 2))
    with master.context() as ctx:
        allocate(ctx)
        instruct(ctx)
    return master


def test_what_was_ordered_may_be_told(shop):
    assert check(shop) == []


def test_a_line_told_beyond_its_quantity_is_found(shop):
    parcel(shop, "P9", "1", ("1", "A", 1), instructed_at="2026-11-24T03:00:00Z")
    assert check(shop) == [("order.instructed", "rakuten1:1", 4, 5)]


def test_units_that_came_back_or_were_short_may_be_told_again(shop):
    with shop.engine.begin() as conn:
        conn.execute(sa.text("UPDATE instruction_line SET short_qty = 1, recalled_qty = 1"))
    parcel(shop, "P9", "1", ("1", "A", 2), instructed_at="2026-11-24T03:00:00Z")
    assert check(shop) == []


def test_an_order_that_shrank_after_it_was_told_is_no_fault_of_this_run(shop):
    with shop.engine.begin() as conn:
        conn.execute(sa.text("UPDATE order_line SET qty = 1"))
        conn.execute(sa.text("UPDATE shipping_instruction SET instructed_at = '2026-11-23T03:00:00Z'"))
    assert check(shop) == []


@pytest.mark.parametrize("sql", ["shipped_qty = 5", "shipped_qty = 2, short_qty = 3", "returned_qty = 1"])
def test_a_parcel_that_answers_for_more_than_it_holds_is_found(shop, sql):
    with shop.engine.begin() as conn:
        conn.execute(sa.text(f"UPDATE instruction_line SET {sql}"))
    assert [(name, subject) for name, subject, _e, _a in check(shop)] == [("order.answered", "rakuten1:1")]
