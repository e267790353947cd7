"""Which of two figures differ, once everything that moved between their times is taken into account."""

from __future__ import annotations

import pytest

from ecsync.errors import UsageError
from ecsync.stock.reconciliation import StockQuestion, compare_stock, refuse_unknown_names
from master_under_test import MasterUnderTest
from stock.small_shop import order, parcel, put, recipe, shelf

NIGHT_BEFORE = "2026-11-23T12:00:00Z"
SIX, SEVEN, EIGHT, NINE = (f"2026-11-24T0{hour}:00:00Z" for hour in (6, 7, 8, 9))
NOW = "2026-11-24T10:00:00Z"


# Long tables of cases run on one database; every statement of them runs on both elsewhere in this module.
one_database = pytest.mark.parametrize("master", ["sqlite"], indirect=True)


def product(master, sku, price=1000, cost=600):
    master.insert("product", {"sku": sku, "name": sku, "price": price, "cost": cost})


def moved(master, qty, at, sku="MUG", kind="shipment"):
    """Move units at a time, the balance with them."""
    key = f"event:main:{sku}:{at}:{qty}"
    movement = {
        "movement_key": key,
        "warehouse": "main",
        "sku": sku,
        "kind": kind,
        "qty": qty,
        "effective_at": at,
    }
    put(master, [("stock_movement", movement)])
    with master.context() as ctx:
        ctx.execute("UPDATE stock_balance SET on_hand = on_hand + :qty WHERE sku = :sku", qty=qty, sku=sku)


def listed(master, sku="MUG", *, item="mug", seen=None, seen_at="", sent=None, sent_at="", **columns):
    """List a SKU, with what was seen of it and what was sent for it."""
    key = {"channel": "rakuten1", "item_key": item, "sku_key": ""}
    put(
        master,
        [
            ("channel_listing", {**key, "sku": sku, **columns}),
            (
                "channel_stock",
                {**key, "qty_seen": seen, "seen_at": seen_at, "qty_sent": sent, "sent_at": sent_at},
            ),
        ],
    )


def told(master, qty, at, state="verified", item="mug"):
    """Record the file in which a quantity went out."""
    number = master.scalar("SELECT COUNT(*) FROM outbox_file") + 1
    key = {"channel": "rakuten1", "item_key": item, "sku_key": "", "sequence": f"{number:012d}"}
    file = {
        "outbox_id": number,
        "document": "channel_quantities",
        "remote_name": "normal-item.csv",
        "state": state,
    }
    business_key = f"rakuten1:{item}::{number:012d}"
    put(
        master,
        [
            ("channel_quantity", {**key, "sku": "MUG", "qty": qty, "decided_at": at}),
            ("outbox_file", file),
            (
                "outbox_key",
                {"document": "channel_quantities", "business_key": business_key, "outbox_id": number},
            ),
        ],
    )


def compared(master, question=None, **overrides):
    """Compare, and return what was found as (kind, party, SKU or listing, theirs, since, ours, units, yen, cause)."""
    with master.context(undo=True, now=NOW, **overrides) as ctx:
        changes = ctx.changes
        found = compare_stock(ctx, question or StockQuestion())
        assert ctx.changes == changes, "a comparison writes nothing"
    return [
        (r.kind, r.party, r.sku or r.item_key, r.theirs, r.since, r.ours, r.units, r.yen, r.cause)
        for r in found.rows
    ]


def count(master, qty, at, party="main", sku="MUG"):
    master.load("stock_levels", [{"sku": sku, "qty": qty}], party=party, as_of=at)


def shown(master, qty, at, item="mug", sku="MUG", **columns):
    row = {"item_key": item, "sku_key": "", "sku_code": sku, "qty": qty, **columns}
    master.load("channel_listings", [row], party="rakuten1", as_of=at)


def kinds(rows):
    return [row[0] for row in rows]


