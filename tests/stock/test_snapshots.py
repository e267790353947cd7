from __future__ import annotations

import pytest

from ecsync.stock.allocation import allocate
from ecsync.stock.snapshots import SnapshotsTaken, take_snapshots
from stock.small_shop import on_hand, order, promised, shelf, told

NOON = "2026-11-24T03:00:00Z"
LATER = "2026-11-24T04:00:00Z"
EARLIER = "2026-11-24T02:00:00Z"


def levels(**units):
    return [{"sku": sku, "qty": qty} for sku, qty in units.items()]


def take(master, *, run_id=1, **overrides):
    """Return what came of it, the verdicts that a row has by itself, and behind them those that were counted."""
    with master.context(run_id=run_id, **overrides) as ctx:
        result = take_snapshots(ctx)
        verdicts = [
            tuple(row)
            for row in ctx.rows(
                "SELECT sku, verdict, verdict_reason FROM stg_stock_levels WHERE verdict <> '' ORDER BY src_row"
            )
        ]
        for verdict, number in ctx.rows(
            "SELECT verdict, row_count FROM stg_count ORDER BY verdict, src_file"
        ):
            verdicts += [("", verdict, "")] * number
    return result, verdicts, ctx


def count(master, as_of, *, party="main", **units):
    master.load("stock_levels", levels(**units), party=party, as_of=as_of)
    return take(master)


def counts(master):
    return master.rows(
        "SELECT movement_key, qty, effective_at FROM stock_movement WHERE kind = 'count' ORDER BY 1"
    )


def test_a_first_count_is_what_is_on_hand(master):
    result, verdicts, _ctx = count(master, NOON, A=7, B=0)
    assert (on_hand(master, "A"), on_hand(master, "B")) == (7, 0)
    assert verdicts == [("", "new", "")] * 2
    assert result == SnapshotsTaken(2)
    assert counts(master) == [(f"count:main:A:{NOON}:1", 7, NOON)]


def test_a_later_count_adds_the_difference_as_of_its_time(master):
    count(master, NOON, A=7, B=1)
    _result, verdicts, _ctx = count(master, LATER, A=5, B=1)
    assert on_hand(master, "A") == 5
    assert verdicts == [("", "changed", ""), ("", "unchanged", "")]
    assert (f"count:main:A:{LATER}:1", -2, LATER) in counts(master)


def test_an_older_count_changes_nothing(master):
    count(master, NOON, A=7)
    _result, verdicts, ctx = count(master, EARLIER, A=3)
    assert verdicts == [("A", "unchanged", "older")]
    assert on_hand(master, "A") == 7
    assert ctx.changes == 0


def test_the_same_count_again_changes_nothing(master):
    count(master, NOON, A=7)
    _result, verdicts, ctx = count(master, NOON, A=7)
    assert verdicts == [("A", "unchanged", "")]
    assert ctx.changes == 0


def test_a_count_of_the_same_time_that_differs_is_put_aside(master):
    count(master, NOON, A=7)
    _result, verdicts, _ctx = count(master, NOON, A=6)
    assert verdicts == [("A", "quarantined", "snapshot_conflict:qty")]
    assert on_hand(master, "A") == 7


def test_two_new_counts_of_one_time_that_differ_are_both_put_aside(master):
    master.load("stock_levels", levels(A=7, B=1), party="main", as_of=NOON)
    master.load("stock_levels", levels(A=6, B=1), party="main", as_of=NOON)
    _result, verdicts, _ctx = take(master)
    assert verdicts == [
        ("A", "quarantined", "snapshot_conflict:qty"),
        ("A", "quarantined", "snapshot_conflict:qty"),
        ("B", "duplicate", "identical"),
        ("", "new", ""),
    ]
    assert on_hand(master, "A") is None
    assert on_hand(master, "B") == 1


