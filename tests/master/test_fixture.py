from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.exc import IntegrityError

from ecsync.config import Settings
from ecsync.master.context import RunContext
from master_under_test import MasterUnderTest


def test_loaded_rows_are_staged_for_the_next_context_only(master: MasterUnderTest) -> None:
    master.load("products", [{"sku": "A", "cost": 120}, {"sku": "B", "name": "箱"}], party="erp")
    with master.context() as ctx:
        staged = ctx.rows(
            "SELECT src_row, src_line, src_party, sku, name, cost, verdict FROM stg_products ORDER BY src_row"
        )
        assert [tuple(row) for row in staged] == [
            (1, 2, "erp", "A", "", 120, ""),
            (2, 3, "erp", "B", "箱", None, ""),
        ]
        assert ctx.scalar("SELECT COUNT(*) FROM stg_order_lines") == 0
        ctx.execute(
            "INSERT INTO stg_reject (src_file, src_line, src_party, order_no) VALUES (1, 9, 'rakuten1', 'X')"
        )
        assert ctx.scalar("SELECT COUNT(*) FROM stg_reject") == 1
    with master.context() as ctx:
        assert ctx.scalar("SELECT COUNT(*) FROM stg_products") == 0
        assert ctx.scalar("SELECT COUNT(*) FROM stg_reject") == 0


def _insert_twice(ctx: RunContext, sku: str) -> None:
    for _time in range(2):
        ctx.execute("INSERT INTO product (sku) VALUES (:sku)", sku=sku)


def test_a_context_commits_at_its_end_and_rolls_back_on_an_error(master: MasterUnderTest) -> None:
    with master.context() as ctx:
        ctx.execute("INSERT INTO product (sku) VALUES ('A')")
    with pytest.raises(IntegrityError), master.context() as ctx:
        _insert_twice(ctx, "B")
    with master.context(undo=True) as ctx:
        ctx.execute("INSERT INTO product (sku) VALUES ('C')")
    assert master.rows("SELECT sku FROM product ORDER BY sku") == [("A",)]


def test_settings_are_patched_table_by_table(
    master: MasterUnderTest, settings: Callable[..., Settings]
) -> None:
    patched = master.make_settings(channels={"rakuten1": {"safety": 3}})
    assert patched.channels["rakuten1"].safety == 3
    assert patched.channels["rakuten1"].shop_ids == ("000001",)
    assert settings(accounting={"tax": "excluded"}).accounting.tax == "excluded"


def test_a_wiped_master_is_empty(master: MasterUnderTest) -> None:
    master.insert("product", {"sku": "A"}, {"sku": "B", "name": "箱"})
    master.wipe()
    assert master.scalar("SELECT COUNT(*) FROM product") == 0
