from __future__ import annotations

import re
import stat
import time
from pathlib import Path

import pyarrow as pa
import pytest
import sqlalchemy as sa

import ecsync
from ecsync.entities import ENTITIES
from ecsync.errors import EcsyncError, MasterUnavailableError
from ecsync.master.staging import StagingWriter, attached
from ecsync.master.staging_tables import staged_entities
from ecsync.run.ground import CommittingGround
from master_under_test import MasterUnderTest


def _lose_the_connection_while_reading(master: MasterUnderTest) -> None:
    with CommittingGround(master.engine).staging(master.folder / "staging") as staging:
        assert staging.conn is not None
        pid = staging.conn.connection.dbapi_connection.info.backend_pid  # type: ignore[union-attr]
        with master.engine.begin() as other:
            other.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        staging.append("products", _products(sku=["A"]))
        staging.close()


def _products(**columns: list[object]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({name: pa.array(values) for name, values in columns.items()})


def test_every_inbound_entity_has_a_staging_table_with_all_its_columns(master: MasterUnderTest):
    technical = (
        "src_file",
        "src_line",
        "src_party",
        "src_as_of",
        "src_totals_gap",
        "src_row",
        "verdict",
        "verdict_reason",
    )
    with master.context() as ctx:
        for entity in staged_entities():
            names = ", ".join((*entity.column_names, *technical))
            assert ctx.rows(f"SELECT {names} FROM stg_{entity.name} ORDER BY src_row") == []
    assert {e.name for e in staged_entities()} == {e.name for e in ENTITIES.values() if e.direction == "in"}


def test_absent_text_is_empty_absent_numbers_are_null_and_null_text_is_empty(master: MasterUnderTest):
    with StagingWriter(master.folder / "staging", master.dialect) as staging:
        staging.append("products", _products(sku=["A"], cost=[5]))
        staging.append("products", _products(sku=["B"], name=[None], jan=["4900000000001"]))
        with master.engine.connect() as conn, attached(conn, staging), conn.begin():
            rows = conn.execute(
                sa.text(
                    "SELECT src_row, sku, name, jan, cost, src_file, src_totals_gap, verdict "
                    "FROM stg_products ORDER BY src_row"
                )
            ).all()
    assert [tuple(row) for row in rows] == [
        (1, "A", "", "", 5, None, None, ""),
        (2, "B", "", "4900000000001", None, None, None, ""),
    ]


def test_text_comes_back_as_it_was(master: MasterUnderTest):
    texts = [
        "",
        " ",
        '"',
        '""',
        "a,b",
        "改行\nと\r\n復帰",
        "\\",
        "\\N",
        "\\.",
        "タブ\t",
        "𠮷野家",
        "か\u3099",
        "'; DROP TABLE product; --",
        "NULL",
    ]
    master.load("products", [{"sku": str(n), "name": text} for n, text in enumerate(texts)])
    with master.context() as ctx:
        assert [row[0] for row in ctx.rows("SELECT name FROM stg_products ORDER BY src_row")] == texts


def test_integers_come_back_as_they_were(master: MasterUnderTest):
    numbers = [0, -1, 2**62, -(2**62), None]
    master.load("products", [{"sku": str(n), "cost": number} for n, number in enumerate(numbers)])
    with master.context() as ctx:
        assert [row[0] for row in ctx.rows("SELECT cost FROM stg_products ORDER BY src_row")] == numbers


def test_dictionary_and_narrow_columns_are_taken(master: MasterUnderTest):
    batch = pa.RecordBatch.from_arrays(
        [
            pa.array(["A", "A"]).dictionary_encode(),
            pa.array([1, 2], pa.int32()),
            pa.array(["x", None], pa.large_string()),
        ],
        names=["sku", "cost", "name"],
    )
    with StagingWriter(master.folder / "staging", master.dialect) as staging:
        staging.append("products", batch)
        with master.engine.connect() as conn, attached(conn, staging), conn.begin():
            rows = conn.execute(sa.text("SELECT sku, cost, name FROM stg_products ORDER BY src_row")).all()
    assert [tuple(row) for row in rows] == [("A", 1, "x"), ("A", 2, "")]


def test_a_column_that_the_entity_does_not_have_is_a_mistake(master: MasterUnderTest):
    with (
        StagingWriter(master.folder / "staging", master.dialect) as staging,
        pytest.raises(KeyError, match="colour"),
    ):
        staging.append("products", _products(sku=["A"], colour=["red"]))


def test_a_rolled_back_savepoint_undoes_verdicts_too(master: MasterUnderTest):
    master.load("products", [{"sku": "A"}, {"sku": "B"}])
    with master.context() as ctx:
        ctx.execute("UPDATE stg_products SET verdict = 'new' WHERE sku = 'A'")
        with ctx.conn.begin_nested() as savepoint:
            ctx.execute("UPDATE stg_products SET verdict = 'duplicate'")
            savepoint.rollback()
        rows = ctx.rows("SELECT sku, verdict FROM stg_products ORDER BY sku")
    assert [tuple(row) for row in rows] == [("A", "new"), ("B", "")]


def test_verdicts_are_no_business_change(master: MasterUnderTest):
    master.load("products", [{"sku": "A"}])
    with master.context() as ctx:
        ctx.execute("UPDATE stg_products SET verdict = 'new'")
        assert ctx.changes == 0


def test_staging_attaches_again_after_a_transaction_that_failed(master: MasterUnderTest):
    for _round in range(3):
        master.load("products", [{"sku": "A"}])
        with pytest.raises(sa.exc.DBAPIError), master.context() as ctx:
            ctx.execute("INSERT INTO product (sku, name) SELECT sku, NULL FROM stg_products")
    master.load("products", [{"sku": "A"}])
    with master.context() as ctx:
        ctx.execute("INSERT INTO product (sku) SELECT sku FROM stg_products")
    assert master.scalar("SELECT COUNT(*) FROM product") == 1


@pytest.mark.parametrize("master", ["postgres"], indirect=True)
def test_staging_may_be_loaded_inside_a_savepoint_of_a_transaction_that_is_undone(master: MasterUnderTest):
    with master.engine.connect() as conn:
        outer = conn.begin()
        for sku in ("A", "B"):
            with StagingWriter(master.folder / sku, master.dialect) as staging:
                staging.append("products", _products(sku=[sku]))
                with conn.begin_nested(), attached(conn, staging):
                    conn.execute(sa.text("INSERT INTO product (sku) SELECT sku FROM stg_products"))
        assert conn.execute(sa.text("SELECT COUNT(*) FROM product")).scalar() == 2
        outer.rollback()
    assert master.scalar("SELECT COUNT(*) FROM product") == 0


@pytest.mark.parametrize("master", ["postgres"], indirect=True)
def test_rows_are_copied_while_others_are_read_and_go_with_the_transaction(master: MasterUnderTest):
    with (
        master.engine.connect() as conn,
        StagingWriter(master.folder / "staging", master.dialect, conn) as staging,
    ):
        for sku in ("A", "B"):
            staging.append("products", _products(sku=[sku]))
        with (
            pytest.raises(ValueError, match="another connection"),
            master.engine.connect() as other,
            attached(other, staging),
        ):
            pass
        assert list(staging.folder.iterdir()) == []
        with attached(conn, staging), conn.begin():
            rows = conn.execute(sa.text("SELECT src_row, sku, cost FROM stg_products ORDER BY src_row")).all()
        assert [tuple(row) for row in rows] == [(1, "A", None), (2, "B", None)]
        with pytest.raises(sa.exc.ProgrammingError):
            conn.execute(sa.text("SELECT * FROM stg_products"))


@pytest.mark.parametrize("master", ["postgres"], indirect=True)
def test_a_connection_that_is_lost_while_files_are_read_ends_the_run_as_a_master_that_is_away(
    master: MasterUnderTest,
):
    with pytest.raises(MasterUnavailableError):
        _lose_the_connection_while_reading(master)
    assert master.scalar("SELECT COUNT(*) FROM product") == 0


def test_staging_files_are_private_and_removed(master: MasterUnderTest):
    folder = master.folder / "staging"
    with StagingWriter(folder, master.dialect) as staging:
        staging.append("products", _products(sku=["A"]))
        staging.close()
        files = list(folder.iterdir())
        assert files
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert list(folder.iterdir()) == []


def test_what_an_earlier_run_left_in_the_folder_does_not_come_back(master: MasterUnderTest):
    folder = master.folder / "staging"
    left = StagingWriter(folder, master.dialect)
    left.append("products", _products(sku=["left"]))
    left.close()
    with (
        StagingWriter(folder, master.dialect) as staging,
        master.engine.connect() as conn,
        attached(conn, staging),
        conn.begin(),
    ):
        assert conn.execute(sa.text("SELECT COUNT(*) FROM stg_products")).scalar() == 0


def test_a_hundred_thousand_order_lines_are_staged_quickly_in_bounded_batches(master: MasterUnderTest):
    lines, per_batch = 100_000, 5_000
    started = time.monotonic()
    with StagingWriter(master.folder / "staging", master.dialect) as staging:
        for first in range(0, lines, per_batch):
            numbers = pa.array(range(first, first + per_batch), pa.int64())
            texts = numbers.cast(pa.string())
            staging.append(
                "order_lines",
                pa.RecordBatch.from_pydict(
                    {
                        "order_no": texts, "line_id": texts, "sku_code": texts, "item_name": texts, "ship_name": texts,
                        "ship_address": texts, "qty": numbers, "unit_price": numbers, "src_line": numbers,
                        "src_party": pa.repeat("rakuten1", per_batch), "src_file": pa.repeat(1, per_batch),
                    }
                ),
            )  # fmt: skip
        with master.engine.connect() as conn, attached(conn, staging), conn.begin():
            found = conn.execute(
                sa.text(
                    "SELECT COUNT(*), MIN(src_row), MAX(src_row), COUNT(DISTINCT src_row) FROM stg_order_lines"
                )
            ).one()
            one = conn.execute(
                sa.text(
                    "SELECT line_id FROM stg_order_lines WHERE src_party = 'rakuten1' AND order_no = '77777'"
                )
            ).scalar()
    assert tuple(found) == (lines, 1, lines, lines)
    assert one == "77777"
    assert time.monotonic() - started < 30


@pytest.mark.parametrize("master", ["sqlite"], indirect=True)
def test_a_value_of_a_wrong_kind_never_reaches_the_file(master: MasterUnderTest):
    with StagingWriter(master.folder / "staging", master.dialect) as staging, pytest.raises(EcsyncError):
        staging.append("products", _products(sku=["A"], cost=["many"]))


def test_only_the_staging_module_knows_adbc():
    root = Path(ecsync.__file__).parent
    importing = re.compile(r"^\s*(?:import|from)\s+adbc", re.MULTILINE)
    found = {
        str(p.relative_to(root))
        for p in root.rglob("*.py")
        if importing.search(p.read_text(encoding="utf-8"))
    }
    assert found == {"master/staging.py"}
