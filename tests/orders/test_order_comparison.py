"""Order files against the master, rule by rule: the class of each order, and what the sums are of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from ecsync.orders.difference_rows import INSERT
from ecsync.orders.reconciliation import OrderComparison, Scope, compare_orders
from orders.decided_orders import came, decide, known_shop
from orders.staged_orders import EARLIER, LATER, LATEST, NOW, ORDER, OTHER, row, ship, two_lines

if TYPE_CHECKING:
    from ecsync.master.context import RunContext
    from master_under_test import MasterUnderTest

STATED = (
    "SELECT order_no, tax_rate, base, included, stated_tax, src_file, src_line, as_of FROM w_stated "
    "ORDER BY order_no, tax_rate, included"
)


@pytest.fixture
def shop(master: MasterUnderTest) -> MasterUnderTest:
    return known_shop(master)


pytestmark = pytest.mark.parametrize("master", ["sqlite"], indirect=True)


class Compared:
    """What a comparison found, and the taxable yen that it hands to the books."""

    def __init__(self, found: OrderComparison, stated: list[tuple[Any, ...]]) -> None:
        self.found = found
        self.stated = stated

    @property
    def classes(self) -> list[tuple[Any, ...]]:
        """Return class, order, cause and yen of every row."""
        return [(r.kind, r.order_no[-1], r.cause, r.yen) for r in self.found.rows]


def compare(
    shop: MasterUnderTest,
    *files: tuple[list[dict[str, Any]], str],
    scopes: tuple[Scope, ...] = (),
    rejected: tuple[tuple[int, int, str], ...] = (),
    most: int = 100,
) -> Compared:
    """Compare files that no run has taken; `rejected` are file, line and order number."""
    numbers = [shop.load("order_lines", rows, as_of=as_of) for rows, as_of in files]
    stated: list[tuple[Any, ...]] = []

    def keep(ctx: RunContext) -> None:
        stated.extend(tuple(r) for r in ctx.rows(STATED))

    with shop.context(undo=True) as ctx:
        for position, line, order_no in rejected:
            ctx.execute(
                "INSERT INTO stg_reject (src_file, src_line, src_party, order_no) VALUES (:f, :l, 'rakuten1', :o)",
                f=numbers[position],
                l=line,
                o=order_no,
            )
        found = compare_orders(ctx, scopes, keep, twin_days=0, most=most)
    # Twins are another test's matter.
    rows = [one for one in found.rows if one.kind != "duplicate"]
    totals = {kind: total for kind, total in found.totals.items() if kind != "duplicate"}
    return Compared(replace(found, rows=rows, totals=totals), stated)


def scope(**facts: Any) -> Scope:
    usual = {
        "by_change": False,
        "since": "2026-11-20T01:00:00Z",
        "as_of": LATEST,
        "src_file": 7,
        "statuses": (),
    }
    return Scope("rakuten1", **{**usual, **facts})


def instructed(shop: MasterUnderTest, state: str = "instructed", **columns: Any) -> None:
    usual = {
        "channel": "rakuten1",
        "order_no": ORDER,
        "dest_id": "D1",
        "warehouse": "main",
        "instructed_at": NOW,
    }
    shop.insert("shipping_instruction", {"parcel_no": "P-1", "state": state} | usual | columns)


def test_an_order_that_the_master_lacks_is_new(shop: MasterUnderTest) -> None:
    found = compare(shop, ([row(), row(OTHER, order_status="cancelled")], NOW)).found
    assert [(r.kind, r.order_no, r.cause, r.yen, r.src_file, r.src_line, r.as_of) for r in found.rows] == [
        ("new", ORDER, "new", 1500, 1, 2, NOW),
        ("new", OTHER, "new_cancelled", 1500, 1, 3, NOW),
    ]
    assert (found.orders_in_files, found.unchanged, found.older, found.foreign, found.differs) == (
        2,
        0,
        0,
        0,
        True,
    )
    assert (found.totals["new"].orders, found.totals["new"].yen) == (2, 3000)


def test_what_the_master_knows_is_counted_and_needs_nothing(shop: MasterUnderTest) -> None:
    came(shop, ([row(), row(OTHER)], NOW))
    found = compare(shop, ([row()], LATER), ([row(OTHER, qty=3)], EARLIER)).found
    assert (found.rows, found.differs) == ([], False)
    assert (found.orders_in_files, found.unchanged, found.older) == (2, 1, 1)
    again = compare(shop, ([row(), row(OTHER)], NOW)).found
    assert (again.orders_in_files, again.unchanged, again.older) == (2, 2, 0)
    both = compare(shop, ([row()], NOW), ([row(OTHER)], LATER)).found
    assert (both.orders_in_files, both.unchanged, both.older) == (2, 2, 0)


@pytest.mark.parametrize(
    ("instruction", "kind"),
    [
        ({}, "changed_after_instruction"),
        ({"state": "recalling"}, "changed_after_instruction"),
        ({"state": "recalled"}, "changed"),
        ({"state": "shipped"}, "changed"),
        ({"order_no": OTHER}, "changed"),
        ({"channel": "yahoo1"}, "changed"),
    ],
)
def test_a_change_counts_double_once_the_warehouse_was_told(
    shop: MasterUnderTest, instruction: dict[str, Any], kind: str
) -> None:
    came(shop, (two_lines(), NOW))
    instructed(shop, **instruction)
    newer = two_lines(billed=2500, wished_date="2026-12-01", buyer_name="架空 次郎")
    (found,) = compare(shop, (newer, LATER)).found.rows
    assert (found.kind, found.cause, found.yen, found.src_line, found.as_of) == (
        kind,
        "changed",
        2500,
        2,
        LATER,
    )
    assert [(c.scope, c.field, c.personal, c.old, c.new) for c in found.changes] == [
        ("", "buyer_name", True, "", ""),
        ("dest:D1", "wished_date", False, "", "2026-12-01"),
    ]


def lines(*parts: tuple[str, str], order_no: str = ORDER, **values: Any) -> list[dict[str, Any]]:
    """Return rows of (line, destination)."""
    return [
        row(order_no, line_id, dest_id=dest_id, multi_destination_flag=1, **values)
        for line_id, dest_id in parts
    ]


@pytest.mark.parametrize("shipped", [False, True])
def test_lines_and_destinations_that_come_and_go_are_named_each(shop: MasterUnderTest, shipped: bool) -> None:
    old = (("1", "D1"), ("2", "D2"), ("3", "D1"))
    came(shop, ([*lines(*old), *lines(*old, order_no=OTHER)], NOW))
    if shipped:
        ship(shop, "2")
        ship(shop, "3", order_no=OTHER)
    newer = [*lines(("1", "D1"), ("4", "D3")), *lines(*old, order_no=OTHER)]
    (found,) = [r for r in compare(shop, (newer, LATER)).found.rows if r.changes]
    assert found.order_no == ORDER
    gone = [("dest:D2", "destination_removed", "D2", ""), ("line:2", "line_removed", "1", "")]
    assert {(c.scope, c.field, c.old, c.new) for c in found.changes} == {
        ("dest:D3", "destination_added", "", "D3"),
        ("line:3", "line_removed", "1", ""),
        ("line:4", "line_added", "", "1"),
        *([] if shipped else gone),
    }


@pytest.mark.parametrize(
    ("instruction", "cause"),
    [(None, "cancelled"), ({}, "cancelled_instructed"), ({"state": "recalled"}, "cancelled")],
)
def test_a_cancellation_says_whether_the_warehouse_was_told(
    shop: MasterUnderTest, instruction: dict[str, Any] | None, cause: str
) -> None:
    came(shop, ([row()], NOW))
    if instruction is not None:
        instructed(shop, **instruction)
    found = compare(shop, ([row(order_status="cancelled")], LATER))
    assert found.classes == [("cancelled", "1", cause, 1500)]
    assert [(c.field, c.new) for r in found.found.rows for c in r.changes] == [("order_status", "cancelled")]


def test_a_file_that_changes_one_order_of_two_changes_that_one_only(shop: MasterUnderTest) -> None:
    came(shop, ([row(), row(OTHER, wished_date="2026-12-01")], NOW))
    newer = [row(wished_date="2026-12-01"), row(OTHER, wished_date="2026-12-01")]
    found = compare(shop, (newer, LATER)).found
    assert [(r.order_no, [change.field for change in r.changes]) for r in found.rows] == [
        (ORDER, ["wished_date"])
    ]
    assert found.unchanged == 1


def test_a_line_that_only_an_older_file_still_has_is_gone(shop: MasterUnderTest) -> None:
    came(shop, (two_lines(), NOW))
    found = compare(shop, (two_lines(), LATER), ([row(goods=2000, billed=2500)], LATEST)).found
    assert [(c.scope, c.field) for r in found.rows for c in r.changes] == [("line:2", "line_removed")]


def test_a_cancellation_of_what_has_left_is_called_so(shop: MasterUnderTest) -> None:
    came(shop, ([row()], NOW))
    with shop.context() as ctx:
        ctx.execute("UPDATE sales_order SET state = 'shipped'")
    assert compare(shop, ([row(order_status="cancelled")], LATER)).classes == [
        ("cancelled", "1", "cancelled_shipped", 1500)
    ]


def test_a_change_of_what_has_left_is_a_change(shop: MasterUnderTest) -> None:
    came(shop, ([row(), row(OTHER, order_status="cancelled")], NOW))
    with shop.context() as ctx:
        ctx.execute("UPDATE sales_order SET state = 'shipped'")
    newer = [row(wished_date="2026-12-01"), row(OTHER, order_status="cancelled", wished_date="2026-12-01")]
    assert [(kind, cause) for kind, _order, cause, _yen in compare(shop, (newer, LATER)).classes] == [
        ("changed", "changed"),
        ("changed", "changed"),
    ]


def test_two_files_of_one_time_that_disagree_are_a_conflict(shop: MasterUnderTest) -> None:
    found = compare(shop, ([row()], NOW), ([row(qty=2)], NOW))
    assert [(kind, cause) for kind, _order, cause, _yen in found.classes] == [("conflict", "conflict")]


@pytest.mark.parametrize(
    ("known", "rejected", "line"),
    [
        (None, ((0, 9, ORDER), (0, 5, ORDER), (0, 4, OTHER)), 5),
        (EARLIER, ((0, 9, ORDER),), 9),
        (NOW, ((0, 9, ORDER),), None),
        (LATER, ((0, 9, ORDER),), None),
    ],
)
def test_an_order_with_a_row_that_cannot_be_used_is_unreadable_until_it_was_taken(
    shop: MasterUnderTest, known: str | None, rejected: tuple[tuple[int, int, str], ...], line: int | None
) -> None:
    if known:
        came(shop, ([row()], known))
    rows = [r for r in compare(shop, ([row()], NOW), rejected=rejected).found.rows if r.order_no == ORDER]
    assert [(r.kind, r.src_line, r.as_of, r.yen) for r in rows] == (
        [("unreadable", line, NOW, None)] if line else []
    )


def test_an_order_that_its_rows_contradict_is_unreadable_at_its_first_row(shop: MasterUnderTest) -> None:
    rows = [row(OTHER), row(), row(line_id="2", buyer_name="架空 次郎")]
    unreadable = [r for r in compare(shop, (rows, NOW)).found.rows if r.kind == "unreadable"]
    assert [(r.order_no, r.src_file, r.src_line) for r in unreadable] == [(ORDER, 1, 3)]


ORDERED = "2026-11-20T01:00:00Z"
MISSING = {
    "ordered at its beginning": (scope(), True),
    "ordered at its end": (scope(since="2026-11-19T00:00:00Z", as_of=LATEST), True),
    "ordered before it": (scope(since="2026-11-20T01:00:01Z"), False),
    "seen by the master at its time": (scope(as_of=NOW), False),
    "of its status": (scope(statuses=("ready", "shipped")), True),
    "of another status": (scope(statuses=("shipped",)), False),
    "changed at its beginning": (scope(by_change=True, since=NOW), True),
    "changed before it": (scope(by_change=True, since=LATER), False),
    "of no scope": (None, False),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", MISSING)
def test_an_open_order_is_missing_inside_the_scope_of_the_files(shop: MasterUnderTest, case: str) -> None:
    came(shop, ([row(), row(OTHER, order_status="cancelled")], NOW))
    asked, missing = MISSING[case]
    found = compare(shop, scopes=(asked,) if asked else ()).found
    assert [(r.kind, r.order_no, r.cause, r.yen, r.src_file, r.src_line, r.as_of) for r in found.rows] == (
        [("missing", ORDER, "missing", 1500, 7, 0, NOW)] if missing else []
    )


def test_an_order_that_stands_in_a_file_in_any_way_is_not_missing(shop: MasterUnderTest) -> None:
    came(shop, ([row(), row(OTHER)], NOW))
    there = compare(shop, ([row()], LATER), scopes=(scope(),), rejected=((0, 9, OTHER),))
    assert [kind for kind, _order, _cause, _yen in there.classes] == ["unreadable"]


def test_an_order_that_was_ordered_after_the_files_cannot_be_missing(shop: MasterUnderTest) -> None:
    came(
        shop,
        ([row(ordered_at="2026-11-24T03:00:00Z"), row(OTHER, ordered_at="2026-11-24T03:00:01Z")], EARLIER),
    )
    found = compare(shop, scopes=(scope(as_of="2026-11-24T03:00:00Z"),))
    assert [order for _kind, order, _cause, _yen in found.classes] == ["1"]


def test_when_a_change_is_counted_the_shops_own_time_of_it_goes_first(shop: MasterUnderTest) -> None:
    came(shop, ([row(updated_at=EARLIER), row(OTHER, updated_at=LATER)], NOW))
    found = compare(shop, scopes=(scope(by_change=True, since=LATER),))
    assert [order for _kind, order, _cause, _yen in found.classes] == ["2"]


AMOUNTS = {
    "adds up": ({}, None),
    "billed otherwise": ({"src_totals_gap": -70}, ("billed_differs", 70)),
    "billed otherwise, with wrapping": (
        {"src_totals_gap": 70, "wrapping": 300, "goods": 1300},
        ("billed_differs", 70),
    ),
    "goods otherwise": ({"goods": 1200, "src_totals_gap": 5}, ("goods_differ", 200)),
    "not final yet": ({"src_totals_gap": 70, "unfixed_flag": 1}, None),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", AMOUNTS)
@pytest.mark.parametrize("taken", [False, True], ids=["in a file", "in the master"])
def test_an_order_whose_amounts_do_not_add_up_is_named_with_the_yen_apart(
    shop: MasterUnderTest, case: str, taken: bool
) -> None:
    values, expected = AMOUNTS[case]
    rows = [row(**values), row(OTHER, unit_price=700, goods=700, billed=1200)]
    if taken:
        if case == "billed otherwise, with wrapping":
            pytest.skip("the master keeps the goods alone")
        came(shop, (rows, NOW))
        with shop.context() as ctx:
            ctx.execute(
                "INSERT INTO sales_order (channel, order_no, state, totals_ok, unfixed_flag, goods) "
                "VALUES ('rakuten1', 'gone', 'cancelled', 0, 0, 5)"
            )
    found = compare(shop, *([] if taken else [(rows, NOW)]))
    amounts = [(cause, yen) for kind, _order, cause, yen in found.classes if kind == "amount_mismatch"]
    if taken and expected and expected[0] == "billed_differs":
        expected = ("billed_differs", 0)  # the gap itself is the file's
    assert amounts == ([expected] if expected else [])


@pytest.mark.parametrize(("as_of", "place"), [(NOW, (2, 2)), (LATER, (2, 2)), (None, (0, 0))])
def test_amounts_that_do_not_add_up_are_named_with_the_line_that_says_so_last(
    shop: MasterUnderTest, as_of: str | None, place: tuple[int, int]
) -> None:
    rows = [row(src_totals_gap=70)]
    came(shop, (rows, NOW))
    (found,) = compare(shop, *([(rows, as_of)] if as_of else [])).found.rows
    assert (found.kind, found.src_file, found.src_line, found.as_of) == (
        "amount_mismatch",
        *place,
        as_of or NOW,
    )


def test_an_order_of_a_file_is_judged_by_the_file_alone(shop: MasterUnderTest) -> None:
    came(shop, ([row(src_totals_gap=70), row(OTHER, src_totals_gap=70)], NOW))
    found = compare(shop, ([row()], LATER))
    assert [(kind, order) for kind, order, _cause, _yen in found.classes if kind == "amount_mismatch"] == [
        ("amount_mismatch", "2")
    ]


TAXES = {"taxed_standard": 1100, "tax_standard": 100, "taxed_reduced": 0, "tax_reduced": 0}


@pytest.mark.parametrize("taken", [False, True], ids=["in a file", "in the master"])
def test_the_books_are_given_every_taxable_sum_with_the_tax_that_is_stated(
    shop: MasterUnderTest, taken: bool
) -> None:
    rows = [
        row(**TAXES),
        row(OTHER, taxed_standard=-1, tax_standard=0, taxed_reduced=1080, tax_reduced=None),
        row("000001-20261120-0000000003", price_includes_tax=0, tax_excluded=100, qty=2, goods=2000),
        row("000001-20261120-0000000004", price_includes_tax=0, tax_excluded=0),
        row("000001-20261120-0000000005", price_includes_tax=1, tax_excluded=100),
        row("000001-20261120-0000000006", price_includes_tax=0, tax_excluded=100, tax_rate=0),
    ]
    if taken:
        came(shop, (rows, NOW))
    stated = compare(shop, *([] if taken else [(rows, NOW)])).stated
    place = (lambda _line: (0, 0)) if taken else (lambda line: (1, line))
    assert [(line[0][-1], *line[1:]) for line in stated] == [
        ("1", 800, 0, 1, 0, *place(2), NOW),
        ("1", 1000, 1100, 1, 100, *place(2), NOW),
        ("3", 1000, 2000, 0, 100, *place(4), NOW),
    ]


def test_a_rate_that_is_not_the_products_is_named_for_its_sku(shop: MasterUnderTest) -> None:
    shop.insert(
        "channel_listing", {"channel": "rakuten1", "item_key": "listed", "sku_key": "k", "sku": "SKU-B"}
    )
    rows = [
        row(tax_rate=800),
        row(line_id="2", tax_rate=800, item_key="listed", sku_key="k", sku_code="SKU-A"),
        row(line_id="3", tax_rate=1000),
        row(line_id="4", tax_rate=800, sku_code="NO-SUCH"),
        row(OTHER, tax_rate=1000),
    ]
    found = compare(shop, (rows, NOW)).found
    wrong = [r for r in found.rows if r.kind == "tax_mismatch"]
    rates = [(r.detail, r.cause, r.other_channel, r.other_order, r.src_line) for r in wrong]
    assert rates == [("SKU-A", "rate_differs", "800", "1000", 2), ("SKU-B", "rate_differs", "800", "1000", 3)]
    assert {r.order_no for r in wrong} == {ORDER}


def test_a_rate_of_the_master_that_is_not_the_products_is_named_while_the_order_is_open(
    shop: MasterUnderTest,
) -> None:
    came(shop, ([row(tax_rate=800), row(OTHER, tax_rate=800)], NOW))
    with shop.context() as ctx:
        ctx.execute("UPDATE sales_order SET state = 'shipped' WHERE order_no = :o", o=OTHER)
    rows = [r for r in compare(shop).found.rows if r.kind == "tax_mismatch"]
    assert [(r.order_no, r.detail, r.other_channel, r.other_order, r.src_file) for r in rows] == [
        (ORDER, "SKU-A", "800", "1000", 0)
    ]


IN_MASTER = {
    "nobody decided": ({}, {}, True),
    "decided": ({}, {"state": "shipped_as_told"}, False),
    "an older change was decided": ({}, {"state": "shipped_as_told", "revision": 1}, True),
    "still to be decided": ({}, {"state": "open"}, True),
    "told after the change": ({"instructed_at": LATEST}, {}, False),
    "recalled": ({"state": "recalled"}, {}, False),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", IN_MASTER)
def test_a_change_that_the_master_took_after_the_warehouse_was_told_stays_named_until_somebody_decides(
    shop: MasterUnderTest, case: str
) -> None:
    instruction, change, named = IN_MASTER[case]
    came(shop, ([row()], EARLIER))
    instructed(shop, **{"instructed_at": "2026-11-24T02:00:00Z", **instruction})
    came(shop, ([row(wished_date="2026-12-01")], LATER), now=LATER)
    with shop.context() as ctx:
        ctx.execute("DELETE FROM parcel_change")
    if change:
        shop.insert("parcel_change", {"parcel_no": "P-1", "revision": 2} | change)
    rows = [(r.kind, r.detail, r.cause, r.other_order, r.yen, r.src_file) for r in compare(shop).found.rows]
    assert rows == (
        [("changed_after_instruction", "wished_date", "in_master", "P-1", 1500, 0)] if named else []
    )


def test_what_the_master_took_is_not_told_with_the_changes_of_the_file(shop: MasterUnderTest) -> None:
    came(shop, ([row()], EARLIER))
    instructed(shop, instructed_at="2026-11-24T02:00:00Z")
    came(shop, ([row(wished_date="2026-12-01")], LATER), now=LATER)
    with shop.context() as ctx:
        ctx.execute("DELETE FROM parcel_change")
    newer = [row(wished_date="2026-12-01", order_status="cancelled")]
    found = compare(shop, (newer, LATEST)).found
    assert [(r.kind, r.cause, [c.field for c in r.changes]) for r in found.rows] == [
        ("changed_after_instruction", "in_master", []),
        ("cancelled", "cancelled_instructed", ["order_status"]),
    ]


@pytest.mark.parametrize(("says", "changed"), [("", []), ("2026-12-05", []), ("2026-12-09", ["wished_date"])])
def test_a_file_that_says_what_it_said_before_our_correction_changes_nothing(
    shop: MasterUnderTest, says: str, changed: list[str]
) -> None:
    came(shop, ([row()], EARLIER))
    decide(shop, "amend", "wished_date=2026-12-01")
    with shop.context() as ctx:
        ctx.execute("UPDATE order_amendment SET mall_value = '2026-12-05' WHERE field = 'wished_date'")
    found = compare(shop, ([row(wished_date=says)], LATER)).found
    assert [change.field for r in found.rows for change in r.changes] == changed


def test_of_each_class_the_first_orders_are_told_and_the_sums_are_of_all(shop: MasterUnderTest) -> None:
    came(shop, ([row(f"C-{n}") for n in range(3)], EARLIER))
    rows = [row(f"C-{n}", wished_date="2026-12-01") for n in range(3)] + [row(f"N-{n}") for n in range(4)]
    found = compare(shop, (rows, LATER), most=2).found
    assert [(r.kind, r.order_no) for r in found.rows] == [
        ("changed", "C-0"),
        ("changed", "C-1"),
        ("new", "N-0"),
        ("new", "N-1"),
    ]
    assert {kind: (total.orders, total.yen) for kind, total in found.totals.items()} == {
        "changed": (3, 4500),
        "new": (4, 6000),
    }


def test_only_the_row_of_the_change_lists_what_changes(shop: MasterUnderTest) -> None:
    came(shop, ([row()], NOW))
    found = compare(shop, ([row(wished_date="2026-12-01", tax_rate=800)], LATER)).found
    assert {r.kind: {c.field for c in r.changes} for r in found.rows} == {
        "changed": {"wished_date", "tax_rate"},
        "tax_mismatch": set(),
    }


def test_classes_are_told_in_the_order_in_which_staff_should_look(shop: MasterUnderTest) -> None:
    third = "000001-20261120-0000000003"
    files = ([row(), row(OTHER), row(third, src_totals_gap=7)], NOW), ([row(OTHER, qty=2)], NOW)
    assert [(kind, order) for kind, order, _cause, _yen in compare(shop, *files).classes] == [
        ("new", "1"),
        ("new", "3"),
        ("conflict", "2"),
        ("amount_mismatch", "3"),
    ]


def test_an_order_counts_once_in_its_class_with_the_largest_of_its_sums(shop: MasterUnderTest) -> None:
    def judge(ctx: RunContext) -> None:
        for kind, detail, yen in (
            ("tax_mismatch", "10 %", 30),
            ("tax_mismatch", "8 %", 70),
            ("unreadable", "", None),
        ):
            ctx.execute(
                f"{INSERT}VALUES (:kind, 'rakuten1', '1', :detail, 0, 0, '', :yen, '', '', '')",
                kind=kind,
                detail=detail,
                yen=yen,
            )

    with shop.context(undo=True) as ctx:
        totals = compare_orders(ctx, (), judge, twin_days=0, most=1).totals
    assert {kind: (total.orders, total.yen) for kind, total in totals.items()} == {
        "tax_mismatch": (1, 70),
        "unreadable": (1, 0),
    }
