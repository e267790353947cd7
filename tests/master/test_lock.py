from __future__ import annotations

import os
import signal
import subprocess
import sys
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
import sys, time
from pathlib import Path
from ecsync.config import Settings
from ecsync.errors import LockedError
from ecsync.master.engine import open_engine
from ecsync.master.lock import run_lock

folder, owner, seconds = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
url = {"url": {"file": "database-url"}} if (folder / "database-url").exists() else {}
settings = Settings.model_validate({"project": {"name": "x"}, "folder": folder, "database": url})
engine = open_engine(settings)
while not (folder / "go").exists():
    time.sleep(0.002)
try:
    with run_lock(settings, engine, owner=owner, now="2026-11-24T03:00:00Z") as held:
        print("held", held.fence, flush=True)
        time.sleep(seconds)
except LockedError as error:
    print("locked", error, flush=True)
    sys.exit(error.exit_status)
"""


def _holder(folder: Path, owner: str, seconds: float) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(folder), owner, str(seconds)], stdout=subprocess.PIPE, text=True
    )


def _held_by_another_process(master: MasterUnderTest, owner: str = "sync") -> subprocess.Popen[str]:
    (master.folder / "go").touch()
    process = _holder(master.folder, owner, 60)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("held")
    return process


@pytest.mark.parametrize("count", [2, 4])
def test_of_runs_started_at_once_exactly_one_works(master: MasterUnderTest, count: int):
    processes = [_holder(master.folder, f"run{n}", 1.5) for n in range(count)]
    time.sleep(0.5)
    (master.folder / "go").touch()
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert sorted(process.returncode for process in processes) == [0, *[11] * (count - 1)]
    assert sum(output.startswith("held") for output in outputs) == 1


def test_who_comes_late_is_told_at_once_who_holds_the_lock(master: MasterUnderTest):
    process = _held_by_another_process(master, "noon run")
    started = time.monotonic()
    with (
        pytest.raises(LockedError) as error,
        run_lock(master.settings, master.engine, owner="late", now=NOW),
    ):
        pass
    assert time.monotonic() - started < 1
    assert error.value.exit_status == 11
    assert "noon run" in str(error.value)
    assert str(process.pid) in str(error.value)
    assert os.uname().nodename in str(error.value)
    process.kill()
    process.communicate()


def test_kill_9_frees_the_lock_and_the_next_run_gets_a_higher_fence(master: MasterUnderTest):
    process = _held_by_another_process(master)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with run_lock(master.settings, master.engine, owner="next", now=NOW, wait_minutes=0.1) as held:
        assert held.fence == 2
        with master.engine.begin() as conn:
            assert last_owner(conn).owner == "next"
            assert last_owner(conn).pid == os.getpid()


def test_waiting_ends_when_the_holder_ends(master: MasterUnderTest):
    (master.folder / "go").touch()
    process = _holder(master.folder, "short", 1.0)
    assert process.stdout is not None
    process.stdout.readline()
    with run_lock(master.settings, master.engine, owner="patient", now=NOW, wait_minutes=1):
        pass
    process.communicate()


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
