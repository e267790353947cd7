"""Every hold and whether a person may release it, and how long a release stands."""

from __future__ import annotations

from typing import Any

import pytest

from ecsync.errors import DecisionRefusedError
from ecsync.finding_catalogue import HOLD_REASONS
from ecsync.locale import speaking
from ecsync.orders.hold_rules import HOLD_RULES
from ecsync.orders.holds import refresh_holds
from ecsync.orders.release_rules import RELEASE_RULES
from master_under_test import NOW, MasterUnderTest
from orders.decided_orders import MIDDAY, came, decide, decided, known_shop
from orders.staged_orders import LATER, LATEST, ORDER, open_holds, row, state, take, two_lines

on_sqlite = pytest.mark.parametrize("master", ["sqlite"], indirect=True)
EARLY = "2026-11-24T02:00:00Z"

# How an order comes to be held, by reason.
HELD: dict[str, dict[str, Any]] = {
    "unknown_sku": {"sku_code": "SKU-Z"},
    "bad_address": {"ship_address_ok": 0},
    "amount_mismatch": {"goods": 1200},
    "unfixed_amount": {"unfixed_flag": 1, "billed": None, "src_totals_gap": None},
    "mall_checking": {"checking_flag": 1},
    "cancel_pending": {"order_status": "cancel_pending"},
    "refunded": {"order_status": "refunded"},
    "shipped_at_mall": {"order_status": "shipped"},
    "no_tax_rate": {"sku_code": "SKU-Z", "tax_rate": None},
    "zero_quantity": {"qty": 0, "goods": 0},
}
RELEASABLE = {
    "bad_address", "amount_mismatch", "mall_checking", "cancel_pending", "shipped_at_mall", "order_conflict",
    "staff_hold", "refunded",
}  # fmt: skip

# (reason, what comes next, whether the order is held for it again)
AFTERWARDS: list[tuple[str, dict[str, Any], bool]] = [
    ("bad_address", {"wished_slot": "am"}, False),
    ("bad_address", {"ship_phone": "090-0000-0009"}, False),
    ("bad_address", {"ship_city": "中央区"}, True),
    ("bad_address", {"ship_address": "日本橋"}, True),
    ("amount_mismatch", {"wished_slot": "am"}, False),
    ("amount_mismatch", {"buyer_phone": "090-0000-0009"}, False),
    ("amount_mismatch", {"goods": 1300}, True),
    ("amount_mismatch", {"points": 10}, True),
    ("amount_mismatch", {"qty": 2}, True),
    ("mall_checking", {"wished_slot": "am"}, False),
    ("cancel_pending", {"goods": 1000, "wished_slot": "am"}, False),
    ("shipped_at_mall", {"order_status": "settling"}, False),
    ("refunded", {"wished_slot": "am"}, False),
    ("refunded", {"billed": 1400}, True),
    ("shipped_at_mall", {"order_status": "settled"}, False),
]


@pytest.fixture
def shop(master: MasterUnderTest) -> MasterUnderTest:
    return known_shop(master)


def reasons(shop: MasterUnderTest) -> set[str]:
    return {str(reason) for _dest, reason in open_holds(shop)}


def test_every_hold_has_a_rule_of_release_in_words() -> None:
    assert set(RELEASE_RULES) == set(HOLD_REASONS)
    assert {rule.reason for rule in HOLD_RULES} <= set(RELEASE_RULES)
    assert {reason for reason, rule in RELEASE_RULES.items() if rule.releasable} == RELEASABLE
    with speaking("ja"):
        from ecsync.locale import _

        assert all(_(rule.why) != rule.why for rule in RELEASE_RULES.values())


@pytest.mark.parametrize("reason", sorted(RELEASABLE & set(HELD)))
def test_what_may_be_released_stays_released_over_every_run(shop: MasterUnderTest, reason: str) -> None:
    rows = [row(**HELD[reason])]
    came(shop, (rows, EARLY))
    assert reason in reasons(shop)

    effect = decide(shop, "release", reason=reason)
    assert [hold.reason for hold in effect.released] == [reason]
    assert reason not in reasons(shop), "it is gone at once"

    before = state(shop)
    for number, as_of in enumerate((EARLY, NOW), start=2):
        again = came(shop, (rows, as_of), run_id=number, now=LATER)
        assert reason not in reasons(shop)
        assert again.said("order_held") == []
    assert state(shop, without=["sales_order.as_of"]) == {
        **before,
        "sales_order": state(shop, without=["sales_order.as_of"])["sales_order"],
    }


@on_sqlite
@pytest.mark.parametrize("reason", sorted(set(HELD) - RELEASABLE))
def test_what_may_not_be_released_says_why_and_what_to_do(shop: MasterUnderTest, reason: str) -> None:
    came(shop, ([row(**HELD[reason])], EARLY))
    before = state(shop)

    with speaking("en"), pytest.raises(DecisionRefusedError) as refused:
        decide(shop, "release", reason=reason)

    assert RELEASE_RULES[reason].why in refused.value.message
    assert refused.value.hint == HOLD_REASONS[reason][1]
    assert refused.value.exit_status == 14
    assert state(shop) == before


@on_sqlite
@pytest.mark.parametrize(("reason", "then", "held_again"), AFTERWARDS)
def test_a_release_stands_until_what_it_was_judged_on_changes(
    shop: MasterUnderTest, reason: str, then: dict[str, Any], held_again: bool
) -> None:
    came(shop, ([row(**HELD[reason])], EARLY))
    decide(shop, "release", reason=reason)

    taken = came(shop, ([row(**{**HELD[reason], **then})], LATER), run_id=2, now=LATER)

    assert (reason in reasons(shop)) is held_again
    assert taken.said("release_ended") == ([f"rakuten1 {ORDER}"] if held_again else [])
    assert decided(shop, "kind", "state") == [("release", "superseded" if held_again else "active")]


