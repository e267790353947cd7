"""What the outside is told: each entry once, debits beside credits, in a total order."""

from __future__ import annotations

from typing import Any

import pytest

from accounting.shop_of_books import Line, Shop
from ecsync.accounting import documents
from ecsync.entities.outbound import CORE_ENTRIES, JOURNAL_LINES
from master_under_test import MasterUnderTest

MUG = Line("1", 1100)
RICE = Line("2", 2160, tax_rate=800)


def journal_rows(master: MasterUnderTest) -> list[dict[str, Any]]:
    with master.context() as ctx:
        return [dict(row._mapping) for row in ctx.rows(documents.JOURNAL_ROWS, document="journal_lines")]


def test_they_yield_the_columns_of_their_entities_and_a_business_key(master: MasterUnderTest) -> None:
    shop = Shop(master)
    shop.order("R-1", [MUG])
    shop.ship_all("R-1", [MUG])
    shop.night()
    with master.context() as ctx:
        journal = ctx.rows(documents.JOURNAL_ROWS, document="journal_lines")[0]
        core = ctx.rows(documents.CORE_ROWS, document="core_entries")[0]
    assert tuple(journal._fields) == (*JOURNAL_LINES.column_names, "business_key")
    assert tuple(core._fields) == (*CORE_ENTRIES.column_names, "business_key")
    assert (journal.business_key, core.business_key) == ("sale:rakuten1:R-1:1", "sale:rakuten1:R-1:1/01")


def test_one_debit_and_one_credit_are_a_single_row(master: MasterUnderTest) -> None:
    shop = Shop(master, accounting={"tax": "excluded"})
    shop.order("R-1", [MUG])
    shop.ship_all("R-1", [MUG])
    shop.night()
    (row,) = journal_rows(master)
    assert (row["position"], row["line_no"], row["line_count"]) == ("single", 1, 1)
    assert (row["debit_tax"], row["debit_amount"], row["debit_tax_amount"]) == ("out_of_scope", 1100, None)
    assert (row["credit_tax"], row["credit_amount"], row["credit_tax_amount"]) == (
        "sale:excluded:1000",
        1100,
        100,
    )


@pytest.mark.parametrize(
    ("shipping_income", "positions"), [("", ["first", "last"]), ("受取送料", ["first", "middle", "last"])]
)
def test_the_shorter_side_is_left_blank(
    master: MasterUnderTest, shipping_income: str, positions: list[str]
) -> None:
    shop = Shop(master, accounting={"accounts": {"shipping_income": shipping_income}})
    shop.order("R-1", [MUG, RICE], shipping=550)
    shop.ship_all("R-1", [MUG, RICE])
    shop.night()
    rows = journal_rows(master)
    assert [row["position"] for row in rows] == positions
    assert [(row["debit_account"], row["debit_amount"]) for row in rows] == [
        ("売掛金", 3810),
        *[("", 0)] * (len(rows) - 1),
    ]
    assert [row["debit_tax"] for row in rows] == ["out_of_scope"] * len(rows)
    assert sum(row["credit_amount"] for row in rows) == 3810


def test_what_was_told_is_not_told_again(master: MasterUnderTest) -> None:
    shop = Shop(master)
    for number in ("R-1", "R-2"):
        shop.order(number, [MUG])
        shop.ship_all(number, [MUG])
    shop.night()
    master.insert(
        "outbox_key",
        {"document": "journal_lines", "business_key": "sale:rakuten1:R-1:1", "outbox_id": 1},
        {"document": "core_entries", "business_key": "sale:rakuten1:R-2:1/01", "outbox_id": 2},
    )
    assert [row["business_key"] for row in journal_rows(master)] == ["sale:rakuten1:R-2:1"]
    with master.context() as ctx:
        told = ctx.rows(documents.CORE_ROWS, document="core_entries")
    assert [row.business_key for row in told] == ["sale:rakuten1:R-1:1/01"]
