"""What the warehouse answers, and what follows from it: recalls, short picks, returns."""

from __future__ import annotations

from collections import Counter

import pytest

from story_shop import StoryShop, an_order, codes, moment, number_of

NOON, NIGHT = moment("12:00"), moment("22:00")
CANCELLED = an_order(1, ("DRIPPER", 1), status="900")


def instructed_then_cancelled(story: StoryShop) -> dict[str, str]:
    story.count(moment("08:00"))
    story.orders(moment("11:30"), an_order(1, ("DRIPPER", 1)))
    story.run("noon", NOON)
    (line,) = story.instructed()
    story.orders(moment("15:00"), CANCELLED)
    outcome = story.run("noon", moment("15:30"))
    assert "cancelled_after_instruction" in codes(outcome)
    assert [r["parcel_no"] for r in story.recalled()] == [line["parcel_no"]]
    return line


@pytest.mark.parametrize("answer", ["recalled", "refused", "shipped"])
def test_what_the_warehouse_answers_to_a_recall(story: StoryShop, answer: str) -> None:
    line = instructed_then_cancelled(story)
    event = story.shipped(line) if answer == "shipped" else {"kind": answer, "parcel_no": line["parcel_no"]}
    story.events(moment("17:00"), event)
    story.count(moment("17:30"), DRIPPER=11 if answer == "shipped" else 12)
    story.orders(moment("21:30"), CANCELLED, an_order(2, ("TOWEL-L", 1)))
    outcome = story.run("night", NIGHT)
    failed = answer != "recalled"
    assert ("recall_failed" in codes(outcome)) is failed
    assert outcome.exit_status == (3 if failed else 0), codes(outcome)
    assert len(story.recalled()) == 1, "a recall is asked once"
    if answer == "recalled":
        (allocated,) = story.shop.rows("SELECT COALESCE(SUM(qty), 0) FROM allocation WHERE sku = 'DRIPPER'")
        assert allocated == (0,)
        assert story.sold() == []


def test_a_short_pick_is_instructed_again_once_stock_has_come(story: StoryShop) -> None:
    story.count(moment("08:00"), MUG_BLUE=5)
    order = an_order(1, ("MUG-BLUE", 3))
    story.orders(moment("11:30"), order)
    story.run("noon", NOON)
    (line,) = story.instructed()
    assert line["qty"] == "3"

    story.events(moment("16:00"), story.shipped(line, 1), story.short(line, 2))
    story.count(moment("16:30"), MUG_BLUE=0)
    story.orders(moment("21:30"), order)
    outcome = story.run("night", NIGHT)
    assert "short_pick" in codes(outcome)
    assert len(story.instructed()) == 1, "there is nothing to send"

    story.count(moment("07:00", 25), MUG_BLUE=4)
    story.orders(moment("08:30", 25), order)
    story.run("morning", moment("09:00", 25))
    again = story.instructed()[1:]
    assert [(r["order_no"], r["sku"], r["qty"]) for r in again] == [(number_of(order), "MUG-BLUE", "2")]
    assert again[0]["parcel_no"] != line["parcel_no"]

    story.events(moment("16:00", 25), story.shipped(again[0], tracking="400900000023"))
    story.count(moment("16:30", 25), MUG_BLUE=2)
    story.orders(moment("21:30", 25), order)
    story.run("night", moment("22:00", 25))
    assert [r["お荷物伝票番号"] for r in story.noticed()] == ["400900000012", "400900000023"]
    goods = [int(r["amount"]) for r in story.sold() if r["sku"] == "MUG-BLUE"]
    assert len(goods) == 2
    assert sum(goods) == 3 * 1650


def test_a_return_is_booked_back_in_stock_and_told_once(story: StoryShop) -> None:
    story.count(moment("08:00"), TOWEL_L=60)
    order = an_order(1, ("TOWEL-L", 2))
    story.orders(moment("11:30"), order)
    story.run("noon", NOON)
    (line,) = story.instructed()
    story.events(moment("16:00"), story.shipped(line))
    story.count(moment("16:30"), TOWEL_L=58)
    story.orders(moment("21:30"), order)
    story.run("night", NIGHT)
    sales = story.sold()
    assert sum(int(r["amount"]) for r in sales) == 2 * 1100 + 550

    back = {**story.returned(line, 1), "at": moment("15:00", 25).isoformat(), "event_id": "R1"}
    story.events(moment("16:00", 25), back)
    story.count(moment("16:30", 25), TOWEL_L=59)
    story.orders(moment("21:30", 25), order)
    story.run("night", moment("22:00", 25))
    returns = story.sold()[len(sales) :]
    assert [(r["kind"], r["sku"], r["qty"], r["amount"]) for r in returns] == [
        ("return", "TOWEL-L", "-1", "-1100")
    ]
    assert story.shop.rows("SELECT on_hand FROM stock_balance WHERE sku = 'TOWEL-L'") == [(59,)]

    story.events(moment("16:00", 26), back)  # the warehouse says it again
    story.count(moment("16:30", 26), TOWEL_L=59)
    story.orders(moment("21:30", 26), order)
    story.run("night", moment("22:00", 26))
    assert len(story.sold()) == len(sales) + 1
    assert max(Counter(r["entry_id"] for r in story.sold()).values()) == 1


def test_what_was_told_is_told_once_over_all_kinds_of_runs(story: StoryShop) -> None:
    story.count(moment("08:00"))
    story.orders(moment("11:30"), an_order(1, ("SET-COFFEE", 1)), an_order(2, ("TOWEL-L", 1)))
    story.run("noon", NOON)
    lines = story.instructed()
    assert sorted(r["sku"] for r in lines) == ["DRIPPER", "FILTER-100", "MUG-WHITE", "TOWEL-L"]
    story.events(moment("16:00"), *(story.shipped(line) for line in lines))
    story.count(moment("16:30"), DRIPPER=11, FILTER_100=79, MUG_WHITE=23, TOWEL_L=59)
    for hour, kind in ((17, "evening"), (18, "stock"), (22, "night"), (23, "night")):
        story.run(kind, moment(f"{hour}:00"))
    assert len(story.instructed()) == len(lines)
    assert len(story.noticed()) == 2
    assert max(Counter(r["entry_id"] for r in story.sold()).values()) == 1
    told = [line[12] + line[22] for line in story.booked()]
    assert told
