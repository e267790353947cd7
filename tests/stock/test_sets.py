from __future__ import annotations

import pytest
import sqlalchemy as sa

from ecsync.master.scratch import scratch_tables
from ecsync.stock.allocation import allocate
from ecsync.stock.explosion import COMPONENT_COLUMNS, explode_sets
from stock.small_shop import order, parcel, promised, recipe, shelf, told


def exploded(master):
    with master.context() as ctx, scratch_tables(ctx, tmp_component=COMPONENT_COLUMNS):
        explode_sets(ctx)
        return {
            (set_sku, sku): units
            for set_sku, sku, units in ctx.rows(
                "SELECT set_sku, sku, per_unit FROM tmp_component ORDER BY set_sku, sku"
            )
        }


def run(master, **overrides):
    with master.context(**overrides) as ctx:
        allocate(ctx)
    return ctx


def test_a_set_is_taken_apart_before_anything_is_promised(master):
    shelf(master, A=5, B=1)
    recipe(master, "S", A=2, B=1)
    order(master, "1", ("S", 2))
    run(master)
    assert promised(master) == {("1", "1", "A"): (4, 4), ("1", "1", "B"): (1, 2)}


def test_a_set_and_its_component_on_their_own_share_one_shelf(master):
    shelf(master, A=3)
    recipe(master, "S", A=2)
    order(master, "1", ("S", 1), ("A", 2))
    run(master)
    assert promised(master) == {("1", "1", "A"): (2, 2), ("1", "2", "A"): (1, 2)}


def test_a_set_of_sets_is_taken_apart_to_the_shelf(master):
    recipe(master, "small", A=2)
    recipe(master, "large", small=3, A=1, B=1)
    assert exploded(master) == {("small", "A"): 2, ("large", "A"): 7, ("large", "B"): 1}


@pytest.mark.parametrize("name", ["itself", "a circle"])
def test_a_set_that_holds_itself_is_refused_and_named(master, name):
    shelf(master, A=9)
    recipe(master, "S", **({"S": 2, "A": 1} if name == "itself" else {"T": 9999, "A": 1}))
    recipe(master, "T", S=9999)
    order(master, "1", ("S", 1), ("A", 1))
    ctx = run(master)
    assert promised(master) == {("1", "2", "A"): (1, 1)}
    assert told(ctx.findings, "set_refused") == [("S", {})]


def test_four_levels_are_taken_apart_and_five_are_refused(master):
    for outer, inner in ("54", "43", "32", "21"):
        recipe(master, f"level{outer}", **{f"level{inner}": 2})
    recipe(master, "level1", A=2)
    found = exploded(master)
    assert found["level4", "A"] == 16
    assert ("level5", "A") not in found


def test_a_set_of_a_million_units_is_refused(master):
    recipe(master, "box", A=9_999)
    recipe(master, "pallet", box=101)
    assert exploded(master) == {("box", "A"): 9_999}


def test_a_refused_set_that_nobody_ordered_is_not_named(master):
    recipe(master, "S", S=1)
    assert told(run(master).findings, "set_refused") == []


def test_a_new_recipe_changes_what_an_untold_line_needs(master):
    shelf(master, A=9, B=9)
    recipe(master, "S", A=1)
    order(master, "1", ("S", 2))
    run(master)
    recipe(master, "S", B=3)
    run(master)
    assert promised(master) == {("1", "1", "A"): (2, 2), ("1", "1", "B"): (6, 6)}


def test_a_new_recipe_leaves_a_line_alone_once_the_warehouse_was_told(master):
    shelf(master, A=9, B=9)
    recipe(master, "S", A=1)
    order(master, "1", ("S", 2))
    run(master)
    parcel(master, "P1", "1", ("1", "A", 2))
    recipe(master, "S", B=3)
    run(master)
    assert promised(master) == {("1", "1", "A"): (2, 2)}


def test_after_a_whole_recall_the_new_recipe_counts(master):
    shelf(master, A=9, B=9)
    recipe(master, "S", A=1)
    order(master, "1", ("S", 2))
    run(master)
    parcel(master, "P1", "1", ("1", "A", 2), state="recalled")
    with master.engine.begin() as conn:
        conn.execute(sa.text("UPDATE instruction_line SET recalled_qty = 2"))
    recipe(master, "S", B=3)
    run(master)
    assert promised(master) == {("1", "1", "A"): (2, 2), ("1", "1", "B"): (6, 6)}
