"""Law 6 from every side: whatever is ordered, counted and cut into runs, nothing is promised that is not there."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as laws
from hypothesis import strategies as st

from ecsync.stock.allocation import allocate
from ecsync.stock.release import release_excess
from stock.small_shop import order_rows, promised, put, recipe_rows, shelf, shelf_rows

SKUS = ("A", "B", "C")
RECIPES = {"S": {"A": 2, "B": 1}, "T": {"S": 2, "C": 1}}
EXPLODED = {"A": {"A": 1}, "B": {"B": 1}, "C": {"C": 1}, "S": {"A": 2, "B": 1}, "T": {"A": 4, "B": 2, "C": 1}}

orders = st.lists(
    st.tuples(
        st.integers(0, 3),  # the hour: several orders share one
        st.lists(st.tuples(st.sampled_from(sorted(EXPLODED)), st.integers(1, 3)), min_size=1, max_size=3),
    ),
    min_size=1,
    max_size=6,
)
shelves = st.fixed_dictionaries({sku: st.integers(0, 12) for sku in SKUS})
few = laws(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def rows_of(number, hour, lines):
    return order_rows(f"{number:02}", *lines, at=f"2026-11-23T{hour:02}:00:00Z")


def run(master, step=allocate):
    with master.context() as ctx:
        step(ctx)


def set_shelf(master, units):
    with master.engine.begin() as conn:
        for sku, qty in units.items():
            conn.execute(
                sa.text("UPDATE stock_balance SET on_hand = :q WHERE sku = :s"), {"q": qty, "s": sku}
            )


def prepare(master, units, placed=()):
    master.wipe()
    rows = shelf_rows(**units)
    for name, components in RECIPES.items():
        rows += recipe_rows(name, **components)
    for number, (hour, lines) in placed:
        rows += rows_of(number, hour, lines)
    put(master, rows)


def by_hand(units, placed):
    """Return what first come, first served gives, one unit after another."""
    left = dict(units)
    outcome = {}
    for _hour, number, lines in sorted((hour, f"{n:02}", lines) for n, (hour, lines) in enumerate(placed)):
        for line_id, (sku, qty) in enumerate(lines, start=1):
            for component, per_unit in EXPLODED[sku].items():
                needed = per_unit * qty
                given_units = min(needed, left[component])
                left[component] -= given_units
                outcome[number, str(line_id), component] = (given_units, needed)
    return outcome


@few
@given(units=shelves, placed=orders)
def test_it_is_first_come_first_served_unit_by_unit_in_whatever_order_rows_lie(master, units, placed):
    prepare(master, units, reversed(list(enumerate(placed))))
    run(master)
    assert promised(master) == by_hand(units, placed)


@few
@given(units=shelves, placed=orders, data=st.data())
def test_orders_that_come_in_the_order_of_their_time_may_be_cut_into_any_runs(master, units, placed, data):
    in_time = sorted(enumerate(placed), key=lambda entry: (entry[1][0], entry[0]))
    prepare(master, units)
    for number, (hour, lines) in in_time:
        put(master, rows_of(number, hour, lines))
        if data.draw(st.booleans()):
            run(master)
    run(master)
    assert promised(master) == by_hand(units, placed)


@few
@given(placed=orders, counted=st.lists(shelves, min_size=1, max_size=4))
def test_after_any_counts_no_more_is_promised_than_there_is_and_nothing_lies_idle(master, placed, counted):
    prepare(master, counted[0], enumerate(placed))
    run(master)
    for units in counted:
        set_shelf(master, units)
        run(master, release_excess)
        assert_kept(master, units)
    run(master)
    assert_kept(master, counted[-1])
    for sku in SKUS:
        rows = [entry for key, entry in promised(master).items() if key[2] == sku]
        waited_for = sum(needed - qty for qty, needed in rows)
        assert waited_for == 0 or sum(qty for qty, _needed in rows) == counted[-1][sku]


def assert_kept(master, units):
    for sku, qty in units.items():
        rows = [entry for key, entry in promised(master).items() if key[2] == sku]
        assert sum(given_units for given_units, _needed in rows) <= qty
        assert all(0 <= given_units <= needed for given_units, needed in rows)


@pytest.mark.parametrize("seed", [1])
def test_many_orders_are_served_at_once(master, seed):
    shelf(master, **{f"S{n}": 50 for n in range(40)})
    with master.engine.begin() as conn:
        for table, rows in many_orders(2_000, seed).items():
            conn.execute(
                sa.text(f"INSERT INTO {table} ({', '.join(rows[0])}) VALUES (:{', :'.join(rows[0])})"), rows
            )
    run(master)
    assert master.scalar("SELECT COUNT(*) FROM allocation") == 4_000
    assert master.scalar("SELECT CAST(SUM(qty) AS BIGINT) FROM allocation") == 40 * 50


def many_orders(count, seed):
    tables = {"sales_order": [], "order_line": []}
    for number in range(count):
        key = {"channel": "rakuten1", "order_no": f"{number:06}"}
        tables["sales_order"].append(
            {**key, "ordered_at": f"2026-11-2{number % 4}T00:00:00Z", "state": "open"}
        )
        tables["order_line"] += [
            {
                **key,
                "line_id": str(i),
                "dest_id": "1",
                "sku": f"S{(number * (i + seed)) % 40}",
                "qty": 1 + number % 3,
            }
            for i in (1, 2)
        ]
    return tables