# Ten on the shelf at six; two left at seven. What the count must say depends on its own time only.
@pytest.mark.parametrize(
    ("counted", "at", "difference"),
    [
        (10, SIX, None),
        (8, SIX, -2),
        (10, EIGHT, 2),
        (8, EIGHT, None),
        (8, SEVEN, None),
        (10, "2026-11-24T06:59:59Z", None),
        (5, EIGHT, -3),
    ],
)
@one_database
def test_a_count_is_compared_with_the_ledger_of_its_own_time(
    master: MasterUnderTest, counted: int, at: str, difference: int | None
) -> None:
    product(master, "MUG")
    shelf(master, MUG=10)
    moved(master, -2, SEVEN)
    count(master, counted, at)
    rows = [row for row in compared(master) if row[0] == "drift"]
    if difference is None:
        assert rows == []
        return
    ((kind, party, _sku, theirs, since, ours, units, yen, cause),) = rows
    assert (kind, party, theirs + since - ours) == ("drift", "main", difference)
    assert (units, yen) == (abs(difference), abs(difference) * 600), "drift is worth what the units cost"
    assert cause == ("more_counted" if difference > 0 else "less_counted")


# Ten on the shelf, one kept back; the shop showed nine at seven and then sold two.
@pytest.mark.parametrize(
    ("ordered_at", "seen", "expected"),
    [
        (EIGHT, 9, []),
        (SIX, 7, []),
        (SIX, 9, [("oversell_risk", 1)]),
        (EIGHT, 7, [("lost_sale", 2)]),
        (SEVEN, 7, []),
        (EIGHT, 10, [("within_safety", 1)]),
    ],
)
@one_database
def test_what_a_shop_sold_since_its_figure_is_taken_off_it(
    master: MasterUnderTest, ordered_at: str, seen: int, expected: list[tuple[str, int]]
) -> None:
    master.settings = master.make_settings(channels={"rakuten1": {"safety": 1}})
    product(master, "MUG")
    shelf(master, MUG=10)
    order(master, "A-1", ("MUG", 2), at=ordered_at)
    master.insert(
        "allocation",
        {
            "channel": "rakuten1",
            "order_no": "A-1",
            "line_id": "1",
            "sku": "MUG",
            "warehouse": "main",
            "needed": 2,
        },
    )
    listed(master, seen=seen, seen_at=SEVEN)
    assert [(row[0], row[6]) for row in compared(master)] == expected


@pytest.mark.parametrize(
    ("seen", "seen_at", "sent", "sent_at", "state", "expected"),
    [
        (4, SIX, 10, SEVEN, "verified", [("in_flight", "not_seen_since")]),
        (4, SIX, 10, SEVEN, "uploading", [("in_flight", "waits_to_be_sent")]),
        (4, SIX, 10, SEVEN, "unknown", [("in_flight", "outcome_unknown")]),
        (14, SIX, 10, SEVEN, "conflict", [("oversell_risk", "not_arrived")]),
        (14, SIX, 10, SEVEN, "dropped", [("oversell_risk", "not_arrived")]),
        (4, SIX, 10, SEVEN, "", [("lost_sale", "not_sent")]),
        (10, SIX, 12, SEVEN, "verified", [("oversell_risk", "moved_since")]),
        (10, SIX, 12, SEVEN, "dropped", []),
        (4, EIGHT, 10, SEVEN, "verified", [("lost_sale", "moved_since")]),
        (10, EIGHT, 3, SEVEN, "verified", []),
        (None, SIX, None, "", "", []),
    ],
)
@one_database
def test_what_we_told_since_takes_the_place_of_what_was_seen_unless_it_never_arrived(
    master: MasterUnderTest,
    seen: int | None,
    seen_at: str,
    sent: int | None,
    sent_at: str,
    state: str,
    expected: list[tuple[str, str]],
) -> None:
    product(master, "MUG")
    shelf(master, MUG=10)
    listed(master, seen=seen, seen_at=seen_at, sent=sent, sent_at=sent_at)
    if state and sent is not None:
        told(master, sent, sent_at, state)
    assert [(row[0], row[8]) for row in compared(master)] == expected


