"""Parcels that the warehouse was told of: shipped as instructed in spite of a change, or called back."""

from __future__ import annotations

from typing import Any

import pytest

from ecsync.errors import DecisionRefusedError
from ecsync.locale import speaking
from ecsync.master.decisions import Decision
from ecsync.shipping.parcel_decisions import decide_on_parcel
from ecsync.shipping.recalls import request_recalls
from master_under_test import MasterUnderTest

ORDER = {"channel": "rakuten1", "order_no": "1"}


def parcel(master: MasterUnderTest, number: str, *, state: str = "instructed", told: bool = True) -> None:
    sequence = master.scalar("SELECT COUNT(*) FROM shipping_instruction") + 1
    master.insert(
        "shipping_instruction",
        {
            **ORDER, "parcel_no": number, "dest_id": "D1", "warehouse": "main", "state": state, "sequence": sequence,
        },
    )  # fmt: skip
    master.insert(
        "instruction_line",
        {**ORDER, "parcel_no": number, "line_no": 1, "line_id": "1", "line_sku": "A", "sku": "A", "qty": 1},
    )
    if told:
        key = f"rakuten1:1:D1:{sequence}"
        master.insert("outbox_key", {"document": "shipping_instructions", "business_key": key})


@pytest.fixture
def shop(master: MasterUnderTest) -> MasterUnderTest:
    """An open order of three units in parcels, changed after its instruction."""
    master.insert("sales_order", {**ORDER, "state": "open", "revision": 2})
    master.insert("order_line", {**ORDER, "line_id": "1", "dest_id": "D1", "sku": "A", "qty": 3})
    master.insert("order_revision", {**ORDER, "revision": 2, "kind": "changed", "changed": "ship_address"})
    return master


def run(master: MasterUnderTest, run_id: int = 1) -> Any:
    with master.context(run_id=run_id) as ctx:
        request_recalls(ctx)
        return ctx


def decide(master: MasterUnderTest, kind: str, parcel_no: str = "") -> str:
    with master.context(run_id=0) as ctx:
        decision = Decision(kind, "rakuten1", "1", "佐藤", parcel_no=parcel_no)
        return decide_on_parcel(ctx, decision, 2)


def changes(master: MasterUnderTest) -> list[tuple[Any, ...]]:
    return master.rows(
        "SELECT parcel_no, fields, state, decision_id FROM parcel_change ORDER BY parcel_no, revision"
    )


def test_a_changed_parcel_waits_for_a_decision_until_it_has_left(shop: MasterUnderTest) -> None:
    parcel(shop, "P1")
    run(shop)
    assert changes(shop) == [("P1", "ship_address", "open", 0)]
    assert run(shop, 2).changes == 0
    with shop.context() as ctx:
        ctx.execute("UPDATE shipping_instruction SET state = 'shipped'")
    run(shop, 3)
    assert changes(shop) == [("P1", "ship_address", "over", 0)]


def test_ship_as_instructed_settles_it_and_recalls_nothing(shop: MasterUnderTest) -> None:
    parcel(shop, "P1")
    run(shop)
    assert decide(shop, "ship_as_instructed") == "P1"
    run(shop, 2)
    assert changes(shop) == [("P1", "ship_address", "accepted", 1)]
    assert shop.rows("SELECT * FROM recall") == []


@pytest.mark.parametrize(("told", "state"), [(True, "recalling"), (False, "recalled")])
def test_a_recall_goes_out_with_the_next_run_or_needs_no_file(
    shop: MasterUnderTest, told: bool, state: str
) -> None:
    parcel(shop, "P1", told=told)
    run(shop)
    decide(shop, "recall", "P1")
    run(shop, 2)
    assert changes(shop) == [("P1", "ship_address", "recalled", 1)]
    assert shop.rows("SELECT state FROM shipping_instruction") == [(state,)]
    assert shop.rows("SELECT parcel_no, reason FROM recall") == ([("P1", "decided")] if told else [])
    assert run(shop, 3).changes == 0, "a parcel is recalled once"


@pytest.mark.parametrize("master", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("kind", "parcel_no", "words"),
    [
        ("recall", "", "say which parcel of order rakuten1 1 is meant: P1"),
        ("recall", "P9", r"say which parcel .*: P1 \(instructed\), P2 \(instructed\), P3 \(shipped\)"),
        ("recall", "P3", "is not with the warehouse any more"),
        ("ship_as_instructed", "P3", "is not with the warehouse any more"),
        ("ship_as_instructed", "P2", "nothing about parcel P2 waits for a decision"),
    ],
)
def test_what_cannot_be_decided_says_what_there_is(
    shop: MasterUnderTest, kind: str, parcel_no: str, words: str
) -> None:
    for number, state in (("P1", "instructed"), ("P2", "instructed"), ("P3", "shipped")):
        parcel(shop, number, state=state)
    with speaking("en"), pytest.raises(DecisionRefusedError, match=words):
        decide(shop, kind, parcel_no)


@pytest.mark.parametrize("master", ["sqlite"], indirect=True)
def test_a_parcel_is_called_back_once(shop: MasterUnderTest) -> None:
    with speaking("en"), pytest.raises(DecisionRefusedError, match="was told of no parcel"):
        decide(shop, "recall")
    parcel(shop, "P1")
    decide(shop, "recall")
    with speaking("en"), pytest.raises(DecisionRefusedError, match="recalled once already"):
        decide(shop, "recall")


@pytest.mark.parametrize("master", ["sqlite"], indirect=True)
def test_a_cancelled_order_leaves_nothing_to_decide(shop: MasterUnderTest) -> None:
    parcel(shop, "P1")
    run(shop)
    with shop.context() as ctx:
        ctx.execute("UPDATE sales_order SET state = 'cancelled'")
    run(shop, 2)
    assert changes(shop) == [("P1", "ship_address", "over", 0)]
    assert shop.rows("SELECT reason FROM recall") == [("cancelled",)]
