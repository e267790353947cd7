"""Products: the newest state per SKU counts, only differences are written, and every row has its verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecsync.master.fingerprint import business_state
from ecsync.products.intake import merge_products
from master_under_test import NOW

if TYPE_CHECKING:
    from ecsync.config import Settings
    from master_under_test import MasterUnderTest

LATER = "2026-11-25T03:00:00Z"
EARLIER = "2026-11-23T03:00:00Z"
File = tuple[list[dict[str, Any]], str]


def product(sku: str = "SKU-A", **values: Any) -> dict[str, Any]:
    return {"sku": sku, "name": "架空の茶碗", "cost": 400, "price": 1000, "tax_rate": 1000, **values}


def take(master: MasterUnderTest, *files: File, settings: Settings | None = None) -> tuple[list[Any], int]:
    """Stage files and merge them; return (sku, verdict, reason) in order of loading, and the rows written."""
    for rows, as_of in files:
        master.load("products", rows, party="erp", as_of=as_of)
    with master.context(settings=settings or master.settings) as ctx:
        merge_products(ctx)
        verdicts = ctx.rows("SELECT sku, verdict, verdict_reason FROM stg_products ORDER BY src_row")
        return [tuple(v) for v in verdicts], ctx.changes


def known(master: MasterUnderTest, columns: str = "sku, name, cost, tax_rate") -> list[tuple[Any, ...]]:
    return master.rows(f"SELECT {columns} FROM product ORDER BY sku")


def state(master: MasterUnderTest) -> dict[str, str]:
    with master.engine.connect() as conn:
        return dict(business_state(conn))


def test_new_changed_unchanged(master: MasterUnderTest) -> None:
    take(master, ([product(), product("SKU-B")], NOW))

    verdicts, written = take(master, ([product(cost=450), product("SKU-B"), product("SKU-C")], LATER))

    assert [v[:2] for v in verdicts] == [("SKU-A", "changed"), ("SKU-B", "unchanged"), ("SKU-C", "new")]
    assert written == 2
    assert known(master, "sku, cost, as_of") == [
        ("SKU-A", 450, LATER),
        ("SKU-B", 400, NOW),
        ("SKU-C", 400, LATER),
    ]


def test_the_same_file_again_writes_nothing(master: MasterUnderTest) -> None:
    rows = [product(), product("SKU-B", tax_rate=None, cost=None)]
    take(master, (rows, NOW))
    before = state(master)

    for as_of in (NOW, LATER):
        verdicts, written = take(master, (list(reversed(rows)), as_of))
        assert {v[1] for v in verdicts} == {"unchanged"}
        assert written == 0
    assert state(master) == before


def test_an_unknown_value_that_becomes_known_is_a_change(master: MasterUnderTest) -> None:
    take(master, ([product(tax_rate=None)], NOW))
    assert take(master, ([product(tax_rate=800)], LATER))[0] == [("SKU-A", "changed", "")]
    assert known(master, "tax_rate") == [(800,)]


def test_a_product_that_no_file_names_stays(master: MasterUnderTest) -> None:
    take(master, ([product(), product("SKU-B")], NOW))
    take(master, ([product("SKU-B")], LATER))

    assert [sku for (sku,) in known(master, "sku")] == ["SKU-A", "SKU-B"]


def test_an_older_file_changes_nothing(master: MasterUnderTest) -> None:
    take(master, ([product(cost=450)], NOW))

    assert take(master, ([product(cost=400)], EARLIER)) == ([("SKU-A", "unchanged", "older_state")], 0)


def test_of_several_files_the_newest_counts(master: MasterUnderTest) -> None:
    for files in (
        [([product(cost=1)], NOW), ([product(cost=2)], LATER)],
        [([product(cost=2)], LATER), ([product(cost=1)], NOW)],
    ):
        master.wipe()
        verdicts, _written = take(master, *files)
        assert sorted(v[1:] for v in verdicts) == [("duplicate", "older_state"), ("new", "")]
        assert known(master, "cost") == [(2,)]


def test_copies_count_once(master: MasterUnderTest) -> None:
    verdicts, _written = take(master, ([product(tax_rate=None)], NOW), ([product(tax_rate=None)], NOW))

    assert sorted(v[1:] for v in verdicts) == [("duplicate", "identical"), ("new", "")]


def test_contradictions_of_one_time_are_put_aside(master: MasterUnderTest) -> None:
    verdicts, _written = take(master, ([product(cost=1), product(cost=None), product("SKU-B")], NOW))

    assert verdicts == [
        ("SKU-A", "quarantined", "duplicate_key:sku"),
        ("SKU-A", "quarantined", "duplicate_key:sku"),
        ("SKU-B", "new", ""),
    ]
    assert [sku for (sku,) in known(master, "sku")] == ["SKU-B"]


def test_so_is_one_that_contradicts_the_master(master: MasterUnderTest) -> None:
    take(master, ([product(cost=1)], NOW))

    assert take(master, ([product(cost=2)], NOW)) == ([("SKU-A", "quarantined", "duplicate_key:sku")], 0)
    assert known(master, "cost") == [(1,)]


def test_only_the_owner_changes_products(master: MasterUnderTest) -> None:
    ours = master.make_settings(owners={"product": "ecsync"})
    take(master, ([product(cost=1)], NOW), settings=ours)

    verdicts, _written = take(master, ([product(cost=2), product("SKU-B")], LATER), settings=ours)

    assert verdicts == [("SKU-A", "unchanged", "not_owner"), ("SKU-B", "new", "")]
    assert known(master, "sku, cost") == [("SKU-A", 1), ("SKU-B", 400)]
