"""How shipped orders reach the books, under every setting: each slip balances to the yen."""

from __future__ import annotations

from itertools import groupby

import pytest

from story_shop import OpenStory, StoryShop, an_order, moment, number_of

NIGHT = moment("22:00")
SLIP, DEBIT_ACCOUNT, DEBIT, DEBIT_TAX, CREDIT_ACCOUNT, CREDIT, CREDIT_TAX = 1, 4, 8, 9, 10, 14, 15
ORDERS = (
    an_order(1, ("TOWEL-L", 1), ("COOKIE-12", 2), points=100, shop_coupon=200),
    an_order(2, ("MUG-WHITE", 1), payment="代金引換", cod=330),
)
BILLED = {1: 1100 + 2160 + 550 - 100 - 200, 2: 1650 + 550 + 330}


def shipped_day(story: StoryShop) -> None:
    story.ship_on_the_first_day(ORDERS)
    outcome = story.run("night", NIGHT)
    assert all(proof.holds for proof in outcome.proofs)


def slips(story: StoryShop) -> dict[str, list[list[str]]]:
    return {number: list(lines) for number, lines in groupby(story.booked(), key=lambda line: line[SLIP])}


@pytest.mark.parametrize("tax", ["included", "excluded"])
@pytest.mark.parametrize("aggregate", ["per_order", "per_day"])
def test_every_slip_balances_and_all_of_them_are_what_was_shipped(
    open_story: OpenStory, tax: str, aggregate: str
) -> None:
    def change(text: str) -> str:
        return text.replace('tax = "included"', f'tax = "{tax}"').replace('"per_order"', f'"{aggregate}"')

    story = open_story(change=change)
    shipped_day(story)
    told = slips(story)
    assert len(told) == (2 if aggregate == "per_order" else 1)
    for lines in told.values():
        assert sum(int(line[DEBIT]) for line in lines) == sum(int(line[CREDIT]) for line in lines)
    owed = sum(int(line[DEBIT]) for line in story.booked() if line[DEBIT_ACCOUNT] == "売掛金")
    assert owed == sum(BILLED.values()) + 100, "what the customers pay, and the points that the mall pays"
    tax_lines = [line for line in story.booked() if line[CREDIT_ACCOUNT] == "仮受消費税"]
    assert bool(tax_lines) is (tax == "excluded" and bool(tax_lines))
    stated = sum(int(line[CREDIT_TAX] or 0) for line in story.booked())
    assert (stated > 0) is (tax == "excluded")


def test_both_ways_of_booking_name_the_same_yen_per_rate(open_story: OpenStory) -> None:
    single = open_story("single")
    daily = open_story("daily", change=lambda text: text.replace('"per_order"', '"per_day"'))
    for story in (single, daily):
        shipped_day(story)

    def per_rate(story: StoryShop) -> dict[str, int]:
        found: dict[str, int] = {}
        for line in story.booked():
            if line[CREDIT_ACCOUNT] == "売上高":
                found[line[13]] = found.get(line[13], 0) + int(line[CREDIT])
        return found

    assert per_rate(single) == per_rate(daily)
    assert len(per_rate(single)) == 2


def test_the_core_system_is_told_the_same_yen_as_the_books(story: StoryShop) -> None:
    shipped_day(story)
    told = sum(int(row["amount"]) for row in story.sold())
    booked = sum(int(line[CREDIT]) for line in story.booked())
    assert told == booked


def test_an_amount_that_changes_after_the_booking_is_reversed_and_booked_anew(story: StoryShop) -> None:
    shipped_day(story)
    before = story.booked()
    dearer = an_order(1, ("TOWEL-L", 1), ("COOKIE-12", 2), points=100, shop_coupon=100)
    story.count(moment("16:30", 25), TOWEL_L=59, COOKIE_12=38, MUG_WHITE=23)
    story.orders(moment("21:30", 25), dearer, ORDERS[1])
    story.run("night", moment("22:00", 25))
    assert story.booked()[: len(before)] == before, "what was exported is never edited"
    owed = {1: 0, -1: 0}
    for line in story.booked():
        owed[1] += int(line[DEBIT]) if line[DEBIT_ACCOUNT] == "売掛金" else 0
        owed[-1] += int(line[CREDIT]) if line[CREDIT_ACCOUNT] == "売掛金" else 0
    assert owed[-1] == BILLED[1] + 100, "the first booking of the order, turned round"
    assert owed[1] - owed[-1] == sum(BILLED.values()) + 100 + 100
    kinds = [row["kind"] for row in story.sold() if row["order_no"] == number_of(ORDERS[0])]
    assert {"sale", "reversal"} <= set(kinds)
