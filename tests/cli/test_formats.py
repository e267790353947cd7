"""`--format` and `--out`: one report as text, JSON, CSV, HTML or a workbook, into a pipe or a file."""

from __future__ import annotations

import csv
import io
import json
import re
import sys

import openpyxl
import pytest

from face import Ecsync
from story_shop import StoryShop, an_order, moment

NOON = ("--as-of", moment("12:00").isoformat())
REPORTING = (
    ("runs", "list"),
    ("runs", "show", "1"),
    ("outbox", "list", "--all"),
    ("quarantine", "list"),
    ("mappings", "list"),
    ("doctor",),
    ("push",),
    ("sync", "stock", "--dry-run"),
)


@pytest.fixture
def ran(story: StoryShop, ecsync: Ecsync) -> Ecsync:
    """Give the command line after a noon run."""
    story.count(moment("08:00"))
    story.orders(moment("11:30"), an_order(1, ("TOWEL-L", 1)), an_order(2, ("TOWEL-L", 1), checking="1"))
    assert ecsync("sync", "noon", *NOON).status == 0
    return ecsync


def test_every_report_comes_in_every_form(ran: Ecsync, story: StoryShop) -> None:
    for words in REPORTING:
        said = ran(*words, *NOON, "--format", "json")
        assert said.data == ran(*words, *NOON, "--json").data, words
        assert csv.reader(io.StringIO(ran(*words, *NOON, "--format", "csv").out.removeprefix("\ufeff"))), (
            words
        )
        assert ran(*words, *NOON, "--format", "html").out.startswith("<!doctype html>"), words
        path = story.shop.root / "report.xlsx"
        done = ran(*words, *NOON, "--out", str(path))
        assert done.out == "", words
        assert str(path) in done.err
        assert path.stat().st_mode & 0o777 == 0o600
        assert openpyxl.load_workbook(path).sheetnames, words


def test_a_list_reads_back_as_what_the_database_holds(ran: Ecsync, story: StoryShop) -> None:
    rows = list(
        csv.DictReader(io.StringIO(ran("runs", "list", "--format", "csv").out.removeprefix("\ufeff")))
    )
    held = story.shop.rows("SELECT run_id, kind, state, exit_status FROM run")
    assert [(int(r["#"]), r["kind"], r["state"], int(r["exit status"])) for r in rows] == held


def test_quiet_silences_talk_and_text_but_not_what_was_asked_for(ran: Ecsync) -> None:
    assert ran("runs", "list", "--quiet").out == ""
    assert ran("runs", "list", "--quiet", "--format", "csv").out.startswith("\ufeff#,")


def test_the_file_s_ending_gives_way_to_format(ran: Ecsync, story: StoryShop) -> None:
    path = story.shop.root / "list.txt"
    ran("runs", "list", "--out", str(path), "--format", "json")
    assert json.loads(path.read_text(encoding="utf-8"))[0]["kind"] == "noon"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("runs", "list", "--json", "--format", "csv"), "--json"),
        (("runs", "list", "--format", "pdf"), "pdf"),
        (("runs", "list", "--out", "/nowhere/at/all/list.csv"), "/nowhere/at/all"),
    ],
)
def test_what_cannot_be_is_refused_before_the_work(ran: Ecsync, words: tuple[str, ...], told: str) -> None:
    said = ran(*words)
    assert said.status == 2
    assert told in said.err


def test_a_workbook_never_goes_to_the_terminal(
    story: StoryShop, ecsync: Ecsync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecsync.cli.console.is_terminal", lambda: True)
    said = ecsync("sync", "noon", *NOON, "--format", "xlsx")
    assert said.status == 2
    assert "--out" in said.err
    assert story.shop.rows("SELECT COUNT(*) FROM run") == [(0,)], "refused before the run, not after it"


def test_a_terminal_gets_its_own_width(ran: Ecsync, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecsync.cli.console.is_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    out = ran("mappings", "list").out
    assert "─" in out
    bare = re.sub(r"\x1b\[[0-9;]*m", "", out)
    assert max(map(len, bare.splitlines())) <= 60


def test_a_closed_stdout_takes_nothing_and_breaks_nothing(
    ran: Ecsync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    for form in ("text", "csv", "html", "xlsx", "json"):
        assert ran("runs", "list", "--format", form).status == 0
