"""One test per exit status: what makes a command end with it."""

from __future__ import annotations

import itertools
import os
import sqlite3
import time
from pathlib import Path

import pytest

from ecsync import faultpoints
from ecsync.cli.statuses import STATUSES
from ecsync.exchange.throwaway_sftp import ThrowawayServer
from ecsync.findings import FindingLog
from ecsync.master import lock as locks
from ecsync.master.engine import open_engine
from ecsync.run.outcome import PRECEDENCE, Outcome, first_of
from face import Ecsync
from story_shop import StoryShop, an_order, moment

NOON = ("--as-of", moment("12:00").isoformat())
NIGHT = ("--as-of", moment("22:00").isoformat())


def a_good_morning(story: StoryShop) -> None:
    story.count(moment("08:00"))
    story.orders(moment("11:30"), an_order(1, ("TOWEL-L", 1)))


def edit(story: StoryShop, before: str, after: str) -> None:
    path = story.shop.project / "ecsync.toml"
    text = path.read_text(encoding="utf-8")
    assert before in text, before
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_0_done(story: StoryShop, ecsync: Ecsync) -> None:
    a_good_morning(story)
    done = ecsync("sync", "noon", *NOON)
    assert done.status == 0, done.out + done.err
    assert len(story.instructed()) == 1


def test_0_with_ordinary_holds_and_orders_that_wait_for_money(story: StoryShop, ecsync: Ecsync) -> None:
    story.count(moment("08:00"))
    checked, unpaid = an_order(1, ("TOWEL-L", 1), checking="1"), an_order(2, ("TOWEL-L", 1), status="100")
    story.orders(moment("21:30"), checked, unpaid)
    assert ecsync("sync", "night", *NIGHT).status == 0


def test_1_something_unexpected_and_no_word_of_what_it_handled(
    story: StoryShop, ecsync: Ecsync, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_good_morning(story)

    def fall_over(_ctx: object) -> None:
        msg = "boom 金糸雀"
        raise KeyError(msg)

    monkeypatch.setattr("ecsync.run.facts.keep_standing", fall_over)
    done = ecsync("sync", "noon", *NOON)
    assert done.status == 1
    assert "KeyError" in done.err
    assert "金糸雀" not in done.err + done.out
    assert "Traceback" not in done.err
    assert story.instructed() == [], "nothing was kept"


@pytest.mark.parametrize(
    "words",
    [
        ("sinc",),
        ("sync", "noon", "--dry"),
        ("sync", "lunch"),
        ("plan", "noon"),
        ("sync", "noon", "--as-of", "yesterday"),
        ("sync", "noon", "--override", "row_drop"),
        ("sync", "noon", "--override", "luck:rakuten1-orders"),
        ("sync", "noon", "--override", "row_drop:rakuten9-orders"),
        ("apply", "nowhere"),
        ("doctor", "--trust", "nobody"),
        ("quarantine", "export", "--flow", "rakuten1-orders", "--out", "x.csv"),
        ("runs", "show", "999"),
        ("outbox", "resolve", "999", "--as", "sent"),
        ("mappings", "show", "rakuten/nothing"),
        ("status", "--json", "--format", "csv"),
        ("schedule", "cron", "--host-zone", "Mars/Olympus"),
        ("init", "new-shop", "--shop", "ebay", "--yes"),
        ("--json", "--project"),
    ],
)
def test_2_wrong_usage(story: StoryShop, ecsync: Ecsync, words: tuple[str, ...]) -> None:
    done = ecsync(*words)
    assert done.status == 2, done.err
    assert done.err.strip()
    assert story.shop.rows("SELECT COUNT(*) FROM run") == [(0,)], "nothing was begun"


def test_3_a_person_is_needed(story: StoryShop, ecsync: Ecsync) -> None:
    story.count(moment("08:00"))
    assert ecsync("sync", "noon", *NOON).status == 3


def test_3_doctor_finds_a_run_that_did_not_come(story: StoryShop, ecsync: Ecsync) -> None:
    a_good_morning(story)
    edit(story, "[project]", '[schedule]\nnight = "22:30"\n\n[project]')
    assert ecsync("sync", "noon", *NOON).status == 0
    assert ecsync("doctor", *NOON).status == 0
    assert ecsync("doctor", "--as-of", moment("12:00", 26).isoformat()).status == 3


def test_4_a_dry_run_that_would_change_something_where_it_is_asked(story: StoryShop, ecsync: Ecsync) -> None:
    a_good_morning(story)
    assert ecsync("sync", "noon", "--dry-run", *NOON).status == 0
    assert ecsync("sync", "noon", "--dry-run", "--exit-code", *NOON).status == 4
    assert ecsync("sync", "noon", *NOON).status == 0
    assert ecsync("sync", "noon", "--dry-run", "--exit-code", *NOON).status == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[project]", "[projekt]"),
        ('"rakuten/orders"', '"rakuten/ordres"'),
        ("[database]", "[database"),
        ('party = "rakuten1"', 'party = "rakuten2"'),
    ],
)
def test_10_configuration_or_mapping_wrong(story: StoryShop, ecsync: Ecsync, before: str, after: str) -> None:
    edit(story, before, after)
    done = ecsync("sync", "noon", *NOON)
    assert done.status == 10, done.err
    assert done.err.strip()


