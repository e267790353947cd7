from __future__ import annotations

import io
import shutil
import sqlite3
import tarfile
from contextlib import closing

import pytest
import sqlalchemy as sa

from ecsync.errors import (
    InputRefusedError,
    LockedError,
    MasterUnavailableError,
    SchemaVersionError,
    UsageError,
)
from ecsync.master import fingerprint, generation
from ecsync.master.backup import backup, restore
from ecsync.master.lock import check_fence, run_lock
from ecsync.master.upgrade import head, require_current
from master_under_test import NOW, MasterUnderTest

LATER = "2026-11-25T03:00:00Z"
NUMBERS = ("generation", "lock_owner")


def _state(master: MasterUnderTest) -> dict[str, str]:
    with master.engine.begin() as conn:
        state = fingerprint.whole_state(conn)
    return {name: value for name, value in state.items() if name not in NUMBERS}


def _fill(master: MasterUnderTest) -> None:
    master.insert(
        "product",
        {"sku": "A", "name": '箱、「大」 "x",\n改行', "cost": None, "jan": ""},
        {"sku": "B", "name": "タブ\t\\N \\.", "cost": 0},
    )
    master.insert("counter", {"name": "run", "value": 7})


def test_a_backup_goes_back_whole_and_the_master_of_before_is_kept(master: MasterUnderTest):
    _fill(master)
    saved = _state(master)
    made = backup(master.settings, master.folder / "backups" / "monday")
    assert made.path.stat().st_mode & 0o777 == 0o600
    master.insert("product", {"sku": "C"})
    assert _state(master) != saved
    master.engine.dispose()
    restored = restore(master.settings, made.path, now=LATER)
    assert (restored.revision, restored.standing) == (made.revision, "current")
    assert _state(master) == saved
    require_current(master.engine)

    assert restored.aside is not None
    assert restored.aside.stat().st_mode & 0o777 == 0o600
    master.engine.dispose()
    restore(master.settings, restored.aside, now=LATER)
    assert master.rows("SELECT sku FROM product ORDER BY sku") == [("A",), ("B",), ("C",)]


def test_a_backup_is_made_while_a_writer_works_and_holds_only_what_is_committed(master: MasterUnderTest):
    _fill(master)
    saved = _state(master)
    with master.engine.begin() as conn:
        conn.execute(sa.text("INSERT INTO product (sku) VALUES ('open')"))
        made = backup(master.settings, master.folder / "now")
    master.engine.dispose()
    restore(master.settings, made.path, now=LATER)
    assert _state(master) == saved


def test_a_backup_never_replaces_a_file(master: MasterUnderTest):
    (master.folder / "there").write_text("keep")
    with pytest.raises(UsageError):
        backup(master.settings, master.folder / "there")
    assert (master.folder / "there").read_text() == "keep"
    assert not list(master.folder.glob(".*partial"))


def test_a_restore_shuts_out_who_held_the_lock_and_makes_plans_stale(master: MasterUnderTest):
    with run_lock(master.settings, master.engine, owner="first", now=NOW):
        pass
    made = backup(master.settings, master.folder / "early")
    with run_lock(master.settings, master.engine, owner="second", now=NOW) as late:
        pass
    with master.engine.begin() as conn:
        for _time in range(3):
            generation.bump(conn)
    master.engine.dispose()
    restore(master.settings, made.path, now=LATER)
    with master.engine.begin() as conn:
        assert generation.current(conn) > 3
        with pytest.raises(LockedError):
            check_fence(conn, late.fence)


def test_a_restore_waits_for_no_run_but_gives_way_to_it(master: MasterUnderTest):
    made = backup(master.settings, master.folder / "saved")
    with run_lock(master.settings, master.engine, owner="night run", now=NOW), pytest.raises(LockedError):
        restore(master.settings, made.path, now=LATER)


def test_a_backup_of_a_newer_program_is_refused(master: MasterUnderTest):
    with master.engine.begin() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    made = backup(master.settings, master.folder / "future")
    with master.engine.begin() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = :head"), {"head": head()})
    _fill(master)
    saved = _state(master)
    master.engine.dispose()
    with pytest.raises(SchemaVersionError):
        restore(master.settings, made.path, now=LATER)
    assert _state(master) == saved


@pytest.mark.parametrize("damage", ["foreign", "empty", "cut", "flipped"])
def test_a_damaged_file_is_refused_and_the_master_stays(master: MasterUnderTest, damage: str):
    _fill(master)
    made = backup(master.settings, master.folder / "saved")
    content = bytearray(made.path.read_bytes())
    if damage == "flipped":
        place = content.index("箱".encode()) if master.dialect == "postgresql" else 100
        content[place] ^= 0xFF
    changed = {
        "foreign": b"canary 090-0000-1111" * 500,
        "empty": b"",
        "cut": bytes(content[: len(content) // 2]),
    }
    made.path.write_bytes(changed.get(damage, bytes(content)))
    saved = _state(master)
    master.engine.dispose()
    with pytest.raises(InputRefusedError) as error:
        restore(master.settings, made.path, now=LATER)
    assert "canary" not in str(error.value)
    assert _state(master) == saved
    assert not [p for p in (master.folder / "data").glob("*") if "restored" in p.name]


def test_no_file_is_no_backup(master: MasterUnderTest):
    with pytest.raises(UsageError):
        restore(master.settings, master.folder / "nowhere", now=LATER)


@pytest.mark.parametrize("master", ["sqlite"], indirect=True)
def test_a_master_that_somebody_reads_is_not_replaced(master: MasterUnderTest):
    _fill(master)
    made = backup(master.settings, master.folder / "saved")
    with master.engine.connect() as conn:
        conn.execute(sa.text("SELECT 1"))
        with pytest.raises(MasterUnavailableError):
            restore(master.settings, made.path, now=LATER)
    assert master.scalar("SELECT COUNT(*) FROM product") == 2


@pytest.mark.parametrize("master", ["sqlite"], indirect=True)
def test_a_damaged_or_missing_master_is_replaced_all_the_same(master: MasterUnderTest):
    _fill(master)
    saved = _state(master)
    made = backup(master.settings, master.folder / "saved")
    database = master.folder / "data" / "ecsync.db"
    for damage in (
        lambda: database.write_bytes(b"no database" * 999),
        lambda: shutil.rmtree(database.parent),
    ):
        master.engine.dispose()
        damage()
        restore(master.settings, made.path, now=LATER)
        assert _state(master) == saved


@pytest.mark.parametrize("master", ["sqlite"], indirect=True)
def test_a_sqlite_backup_is_one_file_that_opens_alone(master: MasterUnderTest):
    _fill(master)
    made = backup(master.settings, master.folder / "saved")
    with closing(sqlite3.connect(f"file:{made.path}?immutable=1", uri=True)) as conn:
        assert conn.execute("SELECT COUNT(*) FROM product").fetchone() == (2,)


@pytest.mark.parametrize("master", ["postgres"], indirect=True)
def test_a_postgres_backup_names_no_table_but_ours(master: MasterUnderTest):
    master.engine.dispose()
    made = backup(master.settings, master.folder / "saved")
    hostile = master.folder / "hostile"
    with tarfile.open(made.path) as old, tarfile.open(hostile, "w") as new:
        for member in old:
            file = old.extractfile(member)
            assert file is not None
            content = file.read().replace(b'"table": "product"', b'"table": "pg_class"')
            member.size = len(content)
            new.addfile(member, io.BytesIO(content))
    with pytest.raises(InputRefusedError):
        restore(master.settings, hostile, now=LATER)
