from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ecsync.config import Settings
from ecsync.errors import SchemaVersionError
from ecsync.master import revisions
from ecsync.master.engine import open_engine
from ecsync.master.schema import METADATA
from ecsync.master.upgrade import describe, head, require_current, standing_of, upgrade
from master_under_test import MasterUnderTest
from postgres_server import PostgresServer, postgres_settings

_POSTGRES_COLUMNS = """
    SELECT table_name, column_name, ordinal_position, data_type, collation_name, is_nullable, column_default
    FROM information_schema.columns WHERE table_schema = current_schema() AND table_name <> 'alembic_version'
    ORDER BY table_name, ordinal_position
"""
_POSTGRES_INDEXES = """
    SELECT indexname, indexdef FROM pg_indexes
    WHERE schemaname = current_schema() AND tablename <> 'alembic_version' ORDER BY indexname
"""
_SQLITE_OBJECTS = """
    SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND name <> 'alembic_version'
    ORDER BY type, name
"""


def _schema(engine: sa.Engine) -> list[tuple[Any, ...]]:
    with engine.begin() as conn:
        if engine.dialect.name == "postgresql":
            queries = (_POSTGRES_COLUMNS, _POSTGRES_INDEXES)
            return [tuple(row) for query in queries for row in conn.execute(sa.text(query))]
        rows = conn.execute(sa.text(_SQLITE_OBJECTS))
        return [(kind, name, re.sub(r"[\s\"]+", " ", sql)) for kind, name, sql in rows]


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """Give a database without any table."""
    if request.param == "sqlite":
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "ecsync.db").touch()
        engine = open_engine(Settings.model_validate({"project": {"name": "x"}, "folder": tmp_path}))
        yield engine
        engine.dispose()
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        with server.database("ecsync_empty") as uri:
            engine = open_engine(postgres_settings(tmp_path, uri))
            yield engine
            engine.dispose()


def test_the_migrations_make_exactly_the_tables_that_the_program_declares(empty: sa.Engine):
    upgrade(empty)
    migrated = _schema(empty)
    with empty.begin() as conn:
        for name in sa.inspect(conn).get_table_names():
            conn.execute(sa.text(f"DROP TABLE {name}"))
        METADATA.create_all(conn)
    assert migrated == _schema(empty)


def test_every_table_keeps_kinds_apart_and_sorts_by_bytes(master: MasterUnderTest):
    if master.dialect == "postgresql":
        kinds = {(row[3], row[4]) for row in master.rows(_POSTGRES_COLUMNS)}
        assert kinds == {("text", "C"), ("bigint", None)}
    else:
        tables = [row[2] for row in master.rows(_SQLITE_OBJECTS) if row[0] == "table"]
        assert len(tables) == len(METADATA.tables)
        assert all(sql.rstrip().endswith("STRICT") for sql in tables)


def test_text_is_never_null(master: MasterUnderTest):
    nullable = [
        f"{table.name}.{column.name}"
        for table in METADATA.tables.values()
        for column in table.columns
        if isinstance(column.type, sa.Text) and column.nullable
    ]
    assert nullable == []
    if master.dialect == "postgresql":
        rows = master.rows(_POSTGRES_COLUMNS)
        assert [row[:2] for row in rows if row[3] == "text" and row[5] != "NO"] == []


def test_upgrading_twice_changes_nothing(master: MasterUnderTest):
    before = _schema(master.engine)
    master.insert("product", {"sku": "A"})
    upgrade(master.engine)
    assert _schema(master.engine) == before
    assert master.scalar("SELECT COUNT(*) FROM product") == 1
    assert describe(master.engine).standing == "current"
    require_current(master.engine)


def _set_revision(master: MasterUnderTest, revision: str) -> None:
    with master.engine.begin() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def test_a_newer_master_is_neither_used_nor_changed(master: MasterUnderTest):
    _set_revision(master, "9999")
    for refuse in (require_current, upgrade):
        with pytest.raises(SchemaVersionError) as error:
            refuse(master.engine)
        assert error.value.exit_status == 10
        assert "newer" in str(error.value)
        assert "install" in error.value.hint
    assert describe(master.engine).revision == "9999"


def test_an_older_master_says_which_command_brings_it_up_to_date(master: MasterUnderTest, monkeypatch):
    current = head()
    monkeypatch.setattr("ecsync.master.revisions.head", lambda: "9998")
    with pytest.raises(SchemaVersionError) as error:
        require_current(master.engine)
    assert error.value.hint == "ecsync db upgrade"
    assert current in str(error.value)


def test_the_master_of_the_first_release_keeps_its_rows(empty: sa.Engine):
    upgrade(empty, "0001")
    with empty.begin() as conn:
        conn.execute(sa.text("INSERT INTO product (sku, name) VALUES ('A', '茶碗')"))
    assert describe(empty).standing == "older"
    upgrade(empty)
    require_current(empty)
    with empty.begin() as conn:
        assert conn.execute(sa.text("SELECT sku, name FROM product")).all() == [("A", "茶碗")]


def test_an_empty_database_is_absent_until_it_is_upgraded(empty: sa.Engine):
    assert describe(empty).standing == "absent"
    with pytest.raises(SchemaVersionError) as error:
        require_current(empty)
    assert error.value.hint == "ecsync db upgrade"
    upgrade(empty)
    require_current(empty)


def test_a_missing_file_is_absent_and_is_not_made_by_looking(
    settings: Callable[..., Settings], tmp_path: Path
):
    engine = open_engine(settings())
    with pytest.raises(SchemaVersionError):
        require_current(engine)
    assert not (tmp_path / "data").exists()
    upgrade(engine)
    require_current(engine)
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "data" / "ecsync.db").stat().st_mode & 0o777 == 0o600
    engine.dispose()


def test_revisions_are_compared_with_those_the_program_knows():
    assert standing_of("") == "absent"
    assert standing_of(head()) == "current"
    assert standing_of("a revision of tomorrow") == "newer"


def test_a_migration_that_fails_leaves_the_master_as_it_was(master: MasterUnderTest, monkeypatch):
    before = _schema(master.engine)

    def half(conn: sa.Connection, _revision: str) -> None:
        conn.execute(sa.text("CREATE TABLE half_done (a TEXT)"))
        conn.execute(sa.text("SELECT * FROM no_such_table"))

    monkeypatch.setattr("ecsync.master.upgrade.upgrade_connection", half)
    with pytest.raises(Exception, match="no_such_table"):
        upgrade(master.engine)
    assert _schema(master.engine) == before


def test_the_revisions_are_those_of_the_migrations() -> None:
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(revisions.SCRIPTS))
    assert revisions.head() == scripts.get_current_head()
    assert set(revisions.known()) == {script.revision for script in scripts.walk_revisions()}
