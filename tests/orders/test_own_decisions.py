"""Orders that we hold, cancel and reopen ourselves, whatever the shop goes on to say; and how an order is named."""

from __future__ import annotations

from typing import Any

import pytest

from ecsync.errors import DecisionRefusedError, UsageError
from ecsync.findings import FindingLog
from ecsync.locale import speaking
from ecsync.orders import telling
from ecsync.orders.lookup import find_order
from master_under_test import NOW, MasterUnderTest
from orders.decided_orders import came, decide, decided, known_shop
from orders.staged_orders import EARLIER, LATER, LATEST, ORDER, open_holds, order, row, state

on_sqlite = pytest.mark.parametrize("master", ["sqlite"], indirect=True)


@pytest.fixture
def shop(master: MasterUnderTest) -> MasterUnderTest:
    return known_shop(master)


def kinds(shop: MasterUnderTest) -> list[str]:
    return [str(kind) for (kind,) in shop.rows("SELECT kind FROM order_revision ORDER BY revision")]


def test_our_cancellation_outlives_whatever_the_shop_sends(shop: MasterUnderTest) -> None:
    came(shop, ([row(goods=1200)], EARLIER))
    effect = decide(shop, "cancel")
    assert (effect.state, [hold.reason for hold in effect.released]) == ("cancelled", ["amount_mismatch"])
    for number, (values, as_of) in enumerate(
        (({"points": 5}, NOW), ({"order_status": "processing"}, LATER), ({}, LATEST)), start=2
    ):
        came(shop, ([row(**values)], as_of), run_id=number, now=as_of)
        assert order(shop, "state") == "cancelled"
        assert open_holds(shop) == []
    assert kinds(shop) == ["new", "cancelled", "changed", "changed", "changed"]
    before = state(shop)
    came(shop, ([row()], LATEST), ([row(points=5)], NOW), run_id=9, now=LATEST)
    assert state(shop) == before


@on_sqlite
@pytest.mark.parametrize(
    ("then", "reopened"), [({}, "open"), ({"points": 5}, "open"), ({"order_status": "cancelled"}, None)]
)
def test_our_cancellation_is_undone_unless_the_shop_cancelled_too(
    shop: MasterUnderTest, then: dict[str, Any], reopened: str | None
) -> None:
    came(shop, ([row()], EARLIER))
    decide(shop, "cancel")
    came(shop, ([row(**then)], NOW), run_id=2)
    if reopened is None:
        with speaking("en"), pytest.raises(DecisionRefusedError, match="was cancelled by the shop"):
            decide(shop, "reopen")
        return
    decide(shop, "reopen")
    assert order(shop, "state") == reopened
    assert decided(shop, "kind", "state") == [("cancel", "withdrawn"), ("reopen", "active")]
    came(shop, ([row(points=9)], LATER), run_id=3, now=LATER)
    assert order(shop, "state") == "open"
    decide(shop, "cancel")
    assert order(shop, "state") == "cancelled"


@on_sqlite
def test_what_the_shop_cancelled_is_not_ours_to_reopen(shop: MasterUnderTest) -> None:
    came(shop, ([row(order_status="cancelled")], NOW))
    with speaking("en"), pytest.raises(DecisionRefusedError, match="was cancelled by the shop"):
        decide(shop, "reopen")


def test_a_hold_by_hand_stands_until_it_is_lifted_by_hand(shop: MasterUnderTest) -> None:
    came(shop, ([row(checking_flag=1)], EARLIER))
    decide(shop, "hold", note="在庫の傷を確認中")
    came(shop, ([row()], NOW), run_id=2)
    assert open_holds(shop) == [("", "staff_hold")]
    assert decide(shop, "hold").state == "", "it is held already"
    decide(shop, "release", reason="staff_hold")
    came(shop, ([row(points=1)], LATER), run_id=3, now=LATER)
    assert open_holds(shop) == []
    decide(shop, "hold", now=LATER)
    came(shop, run_id=4, now=LATEST)
    assert open_holds(shop) == [("", "staff_hold")], "an old release says nothing about a new hold"


@on_sqlite
def test_one_destination_is_held_by_hand_alone(shop: MasterUnderTest) -> None:
    came(shop, ([row(goods=2000), row(line_id="2", dest_id="D2", goods=2000)], NOW))
    decide(shop, "hold", dest_id="D2")
    came(shop, run_id=2, now=LATER)
    assert open_holds(shop) == [("D2", "staff_hold")]


def test_a_run_tells_every_decision_once_and_no_note_of_it(shop: MasterUnderTest) -> None:
    came(shop, ([row(checking_flag=1)], NOW))
    decide(shop, "release", note="架空 花子様")
    decide(shop, "amend", "name=架空 次郎")

    def told(run_id: int) -> list[tuple[str, str]]:
        with shop.context(run_id=run_id, findings=FindingLog()) as ctx:
            telling.tell_decisions(ctx)
            with speaking("ja"):
                return [(f.subject, f.sentence()) for f in ctx.findings]

    assert told(5) == [
        (f"rakuten1 {ORDER}", f"注文 rakuten1 {ORDER}: 佐藤 さんの判断: 出荷する"),
        (f"rakuten1 {ORDER}", f"注文 rakuten1 {ORDER}: 佐藤 さんの判断: 修正する"),
    ]
    assert told(6) == []
    assert decided(shop, "run_id") == [(5,), (5,)]


# What is typed, and what is found or, after a `!`, what is said.
NAMES: list[tuple[list[str], str]] = [
    (["0001"], "rakuten1 0001"),
    (["rakuten2", "0002"], "rakuten2 0002"),
    (["rakuten2 0002"], "rakuten2 0002"),
    (["0002"], "!several shops have an order 0002; name one of them: rakuten1 0002, rakuten2 0002"),
    (["rakuten2", "0001"], "!there is no such order; orders like it: rakuten1 0001"),
    (["002"], "!there is no such order; orders like it: rakuten1 0002, rakuten2 0002"),
    (["0_02"], "!there is no such order; no order looks like it; there are orders of: rakuten1, rakuten2"),
    (["架空"], "!there is no such order; no order looks like it; there are orders of: rakuten1, rakuten2"),
    ([], "!name an order by its number"),
    (["rakuten1", "0001", "0002"], "!name an order by its number"),
]


@on_sqlite
@pytest.mark.parametrize(("words", "answer"), NAMES)
def test_an_order_is_named_by_its_number_or_with_its_shop(
    master: MasterUnderTest, words: list[str], answer: str
) -> None:
    for channel, order_no in (("rakuten1", "0001"), ("rakuten1", "0002"), ("rakuten2", "0002")):
        master.insert("sales_order", {"channel": channel, "order_no": order_no})
    with speaking("en"), master.context() as ctx:
        if answer.startswith("!"):
            with pytest.raises(UsageError) as error:
                find_order(ctx.conn, words)
            assert error.value.message.startswith(answer[1:])
        else:
            found = find_order(ctx.conn, words)
            assert f"{found.channel} {found.order_no}" == answer
