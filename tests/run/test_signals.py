"""A run that is asked to stop stops soon, says so with its status, and is finished by the next one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from exchange_servers import slow_server
from story_shop import StoryShop, an_order, moment

NOON = moment("12:00").isoformat()
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C"}
SOON = 5.0


def start(story: StoryShop, *words: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "ecsync", "--project", str(story.shop.project), "--lang", "en", *words],
        env={**ENVIRONMENT, "HOME": str(story.shop.root), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def until(there: object, *, seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not there():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it never came so far"
        time.sleep(0.02)


def open_day(story: StoryShop) -> None:
    story.count(moment("08:00"))
    story.orders(moment("11:30"), an_order(1, ("TOWEL-L", 1)), an_order(2, ("COOKIE-12", 2)))


@contextmanager
def mall_that_falls_silent(story: StoryShop) -> Iterator[Path]:
    """Put the mall behind an SFTP server that never answers a listing; give the file that tells it was asked."""
    path = story.shop.project / "ecsync.toml"
    whole = path.read_text(encoding="utf-8")
    asked = story.shop.root / "asked"
    with slow_server(story.shop.partners, asked) as server:
        folder = f'kind = "folder"\nroot = "{story.shop.partners / "rms"}"\n'
        sftp = (
            f'kind = "sftp"\nhost = "{server.host}"\nport = {server.port}\nuser = "rms"\n'
            f'host_key = "{server.fingerprint}"\npassword = {{ env = "ECSYNC_T_PW" }}\n'
            "timeout_seconds = 60\nretries = 0\n"
        )
        assert folder in whole
        path.write_text(whole.replace(folder, sftp), encoding="utf-8")
        yield asked
    path.write_text(whole, encoding="utf-8")


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)]
)
def test_a_run_that_waits_for_a_silent_partner_stops_at_once_when_asked(
    story: StoryShop, number: signal.Signals, status: int
) -> None:
    open_day(story)
    with mall_that_falls_silent(story) as asked:
        run = start(story, "sync", "noon", "--as-of", NOON, ECSYNC_T_PW="invented")
        until(asked.exists)
        run.send_signal(number)
        began = time.monotonic()
        out, err = run.communicate(timeout=30)
        assert time.monotonic() - began < SOON
    assert run.returncode == status, err
    assert "Traceback" not in err
    assert "run the same command again" in err
    assert out == ""
    assert story.run("noon", moment("12:00")).exit_status == 0
    assert len(story.instructed()) == 2


def test_a_run_that_is_stopped_between_any_two_steps_is_finished_by_the_next(story: StoryShop) -> None:
    open_day(story)
    steps = story.shop.root / "steps"
    for wanted in (3, 60):
        steps.unlink(missing_ok=True)
        run = start(story, "sync", "noon", "--as-of", NOON, ECSYNC_FAULT=f"count:{steps}")
        while run.poll() is None and not (steps.exists() and steps.read_text().count("\n") >= wanted):
            time.sleep(0.02)
        run.send_signal(signal.SIGTERM)
        _out, err = run.communicate(timeout=30)
        assert run.returncode in {143, 0}, err
        assert "Traceback" not in err
    assert story.run("noon", moment("12:00")).exit_status == 0
    lines = [(r["order_no"], r["sku"]) for r in story.instructed()]
    assert len(lines) == len(set(lines)) == 2
    assert story.shop.rows("SELECT COUNT(*) FROM run WHERE state IN ('open', 'committed')") == [(0,)]


@pytest.mark.slow
def test_a_second_run_ends_at_once_or_waits_its_turn(story: StoryShop) -> None:
    open_day(story)
    with mall_that_falls_silent(story) as asked:
        first = start(story, "sync", "noon", "--as-of", NOON, ECSYNC_T_PW="invented")
        until(asked.exists)
        began = time.monotonic()
        second = story.shop.command("sync", "noon", "--as-of", NOON)
        took = time.monotonic() - began
        assert second.returncode == 11
        assert took < 5, "a process start on a busy machine, and no waiting"
        waiting = start(story, "sync", "noon", "--as-of", NOON, "--wait", "2", ECSYNC_T_PW="invented")
        time.sleep(1.0)
        assert waiting.poll() is None, "it waits"
    # The server is gone: the first one sees a partner that hung up, and the second gets the lock.
    first.communicate(timeout=60)
    assert first.returncode == 13
    waiting.communicate(timeout=60)
    assert waiting.returncode in {0, 13}
    assert story.shop.rows("SELECT COUNT(*) FROM run WHERE state = 'delivered'") == [(2,)]


def test_a_lock_of_a_killed_run_stands_in_nobody_s_way(story: StoryShop) -> None:
    open_day(story)
    with mall_that_falls_silent(story) as asked:
        run = start(story, "sync", "noon", "--as-of", NOON, ECSYNC_T_PW="invented")
        until(asked.exists)
        os.kill(run.pid, signal.SIGKILL)
        run.communicate(timeout=10)
    assert story.run("noon", moment("12:00")).exit_status == 0
    assert len(story.instructed()) == 2
