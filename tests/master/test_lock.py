from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ecsync.errors import LockedError, MasterUnavailableError
from ecsync.master import fingerprint
from ecsync.master.engine import open_engine, sqlite_path
from ecsync.master.lock import check_fence, last_owner, run_lock
from ecsync.master.lock_places import FileLock
from master_under_test import NOW, MasterUnderTest

_HOLD = """
import sys
from pathlib import Path
from ecsync.config import Settings
from ecsync.errors import LockedError
from ecsync.master.engine import open_engine
from ecsync.master.lock import run_lock

folder, owner = Path(sys.argv[1]), sys.argv[2]
url = {"url": {"file": "database-url"}} if (folder / "database-url").exists() else {}
settings = Settings.model_validate({"project": {"name": "x"}, "folder": folder, "database": url})
engine = open_engine(settings)
print("ready", flush=True)
sys.stdin.readline()
try:
    with run_lock(settings, engine, owner=owner, now="2026-11-24T03:00:00Z") as held:
        print("held", held.fence, flush=True)
        sys.stdin.readline()
except LockedError as error:
    print("locked", error, flush=True)
    sys.exit(error.exit_status)
"""


class Holder:
    """Another process that takes the lock when told to, and frees it when told to."""

    def __init__(self, folder: Path, owner: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _HOLD, str(folder), owner],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.read() == "ready\n"

    def read(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def tell(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go on\n")
        self.process.stdin.flush()

    def end(self) -> int:
        self.process.communicate(timeout=60)
        return self.process.returncode


def _held_by_another_process(master: MasterUnderTest, owner: str = "sync") -> Holder:
    holder = Holder(master.folder, owner)
    holder.tell()
    assert holder.read().startswith("held")
    return holder


@pytest.mark.parametrize("count", [2, 4])
def test_of_runs_started_at_once_exactly_one_works(master: MasterUnderTest, count: int):
    holders = [Holder(master.folder, f"run{n}") for n in range(count)]
    for holder in holders:
        holder.tell()
    said = [holder.read() for holder in holders]
    assert sum(line.startswith("held") for line in said) == 1
    assert sum(line.startswith("locked") for line in said) == count - 1
    assert sorted(holder.end() for holder in holders) == [0, *[11] * (count - 1)]


def test_who_comes_late_is_told_at_once_who_holds_the_lock(master: MasterUnderTest):
    holder = _held_by_another_process(master, "noon run")
    started = time.monotonic()
    with (
        pytest.raises(LockedError) as error,
        run_lock(master.settings, master.engine, owner="late", now=NOW),
    ):
        pass
    assert time.monotonic() - started < 2
    assert error.value.exit_status == 11
    assert "noon run" in str(error.value)
    assert str(holder.process.pid) in str(error.value)
    assert os.uname().nodename in str(error.value)
    assert holder.end() == 0


def test_kill_9_frees_the_lock_and_the_next_run_gets_a_higher_fence(master: MasterUnderTest):
    holder = _held_by_another_process(master)
    holder.process.send_signal(signal.SIGKILL)
    assert holder.end() == -signal.SIGKILL
    with run_lock(master.settings, master.engine, owner="next", now=NOW, wait_minutes=1) as held:
        assert held.fence == 2
        with master.engine.begin() as conn:
            assert last_owner(conn).owner == "next"
            assert last_owner(conn).pid == os.getpid()


def test_waiting_ends_when_the_holder_ends(master: MasterUnderTest):
    holder = _held_by_another_process(master)
    later = threading.Timer(0.3, holder.tell)
    later.start()
    with run_lock(master.settings, master.engine, owner="patient", now=NOW, wait_minutes=1):
        assert holder.end() == 0
    later.join()


def test_waiting_ends_with_the_time_that_was_given(master: MasterUnderTest):
    holder = _held_by_another_process(master)
    started = time.monotonic()
    with (
        pytest.raises(LockedError),
        run_lock(master.settings, master.engine, owner="patient", now=NOW, wait_minutes=0.01),
    ):
        pass
    assert time.monotonic() - started >= 0.6
    assert holder.end() == 0


def test_a_run_that_was_passed_may_not_commit(master: MasterUnderTest):
    with run_lock(master.settings, master.engine, owner="first", now=NOW) as first:
        pass
    with (
        run_lock(master.settings, master.engine, owner="second", now=NOW) as second,
        master.engine.begin() as conn,
    ):
        check_fence(conn, second.fence)
        with pytest.raises(LockedError):
            check_fence(conn, first.fence)


def test_a_lock_that_was_freed_is_free_at_once(master: MasterUnderTest):
    for number in range(1, 21):
        with run_lock(master.settings, master.engine, owner="again", now=NOW) as held:
            assert held.fence == number


def test_a_lock_without_a_record_writes_nothing(master: MasterUnderTest):
    with master.engine.begin() as conn:
        before = fingerprint.whole_state(conn)
    with run_lock(master.settings, master.engine, owner="plan", now=NOW, record=False):
        other = open_engine(master.settings)
        with (
            pytest.raises(LockedError, match="plan"),
            run_lock(master.settings, other, owner="sync", now=NOW),
        ):
            pass
        other.dispose()
    with master.engine.begin() as conn:
        assert fingerprint.whole_state(conn) == before


def test_the_holder_reads_and_writes_while_it_holds(master: MasterUnderTest):
    with run_lock(master.settings, master.engine, owner="sync", now=NOW), master.context() as ctx:
        ctx.execute("INSERT INTO product (sku) VALUES ('A')")
    assert master.scalar("SELECT COUNT(*) FROM product") == 1


def test_a_lock_file_that_was_removed_and_made_anew_excludes_again(tmp_path: Path):
    first, second, third = (FileLock(tmp_path / "x.lock") for _ in range(3))
    assert first.try_acquire("first")
    (tmp_path / "x.lock").unlink()
    assert second.try_acquire("second")
    assert not third.try_acquire("third")
    assert third.holder() == "second"
    first.release()
    second.release()


def test_a_lock_link_is_not_followed(tmp_path: Path):
    (tmp_path / "elsewhere").write_text("keep")
    (tmp_path / "x.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        FileLock(tmp_path / "x.lock").try_acquire("label")
    assert (tmp_path / "elsewhere").read_text() == "keep"


@pytest.mark.parametrize("master", ["sqlite"], indirect=True)
def test_a_missing_database_is_away_and_not_made(master: MasterUnderTest):
    master.engine.dispose()
    sqlite_path(master.settings).unlink()
    with (
        pytest.raises(MasterUnavailableError),
        run_lock(master.settings, master.engine, owner="sync", now=NOW),
    ):
        pass
    assert not sqlite_path(master.settings).exists()
