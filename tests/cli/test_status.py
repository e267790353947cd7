"""`status`: one screen that reads only, in staff's words, before the first run and after."""

from __future__ import annotations

import sqlite3
import subprocess
import sys

import pytest

from ecsync.cli.statuses import STATUSES
from face import Ecsync
from story_shop import StoryShop, an_order, moment

NOON = ("--as-of", moment("12:00").isoformat())
LATER = ("--as-of", moment("15:00").isoformat())
HEAVY = ("pandas", "pandera", "pyarrow", "paramiko", "adbc_driver_sqlite", "numpy")


@pytest.fixture
def scheduled(story: StoryShop) -> StoryShop:
    path = story.shop.project / "ecsync.toml"
    text = path.read_text(encoding="utf-8") + '\n[schedule]\nnoon = "mon-sat 11:45"\nnight = "22:30"\n'
    path.write_text(text, encoding="utf-8")
    return story


def test_before_the_first_run_it_says_how_to_begin(ecsync: Ecsync) -> None:
    said = ecsync("status", *NOON)
    assert said.status == 0, said.err
    assert "ecsync sync night --dry-run" in said.out
    assert "[schedule]" in said.out


def test_after_a_run_it_says_what_was_done_what_waits_and_what_comes(
    scheduled: StoryShop, ecsync: Ecsync
) -> None:
    scheduled.count(moment("08:00"))
    checked, unpaid = an_order(2, ("TOWEL-L", 1), checking="1"), an_order(3, ("TOWEL-L", 1), status="100")
    scheduled.orders(moment("11:30"), an_order(1, ("TOWEL-L", 1)), checked, unpaid)
    assert ecsync("sync", "noon", *NOON).status == 0
    told = ecsync("status", *LATER, "--json").data
    assert [(run["kind"], run["state"], run["exit_status"]) for run in told["runs"]] == [
        ("noon", "delivered", 0)
    ]
    waiting = {name: count for name, count in told["waiting"].items() if count}
    assert waiting == {"held": 1, "waits_for_money": 1, "instructed": 1}
    assert told["next"]["runs"] == [
        {"kind": "night", "at": "2026-11-24T13:30:00Z"},
        {"kind": "noon", "at": "2026-11-25T02:45:00Z"},
    ]
    assert told["next"]["cut_offs"] == {"main": "2026-11-25T03:30:00Z"}
    assert told["next"]["missed"] == []
    page = ecsync("status", *LATER, lang="ja").out
    for words in ("要確認", "入金待ち", "11/24(火) 22:30", "11/25(水) 12:30", "完了", "横浜倉庫"):
        assert words in page, words
    assert len(page.splitlines()) <= 40, "one screen"
    for machine in ("quarantine", "outbox", "stage"):
        assert machine not in page.replace("ecsync quarantine list", "").replace("ecsync outbox list", "")


def test_a_missing_file_and_a_missed_run_are_named_with_the_command(
    scheduled: StoryShop, ecsync: Ecsync
) -> None:
    scheduled.count(moment("08:00"))
    assert ecsync("sync", "noon", *NOON).status == 3
    said = ecsync("status", "--as-of", moment("12:00", 26).isoformat())
    assert "rakuten1-orders" in said.out
    assert "ecsync sync night" in said.out
    told = ecsync("status", "--as-of", moment("12:00", 26).isoformat(), "--json").data
    assert told["files_missing"] == ["main-stock", "rakuten1-orders"]
    assert told["next"]["missed"] == [
        {"kind": "night", "at": "2026-11-25T13:30:00Z"},
        {"kind": "noon", "at": "2026-11-25T02:45:00Z"},
    ]


def test_every_status_of_the_ledger_is_said_in_words(story: StoryShop, ecsync: Ecsync) -> None:
    story.count(moment("08:00"))
    ecsync("sync", "noon", *NOON)
    master = sqlite3.connect(story.shop.project / "data" / "ecsync.db")
    for status in sorted(set(STATUSES) - {0, 1, 2}):
        master.execute(f"UPDATE run SET exit_status = {status}")
        master.commit()
        assert STATUSES[status] in ecsync("status", *LATER).out
    master.close()


def test_it_writes_nothing_and_imports_nothing_heavy(story: StoryShop, ecsync: Ecsync) -> None:
    story.count(moment("08:00"))
    ecsync("sync", "noon", *NOON)
    before = story.shop.master(), story.shop.rows("SELECT COUNT(*) FROM finding")
    words = ["--project", str(story.shop.project), "status"]
    program = (
        f"import sys; from ecsync.cli import main; status = main({words!r}); "
        f"print('HEAVY', [n for n in {HEAVY!r} if n in sys.modules], file=sys.stderr); sys.exit(status)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "HEAVY []" in done.stderr
    assert (story.shop.master(), story.shop.rows("SELECT COUNT(*) FROM finding")) == before


def test_without_a_database_it_says_which_command_makes_one(story: StoryShop, ecsync: Ecsync) -> None:
    (story.shop.project / "data" / "ecsync.db").unlink()
    said = ecsync("status")
    assert said.status == 10
    assert "ecsync db upgrade" in said.err
