from __future__ import annotations

import os
import sqlite3
import stat
import sys
import traceback
from pathlib import Path

import pytest
import sqlalchemy as sa

from ecsync.errors import ConfigurationError, MasterUnavailableError
from ecsync.master import opening
from ecsync.master.engine import master_errors, open_engine, reading
from ecsync.master.place import file_system_of, refuse_network_share
from master_under_test import MasterUnderTest
from postgres_server import PostgresServer, postgres_settings

TEXTS = [
    "",
    " ",
    "-",
    "1",
    "10",
    "2",
    "A",
    "B",
    "a",
    "b",
    "É",
    "é",
    "ｱ",
    "ア",
    "あ",
    "が",
    "か\u3099",
    "亜",
    "﨑",
    "Ａ",
    "～",
    "𠮷",
    "\U0001f4e6",
]


def test_text_sorts_and_compares_by_bytes_on_both_databases(master: MasterUnderTest):
    master.insert("product", *({"sku": text} for text in reversed(TEXTS)))
    expected = sorted(TEXTS, key=lambda text: text.encode())
    assert [row[0] for row in master.rows("SELECT sku FROM product ORDER BY sku")] == expected
    assert master.scalar("SELECT MAX(sku) FROM product") == expected[-1]
    above_a = [text for text in expected if text.encode() > b"a"]
    assert [row[0] for row in master.rows("SELECT sku FROM product WHERE sku > 'a' ORDER BY sku")] == above_a


def test_staged_text_sorts_by_bytes_too(master: MasterUnderTest):
    master.load("products", [{"sku": text or "_"} for text in TEXTS])
    with master.context() as ctx:
        staged = [row[0] for row in ctx.rows("SELECT sku FROM stg_products ORDER BY sku, src_row")]
    assert staged == sorted((text or "_" for text in TEXTS), key=lambda text: text.encode())


@pytest.mark.parametrize(
    ("column", "value"), [("cost", "'many'"), ("cost", "'12.5'"), ("sku", "NULL"), ("name", "NULL")]
)
def test_a_value_of_a_wrong_kind_is_refused(master: MasterUnderTest, column: str, value: str):
    other = "sku" if column != "sku" else "name"
    with pytest.raises(sa.exc.DBAPIError), master.engine.begin() as conn:
        conn.exec_driver_sql(f"INSERT INTO product ({column}, {other}) VALUES ({value}, 'x')")
    assert master.scalar("SELECT COUNT(*) FROM product") == 0


def test_a_savepoint_undoes_only_its_own(master: MasterUnderTest):
    with master.context() as ctx:
        ctx.execute("INSERT INTO product (sku) VALUES ('kept')")
        with ctx.conn.begin_nested() as savepoint:
            ctx.execute("INSERT INTO product (sku) VALUES ('undone')")
            savepoint.rollback()
    assert master.rows("SELECT sku FROM product") == [("kept",)]


def test_reading_sees_one_state_and_blocks_nobody(master: MasterUnderTest):
    with reading(master.engine) as conn:
        assert conn.execute(sa.text("SELECT COUNT(*) FROM product")).scalar() == 0
        master.insert("product", {"sku": "A"})
        assert conn.execute(sa.text("SELECT COUNT(*) FROM product")).scalar() == 0
    with master.engine.begin() as writer:
        writer.execute(sa.text("INSERT INTO product (sku) VALUES ('B')"))
        with reading(master.engine) as conn:
            assert conn.execute(sa.text("SELECT COUNT(*) FROM product")).scalar() == 1
            writer.execute(sa.text("INSERT INTO product (sku) VALUES ('C')"))


def test_a_read_only_engine_changes_nothing(master: MasterUnderTest):
    reader = open_engine(master.settings, read_only=True)
    with pytest.raises(sa.exc.DBAPIError), reader.begin() as conn:
        conn.execute(sa.text("INSERT INTO product (sku) VALUES ('A')"))
    with reader.begin() as conn:
        assert conn.execute(sa.text("SELECT COUNT(*) FROM product")).scalar() == 0
    reader.dispose()


def test_a_master_that_stays_busy_is_unavailable_with_status_15(master: MasterUnderTest):
    impatient = open_engine(master.make_settings(database={"busy_timeout_seconds": 1}))
    with master.engine.begin() as holder:
        holder.execute(sa.text("INSERT INTO counter (name, value) VALUES ('canary-9', 1)"))
        with pytest.raises(MasterUnavailableError) as error, master_errors(), impatient.begin() as conn:
            conn.execute(sa.text("INSERT INTO counter (name, value) VALUES ('canary-9', 2)"))
    impatient.dispose()
    assert error.value.exit_status == 15
    assert "canary" not in str(error.value)


@pytest.mark.parametrize("master", ["sqlite"], indirect=True)
def test_sqlite_is_durable_and_wipes_what_is_deleted(master: MasterUnderTest):
    with master.engine.begin() as conn:
        settings = {
            name: conn.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "secure_delete", "busy_timeout", "trusted_schema")
        }
    assert settings == {
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 1,
        "busy_timeout": 30_000,
        "trusted_schema": 0,
    }


