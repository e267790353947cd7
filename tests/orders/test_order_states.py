"""open, cancelled, shipped, foreign: an order follows the mall, the cut-over and what has left the warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from master_under_test import NOW
from orders.staged_orders import LATER, LATEST, ORDER, OTHER, order, row, ship, take, two_lines

if TYPE_CHECKING:
    from ecsync.config import Settings
    from master_under_test import MasterUnderTest


def kinds(master: MasterUnderTest) -> list[str]:
    return [str(kind) for (kind,) in master.rows("SELECT kind FROM order_revision ORDER BY revision")]


def from_17th(master: MasterUnderTest) -> Settings:
    return master.make_settings(channels={"rakuten1": {"cutover": "2026-11-17T00:00:00+09:00"}})


def test_cancelled_and_reopened(master: MasterUnderTest) -> None:
    take(master, ([row()], NOW))
    take(master, ([row(order_status="cancelled")], LATER))
    assert order(master, "state") == "cancelled"

    take(master, ([row(order_status="ready")], LATEST))

    assert order(master, "state") == "open"
    assert kinds(master) == ["new", "cancelled", "reopened"]


def test_an_order_may_arrive_cancelled(master: MasterUnderTest) -> None:
    take(master, ([row(order_status="cancelled")], NOW))

    assert order(master, "state") == "cancelled"
    assert kinds(master) == ["new"]


def test_which_status_cancels_is_the_channels_setting(master: MasterUnderTest) -> None:
    settings = master.make_settings(channels={"rakuten1": {"status": {"cancelled": ["change_pending"]}}})
    take(
        master,
        ([row(order_status="change_pending"), row(OTHER, order_status="cancelled")], NOW),
        settings=settings,
    )

    assert order(master, "state") == "cancelled"
    assert order(master, "state", OTHER) == "open"


def test_a_shipped_order_stays_shipped(master: MasterUnderTest) -> None:
    take(master, ([row()], NOW))
    ship(master)
    with master.context() as ctx:
        ctx.execute("UPDATE sales_order SET state = 'shipped'")

    settled = take(master, ([row(order_status="settled")], LATER))
    assert settled.said("changed_after_shipment") == []

    cancelled = take(master, ([row(order_status="cancelled", billed=0)], LATEST))
    assert order(master, "state") == "shipped"
    assert cancelled.said("cancelled_after_shipment") == [f"rakuten1 {ORDER}"]
    assert [f.params["fields"] for f in cancelled.findings if f.code == "changed_after_shipment"] == [
        "billed"
    ]


def test_cancelled_after_a_part_has_left_ships_no_more(master: MasterUnderTest) -> None:
    take(master, (two_lines(), NOW))
    ship(master, "1")

    taken = take(master, (two_lines(order_status="cancelled"), LATER))

    assert order(master, "state") == "cancelled"
    assert taken.said("cancelled_after_shipment") == [f"rakuten1 {ORDER}"]


def test_before_the_cutover_an_order_is_the_old_systems(master: MasterUnderTest) -> None:
    last, first = "2026-11-16T14:59:59Z", "2026-11-16T15:00:00Z"

    taken = take(
        master, ([row(ordered_at=last), row(OTHER, ordered_at=first)], NOW), settings=from_17th(master)
    )

    assert order(master, "state") == "foreign"
    assert order(master, "state", OTHER) == "open"
    assert [(f.subject, f.params["count"]) for f in taken.findings if f.code == "before_cutover"] == [
        ("rakuten1", "1")
    ]


def test_what_the_old_system_has_stays_its_own_and_is_said_once(master: MasterUnderTest) -> None:
    old: dict[str, Any] = {"ordered_at": "2026-11-10T00:00:00Z"}
    take(master, ([row(**old)], NOW), settings=from_17th(master))

    taken = take(master, ([row(order_status="shipped", **old)], LATER), settings=from_17th(master))

    assert order(master, "state") == "foreign"
    assert taken.said("before_cutover") == []


@pytest.mark.parametrize("status", ["ready", "cancelled"])
def test_an_order_of_the_opening_is_ours(master: MasterUnderTest, status: str) -> None:
    master.insert("opening_order", {"channel": "rakuten1", "order_no": ORDER})
    old = row(ordered_at="2026-11-10T00:00:00Z", order_status=status)

    take(master, ([old], NOW), settings=from_17th(master))

    assert order(master, "state") == ("open" if status == "ready" else "cancelled")


def test_an_opening_that_comes_later_makes_it_ours(master: MasterUnderTest) -> None:
    take(master, ([row(ordered_at="2026-11-10T00:00:00Z")], NOW), settings=from_17th(master))
    master.insert("opening_order", {"channel": "rakuten1", "order_no": ORDER})

    take(master, settings=from_17th(master))

    assert order(master, "state") == "open"


def test_a_cutover_that_moves_takes_no_order_away(master: MasterUnderTest) -> None:
    take(master, ([row(ordered_at="2026-11-10T00:00:00Z")], NOW))

    take(master, ([row(ordered_at="2026-11-10T00:00:00Z", billed=1)], LATER), settings=from_17th(master))

    assert order(master, "state") == "open"


@pytest.mark.parametrize(
    ("values", "holds"),
    [
        ({}, 1),
        ({"goods": 1300, "wrapping": 300}, 1),
        ({"goods": 1000, "wrapping": 300}, 1),
        ({"goods": 1200}, 0),
        ({"src_totals_gap": 1}, 0),
        ({"src_totals_gap": -1}, 0),
        ({"src_totals_gap": None}, 1),
        ({"goods": None, "src_totals_gap": None}, 1),
        ({"unfixed_flag": 1, "billed": None, "src_totals_gap": None}, 0),
    ],
)
def test_whether_the_amounts_add_up(master: MasterUnderTest, values: dict[str, Any], holds: int) -> None:
    take(master, ([row(**values)], NOW))

    assert order(master, "totals_ok") == holds
