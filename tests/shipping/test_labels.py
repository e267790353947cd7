"""What label software says of whole parcels, and what follows from it."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecsync.shipping.results import take_events
from ecsync.stock.ledger import post_events
from master_under_test import MasterUnderTest
from stock.small_shop import shelf

TODAY = "2026-11-24"
NUMBER, OTHER = "400900000012", "400900000023"
Row = dict[str, Any]


def parcel(master: MasterUnderTest, no: str = "P1", *units: tuple[str, int], **facts: object) -> None:
    """Put an instructed parcel of a paid order into the master, its lines allocated."""
    order: Row = {"channel": "rakuten1", "order_no": f"O-{no}"}
    if not master.scalar("SELECT COUNT(*) FROM stock_balance"):
        shelf(master, MUG=1000, TOWEL=1000)
    master.insert(
        "sales_order", {**order, "ordered_at": "2026-11-24T00:00:00Z", "payment_state": "confirmed"}
    )
    master.insert("order_destination", {**order, "dest_id": "1"})
    master.insert(
        "shipping_instruction",
        {**order, "parcel_no": no, "dest_id": "1", "warehouse": "main", "ship_date": TODAY, **facts},
    )
    for line_no, (sku, qty) in enumerate(units or (("MUG", 2), ("TOWEL", 1)), start=1):
        line: Row = {**order, "line_id": str(line_no)}
        master.insert("order_line", {**line, "dest_id": "1", "sku": sku, "qty": qty})
        master.insert("allocation", {**line, "sku": sku, "warehouse": "main", "needed": qty, "qty": qty})
        lies: Row = {**line, "parcel_no": no, "line_no": line_no, "line_sku": sku, "sku": sku, "qty": qty}
        master.insert("instruction_line", lies)


def label(parcel_no: str = "P1", tracking_no: str = NUMBER, ship_date: str = TODAY) -> Row:
    return {"parcel_no": parcel_no, "tracking_no": tracking_no, "carrier": "yamato", "ship_date": ship_date}


def take(
    master: MasterUnderTest, *labels: Row, day: str = TODAY, as_of: str = "", **extra: object
) -> list[str]:
    """Take labels in on a day; return the codes of the findings."""
    if labels:
        master.load("parcel_results", list(labels), party="main", as_of=as_of or f"{day}T09:00:00Z")
    with master.context(business_date=day, now=f"{day}T10:00:00Z", **extra) as ctx:
        take_events(ctx)
        post_events(ctx)
        return [finding.code for finding in ctx.findings]


def verdicts(master: MasterUnderTest) -> list[tuple[Any, ...]]:
    return master.rows("SELECT parcel_no, tracking_no, verdict FROM parcel_result ORDER BY 1, 2")


def shipped(master: MasterUnderTest) -> list[tuple[Any, ...]]:
    return master.rows("SELECT parcel_no, line_no, shipped_qty FROM instruction_line ORDER BY 1, 2")


def numbers(master: MasterUnderTest) -> list[str]:
    return [row[0] for row in master.rows("SELECT tracking_no FROM parcel_tracking ORDER BY 1")]


def test_a_label_ships_every_line_of_its_parcel_at_the_cut_off_of_its_day(master: MasterUnderTest) -> None:
    parcel(master)
    assert take(master, label()) == []
    assert shipped(master) == [("P1", 1, 2), ("P1", 2, 1)]
    assert numbers(master) == [NUMBER]
    movements = master.rows(
        "SELECT sku, qty, effective_at FROM stock_movement WHERE kind = 'shipment' ORDER BY sku"
    )
    assert movements == [("MUG", -2, "2026-11-24T03:30:00Z"), ("TOWEL", -1, "2026-11-24T03:30:00Z")]
    assert master.rows("SELECT state FROM shipping_instruction") == [("shipped",)]
    assert master.rows("SELECT state FROM sales_order") == [("shipped",)]
    assert master.rows("SELECT event_id, business_date FROM warehouse_event ORDER BY 1") == [
        ("label:P1:1", TODAY),
        ("label:P1:2", TODAY),
    ]


def test_however_often_the_export_comes_its_parcel_leaves_once(master: MasterUnderTest) -> None:
    parcel(master)
    take(master, label())
    for day in ("2026-11-25", "2027-02-20"):
        with master.context() as ctx:
            before = ctx.rows("SELECT * FROM warehouse_event ORDER BY event_id")
        assert take(master, label(), label(), day=day) == []
        with master.context() as ctx:
            assert ctx.rows("SELECT * FROM warehouse_event ORDER BY event_id") == before
    assert shipped(master) == [("P1", 1, 2), ("P1", 2, 1)]
    assert master.scalar("SELECT COUNT(*) FROM stock_movement WHERE kind = 'shipment'") == 2


def test_a_label_of_tomorrow_waits_for_tomorrow(master: MasterUnderTest) -> None:
    parcel(master)
    assert take(master, label(ship_date="2026-11-25")) == []
    assert verdicts(master) == [("P1", NUMBER, "waiting")]
    assert shipped(master) == [("P1", 1, 0), ("P1", 2, 0)]
    assert take(master, day="2026-11-25") == []
    assert shipped(master) == [("P1", 1, 2), ("P1", 2, 1)]
    assert master.rows("SELECT DISTINCT business_date FROM warehouse_event") == [("2026-11-25",)]


def test_a_label_without_a_day_ships_its_parcel_on_the_day_of_its_instruction(
    master: MasterUnderTest,
) -> None:
    parcel(master)
    parcel(master, "P2", ("MUG", 1), ship_date="2026-11-25")
    assert take(master, label(ship_date=""), label("P2", OTHER, ship_date="")) == []
    assert verdicts(master) == [("P1", NUMBER, "ok"), ("P2", OTHER, "waiting")]
    assert take(master, label(ship_date=""), label("P2", OTHER, ship_date=""), day="2026-11-26") == []
    assert master.rows("SELECT parcel_no, ship_date FROM parcel_tracking ORDER BY 1") == [
        ("P1", TODAY),
        ("P2", "2026-11-25"),
    ]


def test_a_label_without_a_day_and_without_its_parcel_is_kept_until_there_is_one(
    master: MasterUnderTest,
) -> None:
    assert take(master, label(ship_date="")) == ["label_rejected"]
    parcel(master)
    assert take(master) == []
    assert shipped(master) == [("P1", 1, 2), ("P1", 2, 1)]


def test_a_label_that_is_only_announced_ships_nothing_until_it_is_handed_over(
    master: MasterUnderTest,
) -> None:
    parcel(master)
    announced = {**label(), "not_shipped_flag": 1}
    assert take(master, announced) == ["labels_not_issued"]
    assert shipped(master) == [("P1", 1, 0), ("P1", 2, 0)]
    assert take(master, {**label(), "not_shipped_flag": 0}) == []
    assert shipped(master) == [("P1", 1, 2), ("P1", 2, 1)]
    assert take(master, announced) == ["labels_not_issued"]
    assert verdicts(master) == [("P1", NUMBER, "ok")]


def test_labels_of_one_parcel_are_boxes(master: MasterUnderTest) -> None:
    parcel(master)
    assert take(master, label(), label(tracking_no=OTHER)) == []
    assert numbers(master) == [NUMBER, OTHER]
    assert master.scalar("SELECT COUNT(*) FROM stock_movement WHERE kind = 'shipment'") == 2


def test_one_more_box_counts_until_the_shop_is_told(master: MasterUnderTest) -> None:
    parcel(master)
    take(master, label())
    assert take(master, label(), label(tracking_no=OTHER)) == []
    assert numbers(master) == [NUMBER, OTHER]


def test_another_number_after_the_notice_is_a_persons_matter_and_said_once(master: MasterUnderTest) -> None:
    parcel(master)
    take(master, label())
    with master.context() as ctx:
        ctx.execute("UPDATE parcel_tracking SET noticed_flag = 1")
    assert take(master, label(), label(tracking_no=OTHER), day="2026-11-25") == ["tracking_changed"]
    assert numbers(master) == [NUMBER]
    assert take(master, label(), label(tracking_no=OTHER), day="2026-11-26") == []


NOT_TAKEN = {
    "a label that is not issued": (label(tracking_no=""), ["labels_not_issued"], "unchanged"),
    "a label made by hand": (label(parcel_no=""), ["labels_by_hand"], "unchanged"),
    "a parcel of nobody": (label(parcel_no="P9"), ["label_rejected"], "new"),
}


@pytest.mark.parametrize("case", NOT_TAKEN)
def test_what_is_no_shipment_ships_nothing(master: MasterUnderTest, case: str) -> None:
    row, codes, verdict = NOT_TAKEN[case]
    parcel(master)
    master.load("parcel_results", [row], party="main")
    with master.context(business_date=TODAY) as ctx:
        take_events(ctx)
        assert [finding.code for finding in ctx.findings] == codes
        assert ctx.rows("SELECT verdict FROM stg_parcel_results ORDER BY src_row") == [(verdict,)]
    assert shipped(master) == [("P1", 1, 0), ("P1", 2, 0)]


def test_a_label_that_came_before_its_instruction_ships_it_later(master: MasterUnderTest) -> None:
    assert take(master, label()) == ["label_rejected"]
    assert take(master, label()) == [], "it is said once"
    parcel(master)
    assert take(master) == []
    assert shipped(master) == [("P1", 1, 2), ("P1", 2, 1)]


def test_another_warehouses_parcel_is_unknown_to_this_one(master: MasterUnderTest) -> None:
    parcel(master, "P1", warehouse="east")
    assert take(master, label()) == ["label_rejected"]
    assert shipped(master) == [("P1", 1, 0), ("P1", 2, 0)]


def test_a_label_of_a_recalled_parcel_says_that_it_must_not_go(master: MasterUnderTest) -> None:
    parcel(master, "P1", state="recalled")
    with master.context() as ctx:
        ctx.execute("UPDATE instruction_line SET recalled_qty = qty")
    assert take(master, label()) == ["label_rejected"]
    assert verdicts(master) == [("P1", NUMBER, "not_to_ship")]


def test_a_label_answers_a_recall_that_came_too_late(master: MasterUnderTest) -> None:
    parcel(master, "P1", state="recalling")
    master.insert("recall", {"parcel_no": "P1", "reason": "cancelled"})
    assert take(master, label()) == ["recall_failed"]
    assert master.rows("SELECT answer FROM recall") == [("shipped",)]


def test_what_the_warehouse_tells_by_line_comes_before_the_label(master: MasterUnderTest) -> None:
    parcel(master)
    short: Row = {"event_id": "E1", "kind": "short", "parcel_no": "P1", "line_no": 1, "sku": "MUG", "qty": 1}
    master.load("warehouse_events", [{**short, "at": "2026-11-24T07:00:00Z"}], party="main")
    assert take(master, label()) == ["short_pick"]
    assert shipped(master) == [("P1", 1, 1), ("P1", 2, 1)]


def test_a_number_for_a_parcel_that_left_without_one(master: MasterUnderTest) -> None:
    parcel(master, "P1", ("MUG", 1))
    event: Row = {
        "event_id": "E1",
        "kind": "shipped",
        "parcel_no": "P1",
        "line_no": 1,
        "sku": "MUG",
        "qty": 1,
    }
    master.load("warehouse_events", [{**event, "at": "2026-11-24T07:00:00Z"}], party="main")
    assert take(master) == []
    assert numbers(master) == [""]
    assert take(master, label()) == []
    assert numbers(master) == [NUMBER]
    assert master.scalar("SELECT COUNT(*) FROM stock_movement WHERE kind = 'shipment'") == 1


def test_a_moved_date_counts_until_the_parcel_has_left_and_is_only_said_after(
    master: MasterUnderTest,
) -> None:
    parcel(master)
    take(master, label(ship_date="2026-11-25"), as_of="2026-11-24T01:00:00Z")
    assert take(master, label(ship_date=TODAY), as_of="2026-11-24T02:00:00Z") == []
    assert shipped(master) == [("P1", 1, 2), ("P1", 2, 1)]
    assert take(master, label(ship_date="2026-11-20"), as_of="2026-11-24T00:30:00Z") == [], "an older export"
    moved = [label(ship_date="2026-11-26")]
    assert take(master, *moved, as_of="2026-11-25T02:00:00Z") == ["label_date_moved"]
    assert take(master, *moved, as_of="2026-11-25T03:00:00Z") == []
    assert master.rows("SELECT DISTINCT business_date FROM warehouse_event") == [(TODAY,)]


def test_of_several_exports_the_newest_says_the_date(master: MasterUnderTest) -> None:
    parcel(master)
    newest = label(ship_date="2026-11-26")
    for row, as_of in (
        (label(), "01"),
        (newest, "03"),
        (label(ship_date="2026-11-25"), "02"),
        (newest, "04"),
    ):
        master.load("parcel_results", [row], party="main", as_of=f"2026-11-24T{as_of}:00:00Z")
    assert take(master) == []
    assert master.rows("SELECT ship_date, as_of, verdict FROM parcel_result") == [
        ("2026-11-26", "2026-11-24T03:00:00Z", "waiting")
    ]


def test_two_rows_of_one_export_that_disagree_are_put_aside(master: MasterUnderTest) -> None:
    parcel(master)
    master.load("parcel_results", [label(), label(ship_date="2026-11-25")], party="main")
    with master.context(business_date=TODAY) as ctx:
        take_events(ctx)
        reasons = ctx.rows("SELECT verdict, verdict_reason FROM stg_parcel_results ORDER BY src_row")
    assert reasons == [("quarantined", "label_conflict:ship_date")] * 2
    assert verdicts(master) == []


def test_a_wrong_check_digit_is_named(master: MasterUnderTest) -> None:
    parcel(master)
    assert take(master, label(), label(tracking_no="400900000024")) == ["tracking_suspect"]
    assert numbers(master) == [NUMBER, "400900000024"]


_LIVES = itertools.count(1)
_EXPORT = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1)), max_size=6)


@pytest.mark.parametrize("master", ["sqlite"], indirect=True)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.lists(_EXPORT, min_size=1, max_size=4), twice=st.booleans())
def test_whatever_exports_come_in_whatever_order_a_parcel_leaves_once(
    master: MasterUnderTest, days: list[list[tuple[int, int]]], twice: bool
) -> None:
    life = next(_LIVES)
    names = [f"L{life}-{number}" for number in range(3)]
    for name in names:
        parcel(master, name)
    exported: set[str] = set()
    for number, export in enumerate(days):
        rows = [label(names[which], f"{life:05d}{which}{box}00000") for which, box in export]
        exported |= {names[which] for which, _box in export}
        for _again in range(1 + twice):
            take(master, *rows, day=f"2026-11-{24 + number}")
    mine = {"like": f"L{life}-%"}
    units = "SELECT parcel_no, SUM(shipped_qty) FROM instruction_line WHERE parcel_no LIKE :like GROUP BY 1"
    assert dict(master.rows(units, **mine)) == {name: 3 if name in exported else 0 for name in names}
    moved = "SELECT reference, SUM(qty) FROM stock_movement WHERE reference LIKE :like AND qty < 0 GROUP BY 1"
    assert dict(master.rows(moved, **mine)) == dict.fromkeys(exported, -3)
    numbered = "SELECT parcel_no, tracking_no FROM parcel_tracking WHERE parcel_no LIKE :like"
    told = {(names[which], f"{life:05d}{which}{box}00000") for export in days for which, box in export}
    assert set(master.rows(numbered, **mine)) == told
