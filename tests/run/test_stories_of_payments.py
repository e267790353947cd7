"""What a payment company is told of the orders that it collects: each once, and nothing that is not sure."""

from __future__ import annotations

from story_shop import OpenStory, Row, StoryShop, an_order, codes, moment, number_of

COMPANY = """[payment_companies.np]
title = "後払い決済会社"
methods = ["postpay"]
channels = ["rakuten1"]

[payment_companies.cards]
methods = ["card"]

"""
FLOW = """[[outbound]]
name = "{party}-{kind}"
party = "{party}"
mapping = "payment/{kind}"
endpoint = "erp"
path = "{party}"

"""
FLOWS = [("np", "orders"), ("np", "shipments"), ("cards", "captures")]


def with_companies(text: str) -> str:
    flows = "".join(FLOW.format(party=party, kind=kind) for party, kind in FLOWS)
    assert "[calendars.company]" in text
    return text.replace("[calendars.company]", COMPANY + "[calendars.company]", 1) + "\n" + flows


def told(story: StoryShop, pattern: str) -> list[Row]:
    return story.told(f"erp/{pattern}_*.csv")


def test_orders_reports_and_captures_are_told_once(open_story: OpenStory) -> None:
    story = open_story(change=with_companies)
    story.count(moment("08:00"))
    later = an_order(1, ("MUG-WHITE", 1), payment="postpay")
    card = an_order(2, ("DRIPPER", 1), ("TOWEL-L", 1))
    story.orders(moment("11:30"), later, card)
    story.run("noon", moment("12:00"))
    registered = told(story, "np/payment_orders")
    assert [row["order_no"] for row in registered] == [number_of(later)]
    assert registered[0]["ordered_at"] == "2026-11-24T08:00:00+0900"
    assert int(registered[0]["amount"]) > 0
    assert registered[0]["buyer_address"].startswith("神奈川県横浜市中区")

    lines = story.instructed()
    story.events(moment("16:00"), *(story.shipped(line) for line in lines[:2]))
    story.run("night", moment("22:00"))
    assert [row["order_no"] for row in told(story, "np/shipments")] == [number_of(later)]
    assert told(story, "cards/captures") == [], "half of the order is still here"

    story.events(moment("16:00", 25), story.shipped(lines[2], tracking="400900000023"))
    story.run("night", moment("22:00", 25))
    (capture,) = told(story, "cards/captures")
    assert (capture["order_no"], capture["shipped_on"]) == (number_of(card), "2026-11-25")

    for day in (26, 27):
        story.orders(moment("21:30", day), later, card)
        again = story.run("night", moment("22:00", day))
        assert "proof_broken" not in codes(again)
    assert len(told(story, "np/payment_orders")) == len(told(story, "np/shipments")) == 1
    assert len(told(story, "cards/captures")) == 1


def test_an_order_that_is_held_is_not_registered(open_story: OpenStory) -> None:
    story = open_story(change=with_companies)
    story.count(moment("08:00"))
    story.orders(moment("11:30"), an_order(1, ("NO-SUCH", 1), payment="postpay"))
    story.run("noon", moment("12:00"))
    assert told(story, "np/payment_orders") == []
