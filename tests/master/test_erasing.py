from __future__ import annotations

import pytest
import sqlalchemy as sa

from ecsync.master.engine import open_engine, reading
from ecsync.master.erasing import forget_blanked
from master_under_test import MasterUnderTest

CANARY = "山田カナリア太郎"


def _blank(master: MasterUnderTest) -> None:
    master.insert(
        "person", {"channel": "rakuten1", "order_no": "1", "role": "ship", "dest_id": "", "name": CANARY}
    )
    with master.context() as ctx:
        ctx.execute("UPDATE person SET name = '', erased_at = :now", now=ctx.now)


def test_erasing_leaves_the_blanked_row(master: MasterUnderTest):
    _blank(master)
    forget_blanked(master.engine, ["person", "person_line"])
    assert master.rows("SELECT name FROM person") == [("",)]
    master.insert("person", {"channel": "rakuten1", "order_no": "2", "role": "ship", "dest_id": ""})


@pytest.mark.parametrize("master", ["sqlite"], indirect=True)
def test_no_file_of_a_sqlite_master_holds_a_blanked_value(master: MasterUnderTest):
    _blank(master)
    files = [path.read_bytes() for path in (master.folder / "data").iterdir()]
    assert any(CANARY.encode() in content for content in files)  # in the -wal, until it is taken in
    forget_blanked(master.engine, ["person"])
    assert not [p.name for p in (master.folder / "data").iterdir() if CANARY.encode() in p.read_bytes()]


@pytest.mark.parametrize("master", ["sqlite"], indirect=True)
def test_forgetting_waits_for_a_reader_and_does_not_disturb_it(master: MasterUnderTest):
    impatient = open_engine(master.make_settings(database={"busy_timeout_seconds": 1}))
    with reading(master.engine) as conn:
        assert conn.execute(sa.text("SELECT COUNT(*) FROM person")).scalar() == 0
        _blank(master)
        forget_blanked(impatient, ["person"])
        assert conn.execute(sa.text("SELECT COUNT(*) FROM person")).scalar() == 0
    forget_blanked(impatient, ["person"])
    impatient.dispose()
    assert not [p.name for p in (master.folder / "data").iterdir() if CANARY.encode() in p.read_bytes()]
