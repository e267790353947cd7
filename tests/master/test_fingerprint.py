from __future__ import annotations

import pytest

from ecsync.master import fingerprint
from master_under_test import MasterUnderTest

PRODUCTS = [
    {"sku": "A", "name": "箱", "cost": None, "jan": "", "run_id": 1},
    {"sku": "Ａ", "name": "か\u3099", "cost": 0, "run_id": 1},
    {"sku": "a", "name": "\\N", "cost": -5, "run_id": 2},
]

TEXTS = ["", " ", "-1", "1", "10", "2", "A", "a", "Ａ", "ｱ", "ア", "が", "か\u3099", "﨑", "𠮷"]


def _business(master: MasterUnderTest) -> dict[str, str]:
    with master.engine.begin() as conn:
        return fingerprint.business_state(conn)


def test_the_order_of_insertion_and_the_run_do_not_count(master: MasterUnderTest):
    master.insert("product", *PRODUCTS)
    before = _business(master)
    master.wipe()
    master.insert("product", *({**row, "run_id": 9} for row in reversed(PRODUCTS)))
    assert _business(master) == before


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE product SET name = '函' WHERE sku = 'A'",
        "UPDATE product SET cost = 0 WHERE sku = 'A'",
        "DELETE FROM product WHERE sku = 'a'",
        "INSERT INTO product (sku) VALUES ('')",
    ],
)
def test_every_change_of_a_value_counts(master: MasterUnderTest, change: str):
    master.insert("product", *PRODUCTS)
    before = _business(master)
    with master.context() as ctx:
        ctx.execute(change)
    after = _business(master)
    assert {name for name in before if before[name] != after[name]} == {"product"}


def test_sightings_and_what_numbers_them_do_not_count(master: MasterUnderTest):
    before = _business(master)
    master.insert("run", {"run_id": 1, "kind": "night"})
    master.insert("counter", {"name": "run", "value": 1}, {"name": "inbox_sighting", "value": 12})
    assert _business(master) == before
    master.insert("counter", {"name": "journal", "value": 1})
    assert _business(master)["counter"] != before["counter"]


def test_columns_may_be_left_out_by_name(master: MasterUnderTest):
    master.insert("product", *PRODUCTS)
    with master.engine.begin() as conn:
        before = fingerprint.business_state(conn, without=["product.name"])
    with master.context() as ctx:
        ctx.execute("UPDATE product SET name = 'x'")
    with master.engine.begin() as conn:
        assert fingerprint.business_state(conn, without=["product.name"]) == before


def test_the_whole_state_sees_sightings_and_runs(master: MasterUnderTest):
    master.insert("product", *PRODUCTS)
    with master.engine.begin() as conn:
        before = fingerprint.whole_state(conn)
    with master.context() as ctx:
        ctx.execute("UPDATE product SET run_id = 7")
        ctx.execute("INSERT INTO run (run_id) VALUES (3)")
    with master.engine.begin() as conn:
        after = fingerprint.whole_state(conn)
    assert {name for name in before if before[name] != after[name]} == {"product", "run"}


def test_both_databases_give_the_same_hashes(both_masters: tuple[MasterUnderTest, MasterUnderTest]):
    for master in both_masters:
        master.insert("product", *PRODUCTS)
        master.insert(
            "order_line", *({"channel": "rakuten1", "order_no": text, "line_id": "1"} for text in TEXTS)
        )
    sqlite, postgres = both_masters
    assert _business(sqlite) == _business(postgres)
