"""What cannot be trusted is put aside whole, is said, and holds what the master already has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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


def test_a_row_of_an_unknown_shop_is_put_aside(master: MasterUnderTest) -> None:
    taken = take(master, ([row(shop_id="000009"), row(OTHER)], NOW))

    assert taken.files == [
        [(ORDER, "1", "quarantined", "unknown_shop:shop_id"), (OTHER, "1", "new", "")],
    ]
    assert master.rows("SELECT order_no FROM sales_order") == [(OTHER,)]


def test_a_channel_without_shop_ids_takes_every_shop(master: MasterUnderTest) -> None:
    settings = master.make_settings(channels={"rakuten1": {"shop_ids": []}})

    assert take(master, ([row(shop_id="000009")], NOW), settings=settings).verdicts == ["new"]


def test_half_an_order_is_never_taken(master: MasterUnderTest) -> None:
    taken = take(master, ([*two_lines(), row(OTHER)], NOW), rejected=[(0, ORDER)])

    assert taken.verdicts == ["quarantined", "quarantined", "new"]
    assert taken.reasons == {"incomplete_order"}
    assert master.rows("SELECT order_no FROM sales_order") == [(OTHER,)]


def test_the_rest_of_an_order_waits_for_its_quarantined_row(master: MasterUnderTest) -> None:
    rows = two_lines()
    rows[1]["shop_id"] = "000009"

    taken = take(master, (rows, NOW))

    assert [v[2:] for v in taken.files[0]] == [
        ("quarantined", "incomplete_order"),
        ("quarantined", "unknown_shop:shop_id"),
    ]
    assert master.rows("SELECT * FROM sales_order") == []


def test_a_known_order_is_held_while_its_newer_state_cannot_be_read(master: MasterUnderTest) -> None:
    take(master, ([row()], NOW))

    taken = take(master, ([row(), row(OTHER)], LATER), rejected=[(0, ORDER)], after=[refresh_holds])

    assert taken.verdicts == ["quarantined", "new"]
    assert ("", "incomplete_order") in open_holds(master)
    assert order(master, "as_of") == NOW


def test_even_when_every_row_of_it_was_refused(master: MasterUnderTest) -> None:
    take(master, ([row()], NOW))

    take(master, ([row(OTHER)], LATER), rejected=[(0, ORDER)])

    assert open_holds(master) == [("", "incomplete_order")]


def test_the_mended_state_lets_it_go(master: MasterUnderTest) -> None:
    take(master, ([row()], NOW))
    take(master, ([row(OTHER)], LATER), rejected=[(0, ORDER)])

    take(master, ([row(billed=1400)], LATER))

    assert open_holds(master) == []
    assert order(master, "billed") == 1400


def test_an_older_unreadable_state_holds_nothing(master: MasterUnderTest) -> None:
    take(master, ([row()], NOW))
    take(master, ([row(OTHER)], EARLIER), rejected=[(0, ORDER)])

    assert open_holds(master) == []


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("billed", 1, "order_rows_disagree:billed"),
        ("points", 0, "order_rows_disagree:points"),
        ("buyer_name", "別人", "order_rows_disagree:buyer_name"),
        ("ship_city", "別の市", "destination_rows_disagree:ship_city"),
    ],
)
def test_rows_of_an_order_must_agree(master: MasterUnderTest, column: str, value: Any, reason: str) -> None:
    rows = [*two_lines(), row(OTHER)]
    rows[1][column] = value

    taken = take(master, (rows, NOW))

    assert taken.reasons == {reason}
    assert taken.verdicts == ["quarantined", "quarantined", "new"]


def test_rows_of_a_line_must_agree(master: MasterUnderTest) -> None:
    taken = take(master, ([row(), row(qty=2)], NOW))

    assert taken.reasons == {"line_rows_disagree:qty"}
    assert master.rows("SELECT * FROM sales_order") == []


def test_two_destinations_may_differ(master: MasterUnderTest) -> None:
    rows = two_lines()
    rows[1] |= {"dest_id": "D2", "ship_city": "別の市", "ship_name": "架空 次郎"}

    assert take(master, (rows, NOW)).verdicts == ["new", "new"]
    assert master.rows("SELECT dest_id, city FROM person WHERE role = 'ship' ORDER BY dest_id") == [
        ("D1", "千代田区"),
        ("D2", "別の市"),
    ]


@pytest.mark.parametrize("turned", [False, True])
def test_a_new_order_in_conflict_is_not_taken(master: MasterUnderTest, turned: bool) -> None:
    files = [([row(billed=1500)], NOW), ([row(billed=1600)], NOW)]

    taken = take(master, *(reversed(files) if turned else files))

    assert taken.verdicts == ["quarantined", "quarantined"]
    assert taken.reasons == {"order_conflict"}
    assert taken.said("order_conflict") == [f"rakuten1 {ORDER}"]
    assert master.rows("SELECT * FROM sales_order") == []


def test_a_conflict_over_the_number_of_lines_is_one(master: MasterUnderTest) -> None:
    taken = take(master, (two_lines(), NOW), (two_lines()[:1], NOW))

    assert set(taken.verdicts) == {"quarantined"}


def test_a_known_order_in_conflict_stays_and_is_held(master: MasterUnderTest) -> None:
    take(master, ([row(billed=1500)], NOW))

    taken = take(master, ([row(billed=1600)], NOW), after=[refresh_holds])

    assert taken.reasons == {"order_conflict"}
    assert order(master, "billed") == 1500
    assert ("", "order_conflict") in open_holds(master)
    assert taken.said("order_conflict") == [f"rakuten1 {ORDER}"]
    assert master.rows("SELECT * FROM order_change") == []


def test_the_same_conflict_again_is_not_news(master: MasterUnderTest) -> None:
    take(master, ([row(billed=1500)], NOW))
    take(master, ([row(billed=1600)], NOW))
    before = state(master)

    again = take(master, ([row(billed=1600)], NOW))
    known = take(master, ([row(billed=1500)], NOW))

    assert again.said("order_conflict") == []
    assert again.changes == 0
    assert known.verdicts == ["unchanged"]
    assert state(master) == before


def test_a_newer_state_ends_the_conflict(master: MasterUnderTest) -> None:
    take(master, ([row(billed=1500)], NOW))
    take(master, ([row(billed=1600)], NOW))

    take(master, ([row(billed=1500)], LATER))

    assert open_holds(master) == []
    assert order(master, "billed") == 1500


def test_a_state_from_before_the_conflict_does_not_end_it(master: MasterUnderTest) -> None:
    take(master, ([row(billed=1500)], EARLIER))
    take(master, ([row(billed=1600)], LATER), ([row(billed=1700)], LATER))
    assert open_holds(master) == [("", "order_conflict")]

    take(master, ([row(billed=1800)], NOW))
    assert order(master, "billed") == 1800
    assert open_holds(master) == [("", "order_conflict")]

    take(master, ([row(billed=1800)], LATEST))
    assert open_holds(master) == []


def test_older_states_never_are_a_conflict(master: MasterUnderTest) -> None:
    take(master, ([row(billed=1500)], LATER))

    taken = take(master, ([row(billed=1600)], NOW), ([row(billed=1700)], NOW))

    assert set(taken.verdicts) <= {"unchanged", "duplicate"}
    assert open_holds(master) == []


def test_a_conflict_over_a_shipped_order_is_said_and_holds_nothing(master: MasterUnderTest) -> None:
    take(master, ([row()], NOW))
    ship(master)
    with master.context() as ctx:
        ctx.execute("UPDATE sales_order SET state = 'shipped'")

    taken = take(master, ([row(billed=1600)], NOW))

    assert taken.said("order_conflict") == [f"rakuten1 {ORDER}"]
    assert open_holds(master) == []
