from __future__ import annotations

import pytest

from ecsync.shipping.event_intake import take_in_events

RECEIPT = {
    "event_id": "E1",
    "kind": "receipt",
    "sku": "A",
    "qty": 3,
    "at": "2026-11-24T16:00:00Z",
    "at_offset": 540,
}


def take(master, **overrides):
    with master.context(**overrides) as ctx:
        new = take_in_events(ctx)
        rows = ctx.rows("SELECT event_id, verdict, verdict_reason FROM stg_warehouse_events ORDER BY src_row")
    return new, [tuple(row) for row in rows], ctx


def test_a_new_event_is_kept_with_its_local_day(master):
    master.load("warehouse_events", [RECEIPT], party="main")
    new, verdicts, _ctx = take(master)
    assert (new, verdicts) == (1, [("E1", "new", "")])
    assert master.rows(
        "SELECT warehouse, event_id, kind, line_no, sku, qty, at, at_offset, business_date, verdict "
        "FROM warehouse_event"
    ) == [("main", "E1", "receipt", None, "A", 3, "2026-11-24T16:00:00Z", 540, "2026-11-25", "pending")]


def test_the_same_event_again_is_unchanged_in_whatever_file(master):
    master.load("warehouse_events", [RECEIPT], party="main")
    take(master)
    master.load("warehouse_events", [RECEIPT], party="main", as_of="2026-11-25T00:00:00Z")
    new, verdicts, ctx = take(master)
    assert (new, verdicts) == (0, [("E1", "unchanged", "")])
    assert ctx.changes == 0


def test_within_one_run_it_counts_once(master):
    master.load("warehouse_events", [RECEIPT], party="main")
    master.load("warehouse_events", [RECEIPT], party="main")
    new, verdicts, _ctx = take(master)
    assert (new, verdicts) == (1, [("E1", "new", ""), ("E1", "duplicate", "identical")])


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "adjustment"},
        {"qty": 4},
        {"qty": None},
        {"sku": "B"},
        {"parcel_no": "P1"},
        {"line_no": 1},
        {"tracking_no": "1"},
        {"carrier": "yamato"},
        {"at": "2026-11-24T16:00:01Z"},
        {"at_offset": 0},
    ],
)
def test_the_same_id_with_another_content_is_put_aside(master, change):
    master.load("warehouse_events", [RECEIPT], party="main")
    take(master)
    master.load("warehouse_events", [{**RECEIPT, **change}], party="main")
    new, verdicts, ctx = take(master)
    assert (new, verdicts) == (0, [("E1", "quarantined", "event_conflict:event_id")])
    assert ctx.changes == 0


def test_where_both_are_new_neither_is_believed(master):
    master.load("warehouse_events", [RECEIPT, {**RECEIPT, "event_id": "E2"}], party="main")
    master.load("warehouse_events", [{**RECEIPT, "qty": 9}], party="main")
    new, verdicts, _ctx = take(master)
    assert new == 1
    assert verdicts == [
        ("E1", "quarantined", "event_conflict:event_id"),
        ("E2", "new", ""),
        ("E1", "quarantined", "event_conflict:event_id"),
    ]


def test_ids_belong_to_a_warehouse(master):
    master.load("warehouse_events", [RECEIPT], party="main")
    master.load("warehouse_events", [{**RECEIPT, "qty": 9}], party="east")
    new, _verdicts, _ctx = take(master)
    assert new == 2


def test_an_event_without_a_time_is_put_aside(master):
    master.load("warehouse_events", [{**RECEIPT, "at": ""}], party="main")
    _new, verdicts, _ctx = take(master)
    assert verdicts == [("E1", "quarantined", "required:at")]


def test_rows_that_were_settled_before_are_left_alone(master):
    master.load("warehouse_events", [RECEIPT], party="main")
    with master.context() as ctx:
        ctx.execute(
            "UPDATE stg_warehouse_events SET verdict = 'quarantined', verdict_reason = 'duplicate_key:event_id'"
        )
        assert take_in_events(ctx) == 0
