"""An order file with the very bytes of an earlier one: a copy by default, news where the flow says so."""

from __future__ import annotations

import pytest

from ecsync.run.apply import apply_plan
from ecsync.run.plan import PlanRequest, make_plan
from partner_files.base import Order
from story_shop import OpenStory, StoryShop, an_order, codes, moment, number_of, setting

READY, WAITING, CANCELLED = "300", "100", "900"
NEWS = setting('name = "rakuten1-orders"', 'name = "rakuten1-orders"\nrepeated = "news"')


def order(status: str, number: int = 1) -> Order:
    return an_order(number, ("TOWEL-L", 1), status=status)


def state(story: StoryShop) -> tuple[str, str]:
    rows = story.shop.rows("SELECT state, order_status FROM sales_order ORDER BY order_no")
    return str(rows[0][0]), str(rows[0][1])


OURS = {READY: "ready", WAITING: "awaiting_confirmation", CANCELLED: "cancelled"}


def three_states(story: StoryShop, second: str) -> list[object]:
    """Tell the order as ready, then otherwise, then as at first; return the last findings."""
    story.count(moment("08:00"))
    for clock, status in (("09:00", WAITING), ("10:00", second), ("11:00", WAITING)):
        story.orders(moment(clock), order(status))
        outcome = story.run("morning", moment(clock[:3] + "10"))
    return list(outcome.findings)


@pytest.mark.parametrize("second", [READY, CANCELLED])
def test_an_old_state_that_comes_again_changes_nothing_and_is_named(story: StoryShop, second: str) -> None:
    said = [finding for finding in three_states(story, second) if finding.code == "state_repeated"]  # type: ignore[attr-defined]
    assert state(story)[1] == OURS[second]
    assert [(f.subject, f.params["flow"]) for f in said] == [(number_of(order(WAITING)), "rakuten1-orders")]  # type: ignore[attr-defined]
    assert said[0].params["first"] < said[0].params["newest"]  # type: ignore[attr-defined]
    assert "state_repeated" not in codes(story.run("morning", moment("11:20"))), "it is said once"


@pytest.mark.parametrize("second", [READY, CANCELLED])
def test_where_the_flow_says_so_the_old_state_is_the_newest_again(open_story: OpenStory, second: str) -> None:
    story = open_story(change=NEWS)
    said = three_states(story, second)
    assert state(story) == ("open", OURS[WAITING])
    assert "state_repeated" not in [finding.code for finding in said]  # type: ignore[attr-defined]


def test_a_copy_with_its_own_old_time_is_never_news(open_story: OpenStory) -> None:
    story = open_story(change=NEWS)
    story.count(moment("08:00"))
    story.orders(moment("09:00"), order(WAITING))
    story.run("morning", moment("09:10"))
    story.orders(moment("10:00"), order(CANCELLED))
    story.run("morning", moment("10:10"))
    story.orders(moment("09:00"), order(WAITING), name="order_copy.csv")
    outcome = story.run("morning", moment("11:10"))
    assert state(story)[0] == "cancelled"
    assert "file_known" in codes(outcome)
    assert "state_repeated" not in codes(outcome)


def test_an_order_that_nothing_contradicts_is_not_named(story: StoryShop) -> None:
    story.count(moment("08:00"))
    story.orders(moment("09:00"), order(WAITING))
    story.run("morning", moment("09:10"))
    story.orders(moment("10:00"), order(READY, 2))  # another order, the first is not spoken of
    story.run("morning", moment("10:10"))
    story.orders(moment("11:00"), order(WAITING))
    outcome = story.run("morning", moment("11:10"))
    assert "file_known" in codes(outcome)
    assert "state_repeated" not in codes(outcome)


def stale(outcome: object) -> bool:
    return "file_stale" in [finding.code for finding in outcome.findings]  # type: ignore[attr-defined]


def test_an_export_of_the_same_bytes_shows_that_the_shop_has_spoken(story: StoryShop) -> None:
    story.count(moment("20:00", 23))
    story.orders(moment("08:30"), order(WAITING))
    story.run("noon", moment("12:00"))
    story.count(moment("20:00"))
    assert stale(story.run("night", moment("22:00")))
    story.orders(moment("21:30"), order(WAITING))
    assert not stale(story.run("night", moment("22:10")))
    assert not stale(story.run("night", moment("22:20"))), "also in the runs after it"


def test_a_copy_with_its_old_time_is_no_sign_of_life(story: StoryShop) -> None:
    story.count(moment("08:00"))
    story.orders(moment("08:30"), order(WAITING))
    story.run("noon", moment("12:00"))
    story.orders(moment("08:30"), order(WAITING), name="order_copy.csv")
    assert stale(story.run("night", moment("22:00")))


def test_a_plan_sees_the_sign_of_life_and_applying_it_too(story: StoryShop) -> None:
    story.count(moment("08:00"))
    story.orders(moment("08:30"), order(WAITING))
    story.run("noon", moment("12:00"))
    story.count(moment("20:00"))
    story.orders(moment("21:30"), order(WAITING))
    settings = story.shop.settings
    out = settings.folder / "planned"
    plan = make_plan(settings, PlanRequest("night", "2026-11-24T13:00:00Z", out))
    assert not stale(plan.outcome)
    applied = apply_plan(settings, out)
    assert not stale(applied)
    assert applied.exit_status == plan.outcome.exit_status
