"""A guard stops its own file or flow, names itself, and can be let pass once."""

from __future__ import annotations

from story_shop import OpenStory, StoryShop, an_order, codes, moment, setting

NOON, NIGHT = moment("12:00"), moment("22:00")
MANY = [an_order(n, ("TOWEL-L", 1)) for n in range(1, 11)]
FEW = [an_order(90, ("TOWEL-L", 1))]


def after_a_usual_day(story: StoryShop) -> None:
    story.count(moment("08:00"))
    story.orders(moment("11:30"), *MANY)
    assert story.run("noon", NOON).exit_status == 0


def let_pass(story: StoryShop) -> list[tuple[object, ...]]:
    return story.shop.rows(
        "SELECT guard, subject, given_by, used_at <> '' FROM guard_override ORDER BY override_id"
    )


def test_a_file_far_shorter_than_usual_is_stopped_and_everything_else_runs_on(story: StoryShop) -> None:
    after_a_usual_day(story)
    story.orders(moment("21:30"), *FEW)
    story.events(moment("16:00"), *(story.shipped(line) for line in story.instructed()))
    story.count(moment("16:30"), TOWEL_L=50)
    outcome = story.run("night", NIGHT)
    assert outcome.exit_status == 3
    assert [(f.code, f.subject) for f in outcome.findings if f.needs_person] == [
        ("guard_stopped", "rakuten1-orders")
    ]
    assert len(story.noticed()) == len(MANY), "the parcels of the day are told all the same"
    assert len(story.instructed()) == len(MANY)


def test_a_stopped_file_is_taken_once_a_person_lets_it_pass(either_story: StoryShop) -> None:
    story = either_story
    after_a_usual_day(story)
    story.orders(moment("21:30"), *FEW)
    story.run("night", NIGHT)
    outcome = story.run("night", moment("22:30"), ("row_drop", "rakuten1-orders"))
    assert "guard_stopped" not in codes(outcome)
    assert "guard_overridden" in codes(outcome), "it is logged"
    assert len(story.instructed()) == len(MANY) + 1
    assert let_pass(story) == [("row_drop", "rakuten1-orders", "sync", 1)]


def test_a_guard_that_was_let_pass_stops_the_next_file_again(story: StoryShop) -> None:
    after_a_usual_day(story)
    story.orders(moment("21:30"), *FEW)
    story.run("night", NIGHT, ("row_drop", "rakuten1-orders"))
    assert len(story.instructed()) == len(MANY) + 1
    story.orders(moment("22:10"), an_order(91, ("TOWEL-L", 1)))
    outcome = story.run("night", moment("22:30"))
    assert "guard_stopped" in codes(outcome)
    assert len(story.instructed()) == len(MANY) + 1


def test_an_override_that_nothing_needed_does_not_open_the_next_guard(story: StoryShop) -> None:
    story.count(moment("08:00"))
    story.orders(moment("11:30"), *MANY)
    story.run("noon", NOON, ("row_drop", "rakuten1-orders"))
    story.orders(moment("21:30"), *FEW)
    assert "guard_stopped" in codes(story.run("night", NIGHT)), "once means the run that it was given to"


def test_an_empty_file_is_stopped_where_the_flow_wants_rows(story: StoryShop) -> None:
    story.count(moment("08:00"))
    story.orders(moment("11:30"))
    outcome = story.run("noon", NOON)
    stopped = [(f.subject, f.params["guard"]) for f in outcome.findings if f.code == "guard_stopped"]
    assert stopped == [("rakuten1-orders", "min_rows")]
    assert len(story.published()) > 0, "its stock is published all the same"
    outcome = story.run("noon", moment("12:10"), ("min_rows", "rakuten1-orders"))
    assert "guard_stopped" not in codes(outcome)


def test_a_shop_is_not_emptied_by_a_count_that_nobody_believes(open_story: OpenStory) -> None:
    story = open_story(change=setting("max_share_to_zero = 0.7", "max_share_to_zero = 0.3"))
    story.count(moment("08:00"))
    story.orders(moment("11:30"), an_order(1, ("TOWEL-L", 1)))
    story.run("noon", NOON)
    file = (story.shop.partners / "rms/ritem/normal-item.csv").read_bytes()
    nothing_left = dict.fromkeys(
        (
            "MUG_WHITE",
            "MUG_BLUE",
            "TOWEL_L",
            "COFFEE_200",
            "COFFEE_500",
            "COOKIE_12",
            "DRIPPER",
            "FILTER_100",
        ),
        0,
    )
    story.count(moment("16:00"), **nothing_left)
    outcome = story.run("stock", moment("16:30"))
    assert [(f.subject, f.params["guard"]) for f in outcome.findings if f.code == "guard_stopped"] == [
        ("rakuten1-stock", "zero_share")
    ]
    assert (story.shop.partners / "rms/ritem/normal-item.csv").read_bytes() == file
    assert "guard_stopped" in codes(story.run("stock", moment("16:45"))), "it stays stopped"

    outcome = story.run("stock", moment("17:00"), ("zero_share", "rakuten1-stock"))
    assert "guard_overridden" in codes(outcome)
    assert set(story.published().values()) == {0}


def test_a_dry_run_shows_what_an_override_would_do_and_uses_nothing_up(story: StoryShop) -> None:
    from ecsync.run.plan import PlanRequest, make_plan
    from shop import utc

    after_a_usual_day(story)
    story.orders(moment("21:30"), *FEW)
    story.run("night", NIGHT)
    master = story.shop.master()
    request = PlanRequest(
        "night", utc(moment("22:30")), story.shop.root / "plan", overrides=(("row_drop", "rakuten1-orders"),)
    )
    made = make_plan(story.shop.settings, request)
    assert [p.document for p in made.outcome.published if p.document == "shipping_instructions"]
    assert "order_20261124_2130.csv" in made.outcome.files_taken, "the file that was stopped"
    assert story.shop.master() == master
    assert let_pass(story) == []
    assert story.shop.rows("SELECT COUNT(*) FROM inbox_file WHERE state = 'guarded'") == [(1,)]


def test_a_stopped_file_is_named_until_somebody_decides_or_a_newer_one_comes(either_story: StoryShop) -> None:
    story = either_story
    after_a_usual_day(story)
    story.orders(moment("21:30"), *FEW)
    story.run("night", NIGHT)
    again = story.run("night", moment("22:30"))
    assert again.exit_status == 3
    assert [f.params["guard"] for f in again.findings if f.code == "guard_stopped"] == ["row_drop"]
    assert len(story.instructed()) == len(MANY)
    story.orders(moment("22:40"), *MANY, *FEW)
    assert "guard_stopped" not in codes(story.run("night", moment("22:45")))


def test_the_stock_of_a_shop_whose_file_was_stopped_is_published_with_the_buffer(story: StoryShop) -> None:
    story.count(moment("08:00"))
    story.orders(moment("11:30"))  # no rows: stopped
    outcome = story.run("noon", NOON)
    assert {"guard_stopped", "file_missing"} <= set(codes(outcome))
    assert story.published()["towel-l"] == 60 - 1 - 2