@pytest.mark.parametrize("newest_first", [False, True])
def test_of_several_counts_in_one_run_the_newest_rules_in_any_order(master, newest_first):
    for as_of, units in sorted([(NOON, 7), (LATER, 5), (EARLIER, 9)], reverse=newest_first):
        master.load("stock_levels", levels(A=units), party="main", as_of=as_of)
    _result, verdicts, _ctx = take(master)
    assert on_hand(master, "A") == 5
    assert sorted(v for _sku, v, _reason in verdicts) == ["new", "unchanged", "unchanged"]
    assert counts(master) == [(f"count:main:A:{LATER}:1", 5, LATER)]


def test_the_time_of_the_row_wins_over_that_of_the_file(master):
    count(master, NOON, A=7)
    master.load("stock_levels", [{"sku": "A", "qty": 3, "observed_at": EARLIER}], party="main", as_of=LATER)
    take(master)
    assert on_hand(master, "A") == 7


def test_a_row_without_any_time_is_put_aside(master):
    _result, verdicts, _ctx = count(master, "", A=7)
    assert verdicts == [("A", "quarantined", "snapshot_undated:observed_at")]


def test_movements_after_the_count_stay_on_top_of_it(master):
    shelf(master, A=10, at=EARLIER)
    master.insert(
        "stock_movement",
        {
            "movement_key": "event:main:1",
            "warehouse": "main",
            "sku": "A",
            "kind": "receipt",
            "qty": 4,
            "effective_at": LATER,
        },
    )
    count(master, NOON, A=8)
    assert on_hand(master, "A") == 12


def test_a_count_below_what_is_promised_releases_the_newest(master):
    shelf(master, A=4, at=EARLIER)
    order(master, "1", ("A", 2), at="2026-11-23T01:00:00Z")
    order(master, "2", ("A", 2), at="2026-11-23T02:00:00Z")
    with master.context() as ctx:
        allocate(ctx)
    _result, _verdicts, ctx = count(master, NOON, A=3)
    assert promised(master) == {("1", "1", "A"): (2, 2), ("2", "1", "A"): (1, 2)}
    assert told(ctx.findings, "allocation_released") == [("A", {"qty": "1", "warehouse": "main"})]


def test_a_count_below_zero_is_taken_and_named(master):
    _result, _verdicts, ctx = count(master, NOON, A=-2)
    assert on_hand(master, "A") == -2
    assert told(ctx.findings, "negative_stock") == [("A", {"warehouse": "main", "qty": "-2"})]


def test_a_sku_that_a_list_leaves_out_keeps_its_count(master):
    count(master, NOON, A=7, B=2)
    count(master, LATER, A=7)
    assert on_hand(master, "B") == 2


class TestWhereTheListIsComplete:
    @pytest.fixture
    def complete(self, master):
        return master.make_settings(warehouses={"main": {"absent_in_snapshot": "zero"}})

    def count(self, master, settings, as_of, rows):
        master.load("stock_levels", rows, party="main", as_of=as_of)
        return take(master, settings=settings)

    def test_a_sku_that_is_left_out_is_none(self, master, complete):
        self.count(master, complete, NOON, levels(A=7, B=2))
        self.count(master, complete, LATER, levels(A=7))
        assert (on_hand(master, "A"), on_hand(master, "B")) == (7, 0)

    @pytest.mark.parametrize("newest_first", [False, True])
    def test_within_one_run_too_in_any_order(self, master, complete, newest_first):
        files = sorted(
            [(NOON, levels(A=7, B=2)), (LATER, levels(A=7))], key=lambda f: f[0], reverse=newest_first
        )
        for as_of, rows in files:
            master.load("stock_levels", rows, party="main", as_of=as_of)
        take(master, settings=complete)
        assert (on_hand(master, "A"), on_hand(master, "B")) == (7, 0)

    def test_an_older_list_zeroes_nothing(self, master, complete):
        self.count(master, complete, NOON, levels(A=7, B=2))
        _result, _verdicts, ctx = self.count(master, complete, EARLIER, levels(A=7))
        assert on_hand(master, "B") == 2
        assert ctx.changes == 0

    def test_a_sku_whose_row_was_put_aside_keeps_its_count(self, master, complete):
        self.count(master, complete, NOON, levels(A=7, B=2))
        self.count(master, complete, LATER, [*levels(A=7), {"sku": "B", "qty": 1}, {"sku": "B", "qty": 3}])
        assert on_hand(master, "B") == 2

    def test_a_list_with_a_row_that_could_not_be_read_zeroes_nothing(self, master, complete):
        self.count(master, complete, NOON, levels(A=7, B=2))
        number = master.load("stock_levels", levels(A=6), party="main", as_of=LATER)
        with master.context(settings=complete) as ctx:
            ctx.execute(
                "INSERT INTO stg_reject (src_file, src_line, src_party, order_no) VALUES (:file, 3, 'main', '')",
                file=number,
            )
            take_snapshots(ctx)
        assert (on_hand(master, "A"), on_hand(master, "B")) == (6, 2)


