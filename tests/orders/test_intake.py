"""An order is taken whole, once, and only as a newer state says; every change is a revision."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecsync.orders.holds import refresh_holds
from master_under_test import NOW
from orders.staged_orders import (
    EARLIER,
    LATER,
    LATEST,
    ORDER,
    OTHER,
    open_holds,
    order,
    row,
    ship,
    state,
    take,
    two_lines,
)

if TYPE_CHECKING:
    from master_under_test import MasterUnderTest


def test_a_new_order_stands_in_every_table(master: MasterUnderTest) -> None:
    taken = take(master, (two_lines(), NOW))

    assert taken.verdicts == ["new", "new"]
    assert master.rows("SELECT order_no, goods, billed, state, revision, as_of FROM sales_order") == [
        (ORDER, 2000, 2500, "open", 1, NOW)
    ]
    assert master.rows("SELECT dest_id, ship_prefecture, address_ok FROM order_destination") == [
        ("D1", "東京都", 1)
    ]
    assert master.rows(
        "SELECT line_id, dest_id, qty, unit_price, file_tax_rate FROM order_line ORDER BY line_id"
    ) == [
        ("1", "D1", 1, 1000, 1000),
        ("2", "D1", 1, 1000, 1000),
    ]
    assert master.rows("SELECT role, dest_id, name FROM person ORDER BY role") == [
        ("buyer", "", "架空 花子"),
        ("ship", "D1", "架空 太郎"),
    ]
    assert master.rows("SELECT line_id, options FROM person_line ORDER BY line_id") == [
        ("1", "色:藍"),
        ("2", "色:藍"),
    ]
    assert master.rows("SELECT revision, kind, changed FROM order_revision") == [(1, "new", "")]


def test_the_same_file_again_changes_nothing(master: MasterUnderTest) -> None:
    rows = [*two_lines(), row(OTHER)]
    take(master, (rows, NOW))
    before = state(master)

    for again in (rows, list(reversed(rows))):
        taken = take(master, (again, NOW), run_id=2)
        assert set(taken.verdicts) == {"unchanged"}
        assert taken.changes == 0
    assert state(master) == before


def test_an_equal_state_of_a_later_time_moves_only_the_as_of(master: MasterUnderTest) -> None:
    take(master, ([row()], NOW))
    before = state(master, without=["sales_order.as_of"])

    taken = take(master, ([row()], LATER))

    assert taken.verdicts == ["unchanged"]
    assert order(master, "as_of") == LATER
    assert order(master, "revision") == 1
    assert state(master, without=["sales_order.as_of"]) == before


def test_a_change_is_a_revision_with_old_and_new_values(master: MasterUnderTest) -> None:
    take(master, (two_lines(), NOW))
    changed = two_lines(wished_date="2026-11-28", billed=2400, coupon_shop=100)
    changed[1]["qty"] = 0

    taken = take(master, (changed, LATER))

    assert taken.verdicts == ["changed", "changed"]
    assert order(master, "revision") == 2
    assert master.rows("SELECT kind, changed, as_of FROM order_revision WHERE revision = 2") == [
        ("changed", "billed,coupon_shop,qty,wished_date", LATER)
    ]
    assert master.rows(
        "SELECT scope, field, old_value, new_value FROM order_change ORDER BY scope, field"
    ) == [
        ("", "billed", "2500", "2400"),
        ("", "coupon_shop", "", "100"),
        ("dest:D1", "wished_date", "", "2026-11-28"),
        ("line:2", "qty", "1", "0"),
    ]
    assert master.scalar("SELECT qty FROM order_line WHERE line_id = '2'") == 0


def test_a_personal_change_is_told_by_name_only(master: MasterUnderTest) -> None:
    take(master, ([row()], NOW))

    take(master, ([row(ship_address="秘密町9-9", buyer_name="別名 花子", options="色:朱")], LATER))

    assert (
        master.scalar("SELECT changed FROM order_revision WHERE revision = 2")
        == "buyer_name,options,ship_address"
    )
    assert master.rows("SELECT * FROM order_change") == []
    assert master.scalar("SELECT address FROM person WHERE role = 'ship'") == "秘密町9-9"
    assert master.scalar("SELECT name FROM person WHERE role = 'buyer'") == "別名 花子"
    assert master.scalar("SELECT options FROM person_line") == "色:朱"
    assert "秘密町" not in str(master.rows("SELECT * FROM order_revision"))


def test_an_unknown_amount_that_becomes_known_is_a_change(master: MasterUnderTest) -> None:
    take(master, ([row(points=None)], NOW))
    assert take(master, ([row(points=0)], LATER)).verdicts == ["changed"]
    assert take(master, ([row(points=None)], LATEST)).verdicts == ["changed"]
    assert order(master, "points") is None


def test_an_older_state_never_overwrites(master: MasterUnderTest) -> None:
    take(master, ([row(billed=1500)], LATER))
    before = state(master)

    taken = take(master, ([row(billed=9999)], EARLIER))

    assert taken.files == [[(ORDER, "1", "unchanged", "older_state")]]
    assert state(master) == before


@pytest.mark.parametrize("newest_first", [True, False])
def test_of_several_files_the_newest_state_counts(master: MasterUnderTest, newest_first: bool) -> None:
    files = [([row(order_status="shipped")], LATEST), ([row(order_status="ready")], NOW)]

    taken = take(master, *(files if newest_first else reversed(files)))

    assert sorted(taken.verdicts) == ["duplicate", "new"]
    assert order(master, "order_status") == "shipped"
    assert order(master, "revision") == 1


def test_the_orders_own_update_time_comes_before_the_file_time(master: MasterUnderTest) -> None:
    take(master, ([row(updated_at=LATER, billed=2)], NOW), ([row(updated_at=EARLIER, billed=1)], LATEST))

    assert order(master, "billed") == 2
    assert take(master, ([row(updated_at=EARLIER, billed=1)], LATEST)).verdicts == ["unchanged"]
    assert order(master, "billed") == 2


def test_between_equal_update_times_the_later_file_counts(master: MasterUnderTest) -> None:
    take(master, ([row(updated_at=NOW, billed=1)], NOW), ([row(updated_at=NOW, billed=2)], LATER))

    assert order(master, "billed") == 2


def test_copies_of_a_file_count_once(master: MasterUnderTest) -> None:
    taken = take(master, (two_lines(), NOW), (two_lines(), NOW), (two_lines(), NOW))

    assert sorted(taken.verdicts) == ["duplicate"] * 4 + ["new"] * 2
    assert master.scalar("SELECT COUNT(*) FROM order_line") == 2


def test_copies_of_a_line_in_a_file_count_once(master: MasterUnderTest) -> None:
    taken = take(master, ([*two_lines(), row(goods=2000, billed=2500)], NOW))

    assert sorted(taken.verdicts) == ["duplicate", "new", "new"]
    assert order(master, "totals_ok") == 1


def test_the_same_number_in_two_shops_is_two_orders(master: MasterUnderTest) -> None:
    settings = master.make_settings(channels={"rakuten2": {"platform": "rakuten", "warehouse": "main"}})
    master.load("order_lines", [row()], party="rakuten2")

    taken = take(master, ([row(billed=1600)], NOW), settings=settings)

    assert taken.verdicts == ["new"]
    assert master.rows("SELECT channel, billed FROM sales_order ORDER BY channel") == [
        ("rakuten1", 1600),
        ("rakuten2", 1500),
    ]


def test_a_line_that_the_newer_state_lacks_goes(master: MasterUnderTest) -> None:
    take(master, (two_lines(), NOW))

    take(master, ([row(goods=1000, billed=1500)], LATER))

    assert master.rows("SELECT line_id FROM order_line") == [("1",)]
    assert master.rows("SELECT line_id FROM person_line") == [("1",)]
    assert (
        master.scalar("SELECT changed FROM order_revision WHERE revision = 2") == "billed,goods,line_removed"
    )
    assert order(master, "totals_ok") == 1


def test_a_line_that_comes_back_is_added(master: MasterUnderTest) -> None:
    take(master, ([row()], NOW))

    take(master, (two_lines(), LATER))

    assert master.rows("SELECT line_id, qty FROM order_line ORDER BY line_id") == [("1", 1), ("2", 1)]
    assert master.scalar("SELECT COUNT(*) FROM person_line") == 2
    assert "line_added" in master.scalar("SELECT changed FROM order_revision WHERE revision = 2")


def test_a_shipped_line_stays_and_is_not_missed_again_and_again(master: MasterUnderTest) -> None:
    take(master, (two_lines(), NOW))
    ship(master, "2")

    take(master, ([row(goods=1000, billed=1500)], LATER))
    assert master.scalar("SELECT COUNT(*) FROM order_line") == 2
    before = state(master)

    assert take(master, ([row(goods=1000, billed=1500)], LATER)).verdicts == ["unchanged"]
    assert state(master) == before


def test_a_destination_moves_with_its_person(master: MasterUnderTest) -> None:
    take(master, ([row()], NOW))

    take(master, ([row(dest_id="D2", ship_name="架空 次郎")], LATER))

    assert master.rows("SELECT dest_id FROM order_destination") == [("D2",)]
    assert master.rows("SELECT dest_id, name FROM person WHERE role = 'ship'") == [("D2", "架空 次郎")]
    assert master.scalar("SELECT dest_id FROM order_line") == "D2"
    assert master.scalar("SELECT changed FROM order_revision WHERE revision = 2") == (
        "dest_id,destination_added,destination_removed"
    )


def test_the_place_of_a_shipped_line_stays_with_it(master: MasterUnderTest) -> None:
    first = [row(goods=2000), row(line_id="2", goods=2000, dest_id="D2")]
    take(master, (first, NOW))
    ship(master, "2")

    take(master, ([row()], LATER))
    before = state(master)

    assert master.rows("SELECT dest_id FROM order_destination ORDER BY dest_id") == [("D1",), ("D2",)]
    assert take(master, ([row()], LATER)).verdicts == ["unchanged"]
    assert state(master) == before


def test_erased_persons_are_not_filled_again(master: MasterUnderTest) -> None:
    take(master, ([row()], NOW))
    with master.context() as ctx:
        ctx.execute("UPDATE person SET name = '', phone = '', email = '', erased_at = :now", now=NOW)
        ctx.execute("UPDATE person_line SET options = '', erased_at = :now", now=NOW)

    assert take(master, ([row()], NOW)).verdicts == ["unchanged"]
    assert take(master, ([row(order_status="settled", buyer_name="架空 花")], LATER)).verdicts == ["changed"]
    assert master.rows("SELECT DISTINCT name, email FROM person WHERE role = 'buyer'") == [("", "")]
    assert master.rows("SELECT options FROM person_line") == [("",)]
    assert master.scalar("SELECT changed FROM order_revision WHERE revision = 2") == "order_status"


def test_an_intake_with_nothing_staged_writes_nothing(master: MasterUnderTest) -> None:
    take(master, ([row()], NOW))
    before = state(master)
    with master.context() as ctx:
        refresh_holds(ctx)
    assert take(master).changes == 0
    assert state(master, without=["order_hold.subject"])["sales_order"] == before["sales_order"]
    assert open_holds(master) == [("D1", "unknown_sku")]