@pytest.mark.parametrize(
    ("shows", "cause"),
    [(12, "not_taken"), (10, None), (3, "not_taken")],
)
@one_database
def test_a_figure_that_the_shop_changed_by_itself_is_called_so(
    master: MasterUnderTest, shows: int, cause: str | None
) -> None:
    product(master, "MUG")
    shelf(master, MUG=10)
    listed(master, seen=2, seen_at=SIX, sent=10, sent_at=SEVEN)
    told(master, 10, SEVEN)
    shown(master, shows, EIGHT)
    assert [row[8] for row in compared(master)] == ([cause] if cause else [])


def test_yen_at_stake_is_the_price_of_what_is_sold_and_the_cost_of_what_is_lost(
    master: MasterUnderTest,
) -> None:
    product(master, "MUG", price=1000, cost=600)
    product(master, "NOPRICE", price=None, cost=None)
    shelf(master, MUG=5, NOPRICE=5)
    listed(master, seen=8, seen_at=SEVEN)
    listed(master, "NOPRICE", item="noprice", seen=8, seen_at=SEVEN)
    count(master, 4, EIGHT)
    with master.context(undo=True, now=NOW) as ctx:
        found = compare_stock(ctx, StockQuestion())
    assert {r.sku: r.yen for r in found.rows if r.kind == "oversell_risk"} == {"MUG": 3000, "NOPRICE": None}
    assert [(r.sku, r.yen) for r in found.rows if r.kind == "drift"] == [("MUG", 600)]
    total = found.totals["oversell_risk"]
    assert (total.rows, total.units, total.yen, total.unpriced) == (2, 6, 3000, 1)


def test_a_set_shows_what_its_scarcest_part_allows(master: MasterUnderTest) -> None:
    for sku in ("CUP", "TRAY", "SET"):
        product(master, sku)
    shelf(master, CUP=10, TRAY=3)
    recipe(master, "SET", CUP=2, TRAY=1)
    listed(master, "CUP", item="cup", seen=10, seen_at=SEVEN)
    listed(master, "TRAY", item="tray", seen=3, seen_at=SEVEN)
    listed(master, "SET", item="set", seen=4, seen_at=SEVEN)
    assert [(r[0], r[2], r[5], r[6]) for r in compared(master)] == [("oversell_risk", "SET", 3, 1)]


def test_an_order_that_no_run_has_taken_is_sold_all_the_same(master: MasterUnderTest) -> None:
    for sku in ("CUP", "TRAY", "SET"):
        product(master, sku)
    shelf(master, CUP=10, TRAY=10)
    recipe(master, "SET", CUP=2, TRAY=1)
    listed(master, "CUP", item="cup", seen=10, seen_at=SEVEN)
    listed(master, "TRAY", item="tray", seen=10, seen_at=SEVEN)
    listed(master, "SET", item="set", seen=4, seen_at=EIGHT)
    row = {"item_key": "set", "sku_key": "", "sku_code": "SET", "qty": 1, "ordered_at": SEVEN, "line_id": "1"}
    cancelled = {**row, "order_no": "N-2", "order_status": "cancelled", "qty": 3}
    master.load("order_lines", [{**row, "order_no": "N-1", "order_status": "ready"}, cancelled], as_of=NINE)
    found = compared(master)
    # The set shows 4 of 4; its parts are two cups and a tray less than their own listings still show.
    assert [(r[0], r[2], r[5], r[6]) for r in found] == [
        ("oversell_risk", "CUP", 8, 2),
        ("oversell_risk", "TRAY", 9, 1),
    ]


def ordered(master, order_no, qty, at, *, sku="MUG", item="", sku_key="", **columns):
    row = {
        "order_no": order_no,
        "line_id": "1",
        "item_key": item,
        "sku_key": sku_key,
        "sku_code": sku,
        "qty": qty,
    }
    master.load("order_lines", [{**row, "ordered_at": at, "order_status": "ready", **columns}], as_of=NINE)


