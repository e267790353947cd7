from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from ecsync.errors import MasterUnavailableError
from ecsync.master import snapshot
from ecsync.master.engine import open_engine
from ecsync.master.snapshot import copy_for_reading, make_copy
from master_under_test import MasterUnderTest

_AS_NOBODY = """
import os, sys
from ecsync.master.snapshot import main
os.setgroups([])
os.setresgid(65534, 65534, 65534)
os.setresuid(65534, 65534, 65534)
assert not os.access(sys.argv[1], os.W_OK)
sys.exit(main(sys.argv[1:]))
"""

pytestmark = pytest.mark.parametrize("master", ["sqlite"], indirect=True)


def _database(master: MasterUnderTest) -> Path:
    return master.folder / "data" / "ecsync.db"


def _count(path: Path) -> int:
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return int(conn.execute("SELECT COUNT(*) FROM product").fetchone()[0])


def _files(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def test_a_copy_holds_what_was_committed_and_not_what_is_open(master: MasterUnderTest):
    master.insert("product", {"sku": "A"})
    with master.engine.begin() as conn:
        conn.exec_driver_sql("INSERT INTO product (sku) VALUES ('B')")
        copy_for_reading(_database(master), master.folder / "copy.db")
    assert _count(master.folder / "copy.db") == 1
    assert (master.folder / "copy.db").stat().st_mode & 0o777 == 0o600


def test_copying_leaves_the_folder_as_it_was_without_a_wal_and_with_one(master: MasterUnderTest):
    master.insert("product", {"sku": "A"})
    for keep_wal in (False, True):
        folder = master.folder / f"case-{keep_wal}"
        folder.mkdir()
        if keep_wal:  # as after a crash: the -wal holds a commit, and nobody is connected
            with master.engine.connect():
                for name in ("ecsync.db", "ecsync.db-wal"):
                    shutil.copyfile(_database(master).with_name(name), folder / name)
        else:
            master.engine.dispose()
            shutil.copyfile(_database(master), folder / "ecsync.db")
        before = _files(folder)
        copy_for_reading(folder / "ecsync.db", master.folder / "copy.db")
        assert _count(master.folder / "copy.db") == 1
        after = _files(folder)
        after.pop("ecsync.db-shm", None)  # the index of a -wal, made anew by every reader
        assert after == before


def test_copying_blocks_neither_a_writer_nor_a_reader(master: MasterUnderTest):
    master.insert("product", *({"sku": f"S{n}"} for n in range(200)))
    with master.engine.begin() as conn:  # BEGIN IMMEDIATE: the writer's lock is held
        copy_for_reading(_database(master), master.folder / "copy.db")
        conn.exec_driver_sql("INSERT INTO product (sku) VALUES ('B')")
    assert _count(master.folder / "copy.db") == 200
    assert master.scalar("SELECT COUNT(*) FROM product") == 201


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who may not write")
@pytest.mark.parametrize("with_wal", [False, True])
def test_a_file_that_may_only_be_read_is_copied(master: MasterUnderTest, with_wal: bool):
    master.insert("product", {"sku": "A"}, {"sku": "B"})
    shared = Path("/tmp") / f"ecsync-shared-{os.getpid()}-{with_wal}"  # noqa: S108  (others must reach it)
    shared.mkdir()
    shared.chmod(0o755)
    try:
        with master.engine.connect():
            names = ("ecsync.db", "ecsync.db-wal") if with_wal else ("ecsync.db",)
            if not with_wal:
                master.engine.dispose()
                with closing(sqlite3.connect(_database(master))) as last:
                    last.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            for name in names:
                shutil.copyfile(_database(master).with_name(name), shared / name)
                (shared / name).chmod(0o444)
        before = _files(shared)
        target = shared.with_name(f"{shared.name}-target")
        target.mkdir(mode=0o777)
        target.chmod(0o777)
        # The interpreter may itself be out of nobody's reach: it starts as root, and drops that before it copies.
        subprocess.run(
            [sys.executable, "-c", _AS_NOBODY, str(shared / "ecsync.db"), str(target / "copy.db")], check=True
        )
        assert _count(target / "copy.db") == 2
        assert _files(shared) == before
    finally:
        shutil.rmtree(shared)
        shutil.rmtree(shared.with_name(f"{shared.name}-target"), ignore_errors=True)


def test_plain_file_copies_are_consistent_while_a_writer_commits(master: MasterUnderTest, monkeypatch):
    """Every commit adds to two tables at once: a copy between two commits never sees one without the other."""
    monkeypatch.setattr(snapshot.os, "access", lambda *_args: False)
    stop = threading.Event()

    def write() -> None:
        engine = open_engine(master.settings)
        number = 0
        while not stop.is_set():
            number += 1
            with engine.begin() as conn:
                conn.exec_driver_sql(
                    "INSERT INTO product (sku, name) VALUES (?, ?)", (f"S{number}", "箱" * 400)
                )
                conn.exec_driver_sql(
                    "INSERT INTO counter (name, value) VALUES (?, ?)", (f"C{number}", number)
                )
            if number % 50 == 0:
                _checkpoint(master)
            time.sleep(0.005)  # a writer that never rests lets nobody copy, in memory at least
        engine.dispose()

    writer = threading.Thread(target=write)
    writer.start()
    copies = 0
    try:
        for _round in range(40):
            target = master.folder / "copy.db"
            # In this process only because the writer is a thread: the test wants the race, not the locks.
            if not make_copy(_database(master), target):
                continue
            copies += 1
            with closing(sqlite3.connect(target)) as conn:
                assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                products, counters = (
                    conn.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0]
                    for name in ("product", "counter")
                )
                assert products == counters
    finally:
        stop.set()
        writer.join()
    assert copies >= 20


