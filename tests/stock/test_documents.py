"""What the core system is told of units that came into a warehouse: what the ledger took, since the cut-over."""

from __future__ import annotations

from typing import Any

import pytest

from ecsync.entities.outbound import CORE_RECEIPTS
from ecsync.run.documents import SOURCES
from ecsync.stock import documents
from master_under_test import MasterUnderTest
from stock.small_shop import order, parcel, shelf

OPENED, EARLIER, LATER = "2026-11-24T00:00:00Z", "2026-11-23T23:59:59Z", "2026-11-24T05:00:00Z"
COLUMNS = ("receipt_id", "received_on", "sku", "qty", "order_no", "line_id")


def event(master: MasterUnderTest, event_id: str, kind: str, **facts: Any) -> None:
    usual = {"warehouse": "main", "sku": "A", "qty": 3, "at": LATER, "business_date": "2026-11-24"}
    master.insert(
        "warehouse_event",
        {**usual, "event_id": event_id, "kind": kind, "verdict": "ok", "posted_flag": 1, **facts},
    )


def told(master: MasterUnderTest, cutovers: dict[str, str] | None = None) -> list[dict[str, Any]]:
    since, places = documents.since(cutovers or {})
    sql = SOURCES["core_receipts"].sql.replace("{since}", since)
    with master.context() as ctx:
        return [dict(row._mapping) for row in ctx.rows(sql, document="core_receipts", **places)]


def test_they_yield_the_columns_of_the_entity_and_the_key_that_is_told_once(master: MasterUnderTest) -> None:
    event(master, "E1", "receipt")
    (row,) = told(master)
    assert tuple(row) == (*CORE_RECEIPTS.column_names, "business_key")
    assert row["business_key"] == row["receipt_id"] == "receipt:main:E1"


def test_goods_returns_and_adjustments_are_told_by_the_day_and_nothing_that_leaves(
    master: MasterUnderTest,
) -> None:
    order(master, "1", ("B", 2))
    parcel(master, "P1", "1", ("1", "B", 2))
    event(master, "E4", "receipt")
    event(master, "E3", "adjustment", qty=-1, business_date="2026-11-25")
    event(master, "E2", "return", sku="B", qty=2, parcel_no="P1", line_no=1)
    for number, kind in enumerate(("shipped", "short", "sold", "recalled", "refused"), start=5):
        event(master, f"E{number}", kind)
    assert [tuple(row[name] for name in COLUMNS) for row in told(master)] == [
        ("return:main:E2", "2026-11-24", "B", 2, "1", "1"),
        ("receipt:main:E4", "2026-11-24", "A", 3, "", ""),
        ("adjustment:main:E3", "2026-11-25", "A", -1, "", ""),
    ]


@pytest.mark.parametrize("facts", [{"verdict": "bad_quantity", "posted_flag": 0}, {"posted_flag": 0}])
def test_what_the_ledger_did_not_take_is_not_told(master: MasterUnderTest, facts: dict[str, Any]) -> None:
    event(master, "E1", "receipt", **facts)
    assert told(master) == []


def test_what_was_told_is_not_told_again(master: MasterUnderTest) -> None:
    event(master, "E1", "receipt")
    event(master, "E2", "receipt")
    master.insert("outbox_key", {"document": "core_receipts", "business_key": "receipt:main:E1"})
    assert [row["event_id"] for row in told(master)] == ["E2"]


def test_what_lies_before_the_opening_or_the_cut_over_of_its_warehouse_is_not_told(
    master: MasterUnderTest,
) -> None:
    shelf(master, at=OPENED, A=1)
    for place in ("main", "store", "third"):
        for when, at in (("before", EARLIER), ("at", OPENED), ("after", LATER)):
            event(master, f"{place}-{when}", "receipt", warehouse=place, at=at)
    opened = {"main-at", "main-after"}
    rest = {f"{place}-{when}" for place in ("store", "third") for when in ("before", "at", "after")}
    assert {row["event_id"] for row in told(master)} == opened | rest
    cut = told(master, {"store": OPENED, "third": LATER, "main": LATER})
    assert {row["event_id"] for row in cut} == {"main-after", "store-at", "store-after", "third-after"}


def test_a_return_of_an_order_that_is_not_ours_is_not_told(master: MasterUnderTest) -> None:
    order(master, "1", ("A", 2), state="foreign")
    parcel(master, "P1", "1", ("1", "A", 2))
    event(master, "E1", "return", parcel_no="P1", line_no=1)
    assert told(master) == []