@on_sqlite
@pytest.mark.parametrize("reason", ["mall_checking", "cancel_pending", "shipped_at_mall", "amount_mismatch"])
def test_a_reason_that_fell_away_and_comes_back_is_a_new_one(shop: MasterUnderTest, reason: str) -> None:
    came(shop, ([row(**HELD[reason])], EARLY))
    decide(shop, "release", reason=reason)
    came(shop, ([row()], NOW), run_id=2)
    assert decided(shop, "state") == [("superseded",)]
    came(shop, ([row(**HELD[reason])], LATER), run_id=3, now=LATER)
    assert reason in reasons(shop)


def test_another_reason_holds_all_the_same(shop: MasterUnderTest) -> None:
    came(shop, ([row(goods=1200, checking_flag=1)], EARLY))
    decide(shop, "release", reason="amount_mismatch")
    assert reasons(shop) == {"mall_checking"}
    came(shop, ([row(goods=1200, order_status="cancel_pending")], LATER), run_id=2, now=LATER)
    assert reasons(shop) == {"cancel_pending"}


@on_sqlite
def test_without_a_reason_every_hold_is_released_or_none(shop: MasterUnderTest) -> None:
    came(shop, ([row(goods=1200, checking_flag=1)], EARLY))
    assert {hold.reason for hold in decide(shop, "release").released} == {"amount_mismatch", "mall_checking"}
    came(shop, ([row(goods=1200, checking_flag=1, sku_code="SKU-Z", points=1)], LATER), run_id=2, now=LATER)
    before = state(shop)
    with pytest.raises(DecisionRefusedError, match="unknown_sku"):
        decide(shop, "release")
    assert state(shop) == before


@on_sqlite
def test_one_destination_is_released_alone(shop: MasterUnderTest) -> None:
    rows = two_lines(ship_address_ok=0)
    rows[1]["dest_id"] = "D2"
    came(shop, (rows, EARLY))
    decide(shop, "release", dest_id="D2")
    assert open_holds(shop) == [("D1", "bad_address")]
    came(shop, (rows, LATER), run_id=2, now=LATER)
    assert open_holds(shop) == [("D1", "bad_address")]


@on_sqlite
def test_what_is_not_held_cannot_be_released(shop: MasterUnderTest) -> None:
    came(shop, ([row()], EARLY))
    with speaking("en"), pytest.raises(DecisionRefusedError, match="is not held"):
        decide(shop, "release")
    came(shop, ([row(checking_flag=1)], LATER), run_id=2, now=LATER)
    with speaking("en"), pytest.raises(DecisionRefusedError, match="it is held for: mall_checking"):
        decide(shop, "release", reason="bad_address")


def test_a_contradiction_that_somebody_compared_comes_back_with_a_newer_one_only(
    shop: MasterUnderTest,
) -> None:
    came(shop, ([row(qty=1)], NOW))
    came(shop, ([row(qty=1, points=5)], NOW), run_id=2, now=LATER)
    assert reasons(shop) == {"order_conflict"}
    decide(shop, "release")
    again = came(shop, ([row(qty=1, points=5)], NOW), run_id=3, now=LATER)
    assert reasons(shop) == set()
    assert again.said("order_conflict") == []
    came(shop, ([row()], LATER), run_id=4, now=LATER)
    newer = came(shop, ([row(points=7)], LATER), run_id=5, now=LATEST)
    assert reasons(shop) == {"order_conflict"}
    assert newer.said("order_conflict") == [f"rakuten1 {ORDER}"]


@on_sqlite
def test_a_state_that_could_not_be_read_is_not_released(shop: MasterUnderTest) -> None:
    came(shop, ([row()], NOW))
    came(shop, ([row(points=5)], LATER), rejected=[(0, ORDER)], run_id=2, now=LATER)
    assert reasons(shop) == {"incomplete_order"}
    with pytest.raises(DecisionRefusedError, match="incomplete_order"):
        decide(shop, "release")


@on_sqlite
def test_an_erased_address_is_not_released(shop: MasterUnderTest) -> None:
    came(shop, ([row(ship_address_ok=0)], NOW))
    decide(shop, "release", reason="bad_address")
    with shop.context() as ctx:
        ctx.execute("UPDATE person SET address = '', erased_at = :now WHERE role = 'ship'", now=NOW)
        refresh_holds(ctx)
    assert reasons(shop) == {"address_erased"}
    with pytest.raises(DecisionRefusedError, match="address_erased"):
        decide(shop, "release")


@on_sqlite
def test_a_decision_keeps_who_when_why_and_what_it_saw(shop: MasterUnderTest) -> None:
    came(shop, ([row(checking_flag=1)], EARLY))
    decide(shop, "release", note="花子様に電話", source="受注.xlsx", source_row=7)
    assert decided(
        shop, "kind", "reason", "decided_by", "decided_at", "source", "source_row", "revision", "state"
    ) == [("release", "mall_checking", "佐藤", MIDDAY, "受注.xlsx", 7, 1, "active")]
    assert shop.rows("SELECT decision_id, note, erased_at FROM decision_note") == [(1, "花子様に電話", "")]


@on_sqlite
def test_a_second_release_of_the_same_hold_takes_the_place_of_the_first(shop: MasterUnderTest) -> None:
    came(shop, ([row(goods=1200)], EARLY))
    decide(shop, "release")
    take(shop, ([row(goods=1300)], LATER), run_id=2)
    came(shop, run_id=3, now=LATER)
    decide(shop, "release", now=LATEST)
    assert decided(shop, "state", "revision") == [("superseded", 1), ("active", 2)]
    came(shop, run_id=4, now=LATEST)
    assert reasons(shop) == set()