def test_a_wal_that_was_begun_anew_between_the_two_files_is_noticed(master: MasterUnderTest, monkeypatch):
    """Old database and new -wal together are a sound file that lost one commit: only the -wal's header tells."""
    monkeypatch.setattr(snapshot.os, "access", lambda *_args: False)
    master.insert("product", {"sku": "A", "name": "before"})
    _checkpoint(master)
    master.insert("generation", {"id": 1, "value": 1})
    copyfile, times = shutil.copyfile, []

    def interrupted(source: Path, target: Path) -> None:
        copyfile(source, target)
        if source == _database(master) and not times:
            times.append(source)
            _run(master, "UPDATE product SET name = 'behind'")
            _checkpoint(master)
            _run(master, "UPDATE generation SET value = 2")

    monkeypatch.setattr(snapshot.shutil, "copyfile", interrupted)
    assert make_copy(_database(master), master.folder / "copy.db")
    assert times
    with closing(sqlite3.connect(master.folder / "copy.db")) as conn:
        assert conn.execute("SELECT name, value FROM product, generation").fetchall() == [("behind", 2)]


def _run(master: MasterUnderTest, statement: str) -> None:
    with master.engine.begin() as conn:
        conn.exec_driver_sql(statement)


def _checkpoint(master: MasterUnderTest) -> None:
    with master.engine.connect() as conn:
        driver = conn.connection.driver_connection
        assert driver is not None
        assert driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall() == [(0, 0, 0)]


@pytest.mark.parametrize("damage", ["absent", "not a database"])
def test_a_master_that_cannot_be_copied_is_said_to_be_away(master: MasterUnderTest, damage: str):
    path = master.folder / "broken.db"
    if damage != "absent":
        path.write_bytes(b"canary-090-0000-1111" * 300)
    with pytest.raises(MasterUnavailableError) as error:
        copy_for_reading(path, master.folder / "copy.db")
    assert "canary" not in str(error.value)
    assert not (master.folder / "copy.db").exists()