def test_10_where_there_is_no_project(ecsync: Ecsync, tmp_path: Path) -> None:
    done = ecsync("runs", "list", at_project=tmp_path / "nowhere")
    assert done.status == 10


def test_10_where_nothing_is_scheduled(ecsync: Ecsync) -> None:
    for words in (("schedule", "cron"), ("schedule", "systemd")):
        assert ecsync(*words).status == 10, words


def test_11_another_run_holds_the_lock(story: StoryShop, ecsync: Ecsync) -> None:
    a_good_morning(story)
    engine = open_engine(story.shop.settings)
    try:
        with locks.run_lock(
            story.shop.settings, engine, wait_minutes=0, owner="sync", now="2026-11-24T03:00:00Z"
        ):
            began = time.monotonic()
            assert ecsync("sync", "noon", *NOON).status == 11
            assert time.monotonic() - began < 1, "nobody waits who did not ask to"
            for words in (
                ("sync", "noon"),
                ("push",),
                ("outbox", "reconcile"),
                ("quarantine", "retry", __file__, "--flow", "main-stock"),
            ):
                assert ecsync(*words, *NOON).status == 11, words
            assert ecsync("plan", "noon", "--out", str(story.shop.root / "plan"), *NOON).status == 0, (
                "no lock for a plan"
            )
            assert ecsync("runs", "list").status == 0
    finally:
        engine.dispose()
    assert ecsync("sync", "noon", *NOON).status == 0


def behind_sftp(story: StoryShop, server: ThrowawayServer, **changes: str) -> None:
    """Put the mall behind an SFTP server; the other partners stay folders."""
    table = {"kind": "sftp", "host": server.host, "user": "rms", "host_key": server.fingerprint, **changes}
    lines = [f'{name} = "{value}"' for name, value in table.items()]
    lines += [
        f"port = {server.port}",
        "timeout_seconds = 3",
        "retries = 0",
        'password = { env = "ECSYNC_T_PW" }',
    ]
    old = f'kind = "folder"\nroot = "{story.shop.partners / "rms"}"\n'
    edit(story, old, "\n".join(lines) + "\n")


