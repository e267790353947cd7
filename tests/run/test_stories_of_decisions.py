"""What people decide, over a day or two: from the command line to the warehouse's file."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from face import Ecsync, speaker
from story_shop import OLD_COLUMNS, Row, StoryShop, an_order, codes, moment, number_of

NOON, NIGHT = moment("12:00"), moment("22:00")
NEXT_NOON, NEXT_NIGHT = moment("12:00", 25), moment("22:00", 25)
WHO = ("--by", "佐藤", "--note", "電話で確認")
Desk = Callable[..., None]


@pytest.fixture
def ecsync(capsys: pytest.CaptureFixture[str], story: StoryShop) -> Ecsync:
    return speaker(capsys, story.shop.project)


def cells(**changed: str) -> Callable[[Row], Row]:
    """Return an edit of every row of an order file."""
    return lambda row: row | changed


def house(number: str) -> dict[str, str]:
    """Return the cells of an address without a house number, or with one."""
    return {"送付先住所それ以降の住所": f"芝公園{number}"}


def test_a_mismatch_that_somebody_released_ships_with_the_next_run(story: StoryShop, ecsync: Ecsync) -> None:
    story.count(moment("08:00"))
    order = an_order(1, ("TOWEL-L", 1), wrong_billed=100)
    story.orders(moment("11:30"), order)
    assert [s.reason for s in story.run("noon", NOON).standing] == ["amount_mismatch"]

    done = ecsync("orders", "release", number_of(order), *WHO, "--as-of", "2026-11-24T13:00")
    assert done.status == 0
    assert "the hold ends: its amounts do not add up" in done.out
    assert story.instructed() == [], "a decision sends nothing; the next run does"

    outcome = story.run("night", NIGHT)
    assert [r["order_no"] for r in story.instructed()] == [number_of(order)]
    assert "decision_taken" in codes(outcome)
    assert "decision_taken" not in codes(story.run("noon", NEXT_NOON)), "it is told once"


def test_the_hold_comes_back_with_other_amounts_only(story: StoryShop, ecsync: Ecsync) -> None:
    story.count(moment("08:00"), TOWEL_L=0)
    order = an_order(1, ("TOWEL-L", 1), wrong_billed=100)
    story.orders(moment("11:30"), order)
    story.run("noon", NOON)
    assert ecsync("orders", "release", number_of(order), *WHO, "--as-of", "2026-11-24T13:00").status == 0
    story.orders(moment("15:00"), order, change=cells(コメント="急ぎません"))
    assert [s.kind for s in story.run("noon", moment("15:30")).standing] == ["stock"]
    story.orders(moment("16:00"), an_order(1, ("TOWEL-L", 1), wrong_billed=300))
    outcome = story.run("noon", moment("16:30"))
    assert {s.reason for s in outcome.standing if s.kind == "hold"} == {"amount_mismatch"}
    assert "release_ended" in codes(outcome)


def test_a_corrected_address_outlives_the_malls_files_until_the_mall_says_something_new(
    story: StoryShop, ecsync: Ecsync
) -> None:
    story.count(moment("08:00"), TOWEL_L=0)
    order = an_order(1, ("TOWEL-L", 1))
    number = number_of(order)
    story.orders(moment("11:30"), order, change=cells(**house("")))
    assert "bad_address" in [s.reason for s in story.run("noon", NOON).standing]

    done = ecsync(
        "orders", "amend", number, "住所=東京都港区芝公園4-2-8", *WHO, "--as-of", "2026-11-24T13:00"
    )
    assert done.status == 0
    assert "芝公園" not in done.out + done.err, "a personal value is named, never told"

    story.orders(moment("14:00"), order, change=cells(コメント="よろしく", **house("")))
    assert [s.kind for s in story.run("noon", moment("14:30")).standing] == ["stock"]

    story.orders(moment("15:00"), order, change=cells(**house("9-9-9")))
    outcome = story.run("noon", moment("15:30"))
    assert "amendment_contested" in [s.reason for s in outcome.standing]
    assert ecsync("orders", "release", number, *WHO, "--as-of", "2026-11-24T16:00").status == 14
    assert ecsync("orders", "decide", "keep_ours", number, *WHO, "--as-of", "2026-11-24T16:00").status == 0
    story.orders(moment("17:00"), order, change=cells(コメント="まだですか", **house("9-9-9")))
    story.count(moment("17:30"), TOWEL_L=5)
    story.run("night", NIGHT)
    (line,) = story.instructed()
    assert line["ship_address"] == "港区芝公園4-2-8"


@pytest.mark.long
def test_the_malls_new_address_may_win(story: StoryShop, ecsync: Ecsync) -> None:
    story.count(moment("08:00"), TOWEL_L=0)
    order = an_order(1, ("TOWEL-L", 1))
    story.orders(moment("11:30"), order)
    story.run("noon", NOON)
    words = ("orders", "amend", number_of(order), "address=東京都港区芝公園4-2-8", *WHO)
    assert ecsync(*words, "--as-of", "2026-11-24T13:00").status == 0
    story.orders(moment("15:00"), order, change=cells(**house("9-9-9")))
    story.run("noon", moment("15:30"))
    words = ("orders", "decide", "take_mall", number_of(order), *WHO)
    assert ecsync(*words, "--as-of", "2026-11-24T16:00").status == 0
    story.count(moment("17:30"), TOWEL_L=5)
    story.run("night", NIGHT)
    (line,) = story.instructed()
    assert line["ship_address"].endswith("芝公園9-9-9")


def test_our_own_cancellation_recalls_the_parcel_and_outlives_the_malls_files(
    story: StoryShop, ecsync: Ecsync
) -> None:
    story.count(moment("08:00"))
    order = an_order(1, ("TOWEL-L", 1))
    story.orders(moment("11:30"), order)
    story.run("noon", NOON)
    words = ("orders", "decide", "cancel", number_of(order), *WHO)
    assert ecsync(*words, "--as-of", "2026-11-24T13:00").status == 0
    story.orders(moment("15:00"), order, change=cells(コメント="変更"))
    story.run("noon", moment("15:30"))
    assert [r["reason"] for r in story.recalled()] == ["cancelled"]
    (parcel,) = story.recalled()
    story.events(moment("16:00"), {"kind": "recalled", "parcel_no": parcel["parcel_no"]})
    story.run("night", NIGHT)
    assert len(story.instructed()) == 1
    listed = ecsync("orders", "held", "--json", "--as-of", "2026-11-24T23:00").data
    assert [(row["reason"], row["decisions"]) for row in listed] == [("cancelled_here", ["reopen"])]

    words = ("orders", "decide", "reopen", number_of(order), *WHO)
    assert ecsync(*words, "--as-of", "2026-11-25T09:00").status == 0
    story.run("noon", NEXT_NOON)
    assert len(story.instructed()) == 2


def test_a_changed_parcel_ships_as_instructed_or_comes_back_and_ships_anew(
    story: StoryShop, ecsync: Ecsync
) -> None:
    story.count(moment("08:00"))
    orders = [an_order(n, ("TOWEL-L", 1)) for n in (1, 2)]
    story.orders(moment("11:30"), *orders)
    story.run("noon", NOON)
    story.orders(moment("14:00"), *orders, change=cells(**house("9-9-9")))
    story.run("noon", moment("14:30"))
    listed = ecsync("orders", "held", "--desk", "shipping", "--json", "--as-of", "2026-11-24T14:40").data
    assert [row["reason"] for row in listed] == ["changed_after_instruction"] * 2
    for decision, order in zip(("ship_as_instructed", "recall"), orders, strict=True):
        words = ("orders", "decide", decision, number_of(order), *WHO, "--as-of", "2026-11-24T15:00")
        assert ecsync(*words).status == 0
        assert ecsync(*words).status == 14, "it is decided"
    story.run("noon", moment("15:30"))
    (asked,) = story.recalled()
    assert (asked["order_no"], asked["reason"]) == (number_of(orders[1]), "decided")
    story.events(moment("16:00"), {"kind": "recalled", "parcel_no": asked["parcel_no"]})
    story.run("night", NIGHT)
    told = story.instructed()
    assert [r["order_no"] for r in told] == [number_of(o) for o in (*orders, orders[1])]
    assert told[-1]["ship_address"].endswith("芝公園9-9-9")
    assert ecsync("orders", "held", "--json", "--as-of", "2026-11-24T23:00").data == []


def test_an_unknown_code_is_answered_with_our_sku(story: StoryShop, ecsync: Ecsync) -> None:
    story.count(moment("08:00"))
    order = an_order(1, ("NO-SUCH-SKU", 2))
    story.orders(moment("11:30"), order)
    assert "unknown_sku" in [s.reason for s in story.run("noon", NOON).standing]
    words = ("orders", "amend", number_of(order), *WHO, "--as-of", "2026-11-24T13:00")
    refused = ecsync(*words, "sku=TOWEL-XXL")
    assert refused.status == 14
    assert "TOWEL-L" in refused.err, "what there is"
    assert ecsync(*words, "sku=TOWEL-L", "tax_rate=10%").status == 0
    story.run("night", NIGHT)
    assert [(r["sku"], r["qty"]) for r in story.instructed()] == [("TOWEL-L", "2")]


def test_a_line_without_a_rate_is_booked_by_the_rate_that_somebody_entered(
    story: StoryShop, ecsync: Ecsync
) -> None:
    products = (story.shop.partners / "erp/out/products_20261124.csv").read_bytes()
    story.shop.put(
        "erp/out/products_20261124.csv", products.replace(b",1100,10%", b",1100,"), moment("05:00")
    )
    story.count(moment("08:00"))
    order = an_order(1, ("TOWEL-L", 1))
    story.orders(
        moment("11:30"),
        order,
        columns=OLD_COLUMNS,
        change=lambda row: {name: value for name, value in row.items() if name in OLD_COLUMNS},
    )
    assert [s.reason for s in story.run("noon", NOON).standing] == ["no_tax_rate"]
    listed = ecsync("orders", "held", "--desk", "accounting", "--json").data
    assert [row["reason"] for row in listed] == ["no_tax_rate"]
    words = ("orders", "amend", number_of(order), "税率=10%", *WHO, "--as-of", "2026-11-24T13:00")
    assert ecsync(*words).status == 0
    story.run("noon", moment("15:30"))
    story.events(moment("16:00"), *(story.shipped(line) for line in story.instructed()))
    story.count(moment("16:30"), TOWEL_L=59)
    story.run("night", NIGHT)
    goods = {(r["sku"], r["tax_rate"], r["amount"], r["tax"]) for r in story.sold() if r["sku"]}
    assert goods == {("TOWEL-L", "10", "1100", "100")}


@pytest.mark.long
def test_an_order_held_by_hand_stays_whatever_the_mall_says(story: StoryShop, ecsync: Ecsync) -> None:
    story.count(moment("08:00"))
    order = an_order(1, ("TOWEL-L", 1), status="100", payment="銀行振込")
    story.orders(moment("11:30"), order)
    story.run("noon", NOON)
    words = (number_of(order), *WHO, "--as-of", "2026-11-24T13:00")
    assert ecsync("orders", "decide", "hold", *words).status == 0
    story.orders(moment("14:00"), an_order(1, ("TOWEL-L", 1), payment="銀行振込"))
    assert [s.reason for s in story.run("noon", moment("14:30")).standing] == ["staff_hold"]
    for _again in range(2):
        assert ecsync("orders", "release", "--reason", "staff_hold", *words).status == 0
        assert ecsync("orders", "decide", "hold", *words).status == 0
    assert [s.reason for s in story.run("noon", moment("15:30")).standing] == ["staff_hold"]
    assert ecsync("orders", "release", "--reason", "staff_hold", *words).status == 0
    story.run("night", NIGHT)
    assert len(story.instructed()) == 1
