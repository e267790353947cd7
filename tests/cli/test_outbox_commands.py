"""`outbox`: a delivery whose outcome nobody knows waits for a person, and does what that person says."""

from __future__ import annotations

import json

import pytest

from face import Ecsync
from story_shop import StoryShop, an_order, moment

NOON = ("--as-of", moment("12:00").isoformat())
LATER = ("--as-of", moment("12:30").isoformat())


def in_doubt(story: StoryShop, ecsync: Ecsync) -> int:
    """Leave an instruction in the state that a crash in mid-rename leaves where both names are gone."""
    story.count(moment("08:00"))
    story.orders(moment("11:30"), an_order(1, ("TOWEL-L", 1)))
    assert ecsync("sync", "noon", *NOON).status == 0
    (number,) = next(
        iter(story.shop.rows("SELECT outbox_id FROM outbox_file WHERE flow = 'main-instructions'"))
    )
    from ecsync.exchange import outbox
    from ecsync.exchange.journal import DeliveryJournal
    from ecsync.exchange.stepping import Stepper
    from ecsync.run.standing import writing

    settings = story.shop.settings
    with writing(settings, owner="test", clock="2026-11-24T03:00:00Z") as standing:
        with standing.steps.begin() as conn:
            file = outbox.get(conn, int(str(number)))
        journal = DeliveryJournal(settings.path(settings.outbox.journal))
        Stepper(standing.steps, journal, standing.fence, "2026-11-24T03:00:00Z", 0).advance(
            file, "unknown", ""
        )
    (story.shop.partners / "warehouse" / "in" / file.remote_name).unlink()
    return int(str(number))


def test_it_is_listed_and_nothing_is_resent_by_itself(story: StoryShop, ecsync: Ecsync) -> None:
    number = in_doubt(story, ecsync)
    done = ecsync("outbox", "list", "--json")
    assert done.status == 16
    assert [(row["outbox_id"], row["state"]) for row in done.data] == [(number, "unknown")]
    for words in (("push",), ("sync", "stock")):
        assert ecsync(*words, *LATER).status == 16
    assert story.instructed() == []


@pytest.mark.parametrize(("outcome", "lines"), [("sent", 0), ("resend", 1), ("dropped", 0)])
def test_what_a_person_says_is_done_once(story: StoryShop, ecsync: Ecsync, outcome: str, lines: int) -> None:
    number = in_doubt(story, ecsync)
    assert ecsync("outbox", "resolve", str(number), "--as", "maybe", *LATER).status == 2
    assert ecsync("outbox", "resolve", str(number), "--as", outcome, *LATER).status == 0
    assert ecsync("push", *LATER).status == 0
    assert ecsync("sync", "noon", *LATER).status == 0
    assert len(story.instructed()) == lines, "its order is never instructed a second time"
    assert ecsync("outbox", "list").status == 0
    assert ecsync("outbox", "resolve", str(number), "--as", outcome, *LATER).status == 2, "settled is settled"


def test_reconcile_with_nothing_to_put_back_says_so(story: StoryShop, ecsync: Ecsync) -> None:
    in_doubt(story, ecsync)
    assert ecsync("outbox", "reconcile", "--json", *LATER).data == {"files": 0, "keys": 0}


def test_the_delivery_journal_holds_no_customer(story: StoryShop, ecsync: Ecsync) -> None:
    in_doubt(story, ecsync)
    text = (story.shop.project / "outbox" / "journal.jsonl").read_text(encoding="utf-8")
    assert [json.loads(line) for line in text.splitlines()]
    for personal in ("髙橋", "横浜", "090-0000", "example.jp"):
        assert personal not in text