def test_an_order_of_a_file_is_sold_once_whether_a_run_has_taken_it_or_not(master: MasterUnderTest) -> None:
    for sku in ("MUG", "CUP"):
        product(master, sku)
    shelf(master, MUG=10, CUP=10)
    listed(master, seen=7, seen_at=EIGHT)
    listed(master, "CUP", item="cup", seen=10, seen_at=SEVEN)
    order(master, "A-1", ("MUG", 3), at=SEVEN)
    promise = {"channel": "rakuten1", "order_no": "A-1", "line_id": "1", "sku": "MUG"}
    master.insert("allocation", {**promise, "warehouse": "main", "needed": 3})
    ordered(master, "A-1", 3, SEVEN)  # known: its units are taken off already
    assert compared(master) == []
    # Two cups of another order, found by the code of their SKU, and sold since the shop showed ten.
    ordered(master, "N-1", 2, EIGHT, sku="CUP", item="no-such-listing")
    assert compared(master) == []
    ordered(master, "N-1", 2, SIX, sku="CUP", item="no-such-listing")
    assert [(r[0], r[2], r[5], r[6]) for r in compared(master)] == [("oversell_risk", "CUP", 8, 2)]


def test_an_order_that_names_no_variant_is_sold_from_the_listing_of_its_sku_alone(
    master: MasterUnderTest,
) -> None:
    for sku in ("MUG", "CUP"):
        product(master, sku)
    shelf(master, MUG=10, CUP=10)
    for item, sku_key, sku in (("mug-a", "z", "MUG"), ("mug-b", "a", "MUG"), ("cup", "", "CUP")):
        key = {"channel": "rakuten1", "item_key": item, "sku_key": sku_key}
        listing = ("channel_listing", {**key, "sku": sku})
        put(master, [listing, ("channel_stock", {**key, "qty_seen": 10, "seen_at": SEVEN})])
    ordered(master, "N-1", 2, EIGHT, item="no-such-listing")
    # Eight are left; the first listing of the SKU sold the two, the second still shows ten.
    found = [row for row in compared(master) if row[0] != "listed_twice"]
    assert [(r[0], r[2], r[3], r[4], r[5], r[6]) for r in found] == [("oversell_risk", "MUG", 10, 0, 8, 2)]


def test_a_figure_that_we_told_too_low_is_a_lost_sale_though_the_older_one_was_right(
    master: MasterUnderTest,
) -> None:
    product(master, "MUG")
    shelf(master, MUG=10)
    ordered(master, "N-1", 2, EIGHT)
    listed(master, seen=10, seen_at=SIX, sent=9, sent_at=SEVEN)
    told(master, 9, SEVEN)
    assert [(r[0], r[3], r[4], r[5], r[6]) for r in compared(master)] == [("lost_sale", 9, -2, 8, 1)]


def test_what_is_in_flight_is_worth_the_units_between_the_two_figures(master: MasterUnderTest) -> None:
    product(master, "MUG", price=1000, cost=600)
    shelf(master, MUG=10)
    listed(master, seen=4, seen_at=SIX, sent=10, sent_at=SEVEN)
    told(master, 10, SEVEN)
    assert [(r[0], r[3], r[5], r[6], r[7]) for r in compared(master)] == [("in_flight", 4, 10, 6, 6000)]


def test_an_event_that_no_run_has_taken_has_moved_all_the_same(master: MasterUnderTest) -> None:
    product(master, "MUG")
    shelf(master, MUG=10)
    event = {"event_id": "E1", "kind": "receipt", "sku": "MUG", "qty": 5, "at": SEVEN, "at_offset": 0}
    later = {**event, "event_id": "E2", "at": NINE}
    master.load("warehouse_events", [event, later, event], party="main", as_of=NINE)
    count(master, 15, EIGHT)
    assert [row for row in compared(master) if row[0] == "drift"] == []


