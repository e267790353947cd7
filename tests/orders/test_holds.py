"""Every reason that holds an order stands as long as it is true, is said once, and goes by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ecsync.finding_catalogue import HOLD_REASONS
from ecsync.locale import speaking
from ecsync.orders import doubts
from ecsync.orders.hold_rules import HOLD_RULES
from ecsync.orders.holds import refresh_holds
from master_under_test import NOW
from orders.staged_orders import LATER, LATEST, ORDER, OTHER, open_holds, row, ship, state, take, two_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from master_under_test import MasterUnderTest
    from orders.staged_orders import Taken


@pytest.fixture
def shop(master: MasterUnderTest) -> MasterUnderTest:
    """A master that knows SKU-A."""
    master.insert("product", {"sku": "SKU-A", "tax_rate": 1000})
    return master


def held(shop: MasterUnderTest, rows: list[dict[str, Any]], as_of: str = NOW, **options: Any) -> Taken:
    return take(shop, (rows, as_of), after=[refresh_holds], **options)


def history(shop: MasterUnderTest) -> list[tuple[Any, ...]]:
    return shop.rows(
        "SELECT reason, dest_id, opened_at, closed_at FROM order_hold ORDER BY reason, opened_at"
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, []),
        ({"sku_code": "SKU-Z"}, [("D1", "unknown_sku")]),
        ({"sku_code": "SKU-Z", "tax_rate": None}, [("", "no_tax_rate"), ("D1", "unknown_sku")]),
        ({"ship_address_ok": 0}, [("D1", "bad_address")]),
        ({"goods": 1200}, [("", "amount_mismatch")]),
        ({"src_totals_gap": 5}, [("", "amount_mismatch")]),
        ({"unfixed_flag": 1, "billed": None, "src_totals_gap": None}, [("", "unfixed_amount")]),
        ({"checking_flag": 1}, [("", "mall_checking")]),
        ({"order_status": "cancel_pending"}, [("", "cancel_pending")]),
        ({"order_status": "refunded"}, [("", "refunded")]),
        ({"order_status": "shipped"}, [("", "shipped_at_mall")]),
        ({"left_flag": 1}, [("", "shipped_at_mall")]),
        # What no warehouse packs needs neither a SKU nor an address, and its shop delivers it by itself.
        (
            {
                "ships_flag": 0,
                "sku_code": "",
                "ship_address_ok": 0,
                "left_flag": 1,
                "order_status": "shipped",
            },
            [],
        ),
        ({"ships_flag": 0, "tax_rate": None, "sku_code": ""}, [("", "no_tax_rate")]),
        ({"ships_flag": 0, "order_status": "refunded"}, [("", "refunded")]),
        ({"order_status": "settled"}, [("", "shipped_at_mall")]),
        ({"qty": 0, "goods": 0}, [("D1", "zero_quantity")]),
        ({"order_status": "cancelled", "checking_flag": 1, "sku_code": "SKU-Z"}, []),
    ],
)
def test_each_reason(shop: MasterUnderTest, values: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    held(shop, [row(**values)])

    assert open_holds(shop) == expected


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"src_totals_gap": 5}, "{billed} is billed, but its amounts give {parts}"),
        ({"goods": 1200}, "its goods are 1,200, but its lines give {lines}"),
        ({"goods": None, "src_totals_gap": -7}, "{billed} is billed, but its amounts give {more}"),
        ({}, ""),
        ({"src_totals_gap": 5, "order_status": "cancelled"}, ""),
        ({"src_totals_gap": 5, "unfixed_flag": 1}, ""),
    ],
)
def test_both_figures_of_an_order_that_does_not_add_up_are_said(
    shop: MasterUnderTest, values: dict[str, Any], said: str
) -> None:
    rows = [row(**values)]
    first = rows[0]
    told = held(shop, rows).findings
    figures = {
        "billed": f"{first['billed']:,}",
        "parts": f"{first['billed'] - 5:,}",
        "more": f"{first['billed'] + 7:,}",
        "lines": f"{first['unit_price'] * first['qty']:,}",
    }
    with speaking("en"):
        found = [f.sentence().replace("¥", "") for f in told if f.code == "amounts_unequal"]
    wanted = [f"Order rakuten1 {ORDER} does not add up: {said.format(**figures)}"] if said else []
    assert found == wanted


def test_all_reasons_are_kept(shop: MasterUnderTest) -> None:
    taken = held(shop, [row(checking_flag=1, ship_address_ok=0, sku_code="SKU-Z")])

    assert [reason for _dest, reason in open_holds(shop)] == ["mall_checking", "bad_address", "unknown_sku"]
    assert taken.said("order_held") == [f"rakuten1 {ORDER}"] * 3


def test_a_destination_is_held_alone(shop: MasterUnderTest) -> None:
    rows = two_lines()
    rows[1] |= {"dest_id": "D2", "sku_code": "SKU-Z"}

    held(shop, rows)

    assert open_holds(shop) == [("D2", "unknown_sku")]


def test_a_hold_says_what_and_what_to_do(shop: MasterUnderTest) -> None:
    with speaking("en"):
        taken = held(shop, [row(sku_code="SKU-Z")])

    (finding,) = [f for f in taken.findings if f.code == "order_held"]
    assert finding.params["hold"] == "unknown_sku"
    assert finding.params["about"] == "SKU-Z"
    assert (finding.params["reason"], finding.params["advice"]) == HOLD_REASONS["unknown_sku"]


def test_a_reason_is_said_once_and_goes_by_itself(shop: MasterUnderTest) -> None:
    held(shop, [row(checking_flag=1)], run_id=1, now=NOW)
    before = state(shop)

    again = held(shop, [row(checking_flag=1)], run_id=2, now=LATER)
    assert again.said("order_held") == []
    assert again.changes == 0
    assert state(shop) == before

    held(shop, [row(checking_flag=0)], LATEST, run_id=3, now=LATEST)
    assert open_holds(shop) == []
    assert history(shop) == [("mall_checking", "", NOW, LATEST)]


def test_a_reason_that_comes_back_is_a_new_hold(shop: MasterUnderTest) -> None:
    held(shop, [row(checking_flag=1)], NOW, run_id=1, now=NOW)
    held(shop, [row()], LATER, run_id=2, now=LATER)

    taken = held(shop, [row(checking_flag=1)], LATEST, run_id=3, now=LATEST)

    assert taken.said("order_held") == [f"rakuten1 {ORDER}"]
    assert history(shop) == [("mall_checking", "", NOW, LATER), ("mall_checking", "", LATEST, "")]


def test_it_may_come_and_go_within_one_clock(shop: MasterUnderTest) -> None:
    for as_of, flag in ((NOW, 1), (LATER, 0), (LATEST, 1)):
        held(shop, [row(checking_flag=flag)], as_of)

    assert history(shop) == [("mall_checking", "", NOW, "")]


def test_the_subject_follows_the_code_that_is_missing(shop: MasterUnderTest) -> None:
    held(shop, [row(sku_code="SKU-Y")])
    held(shop, [row(sku_code="SKU-Z")], LATER)

    assert shop.rows("SELECT subject FROM order_hold") == [("SKU-Z",)]


def test_switches_of_the_channel(shop: MasterUnderTest) -> None:
    rakuten = {"hold_checking_flag": False, "hold_shipped_at_mall": False, "status": {"hold": []}}
    settings = shop.make_settings(channels={"rakuten1": rakuten})
    rows = [
        row(checking_flag=1),
        row(OTHER, order_status="shipped"),
        row("X", order_status="cancel_pending"),
    ]

    held(shop, rows, settings=settings)

    assert shop.rows("SELECT * FROM order_hold") == []


def test_the_malls_word_is_ours_once_a_part_has_left(shop: MasterUnderTest) -> None:
    held(shop, two_lines())
    ship(shop, "1")

    held(shop, two_lines(order_status="shipped"), LATER)

    assert open_holds(shop) == []


@pytest.mark.parametrize("closed", ["shipped", "cancelled", "foreign"])
def test_what_is_closed_is_not_held(shop: MasterUnderTest, closed: str) -> None:
    held(shop, [row(checking_flag=1)])
    take(shop, ([row(checking_flag=1, billed=1500)], NOW))
    with shop.context() as ctx:
        ctx.execute("UPDATE sales_order SET state = :closed", closed=closed)
        refresh_holds(ctx)

    assert open_holds(shop) == []


def test_the_hold_of_another_room_is_left_alone_while_the_order_is_open(shop: MasterUnderTest) -> None:
    held(shop, [row()])
    foreign = {"channel": "rakuten1", "order_no": ORDER, "dest_id": "D1", "opened_at": NOW}
    shop.insert("order_hold", {**foreign, "reason": "changed_after_instruction"})

    held(shop, [row()])
    assert open_holds(shop) == [("D1", "changed_after_instruction")]

    held(shop, [row(order_status="cancelled")], LATER)
    assert open_holds(shop) == []


def test_an_erased_address_holds(shop: MasterUnderTest) -> None:
    held(shop, [row()])
    with shop.context() as ctx:
        ctx.execute("UPDATE person SET address = '', erased_at = :now WHERE role = 'ship'", now=NOW)
        refresh_holds(ctx)

    assert open_holds(shop) == [("D1", "address_erased")]


def _reasons() -> Iterable[str]:
    return (*(rule.reason for rule in HOLD_RULES), *doubts.REASONS)


def test_every_reason_has_its_words() -> None:
    assert len(set(_reasons())) == len(tuple(_reasons()))
    assert set(_reasons()) <= set(HOLD_REASONS)
