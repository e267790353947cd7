"""Files that should be there and are not: named, their stock published with care, everything else runs on."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecsync.calendars import calendar_of
from story_shop import OpenStory, StoryShop, an_order, codes, moment, number_of, setting

NOON, NIGHT = moment("12:00"), moment("22:00")
BUFFER, SAFETY = 2, 1


def named(outcome: object) -> list[tuple[str, str]]:
    return [(f.code, f.subject) for f in outcome.findings if f.code in {"file_missing", "file_stale"}]  # type: ignore[attr-defined]


def test_a_missing_order_file_is_named_and_its_stock_is_published_with_the_buffer(story: StoryShop) -> None:
    story.count(moment("08:00"))
    outcome = story.run("noon", NOON)
    assert named(outcome) == [("file_missing", "rakuten1-orders")]
    assert outcome.exit_status == 3
    assert story.published()["towel-l"] == 60 - SAFETY - BUFFER
    story.orders(moment("12:05"), an_order(1, ("TOWEL-L", 1)))
    outcome = story.run("noon", moment("12:10"))
    assert named(outcome) == []
    assert story.published()["towel-l"] == 60 - 1 - SAFETY


def test_before_its_hour_a_file_is_not_missed_unless_there_never_was_one(story: StoryShop) -> None:
    story.count(moment("08:00"))
    story.orders(moment("08:30"), an_order(1, ("TOWEL-L", 1)))
    assert named(story.run("morning", moment("09:30"))) == []
    assert named(story.run("noon", NOON)) == []


def test_a_stale_file_is_named_with_its_age(story: StoryShop) -> None:
    story.count(moment("08:00"))
    story.orders(moment("08:30"), an_order(1, ("TOWEL-L", 1)))
    story.run("noon", NOON)
    outcome = story.run("night", NIGHT)
    assert named(outcome) == [("file_stale", "rakuten1-orders")]
    assert outcome.exit_status == 0, "an old file alone needs nobody before the cut-off"
    assert story.published()["towel-l"] == 60 - 1 - SAFETY - BUFFER


def test_orders_that_no_file_names_any_more_are_not_taken_as_cancelled(story: StoryShop) -> None:
    story.count(moment("08:00"))
    waiting = an_order(1, ("TOWEL-L", 2), status="100")
    story.orders(moment("11:30"), waiting)
    story.run("noon", NOON)
    story.run("night", NIGHT)  # no file at all
    story.count(moment("08:00", 25))
    story.orders(moment("11:30", 25), an_order(2, ("TOWEL-L", 1)))  # a file without the order
    story.run("noon", moment("12:00", 25))
    assert story.shop.rows(f"SELECT state FROM sales_order WHERE order_no = '{number_of(waiting)}'") == [
        ("open",)
    ]
    assert story.shop.rows("SELECT SUM(qty) FROM allocation WHERE sku = 'TOWEL-L'") == [(3,)]


@pytest.mark.parametrize("missing", ["rakuten1-orders", "main-stock"])
def test_one_missing_file_stops_nothing_else(story: StoryShop, missing: str) -> None:
    story.count(moment("08:00"))
    story.orders(moment("11:30"), an_order(1, ("TOWEL-L", 1)))
    story.run("noon", NOON)
    if missing == "main-stock":
        story.orders(moment("11:30", 25), an_order(2, ("TOWEL-L", 1)))
    else:
        story.count(moment("08:00", 25), TOWEL_L=50)
    outcome = story.run("noon", moment("12:00", 25))
    assert named(outcome) == [("file_missing", missing)]
    if missing == "main-stock":
        assert [r["order_no"] for r in story.instructed()][-1].endswith("2")
    else:
        assert story.published()["towel-l"] < 50


SATURDAY, MONDAY = 28, 30


@pytest.mark.parametrize(("day", "missed"), [(SATURDAY, False), (MONDAY, True)])
def test_a_file_of_business_days_is_not_missed_on_a_saturday(
    open_story: OpenStory, day: int, *, missed: bool
) -> None:
    assert (
        calendar_of((5, 6), public_holidays=True, closed=(), opened=()).is_open(moment("12:00", day).date())
        is missed
    )
    story = open_story(
        change=setting(
            'expected = { days = "daily", by = "12:00:00", max_age_hours = 12 }',
            'expected = { days = "business", by = "12:00:00", max_age_hours = 96 }',
        )
    )
    story.count(moment("08:00", 27))
    story.orders(moment("11:30", 27), an_order(1, ("TOWEL-L", 1), ordered="2026-11-27 08:00:00"))
    story.run("noon", moment("12:00", 27))
    story.count(moment("08:00", day))
    assert (("file_missing", "rakuten1-orders") in named(story.run("noon", moment("12:30", day)))) is missed


WHOLE = an_order(1, ("TOWEL-L", 1)), an_order(2, ("COOKIE-12", 1))


def damage(kind: str, content: bytes) -> bytes:
    """Return a file that came broken."""
    if kind == "cut inside a cell":
        return content[:-200]
    if kind == "another encoding":
        return content.decode("cp932").encode("utf-8")
    if kind == "without a needed column":
        return content.replace("注文番号".encode("cp932"), "番号".encode("cp932"), 1)
    return b""


@pytest.mark.parametrize(
    "kind", ["cut inside a cell", "another encoding", "without a needed column", "empty"]
)
def test_a_refused_file_is_named_the_rest_runs_and_the_mended_one_is_taken(
    story: StoryShop, kind: str
) -> None:
    story.count(moment("08:00"))
    story.orders(moment("11:30"), *WHOLE, name="order_today.csv")
    path = story.shop.partners / "rms/orders/order_today.csv"
    content = path.read_bytes()
    story.order_bytes(moment("11:30"), damage(kind, content), name="order_today.csv")
    outcome = story.run("noon", NOON)
    assert [f.subject for f in outcome.findings if f.code == "file_refused"] == ["order_today.csv"]
    assert outcome.exit_status == 3
    assert story.published()["towel-l"] == 60 - SAFETY - BUFFER, "the rest runs on, with the buffer"
    assert story.instructed() == []

    story.order_bytes(moment("11:45"), content, name="order_today.csv")
    outcome = story.run("noon", moment("12:10"))
    assert "file_refused" not in codes(outcome)
    assert outcome.exit_status == 0
    assert {r["sku"] for r in story.instructed()} == {"TOWEL-L", "COOKIE-12"}


def test_a_refused_file_beside_a_good_one_of_its_flow_costs_only_its_own_orders(
    either_story: StoryShop,
) -> None:
    story = either_story
    story.count(moment("08:00"))
    story.orders(moment("11:00"), WHOLE[0])
    story.orders(moment("11:30"), WHOLE[1])
    broken = story.shop.partners / "rms/orders/order_20261124_1130.csv"
    story.order_bytes(moment("11:30"), broken.read_bytes()[:-200])
    outcome = story.run("noon", NOON)
    assert [r["sku"] for r in story.instructed()] == ["TOWEL-L"]
    assert outcome.exit_status == 3


def test_only_where_nothing_at_all_could_be_used_the_run_ends_with_14(tmp_path: Path) -> None:
    from story_shop import new_story

    story = new_story(tmp_path / "bare")
    story.shop.set_up()
    story.order_bytes(moment("11:30"), b'"cut', name="order_today.csv")
    outcome = story.run("noon", NOON)
    assert outcome.exit_status == 14
    assert story.shop.delivered() == {}


def test_a_refused_file_is_named_by_every_run_until_it_is_mended_and_recorded_once(story: StoryShop) -> None:
    story.count(moment("08:00"))
    story.order_bytes(moment("11:30"), b'"cut', name="order_today.csv")
    for clock in ("12:00", "12:10"):
        assert "file_refused" in codes(story.run("noon", moment(clock)))
    assert story.shop.rows("SELECT state FROM inbox_file WHERE name = 'order_today.csv'") == [("refused",)]
