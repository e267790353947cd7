"""Corrections of ours: what they set, what files of the shop do to them, and who wins."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from ecsync.errors import DecisionRefusedError
from ecsync.locale import speaking
from master_under_test import NOW, MasterUnderTest
from orders.decided_orders import amendment, came, decide, decided, known_shop, receiver
from orders.staged_orders import (
    EARLIER,
    LATER,
    LATEST,
    ORDER,
    open_holds,
    order,
    row,
    ship,
    state,
    two_lines,
)

on_sqlite = pytest.mark.parametrize("master", ["sqlite"], indirect=True)
OURS = "address=東京都千代田区千代田9-9"


@pytest.fixture
def shop(master: MasterUnderTest) -> MasterUnderTest:
    return known_shop(master)


def line(shop: MasterUnderTest, column: str, line_id: str = "1") -> Any:
    return shop.scalar(f"SELECT {column} FROM order_line WHERE line_id = :line", line=line_id)


def place(shop: MasterUnderTest, column: str) -> Any:
    return shop.scalar(f"SELECT {column} FROM order_destination")


def test_a_correction_is_a_revision_that_names_personal_fields_without_their_values(
    shop: MasterUnderTest,
) -> None:
    came(shop, ([row(ship_address_ok=0)], NOW))

    effect = decide(shop, "amend", "address=〒100-0001 東京都千代田区千代田9-9", "wished_date=2026-12-01")

    assert (receiver(shop, "address"), receiver(shop, "postcode")) == ("千代田区千代田9-9", "1000001")
    assert (place(shop, "address_ok"), place(shop, "wished_date")) == (1, "2026-12-01")
    assert shop.rows("SELECT revision, kind, changed FROM order_revision ORDER BY revision") == [
        (1, "new", ""),
        (2, "amended", "ship_address,ship_address_ok,ship_city,wished_date"),
    ]
    assert shop.rows("SELECT scope, field, old_value, new_value FROM order_change ORDER BY field") == [
        ("dest:D1", "ship_address_ok", "0", "1"),
        ("dest:D1", "wished_date", "", "2026-12-01"),
    ]
    assert all(not (change.old or change.new) for change in effect.changes if change.personal)
    assert order(shop, "revision") == 2


@on_sqlite
def test_personal_values_stand_in_personal_tables_only(shop: MasterUnderTest) -> None:
    came(shop, ([row()], NOW))
    decide(shop, "amend", OURS, "name=架空 次郎", "phone=090-0000-0009", note="次郎様から電話")
    for table in ("staff_decision", "order_amendment", "order_revision", "order_change"):
        told = repr(shop.rows(f"SELECT * FROM {table}"))
        assert not [word for word in ("次郎", "0009", "千代田9") if word in told], table


@on_sqlite
def test_a_hold_that_the_correction_answers_ends_with_the_next_run(shop: MasterUnderTest) -> None:
    came(shop, ([row(ship_address_ok=0, sku_code="SKU-Z", tax_rate=None)], NOW))
    assert len(open_holds(shop)) == 3
    decide(shop, "amend", OURS, "sku=SKU-B", "tax_rate=8%")
    came(shop, run_id=2, now=LATER)
    assert open_holds(shop) == []
    assert (line(shop, "sku"), line(shop, "tax_rate")) == ("SKU-B", 800)


# What the shop sends after our correction of the address, in this order, and whether the correction is contested.
OLD: dict[str, Any] = {}
THIRD: dict[str, Any] = {"ship_address": "別の町3-3"}
AGREED: dict[str, Any] = {"ship_city": "", "ship_address": "千代田区千代田9-9"}
ELSE: dict[str, Any] = {"points": 10}


@pytest.mark.parametrize(
    ("states", "standing"),
    [
        ([OLD], "active"),
        ([ELSE], "active"),
        ([ELSE, OLD], "active"),
        ([THIRD], "contested"),
        ([THIRD, OLD], "active"),
        ([THIRD, THIRD | ELSE], "contested"),
        ([AGREED], "active"),
        ([AGREED, OLD], "active"),
        ([AGREED, THIRD], "contested"),
    ],
)
def test_ours_stands_whatever_the_shop_sends_and_a_third_value_holds(
    shop: MasterUnderTest, states: list[dict[str, Any]], standing: str
) -> None:
    came(shop, ([row()], EARLIER))
    decide(shop, "amend", OURS)
    for number, (values, as_of) in enumerate(zip(states, (NOW, LATER, LATEST), strict=False), start=2):
        came(shop, ([row(**values)], as_of), run_id=number, now=as_of)
        assert receiver(shop, "address") == "千代田区千代田9-9"
    assert amendment(shop, "ship_address") == standing
    assert open_holds(shop) == ([("", "amendment_contested")] if standing == "contested" else [])


@on_sqlite
@pytest.mark.parametrize("states", list(itertools.permutations([NOW, LATER, LATEST])))
def test_the_newest_file_decides_whichever_came_first(shop: MasterUnderTest, states: tuple[str, ...]) -> None:
    values = {NOW: THIRD, LATER: AGREED, LATEST: THIRD | ELSE}
    came(shop, ([row()], EARLIER))
    decide(shop, "amend", OURS, "wished_slot=am")
    for number, as_of in enumerate(states, start=2):
        came(shop, ([row(**values[as_of])], as_of), run_id=number, now=LATEST)
    assert amendment(shop, "ship_address") == "contested"
    assert (receiver(shop, "address"), place(shop, "wished_slot")) == ("千代田区千代田9-9", "am")
    assert order(shop, "points") == 10


def test_sending_the_same_files_again_changes_nothing(shop: MasterUnderTest) -> None:
    files = [([row()], EARLIER), ([row(**THIRD)], NOW), ([row(**ELSE)], LATER)]
    came(shop, files[0])
    decide(shop, "amend", OURS, "sku=SKU-B")
    came(shop, *files[1:], run_id=2, now=LATER)
    before = state(shop)
    for again in (files, files[::-1], files[1:2]):
        taken = came(shop, *again, run_id=3, now=LATEST)
        assert taken.changes == 0
        assert state(shop) == before


@pytest.mark.parametrize("winner", ["keep_ours", "take_mall"])
def test_somebody_says_which_of_two_values_counts(shop: MasterUnderTest, winner: str) -> None:
    came(shop, ([row()], EARLIER))
    decide(shop, "amend", OURS, "wished_slot=am")
    came(shop, ([row(**THIRD)], NOW), run_id=2)
    decide(shop, winner)
    came(shop, ([row(**THIRD, **ELSE)], LATER), run_id=3, now=LATER)
    assert open_holds(shop) == []
    if winner == "keep_ours":
        assert receiver(shop, "address") == "千代田区千代田9-9"
        came(shop, ([row(ship_address="四番目の町4-4")], LATEST), run_id=4, now=LATEST)
        assert open_holds(shop) == [("", "amendment_contested")], "a fourth value is a new question"
    else:
        assert (receiver(shop, "address"), receiver(shop, "city")) == ("別の町3-3", "")
        assert decided(shop, "kind", "state") == [("amend", "active"), ("take_mall", "active")]
        assert place(shop, "wished_slot") == "am", "what nobody contested stands"
        came(shop, ([row(ship_address="四番目の町4-4")], LATEST), run_id=4, now=LATEST)
        assert receiver(shop, "address") == "四番目の町4-4"


@on_sqlite
def test_a_contested_correction_may_be_corrected_anew(shop: MasterUnderTest) -> None:
    came(shop, ([row()], EARLIER))
    decide(shop, "amend", OURS)
    came(shop, ([row(**THIRD)], NOW), run_id=2)
    decide(shop, "amend", "address=東京都港区芝公園4-2-8")
    came(shop, ([row(**THIRD)], NOW), run_id=3, now=LATER)
    assert open_holds(shop) == []
    assert receiver(shop, "address") == "港区芝公園4-2-8"
    assert decided(shop, "state") == [("superseded",), ("active",)]


@on_sqlite
def test_a_destination_that_the_shop_replaced_takes_the_correction_with_it(shop: MasterUnderTest) -> None:
    came(shop, ([row()], EARLIER))
    decide(shop, "amend", OURS)
    moved = ([row(dest_id="D2", ship_address="別の町3-3")], NOW)
    came(shop, moved, run_id=2)
    assert open_holds(shop) == [("", "amendment_contested")]
    assert came(shop, moved, run_id=3).changes == 0
    with speaking("en"), pytest.raises(DecisionRefusedError, match="is gone from the order"):
        decide(shop, "keep_ours")
    decide(shop, "take_mall")
    came(shop, run_id=3, now=LATER)
    assert open_holds(shop) == []
    assert receiver(shop, "address", dest_id="D2") == "別の町3-3"


@on_sqlite
def test_a_line_that_is_gone_takes_its_correction_with_it(shop: MasterUnderTest) -> None:
    came(shop, (two_lines(), EARLIER))
    decide(shop, "amend", "sku=SKU-B", line_id="2")
    came(shop, ([row()], NOW), run_id=2)
    assert (amendment(shop, "sku"), open_holds(shop)) == ("gone", [])


@pytest.mark.parametrize(
    ("then", "standing"),
    [
        ({}, "active"),
        ({"points": 5}, "active"),
        ({"item_key": "item-b", "sku_key": "item-b"}, "contested"),
        ({"sku_code": "SKU-A"}, "contested"),
    ],
)
def test_an_sku_of_ours_stands_until_the_line_means_another_item(
    shop: MasterUnderTest, then: dict[str, Any], standing: str
) -> None:
    came(shop, ([row(sku_code="SKU-Z")], NOW))
    decide(shop, "amend", "sku=SKU-B")
    came(shop, ([row(**{"sku_code": "SKU-Z", **then})], LATER), run_id=2, now=LATER)
    assert (amendment(shop, "sku"), line(shop, "sku")) == (standing, "SKU-B")
    if standing == "contested":
        decide(shop, "take_mall")
        assert line(shop, "sku") == ("SKU-A" if "sku_code" in then else "")


@on_sqlite
def test_a_listing_that_comes_later_does_not_undo_the_sku(shop: MasterUnderTest) -> None:
    came(shop, ([row(sku_code="SKU-Z")], NOW))
    decide(shop, "amend", "sku=SKU-B")
    shop.insert(
        "channel_listing",
        {"channel": "rakuten1", "item_key": "item-a", "sku_key": "item-a", "sku": "SKU-A"},
    )
    came(shop, run_id=2, now=LATER)
    assert line(shop, "sku") == "SKU-B"


@on_sqlite
def test_the_same_correction_twice_is_one(shop: MasterUnderTest) -> None:
    came(shop, ([row()], NOW))
    decide(shop, "amend", OURS)
    before = state(shop)
    assert decide(shop, "amend", OURS).changes == ()
    assert state(shop) == before


REFUSED = [
    (["wished_date=2026-11-23"], {}, "the delivery date has passed"),
    (["sku=SKU-X"], {}, "SKUs that begin alike: SKU-A, SKU-B"),
    (["sku=NONE"], {}, "there is no such SKU"),
    (["sku=SKU-B"], {"line_id": "9"}, "there are: 1"),
    ([OURS], {"dest_id": "D9"}, "there are: D1"),
]


@on_sqlite
@pytest.mark.parametrize(("pairs", "facts", "words"), REFUSED)
def test_what_cannot_be_is_refused_with_what_there_is(
    shop: MasterUnderTest, pairs: list[str], facts: dict[str, str], words: str
) -> None:
    came(shop, ([row()], NOW))
    before = state(shop)
    with speaking("en"), pytest.raises(DecisionRefusedError, match=words):
        decide(shop, "amend", *pairs, **facts)
    assert state(shop) == before


@on_sqlite
def test_of_several_parts_one_is_named(shop: MasterUnderTest) -> None:
    rows = two_lines()
    rows[1]["dest_id"] = "D2"
    came(shop, (rows, NOW))
    for pair, parts in ((OURS, "D1, D2"), ("sku=SKU-B", "1, 2")):
        with speaking("en"), pytest.raises(DecisionRefusedError, match=parts):
            decide(shop, "amend", pair)
    decide(shop, "amend", OURS, dest_id="D2")
    assert [receiver(shop, "address", dest_id=d) for d in ("D1", "D2")] == ["千代田1-1", "千代田区千代田9-9"]


@on_sqlite
def test_a_line_in_the_warehouses_hands_keeps_what_it_was_told_with(shop: MasterUnderTest) -> None:
    came(shop, (two_lines(), NOW))
    ship(shop, "1")
    with speaking("en"), pytest.raises(DecisionRefusedError, match="recall its parcel first"):
        decide(shop, "amend", "tax_rate=8%", line_id="1")
    decide(shop, "amend", "tax_rate=8%", line_id="2")
    assert line(shop, "tax_rate", "2") == 800


@on_sqlite
def test_persons_that_were_erased_are_not_written_again(shop: MasterUnderTest) -> None:
    came(shop, ([row()], NOW))
    with shop.context() as ctx:
        ctx.execute("UPDATE person SET name = '', address = '', erased_at = :now", now=NOW)
    with speaking("en"), pytest.raises(DecisionRefusedError, match="was erased"):
        decide(shop, "amend", OURS)


@on_sqlite
@pytest.mark.parametrize(
    ("status", "change", "why"),
    [
        ("ready", "state = 'shipped'", "it has left in full"),
        ("cancelled", "revision = 1", "it is cancelled"),
        ("ready", "state = 'foreign'", "belongs to the old system"),
    ],
)
def test_only_an_open_order_is_decided_on(shop: MasterUnderTest, status: str, change: str, why: str) -> None:
    came(shop, ([row(order_status=status)], NOW))
    with shop.context() as ctx:
        ctx.execute(f"UPDATE sales_order SET {change}")
    for kind in ("release", "hold", "cancel", "keep_ours"):
        with speaking("en"), pytest.raises(DecisionRefusedError, match=why):
            decide(shop, kind)
    with speaking("en"), pytest.raises(DecisionRefusedError, match=why):
        decide(shop, "amend", OURS, order_no=ORDER)
