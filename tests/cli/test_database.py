"""`db` and `init`: the schema's age, backups, and a start in the middle of a month."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from face import Ecsync, speaker
from shop import Shop
from story_shop import StoryShop, an_order, moment

NOON = ("--as-of", moment("12:00").isoformat())


def database(shop: Shop) -> Path:
    return shop.project / "data" / "ecsync.db"


def test_without_a_database_every_command_names_the_one_that_makes_it(
    story: StoryShop, ecsync: Ecsync
) -> None:
    for path in database(story.shop).parent.iterdir():
        path.unlink()
    for words in (
        ("db", "check"),
        ("sync", "noon"),
        ("runs", "list"),
        ("plan", "noon", "--out", str(story.shop.root / "plan")),
        ("push",),
    ):
        done = ecsync(*words, *NOON)
        assert done.status == 10, (words, done.err)
        assert "ecsync db upgrade" in done.err
    assert not database(story.shop).exists(), "looking makes nothing"
    assert ecsync("db", "upgrade").status == 0
    assert ecsync("db", "check").status == 0
    assert ecsync("db", "upgrade").status == 0, "once more changes nothing"
    assert database(story.shop).stat().st_mode & 0o777 == 0o600


def set_revision(story: StoryShop, revision: str) -> None:
    with sqlite3.connect(database(story.shop)) as conn:
        conn.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    conn.close()


def test_a_newer_schema_is_left_alone_and_says_what_to_install(story: StoryShop, ecsync: Ecsync) -> None:
    set_revision(story, "9999_from_tomorrow")
    for words in (("db", "check"), ("db", "upgrade"), ("sync", "noon"), ("outbox", "list"), ("doctor",)):
        done = ecsync(*words, *NOON)
        assert done.status == 10, (words, done.err)
        assert "newer" in done.err + done.out
        assert "Traceback" not in done.err


def test_a_backup_is_a_file_of_its_own_and_comes_back_whole(story: StoryShop, ecsync: Ecsync) -> None:
    story.count(moment("08:00"))
    story.orders(moment("11:30"), an_order(1, ("TOWEL-L", 1)))
    assert ecsync("sync", "noon", *NOON).status == 0
    master = story.shop.master()
    backup = story.shop.root / "backups" / "noon.db"
    assert ecsync("db", "backup", "--out", str(backup)).status == 0
    assert backup.stat().st_mode & 0o777 == 0o600
    assert ecsync("db", "backup", "--out", str(backup)).status == 2, "a backup never replaces a file"
    story.orders(moment("13:00"), an_order(2, ("TOWEL-L", 1)))
    assert ecsync("sync", "stock", "--as-of", moment("13:10").isoformat()).status == 0
    assert story.shop.master() != master
    assert ecsync("db", "restore", str(backup)).status == 0
    assert story.shop.master() == master


def test_what_is_no_backup_is_refused_and_the_master_stays(story: StoryShop, ecsync: Ecsync) -> None:
    master = story.shop.master()
    wrong = story.shop.root / "letter.db"
    wrong.write_bytes(b"Dear Sir or Madam")
    assert ecsync("db", "restore", str(wrong)).status == 14
    assert ecsync("db", "restore", str(story.shop.root / "gone.db")).status == 2
    assert story.shop.master() == master


def opening(story: StoryShop, **files: str) -> str:
    folder = story.shop.root / "opening"
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        path = folder / f"{name}.csv"
        path.write_text(content, encoding="utf-8", newline="")
        written = moment("06:00").timestamp()  # two versions within a second are told apart
        os.utime(path, (written, written))
    return str(folder)


def test_init_makes_a_master_and_loads_the_opening_once(tmp_path: Path, capsys) -> None:
    from story_shop import new_story

    story = new_story(tmp_path / "fresh").open_up()
    ecsync = speaker(capsys, story.shop.project)
    for path in database(story.shop).parent.iterdir():
        path.unlink()
    folder = opening(
        story,
        stock="warehouse,sku,qty\r\nmain,TOWEL-L,60\r\n",
        counters="name,value\r\nparcel,5000\r\n",
    )
    clock = ("--as-of", "2026-11-24T06:00+09:00")
    assert ecsync("init").status == 0
    done = ecsync("init", "--opening", folder, *clock, "--json")
    assert done.status == 0, done.err
    assert all(proof["holds"] for proof in done.data["proofs"])
    master = story.shop.master()
    assert ecsync("init", "--opening", folder, *clock).status == 0
    assert story.shop.master() == master
    opening(story, stock="warehouse,sku,qty\r\nmain,TOWEL-L,61\r\n")
    assert ecsync("init", "--opening", folder, *clock).status == 14
    assert story.shop.master() == master
    assert ecsync("init", "--opening", str(tmp_path / "nowhere"), *clock).status == 2


def test_runs_tell_what_they_did(story: StoryShop, ecsync: Ecsync) -> None:
    story.count(moment("08:00"))
    ecsync("sync", "noon", *NOON)
    story.orders(moment("12:30"), an_order(1, ("TOWEL-L", 1)))
    ecsync("sync", "noon", "--as-of", moment("12:40").isoformat())
    listed = ecsync("runs", "list", "--json").data
    assert [(run["run_id"], run["kind"], run["state"], run["exit_status"]) for run in listed] == [
        (2, "noon", "delivered", 0),
        (1, "noon", "delivered", 3),
    ]
    shown = ecsync("runs", "show", "1", "--json").data
    assert "file_missing" in {finding["code"] for finding in shown["findings"]}
    assert list(shown["stages"]) == sorted(shown["stages"]), "data is sorted by name"
    assert "rakuten1-orders" in ecsync("runs", "show", "1").out
