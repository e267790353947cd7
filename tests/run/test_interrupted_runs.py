"""What a run that died halfway leaves: the next one finishes it, tells what it had to say, and clears up after it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

from ecsync import faultpoints
from ecsync.run.ground import BEFORE_COMMIT
from ecsync.run.publish import AFTER_PAYLOAD
from ecsync.run.sync import AFTER_COLLECT
from face import speaker
from shop import copy_shop
from story_shop import StoryShop, an_order, codes, moment

NOON, NIGHT = moment("12:00"), moment("22:00")


@pytest.fixture(autouse=True)
def no_fault_afterwards() -> Iterator[None]:
    yield
    faultpoints.arm("")


def stop_at(story: StoryShop, name: str, kind: str) -> None:
    """Let a run end with an error at the last point of a name; a copy of the shop shows which number that is."""
    log = story.shop.root.parent / "points.txt"
    log.unlink(missing_ok=True)
    place = story.shop.root.with_name("counted")
    shutil.rmtree(place, ignore_errors=True)
    counted = StoryShop(copy_shop(story.shop, place))
    faultpoints.arm(f"count:{log}")
    counted.run(kind, NIGHT)
    points = log.read_text(encoding="utf-8").split()
    faultpoints.arm(f"fail:{len(points) - points[::-1].index(name)}")
    with pytest.raises(OSError, match=name):
        story.run(kind, NIGHT)
    faultpoints.arm("")


def a_short_pick(story: StoryShop) -> None:
    story.count(moment("08:00"), MUG_BLUE=5)
    order = an_order(1, ("MUG-BLUE", 3))
    story.orders(moment("11:30"), order)
    story.run("noon", NOON)
    (line,) = story.instructed()
    story.events(moment("16:00"), story.shipped(line, 1), story.short(line, 2))
    story.count(moment("16:30"), MUG_BLUE=0)
    story.orders(moment("21:30"), order)


def runs(story: StoryShop) -> list[tuple[object, ...]]:
    return story.shop.rows("SELECT run_id, state, exit_status FROM run ORDER BY run_id")


def test_what_a_dead_run_had_to_say_is_told_by_the_run_that_finishes_it(
    story: StoryShop, capsys: pytest.CaptureFixture[str]
) -> None:
    a_short_pick(story)
    stop_at(story, AFTER_COLLECT, "night")
    assert runs(story)[1:] == [(2, "committed", 3)]
    said = story.shop.rows("SELECT code, subject FROM finding WHERE run_id = 2 ORDER BY position")
    assert "short_pick" in [code for code, _order in said]

    ecsync = speaker(capsys, story.shop.project)
    done = ecsync("sync", "night", "--as-of", NIGHT.isoformat())
    assert done.status == 3
    assert runs(story)[1:] == [(2, "delivered", 3), (3, "delivered", 3)]
    assert story.shop.rows("SELECT code, subject FROM finding WHERE run_id = 2 ORDER BY position") == said
    reports = sorted(path.name for path in (story.shop.project / "reports").glob("*.html"))
    assert reports == ["run-000002.html", "run-000003.html"]
    assert "run-000002.html" in done.err


def test_it_is_told_even_where_the_finishing_run_dies_as_well(story: StoryShop) -> None:
    a_short_pick(story)
    stop_at(story, AFTER_COLLECT, "night")
    stop_at(story, BEFORE_COMMIT, "night")
    assert runs(story)[1:] == [(2, "committed", 3), (3, "open", None)]
    outcome = story.run("night", NIGHT)
    assert outcome.finished == (2,)
    assert outcome.exit_status == 3
    assert "run_resumed" in codes(outcome)
    assert [state for _number, state, _status in runs(story)] == ["delivered"] * 3


def test_payloads_of_a_run_that_was_given_up_are_erased_by_the_next(story: StoryShop) -> None:
    story.count(moment("08:00"))
    story.orders(moment("11:30"), an_order(1, ("TOWEL-L", 1)))
    stop_at(story, AFTER_PAYLOAD, "night")
    outbox = story.shop.project / "outbox"
    assert list(outbox.glob("00000001-*.payload")), "they are written before the commit"
    assert "run_abandoned" in codes(story.run("noon", NIGHT))
    assert list(outbox.glob("00000001-*.payload")) == []
    named = {row[0] for row in story.shop.rows("SELECT payload_path FROM outbox_file")}
    assert {path.name for path in outbox.glob("*.payload")} == named


def test_a_report_half_written_by_a_dead_process_is_cleared_away(
    story: StoryShop, capsys: pytest.CaptureFixture[str]
) -> None:
    story.count(moment("08:00"))
    with subprocess.Popen([sys.executable, "-c", "pass"]) as dead:
        pass
    reports = story.shop.project / "reports"
    reports.mkdir()
    of_the_dead = reports / f".run-000001.html.{dead.pid}"
    of_the_living = reports / f".run-000009.html.{os.getppid()}"
    for draft in (of_the_dead, of_the_living):
        draft.touch()
    speaker(capsys, story.shop.project)("sync", "noon", "--as-of", NOON.isoformat())
    assert sorted(path.name for path in reports.iterdir()) == [of_the_living.name, "run-000001.html"]