@pytest.mark.parametrize(
    ("counted", "instructed_at", "expected"),
    [(8, SEVEN, "in_flight"), (7, SEVEN, "drift"), (8, NINE, "drift"), (9, SEVEN, "in_flight")],
)
@one_database
def test_units_of_an_open_instruction_may_have_left_before_the_count(
    master: MasterUnderTest, counted: int, instructed_at: str, expected: str
) -> None:
    product(master, "MUG")
    shelf(master, MUG=10)
    order(master, "A-1", ("MUG", 2))
    parcel(master, "P1", "A-1", ("1", "MUG", 2), instructed_at=instructed_at)
    count(master, counted, EIGHT)
    assert [row[0] for row in compared(master) if row[1] == "main"] == [expected]


@pytest.mark.parametrize(
    ("setting", "absent", "expected"),
    [("keep", True, []), ("zero", True, [("drift", 0)]), ("zero", False, [])],
)
def test_a_sku_that_a_complete_list_leaves_out_is_zero_where_the_settings_say_so(
    master: MasterUnderTest, setting: str, absent: bool, expected: list[tuple[str, int]]
) -> None:
    master.settings = master.make_settings(warehouses={"main": {"absent_in_snapshot": setting}})
    product(master, "MUG")
    product(master, "CUP")
    shelf(master, MUG=10, CUP=4)
    rows = [{"sku": "CUP", "qty": 4}] + ([] if absent else [{"sku": "MUG", "qty": 10}])
    master.load("stock_levels", rows, party="main", as_of=EIGHT)
    assert [(row[0], row[3]) for row in compared(master) if row[0] == "drift"] == expected


def test_the_core_system_is_compared_with_all_warehouses_together(master: MasterUnderTest) -> None:
    master.settings = master.make_settings(warehouses={"second": {"stock": "snapshot"}})
    product(master, "MUG")
    shelf(master, MUG=10)
    shelf(master, warehouse="second", MUG=5)
    count(master, 15, EIGHT, party="erp")
    assert [row for row in compared(master) if row[0] == "drift"] == []
    count(master, 12, EIGHT, party="erp")
    assert [(r[1], r[3], r[5]) for r in compared(master) if r[0] == "drift"] == [("erp", 12, 15)]


def test_codes_that_the_product_master_lacks_are_named_wherever_they_stand(master: MasterUnderTest) -> None:
    product(master, "MUG")
    shelf(master, MUG=10)
    listed(master, seen=10, seen_at=SEVEN)
    shown(master, 3, EIGHT, item="ghost", sku="NO-SUCH")
    count(master, 2, EIGHT, sku="GHOST")
    assert [(r[0], r[1], r[2], r[6], r[7], r[8]) for r in compared(master)] == [
        ("unknown_code", "rakuten1", "ghost", 3, None, "listed_unknown"),
        ("unknown_code", "main", "GHOST", 2, None, "counted_unknown"),
    ]


def test_what_is_free_and_not_listed_is_named_once_a_channel_has_shown_its_listings(
    master: MasterUnderTest,
) -> None:
    product(master, "MUG")
    product(master, "EMPTY")
    shelf(master, MUG=10, EMPTY=0)
    assert compared(master) == [], "a channel without any listing is not compared"
    product(master, "CUP")
    listed(master, "CUP", item="cup", seen=0, seen_at=SEVEN)
    assert [(r[0], r[2], r[6], r[7]) for r in compared(master)] == [("unlisted", "MUG", 10, 10_000)]
    shown(master, 10, EIGHT)
    assert compared(master) == [], "the newest file of the shop lists it"


def test_a_listing_without_a_limit_and_a_double_one_are_told_and_are_no_difference(
    master: MasterUnderTest,
) -> None:
    product(master, "MUG")
    shelf(master, MUG=10)
    listed(master, item="mug-a", seen=10, seen_at=SEVEN)
    listed(master, item="mug-b", seen=None, seen_at=SEVEN, unlimited_flag=1)
    with master.context(undo=True, now=NOW) as ctx:
        found = compare_stock(ctx, StockQuestion())
    assert [(r.kind, r.cause) for r in found.rows] == [("listed_twice", "twice"), ("unlimited", "no_limit")]
    assert not found.differs