@pytest.mark.parametrize("master", ["sqlite"], indirect=True)
def test_a_sqlite_writer_holds_the_write_lock_from_its_begin(master: MasterUnderTest):
    with master.engine.begin():
        other = sqlite3.connect(master.folder / "data" / "ecsync.db", timeout=0, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()


@pytest.mark.parametrize("master", ["sqlite"], indirect=True)
def test_a_sqlite_master_is_its_owners_alone(master: MasterUnderTest):
    with master.engine.begin():
        for path in (master.folder / "data").iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
    assert stat.S_IMODE((master.folder / "data").stat().st_mode) == 0o700


def test_a_sqlite_that_is_too_old_is_refused(settings, monkeypatch):
    monkeypatch.setattr(opening.sqlite3, "sqlite_version_info", (3, 36, 0))
    with pytest.raises(ConfigurationError, match=r"3\.37"):
        open_engine(settings())


def test_a_postgres_that_is_too_old_is_refused(postgres_server: PostgresServer, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(opening, "OLDEST_POSTGRES", 990_000)
    with postgres_server.database() as uri:
        engine = open_engine(postgres_settings(tmp_path, uri))
        with pytest.raises(ConfigurationError, match="version 13"):
            engine.connect()
        engine.dispose()


MOUNTS = [
    "/dev/sda1 / ext4 rw 0 0",
    "filer:/home /home nfs4 rw,vers=4.2 0 0",
    "/dev/sdb1 /home/shop/local\\040disk xfs rw 0 0",
    "C: /mnt/c 9p rw,aname=drvfs;path=C: 0 0",
    "root /sandbox 9p rw,trans=fd 0 0",
    "//nas/share /srv/nas cifs rw 0 0",
    "tmpfs /srv/nas tmpfs rw 0 0",
]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/shop", "ext4"),
        ("/home/shop/data", "nfs4"),
        ("/home/shop/local disk/data", "xfs"),
        ("/homestead/data", "ext4"),
        ("/mnt/c/shop", "smb"),
        ("/sandbox/shop", "9p"),
        ("/srv/nas/shop", "tmpfs"),
    ],
)
def test_the_deepest_and_newest_mount_tells_the_file_system(path: str, kind: str):
    assert file_system_of(Path(path), MOUNTS) == kind


def test_a_database_on_a_network_share_is_refused_where_that_can_be_seen(tmp_path: Path):
    table = tmp_path / "mounts"
    table.write_text("\n".join(MOUNTS), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="nfs4"):
        refuse_network_share(Path("/home/shop/data/ecsync.db"), table)
    refuse_network_share(Path("/var/lib/ecsync.db"), table)
    refuse_network_share(Path("/home/shop/data/ecsync.db"), tmp_path / "no such table")


@pytest.mark.parametrize(
    "address",
    [
        "mysql://canary-user:canary-secret@canary.example.jp/shop",
        "canary-secret",
        "",
    ],
)
def test_a_wrong_database_address_is_never_shown(tmp_path: Path, address: str):
    with pytest.raises(ConfigurationError) as error:
        open_engine(postgres_settings(tmp_path, address))
    assert "canary" not in "".join(traceback.format_exception(error.value))


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg2"])
def test_every_spelling_of_a_postgres_address_is_taken(tmp_path: Path, scheme: str):
    engine = open_engine(
        postgres_settings(
            tmp_path, f"{scheme}://canary-user:canary-secret@db.example.jp/shop?options=-c%20a%3Db"
        )
    )
    assert engine.url.drivername == "postgresql+psycopg"
    assert "canary-secret" not in repr(engine)


def test_a_missing_driver_is_a_matter_of_installation(tmp_path: Path, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigurationError) as error:
        open_engine(postgres_settings(tmp_path, "postgresql://canary-user:canary-secret@db.example.jp/shop"))
    assert "ecsync[postgres]" in error.value.hint
    assert "canary" not in str(error.value)


def test_a_server_that_does_not_answer_is_unavailable_and_not_named(tmp_path: Path):
    socket = f"/nowhere-{os.getpid()}"
    engine = open_engine(
        postgres_settings(tmp_path, f"postgresql://canary-user:canary-secret@/shop?host={socket}")
    )
    with pytest.raises(MasterUnavailableError) as error, master_errors():
        engine.connect()
    text = "".join(traceback.format_exception(error.value))
    assert "canary" not in str(error.value)
    assert "canary" not in text
    assert socket not in text


@pytest.mark.parametrize("master", ["postgres"], indirect=True)
def test_a_server_that_ends_a_session_is_unavailable(master: MasterUnderTest):
    with pytest.raises(MasterUnavailableError), master_errors(), master.engine.begin() as conn:
        _end_session_of(conn, master)


def _end_session_of(conn: sa.Connection, master: MasterUnderTest) -> None:
    pid = conn.execute(sa.text("SELECT pg_backend_pid()")).scalar()
    admin = open_engine(master.settings)
    with admin.begin() as other:
        other.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    admin.dispose()
    conn.execute(sa.text("SELECT 1"))
