"""The books in freee's layout: what we write is read back by somebody who knows the package only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from accounting import freee_checker
from accounting.plain_text_checker import CheckError
from accounting.shop_of_books import Line, Shop
from ecsync.accounting import documents
from ecsync.mapping.catalogue import load_outbound
from ecsync.mapping.writer import write_file
from mapping_project import put

if TYPE_CHECKING:
    from master_under_test import MasterUnderTest

SAMPLE = Path(__file__).resolve().parents[2] / "mappings/freee/samples/journals/night.csv"
MUG = Line("1", 3300)
RICE = Line("2", 2160, tax_rate=800)


def told(shop: Shop, folder: Path, project: Path | None = None) -> bytes:
    mapping = load_outbound("freee/journals", project)
    with shop.master.context() as ctx:
        rows = [dict(row._mapping) for row in ctx.rows(documents.JOURNAL_ROWS, document="journal_lines")]
    schema = pa.schema([(c.name, pa.int64() if c.is_integer else pa.string()) for c in mapping.frame.columns])
    batch = pa.RecordBatch.from_pylist(
        [{name: row[name] for name in schema.names} for row in rows], schema=schema
    )
    target = folder / "journals.csv"
    written = write_file(mapping, [batch], target)
    assert written.refused == ()
    return target.read_bytes()


@pytest.fixture
def shop(master: MasterUnderTest) -> Shop:
    return Shop(master)


@pytest.mark.parametrize("aggregate", ["per_order", "per_day"])
@pytest.mark.parametrize("tax", ["included", "excluded"])
def test_the_books_balance_in_either_mode(
    master: MasterUnderTest, tax: str, aggregate: str, tmp_path: Path
) -> None:
    shop = Shop(master, accounting={"tax": tax, "aggregate": aggregate})
    for number in ("R-1", "R-2"):
        shop.order(number, [MUG, RICE], shipping=550, points=500, coupon_mall=200, coupon_shop=300)
        shop.ship_all(number, [MUG, RICE])
    shop.night()
    books = freee_checker.read_books(told(shop, tmp_path))
    assert len(books.entries) == (2 if aggregate == "per_order" else 1)
    assert books.by_sub_account == {("売掛金", "楽天"): 11420, ("売上高", "楽天"): -11420}
    assert books.by_tax == {"対象外": 11420, "課税売上10%": -7338, "課税売上8%（軽）": -4082}
    # The tax is told, whoever works it out: a blank cell would book none.
    assert books.tax_amounts == {"対象外": 0, "課税売上10%": -666, "課税売上8%（軽）": -302}


def test_returns_have_tax_classes_of_their_own(shop: Shop, tmp_path: Path) -> None:
    shop.order("R-1", [MUG])
    parcel = shop.ship_all("R-1", [MUG])
    shop.night()
    shop.event("return", parcel, 1, 1, "2026-11-21")
    shop.night()
    books = freee_checker.read_books(told(shop, tmp_path))
    assert books.by_tax == {"対象外": 0, "課税売上10%": -3300, "課税売返10%": 3300}


def test_cp932_where_the_project_says_so(shop: Shop, tmp_path: Path) -> None:
    put(
        tmp_path,
        "freee/journals",
        "mapping: freee/journals\nbased_on: freee/journals\nfile: {encoding: cp932}\n",
    )
    shop.order("R-1", [MUG, RICE])
    shop.ship_all("R-1", [MUG, RICE])
    shop.night()
    content = told(shop, tmp_path, tmp_path)
    assert freee_checker.read_books(content, "cp932").by_tax["課税売上8%（軽）"] == -2160
    assert "課税売上8%（軽）".encode("cp932") in content


def test_yayoi_is_told_no_tax_where_the_package_works_it_out(shop: Shop) -> None:
    shop.order("R-1", [MUG])
    shop.ship_all("R-1", [MUG])
    shop.night()
    with shop.master.context() as ctx:
        (row,) = ctx.rows(documents.JOURNAL_ROWS, document="journal_lines")
    assert (row.tax_mode, row.credit_tax_amount) == ("included", 300)


def damaged(old: str, new: str) -> Any:
    content = SAMPLE.read_bytes().decode("utf-8-sig")
    assert old in content, old
    return content.replace(old, new, 1).encode("utf-8-sig")


def test_the_checker_takes_the_sample() -> None:
    books = freee_checker.read_books(SAMPLE.read_bytes())
    assert len(books.entries) == 4


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (",5710,", ",5711,"),
        ("課税売上8%（軽）", "課税売上8%(軽)"),
        ("対象外,0,売上高", "対象外,,売上高"),
        (",3669,課税売上10%,333", ",3669,課税売上10%,0"),
        (",3669,課税売上10%,333", ",3669,課税売上10%,400"),
        ("[明細行],2026/11/24,4,", "[明細行],2026/11/24,1,"),
        ("2026/11/24,4,", "2026/11/31,4,"),
        ("貸方税額,摘要", "摘要,貸方税額"),
        ("\r\n", "\n"),
        ("1,,,,,,,,,,,,,,,,売上高", "1,,,,,,,,,,,,,,対象外,,売上高"),
    ],
)
def test_the_checker_refuses_what_an_accountant_could_not_trust(old: str, new: str) -> None:
    with pytest.raises(CheckError):
        freee_checker.read_books(damaged(old, new))
