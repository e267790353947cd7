"""What holds for every command: help, options anywhere, data apart from talk, no terminal needed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from ecsync.cli.app import build
from ecsync.cli.statuses import STATUSES
from face import Ecsync, process_as_it_was
from story_shop import StoryShop, an_order, moment

NOON = ("--as-of", moment("12:00").isoformat())
HEAVY = ("pandas", "pandera", "pyarrow", "sqlalchemy", "paramiko", "alembic", "pydantic", "yaml", "numpy")


def commands() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []

    def walk(command: object, way: tuple[str, ...]) -> None:
        below = getattr(command, "commands", None)
        for name, part in sorted((below or {}).items()):
            walk(part, (*way, name))
        if below is None:
            found.append(way)

    walk(typer.main.get_command(build()), ())
    return found


COMMANDS = commands()


def test_the_commands_of_this_version_are_all_there() -> None:
    wanted = (
        "init demo doctor status sync plan apply push | mappings: list show check test infer schema"
        " | db: upgrade check backup restore | outbox: list resolve reconcile"
        " | quarantine: list export retry | runs: list show | schedule: cron systemd"
    )
    names = set()
    for part in wanted.split(" | "):
        group, colon, words = part.partition(": ")
        names |= {(group, word) for word in words.split()} if colon else {(word,) for word in part.split()}
    assert names <= set(COMMANDS)


@pytest.mark.parametrize("way", COMMANDS, ids=" ".join)
def test_every_command_s_help_names_its_statuses_and_the_options_that_hold_everywhere(
    ecsync: Ecsync, way: tuple[str, ...]
) -> None:
    done = ecsync(*way, "--help")
    text = " ".join(done.out.split())
    assert done.status == 0
    named = text.partition("Exit status:")[2]
    for status in (0, 1, 2, 130, 143):
        assert f"{status} {STATUSES[status]}" in named
    for option in ("--project", "--as-of", "--json", "--quiet", "--verbose", "--lang"):
        assert option in text
    if way[0] in {"sync", "plan", "apply", "push"}:
        for status in STATUSES.keys() - ({4} if way[0] in {"apply", "push"} else set()):
            assert f"{status} {STATUSES[status]}".replace(" ", "") in named.replace(" ", "")


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys; from ecsync.cli import main; status = main(['--help']); "
        f"heavy = [n for n in {HEAVY!r} if n in sys.modules]; "
        "print('HEAVY', heavy, file=sys.stderr); sys.exit(status)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "HEAVY []" in done.stderr


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_help_speaks_both_languages(ecsync: Ecsync, lang: str) -> None:
    done = ecsync("sync", "--help", lang=lang)
    assert done.status == 0
    assert ("終了" in done.out or "予期しない" in done.out) is (lang == "ja")


def open_day(story: StoryShop) -> None:
    story.count(moment("08:00"))
    story.orders(moment("11:30"), an_order(1, ("TOWEL-L", 1)), an_order(2, ("TOWEL-L", 1), checking="1"))


def test_options_may_stand_before_or_after_the_command(story: StoryShop, ecsync: Ecsync) -> None:
    open_day(story)
    before = ecsync("--json", *NOON, "sync", "noon", "--dry-run")
    after = ecsync("sync", "--dry-run", "noon", "--json", f"--as-of={NOON[1]}")
    assert before.status == after.status == 0
    assert before.data == after.data
    assert before.data["as_of"] == "2026-11-24T03:00:00Z"


def test_as_of_without_an_offset_is_the_project_s_time(story: StoryShop, ecsync: Ecsync) -> None:
    open_day(story)
    assert ecsync("sync", "noon", "--dry-run", "--json", "--as-of", "2026-11-24T12:00").data["as_of"] == (
        "2026-11-24T03:00:00Z"
    )


READING = (
    ("runs", "list"),
    ("runs", "show", "1"),
    ("outbox", "list", "--all"),
    ("quarantine", "list"),
    ("mappings", "list"),
    ("mappings", "show", "rakuten/orders"),
    ("mappings", "schema"),
    ("mappings", "check"),
    ("mappings", "test", "warehouse/stock"),
    ("doctor",),
    ("status",),
    ("db", "check"),
    ("sync", "stock", "--dry-run"),
    ("push",),
)


def test_json_is_data_on_stdout_and_quiet_is_quiet(story: StoryShop, ecsync: Ecsync) -> None:
    open_day(story)
    assert ecsync("sync", "noon", *NOON, "--json").data["exit_status"] == 0
    for words in READING:
        said = ecsync(*words, *NOON, "--json")
        assert said.status == 0, (words, said.err)
        assert said.data is not None, words
        quiet = ecsync(*words, *NOON, "--quiet")
        assert quiet.status == 0
        assert quiet.err == "", words
        assert quiet.out == "" or words == ("mappings", "schema"), words


def test_a_fault_under_json_is_data_too(ecsync: Ecsync) -> None:
    said = ecsync("sync", "lunch", "--json")
    assert said.status == 2
    assert said.data["exit_status"] == 2
    assert "lunch" in said.data["error"]
    assert "lunch" in said.err


def test_a_run_as_cron_starts_it_writes_plain_utf_8_lines(story: StoryShop) -> None:
    open_day(story)
    done = story.shop.command("sync", "noon", *NOON, "--lang", "ja")
    assert done.returncode == 0, done.stderr
    assert "本日の締め(12:30)までにすること" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    assert "…" not in done.stdout, "full width when piped"
    assert done.stderr.strip() == ""


@pytest.mark.parametrize("how", ["closed stdout", "broken pipe", "full disk"])
def test_a_reader_that_goes_away_does_not_stop_the_run(story: StoryShop, how: str) -> None:
    story.count(moment("08:00"))
    words = [sys.executable, "-m", "ecsync", "--project", str(story.shop.project), "sync", "noon", *NOON]
    shell = {
        "closed stdout": '"$@" >&-',
        "broken pipe": '{ "$@"; echo $? >&2; } | sleep 0.1',
        "full disk": '"$@" >/dev/full',
    }[how]
    done = subprocess.run(
        ["/bin/bash", "-c", shell, "sh", *words],
        env={"PATH": "/usr/bin:/bin", "LANG": "C", "HOME": str(story.shop.root)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=60,
    )
    status = int(done.stderr.strip() or -1) if how == "broken pipe" else done.returncode
    assert status == 3, "the order file is missing, whoever reads it"
    assert "Traceback" not in done.stderr
    assert story.shop.rows("SELECT state, exit_status FROM run") == [("delivered", 3)]


def test_what_a_run_leaves_behind_is_for_its_owner_only(story: StoryShop, ecsync: Ecsync) -> None:
    open_day(story)
    ecsync("sync", "noon", *NOON)
    ecsync("sync", "noon", *NOON, "--dry-run")
    for name in ("spool", "outbox", "reports", "data"):
        for path in [story.shop.project / name, *(story.shop.project / name).rglob("*")]:
            assert path.stat().st_mode & 0o077 == 0, path


def test_a_command_line_leaves_its_process_as_it_was(ecsync: Ecsync) -> None:
    mask = os.umask(0o022)
    os.umask(mask)
    with process_as_it_was():
        ecsync("mappings", "list", lang="ja")
    now = os.umask(mask)
    assert now == mask


def test_the_nearest_project_upwards_is_taken(
    story: StoryShop, ecsync: Ecsync, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    below = story.shop.project / "mappings" / "own"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert ecsync("runs", "list", at_project=Path()).status in {0, 10}
    done = subprocess.run(
        [sys.executable, "-m", "ecsync", "db", "check"],
        cwd=below,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    done = subprocess.run(
        [sys.executable, "-m", "ecsync", "db", "check"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 10
    assert "--project" in done.stderr
