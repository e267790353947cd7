"""Reading with the bare driver: the same answers, the same refusals, and nothing can be changed."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ecsync.errors import ConfigurationError, EcsyncError, MasterUnavailableError, SchemaVersionError
from ecsync.master import plain
from ecsync.master.engine import reader_of
from master_under_test import MasterUnderTest
from postgres_server import URL_FILE

QUERY = "SELECT kind, MAX(clock) FROM run WHERE kind <> :other AND kind LIKE 'n%' GROUP BY kind ORDER BY kind"


def test_it_reads_what_an_engine_reads(master: MasterUnderTest) -> None:
    with master.engine.begin() as conn:
        conn.execute(sa.text("INSERT INTO run (run_id, kind, business_date, clock, state) VALUES "
                             "(71, 'night', '2026-11-24', '2026-11-24T13:00:00Z', 'open'), "
                             "(72, 'noon', '2026-11-24', '2026-11-24T03:00:00Z', 'open')"))  # fmt: skip
    with plain.reading(master.settings) as read, master.engine.connect() as conn:
        assert read(QUERY, other="noon") == [("night", "2026-11-24T13:00:00Z")]
        assert read(QUERY, other="noon") == reader_of(conn)(QUERY, other="noon")
        assert read("SELECT kind FROM run ORDER BY run_id") == [("night",), ("noon",)]


def test_it_can_change_nothing(master: MasterUnderTest) -> None:
    with pytest.raises(EcsyncError), plain.reading(master.settings) as read:
        read("DELETE FROM run")


def test_a_master_of_another_schema_is_refused_as_everywhere(master: MasterUnderTest) -> None:
    for revision, said in (("0001", "needs"), ("9999", "newer")):
        with master.engine.begin() as conn:
            conn.execute(sa.text("DELETE FROM alembic_version"))
            conn.execute(sa.text("INSERT INTO alembic_version VALUES (:to)"), {"to": revision})
        with pytest.raises(SchemaVersionError, match=said), plain.reading(master.settings):
            pass
    with master.engine.begin() as conn:
        conn.execute(sa.text("DROP TABLE alembic_version"))
    with pytest.raises(SchemaVersionError, match="no database yet"), plain.reading(master.settings):
        pass


@pytest.mark.parametrize("master", ["postgres"], indirect=True)
def test_a_server_that_is_away_and_an_address_that_is_none_say_nothing_of_it(master: MasterUnderTest) -> None:
    path = master.folder / URL_FILE
    for address, error in (
        ("postgresql://clerk:pw-canary@127.0.0.1:1/x", MasterUnavailableError),
        ("mysql://clerk:pw-canary@127.0.0.1/x", ConfigurationError),
        ("postgresql://clerk:pw-canary@[127.0.0.1/x", ConfigurationError),
    ):
        path.write_text(address, encoding="utf-8")
        with pytest.raises(error) as refused, plain.reading(master.settings):
            pass
        assert "canary" not in str(refused.value)
        assert "clerk" not in str(refused.value)