@pytest.mark.parametrize("wrong", ["password", "host key"])
def test_12_login_or_host_key_refused_and_everything_else_was_done(
    story: StoryShop, ecsync: Ecsync, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    a_good_morning(story)
    monkeypatch.setenv("ECSYNC_T_PW", "wrong-word-77" if wrong == "password" else "right-word-77")
    with ThrowawayServer(story.shop.partners, {"rms": "right-word-77"}) as server:
        changes = {"host_key": "SHA256:" + "A" * 43} if wrong == "host key" else {}
        behind_sftp(story, server, **changes)
        done = ecsync("sync", "noon", *NOON)
        assert done.status == 12, done.out + done.err
        assert "word-77" not in done.out + done.err
        assert server.logins == ([] if wrong == "host key" else ["rms"]), (
            "one attempt, and none at a stranger's"
        )
    assert story.shop.rows("SELECT COUNT(*) FROM product") != [(0,)], "the core system's files were taken"


def test_13_a_partner_is_away_then_back(story: StoryShop, ecsync: Ecsync) -> None:
    a_good_morning(story)
    assert ecsync("sync", "noon", *NOON).status == 0
    away = story.shop.partners / "warehouse.away"
    story.orders(moment("13:00"), an_order(2, ("TOWEL-L", 1)))
    (story.shop.partners / "warehouse").rename(away)
    done = ecsync("sync", "noon", "--as-of", moment("13:10").isoformat())
    assert done.status == 13, done.out + done.err
    assert ecsync("push", "--as-of", moment("13:20").isoformat()).status == 13
    away.rename(story.shop.partners / "warehouse")
    assert ecsync("push", "--as-of", moment("13:30").isoformat()).status == 0
    assert len(story.instructed()) == 2
    assert ecsync("push", "--as-of", moment("13:40").isoformat()).status == 0
    assert len(story.instructed()) == 2


def test_14_a_plan_that_is_stale(story: StoryShop, ecsync: Ecsync) -> None:
    a_good_morning(story)
    plan = str(story.shop.root / "plan")
    assert ecsync("plan", "noon", "--out", plan, *NOON).status == 0
    assert ecsync("sync", "noon", *NOON).status == 0
    sent = story.shop.delivered()
    done = ecsync("apply", plan)
    assert done.status == 14
    assert story.shop.delivered() == sent


def test_14_an_export_that_is_none(story: StoryShop, ecsync: Ecsync, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n")
    assert ecsync("init", str(tmp_path / "new"), "--export", str(picture), "--yes").status == 14
    assert not (tmp_path / "new").exists()
    del story


def test_15_the_database_is_busy(story: StoryShop, ecsync: Ecsync) -> None:
    a_good_morning(story)
    edit(story, 'path = "data/ecsync.db"', 'path = "data/ecsync.db"\nbusy_timeout_seconds = 1')
    other = sqlite3.connect(story.shop.project / "data" / "ecsync.db", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        done = ecsync("sync", "noon", *NOON)
        assert done.status == 15, done.err
    finally:
        other.close()
    assert story.instructed() == []
    assert ecsync("sync", "noon", *NOON).status == 0


def test_15_the_database_server_is_away(story: StoryShop, ecsync: Ecsync) -> None:
    story.shop.database_url = "postgresql://canary-user:canary-secret@127.0.0.1:1/nothing"
    story.shop.write_database_url()
    edit(story, 'path = "data/ecsync.db"', 'url = { file = "database-url" }')
    for words in (("sync", "noon"), ("db", "check"), ("outbox", "list"), ("doctor",), ("status",)):
        done = ecsync(*words, *NOON)
        assert done.status == 15, (words, done.err)
        assert "canary" not in done.out + done.err


def test_16_a_delivery_whose_outcome_nobody_knows(story: StoryShop, ecsync: Ecsync) -> None:
    a_good_morning(story)
    backup = story.shop.root / "backup.db"
    assert ecsync("db", "backup", "--out", str(backup)).status == 0
    assert ecsync("sync", "noon", *NOON).status == 0
    sent = story.shop.delivered()
    assert ecsync("db", "restore", str(backup)).status == 0
    for words in (("sync", "noon"), ("push",), ("doctor",)):
        done = ecsync(*words, *NOON)
        assert done.status == 16
        assert "outbox reconcile" in done.err + done.out
    assert ecsync("outbox", "reconcile", *NOON).status == 0
    assert ecsync("sync", "noon", *NOON).status in {0, 3}
    assert story.shop.delivered().keys() == sent.keys()


def test_where_several_apply_the_first_of_the_list_counts() -> None:
    assert (*PRECEDENCE, 130, 143) == tuple(
        status for status in (*PRECEDENCE, 130, 143) if status in STATUSES
    )
    assert set(PRECEDENCE) == set(STATUSES) - {130, 143}
    for first, second in itertools.combinations(PRECEDENCE, 2):
        assert first_of({first, second}) == first_of({second, first}) == first
    assert first_of(set()) == 0
    for size in (3, 5, len(PRECEDENCE)):
        assert first_of(set(PRECEDENCE[-size:])) == PRECEDENCE[-size]


def test_a_person_s_matter_never_hides_a_partner_that_is_away() -> None:
    findings = FindingLog()
    findings.add("guard_stopped", "rakuten1-orders", guard="min_rows", detail="0 < 1")
    outcome = Outcome(1, "noon", "2026-11-24", "2026-11-24T03:00:00Z", dry=False, findings=findings)
    assert outcome.exit_status == 3
    outcome.statuses |= {13}
    assert outcome.exit_status == 13
    outcome.statuses |= {16, 12}
    assert outcome.exit_status == 16


def test_no_fault_is_armed_by_the_environment_of_these_tests() -> None:
    assert "ECSYNC_FAULT" not in os.environ
    assert faultpoints.REGISTRY