def test_a_sku_whose_proof_is_broken_says_why_it_shows_too_little(master: MasterUnderTest) -> None:
    product(master, "MUG")
    shelf(master, MUG=10)
    with master.context() as ctx:
        ctx.execute("UPDATE stock_balance SET blocked_flag = 1")
    listed(master, seen=4, seen_at=SEVEN)
    assert [(r[0], r[8]) for r in compared(master)] == [("lost_sale", "blocked")]


@pytest.mark.parametrize(("stale", "expected"), [((), ["lost_sale"]), (("main-stock",), [])])
def test_the_buffer_of_stale_data_is_no_lost_sale(
    master: MasterUnderTest, stale: tuple[str, ...], expected: list[str]
) -> None:
    flow = {"name": "main-stock", "party": "main", "mapping": "warehouse/stock", "endpoint": "e"}
    master.settings = master.make_settings(
        channels={"rakuten1": {"stale_buffer": 3}},
        endpoints={"e": {"kind": "folder", "root": "."}},
        inbound=[flow],
    )
    product(master, "MUG")
    shelf(master, MUG=10)
    listed(master, seen=7, seen_at=SEVEN)
    assert kinds(compared(master, stale_flows=frozenset(stale))) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (StockQuestion(), {"drift", "oversell_risk"}),
        (StockQuestion(channel="rakuten1"), {"oversell_risk"}),
        (StockQuestion(warehouse="main"), {"drift", "oversell_risk"}),
        (StockQuestion(sku="MUG"), {"drift", "oversell_risk"}),
        (StockQuestion(sku="mug"), {"oversell_risk"}),
        (StockQuestion(sku="CUP"), set()),
    ],
)
@one_database
def test_a_question_may_be_about_one_shop_one_warehouse_or_one_sku(
    master: MasterUnderTest, question: StockQuestion, expected: set[str]
) -> None:
    product(master, "MUG")
    shelf(master, MUG=10)
    listed(master, seen=12, seen_at=SEVEN)
    count(master, 9, EIGHT)
    assert set(kinds(compared(master, question))) == expected


def test_the_largest_rows_are_told_and_the_sums_are_of_all(master: MasterUnderTest) -> None:
    for number in range(5):
        product(master, f"S{number}")
        shelf(master, **{f"S{number}": 1})
        listed(master, f"S{number}", item=f"s{number}", seen=2 + number, seen_at=SEVEN)
    with master.context(undo=True, now=NOW) as ctx:
        found = compare_stock(ctx, StockQuestion(most=2))
    assert [(row.sku, row.units) for row in found.rows] == [("S4", 5), ("S3", 4)]
    assert (found.totals["oversell_risk"].rows, found.totals["oversell_risk"].units) == (5, 15)


def test_a_channel_before_its_cut_over_or_without_a_count_is_left_alone_and_said_so(
    master: MasterUnderTest,
) -> None:
    with master.context(undo=True, now=NOW) as ctx:
        assert compare_stock(ctx, StockQuestion()).left_alone == ("rakuten1",)
    master.settings = master.make_settings(channels={"rakuten1": {"cutover": "2026-12-01T00:00:00+09:00"}})
    shelf(master, MUG=10)
    with master.context(undo=True, now=NOW) as ctx:
        assert compare_stock(ctx, StockQuestion()).left_alone == ("rakuten1",)


@pytest.mark.parametrize("question", [StockQuestion(channel="nobody"), StockQuestion(warehouse="nowhere")])
@one_database
def test_a_name_that_does_not_exist_is_refused_with_those_that_do(
    master: MasterUnderTest, question: StockQuestion
) -> None:
    with pytest.raises(UsageError, match=r"rakuten1|main"):
        refuse_unknown_names(master.settings, question)
