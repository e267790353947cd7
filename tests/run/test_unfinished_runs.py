"""What becomes of a run that an earlier one left: finished, gone on with, or given up; and of one that fails."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ecsync.errors import EcsyncError, LockedError, TransferError, UsageError
from ecsync.master.engine import open_engine
from ecsync.run import records, session
from ecsync.run import sync as real_run
from ecsync.run.sync import Request, sync
from shop import utc
from story_shop import StoryShop, an_order, codes, moment

NOON = moment("12:00")
RUNS = "SELECT run_id, kind, business_date, state, exit_status, ended_at FROM run ORDER BY run_id"


def leave(story: StoryShop, kind: str, date: str, state: str, status: int | None = None) -> None:
    """Leave the row of a run that died."""
    engine = open_engine(story.shop.settings)
    with engine.begin() as conn:
        run = records.open_run(conn, kind, date, utc(moment("11:00")))
        records.set_state(conn, run.run_id, state, exit_status=status)
    engine.dispose()


def test_a_run_of_the_same_kind_and_day_goes_on_under_its_number_and_clock(story: StoryShop) -> None:
    leave(story, "noon", "2026-11-24", "open")
    outcome = story.run("noon", NOON)
    assert (outcome.run_id, outcome.clock, outcome.exit_status) == (
        1,
        utc(moment("11:00")),
        outcome.exit_status,
    )
    assert codes(outcome).count("run_resumed") == 1
    assert [row[:4] for row in story.shop.rows(RUNS)] == [(1, "noon", "2026-11-24", "delivered")]


@pytest.mark.parametrize(("kind", "date"), [("night", "2026-11-24"), ("noon", "2026-11-23")])
def test_a_run_of_another_kind_or_day_is_given_up(story: StoryShop, kind: str, date: str) -> None:
    leave(story, kind, date, "open")
    outcome = story.run("noon", NOON)
    assert outcome.run_id == 2
    assert [finding.subject for finding in outcome.findings if finding.code == "run_abandoned"] == ["1"]
    first, second = story.shop.rows(RUNS)
    assert first == (1, kind, date, "abandoned", None, utc(NOON))
    assert second == (2, "noon", "2026-11-24", "delivered", outcome.exit_status, utc(NOON))


def test_a_plan_that_is_applied_goes_on_with_no_other_run(story: StoryShop) -> None:
    leave(story, "noon", "2026-11-24", "open")
    seen: list[int] = []
    request = Request("noon", utc(NOON), before_commit=lambda ctx, _outcome: seen.append(ctx.run_id))
    assert sync(story.shop.settings, request).run_id == 2
    assert seen == [2]
    assert story.shop.rows(RUNS)[0][3] == "abandoned"


@pytest.mark.parametrize(("status", "told"), [(None, 0), (13, 13)])
def test_a_committed_run_is_delivered_and_closed_before_the_next_begins_and_its_status_is_told(
    story: StoryShop, status: int | None, told: int
) -> None:
    leave(story, "night", "2026-11-23", "committed", status)
    outcome = story.run("noon", NOON)
    assert (outcome.run_id, outcome.finished) == (2, (1,))
    assert [finding.subject for finding in outcome.findings if finding.code == "run_resumed"] == ["1"]
    assert story.shop.rows(RUNS)[0] == (1, "night", "2026-11-23", "delivered", told, utc(moment("11:00")))
    assert outcome.exit_status == (told or outcome.exit_status)
    assert story.shop.rows("SELECT owner FROM lock_owner") == [("sync",)]


def test_a_partner_that_is_away_is_the_status_of_the_run_though_everything_else_is_done(
    story: StoryShop,
) -> None:
    story.count(moment("08:00"))
    folder = story.shop.partners / "rms" / "orders"
    away = folder.rename(folder.with_name("orders-away"))
    outcome = story.run("noon", NOON)
    away.rename(folder)
    assert (outcome.exit_status, 13 in outcome.statuses) == (13, True)
    assert outcome.deliveries["verified"]


@pytest.mark.parametrize("override", [("no_such_guard", "rakuten1-orders"), ("row_drop", "no-such-flow")])
def test_an_override_of_what_does_not_exist_is_refused_before_a_run_begins(
    story: StoryShop, override: tuple[str, str]
) -> None:
    with pytest.raises(UsageError, match=r"row_drop|rakuten1-orders"):
        story.run("noon", NOON, override)
    assert story.shop.rows(RUNS) == []


def test_a_failed_run_keeps_its_status_and_what_it_found_and_nothing_else(
    story: StoryShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.count(moment("08:00"))
    story.orders(moment("11:30"), an_order(1, ("MUG-WHITE", 1)))

    def fail(ctx: object, *_args: object) -> None:
        ctx.findings.add("guard_stopped", "x", guard="row_drop", detail="")  # type: ignore[attr-defined]
        message = "stopped"
        raise TransferError(message)

    monkeypatch.setattr(session.prove, "prove", fail)
    with pytest.raises(EcsyncError):
        story.run("noon", NOON)
    assert story.shop.rows(RUNS) == [
        (1, "noon", "2026-11-24", "failed", TransferError.exit_status, utc(NOON))
    ]
    assert story.shop.rows("SELECT run_id, code FROM finding WHERE code = 'guard_stopped'") == [
        (1, "guard_stopped")
    ]
    assert story.shop.rows("SELECT COUNT(*) FROM sales_order") == [(0,)]
    assert list((story.shop.project / "data").glob("staging*/*")) == []
    monkeypatch.undo()
    outcome = story.run("noon", NOON)
    assert outcome.files_taken
    assert [row[3] for row in story.shop.rows(RUNS)] == ["failed", "delivered"]


def test_a_run_that_was_overtaken_commits_nothing(story: StoryShop, monkeypatch: pytest.MonkeyPatch) -> None:
    story.count(moment("08:00"))
    story.orders(moment("11:30"), an_order(1, ("MUG-WHITE", 1)))
    perform = real_run.perform

    def overtaken(given: session.Session) -> object:
        engine = open_engine(story.shop.settings)
        with engine.begin() as conn:
            conn.execute(sa.text("UPDATE lock_owner SET fence = fence + 1"))
        engine.dispose()
        return perform(given)

    monkeypatch.setattr(real_run, "perform", overtaken)
    with pytest.raises(LockedError):
        story.run("noon", NOON)
    assert story.shop.rows("SELECT COUNT(*) FROM sales_order") == [(0,)]
    assert story.shop.delivered() == {}


def test_a_run_says_what_it_did(story: StoryShop) -> None:
    story.count(moment("08:00"))
    story.orders(moment("11:30"), an_order(1, ("MUG-WHITE", 1)), an_order(2, ("MUG-BLUE", 1)))
    outcome = story.run("noon", NOON)
    assert (outcome.kind, outcome.business_date, outcome.clock, outcome.dry) == (
        "noon",
        "2026-11-24",
        utc(NOON),
        False,
    )
    assert outcome.deliveries == {"verified": len(outcome.published)}
    assert (outcome.changes["sales_order"], outcome.changes["shipping_instruction"]) == (2, 2)
    assert "set_component" in outcome.changes
    assert all(outcome.changes.values())
    assert outcome.generation == 1
    assert sorted(outcome.files_taken) == sorted(
        str(name) for (name,) in story.shop.rows("SELECT name FROM inbox_file WHERE state = 'loaded'")
    )
    stages = story.shop.rows("SELECT position, stage, summary FROM stage_run ORDER BY position")
    assert [position for position, _stage, _summary in stages] == list(range(1, len(stages) + 1))
    assert {stage: int(str(summary)) > 0 for _position, stage, summary in stages}["orders"]
    kept = story.shop.rows(f"SELECT name, value FROM run_figure WHERE run_id = {outcome.run_id}")
    assert dict(kept) == outcome.figures
    assert outcome.figures["change:sales_order"] == outcome.changes["sales_order"]
    assert {name for (name,) in story.shop.rows("SELECT name FROM run_proof")} == {
        proof.name for proof in outcome.proofs
    }
    again = story.run("noon", moment("12:30"))
    assert (again.changes, again.generation, again.published) == ({}, 1, [])