class TestWhoCounts:
    def test_a_warehouse_with_a_ledger_is_only_compared(self, master):
        ledger = master.make_settings(warehouses={"main": {"stock": "ledger"}})
        shelf(master, A=5)
        master.load("stock_levels", levels(A=3), party="main", as_of=NOON)
        _result, _verdicts, ctx = take(master, settings=ledger)
        assert on_hand(master, "A") == 5
        assert told(ctx.findings, "stock_differs") == [("A", {"source": "main", "theirs": "3", "ours": "5"})]

    def test_where_stock_is_ours_a_count_is_only_compared(self, master):
        ours = master.make_settings(owners={"on_hand": {"default": "ecsync"}})
        shelf(master, A=5)
        master.load("stock_levels", levels(A=3), party="main", as_of=NOON)
        _result, _verdicts, ctx = take(master, settings=ours)
        assert on_hand(master, "A") == 5
        assert len(told(ctx.findings, "stock_differs")) == 1

    def test_the_core_system_is_compared_with_all_warehouses_together(self, master):
        two = master.make_settings(warehouses={"east": {"stock": "ledger"}})
        shelf(master, A=5, B=1)
        shelf(master, warehouse="east", A=2)
        master.load("stock_levels", levels(A=7, B=4), party="erp", as_of=NOON)
        _result, verdicts, ctx = take(master, settings=two)
        assert told(ctx.findings, "stock_differs") == [("B", {"source": "erp", "theirs": "4", "ours": "1"})]
        assert [v for _sku, v, _reason in verdicts] == ["new", "new"]

    def test_what_moved_since_is_no_difference(self, master):
        shelf(master, A=5, at=EARLIER)
        master.insert(
            "stock_movement",
            {
                "movement_key": "event:main:1",
                "warehouse": "main",
                "sku": "A",
                "qty": -1,
                "effective_at": LATER,
            },
        )
        master.load("stock_levels", levels(A=5), party="erp", as_of=NOON)
        _result, _verdicts, ctx = take(master)
        assert told(ctx.findings, "stock_differs") == []

    def test_the_core_system_counts_where_it_owns_the_stock(self, master):
        cores = master.make_settings(owners={"on_hand": {"main": "core"}})
        master.load("stock_levels", levels(A=9), party="erp", as_of=NOON)
        master.load("stock_levels", levels(A=3), party="main", as_of=NOON)
        _result, _verdicts, ctx = take(master, settings=cores)
        assert on_hand(master, "A") == 9
        assert told(ctx.findings, "stock_differs") == [("A", {"source": "main", "theirs": "3", "ours": "9"})]

    def test_the_largest_differences_are_told_and_no_more_than_can_be_read(self, master):
        rows = levels(**{f"S{number:03}": number for number in range(300)})
        master.load("stock_levels", rows, party="erp", as_of=NOON)
        _result, _verdicts, ctx = take(master)
        differences = told(ctx.findings, "stock_differs")
        assert len(differences) == 200
        assert differences[0][0] == "S299"
