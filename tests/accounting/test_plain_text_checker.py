"""The delivered bytes, read by somebody else: beancount agrees with the orders, and a wrong byte is found."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounting.plain_text_checker import CheckError, read_books
from accounting.shop_of_books import Line, Shop
from ecsync.accounting.documents import JOURNAL_ROWS
from ecsync.entities.outbound import JOURNAL_LINES
from ecsync.mapping.catalogue import load_outbound
from ecsync.mapping.writer import write_file
from master_under_test import MasterUnderTest

TAIL = '"","","{type}","","","0","0","no"'


def row(flag: str, number: int, day: str, debit: str, credit: str, text: str) -> str:
    tail = TAIL.format(type="0" if flag == "2000" else "3")
    return f'"{flag}","{number}","","{day}",{debit},{credit},"{text}",{tail}\r\n'


RECEIVABLE = '"売掛金","楽天市場","","対象外","{}",""'
BLANK = '"","","","対象外","0",""'
SALE_10 = '"売上高","楽天市場","","課税売上込10%","{}",""'
SALE_8 = '"売上高","楽天市場","","課税売上込軽減8%","{}",""'
RETURN_8 = '"売上高","楽天市場","","課税売返込軽減8%","{}",""'

# Two entries by hand: the running example, and a return of 1,000 of the food the day after.
SAMPLE = (
    row("2110", 1, "2026/11/20", RECEIVABLE.format(5710), SALE_10.format(3669), "売上 R-1")
    + row("2101", 1, "2026/11/20", BLANK, SALE_8.format(2041), "売上 R-1")
    + row("2000", 2, "2026/11/21", RETURN_8.format(1000), RECEIVABLE.format(1000), "返品 R-1")
).encode("cp932")


def test_a_sample_by_hand_is_read_and_summed() -> None:
    books = read_books(SAMPLE)
    assert books.entries == [(date(2026, 11, 20), "1"), (date(2026, 11, 21), "2")]
    assert dict(books.by_day) == {date(2026, 11, 20): 0, date(2026, 11, 21): 0}
    assert dict(books.by_sub_account) == {("売掛金", "楽天市場"): 4710, ("売上高", "楽天市場"): -4710}
    assert dict(books.by_tax) == {
        "対象外": 4710,
        "課税売上込10%": -3669,
        "課税売上込軽減8%": -2041,
        "課税売返込軽減8%": 1000,
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("5710", "5711"),
        ("2041", "2042"),
        ("2101", "2100"),
        ("2110", "2000"),
        ("2026/11/21", "2026/13/21"),
        ("課税売上込10%", "課税売上込18%"),
        ('"1000",""', '"0",""'),
        ("\r\n", "\n"),
        ('"no"', '""'),
        ("楽天市場", "楽天市場店楽天市場店楽天市場店"),
    ],
)
def test_a_planted_fault_is_refused(old: str, new: str) -> None:
    with pytest.raises(CheckError):
        read_books(SAMPLE.decode("cp932").replace(old, new, 1).encode("cp932"))


def _descriptions() -> set[int]:
    """Return the places of the sample's descriptions: free text, and no figure hangs on it."""
    places: set[int] = set()
    for text in ("売上 R-1", "返品 R-1"):
        raw = text.encode("cp932")
        start = SAMPLE.find(raw)
        while start >= 0:
            places.update(range(start, start + len(raw)))
            start = SAMPLE.find(raw, start + 1)
    return places


FIGURES = sorted(set(range(len(SAMPLE))) - _descriptions())


@settings(max_examples=60, deadline=None)
@given(place=st.sampled_from(FIGURES), byte=st.integers(0x20, 0x7E))
def test_any_one_wrong_byte_is_refused_or_changes_a_sum(place: int, byte: int) -> None:
    if SAMPLE[place] == byte:
        return
    damaged = SAMPLE[:place] + bytes([byte]) + SAMPLE[place + 1 :]
    try:
        books = read_books(damaged)
    except CheckError:
        return
    assert books != read_books(SAMPLE)


def delivered(master: MasterUnderTest, folder: Path) -> bytes:
    """Write the untold journal lines as the 弥生 file that would be sent."""
    fields = [pa.field(c.name, pa.int64() if c.is_integer else pa.string()) for c in JOURNAL_LINES.columns]
    schema = pa.schema([*fields, pa.field("business_key", pa.string())])
    with master.context() as ctx:
        rows = [dict(found._mapping) for found in ctx.rows(JOURNAL_ROWS, document="journal_lines")]
    table = pa.Table.from_pylist(rows, schema=schema)
    target = folder / "journals.txt"
    written = write_file(load_outbound("yayoi/journals"), table.to_batches(), target)
    assert (written.refused, written.changes) == ((), ())
    return target.read_bytes()


@pytest.mark.parametrize("aggregate", ["per_order", "per_day"])
@pytest.mark.parametrize("tax", ["included", "excluded"])
def test_the_delivered_file_sums_to_the_shipped_orders(
    master: MasterUnderTest, tmp_path: Path, tax: str, aggregate: str
) -> None:
    shop = Shop(
        master,
        accounting={"tax": tax, "aggregate": aggregate, "accounts": {"shipping_income": "受取送料"}},
        channels={"rakuten1": {"payer": "楽天市場"}},
    )
    lines = [Line("1", 3300), Line("2", 2160, qty=2, tax_rate=800)]
    shop.order("R-1", lines, shipping=550, points=500, coupon_mall=200, coupon_shop=300)
    parcel = shop.ship_all("R-1", lines, "2026-11-20")
    shop.order("R-2", lines, taxed_standard=3300, tax_standard=300, taxed_reduced=4320, tax_reduced=321)
    shop.ship_all("R-2", lines, "2026-11-21")
    shop.event("return", parcel, 2, 1, "2026-11-22")
    shop.night("2026-11-22")
    books = read_books(delivered(master, tmp_path))

    calc = {"included": "込", "excluded": "内"}[tax]
    # 300 over 3,300 and 4,320 takes 130 and 170, so the food is 4,150 and one of two is 2,075.
    standard, reduced, back = 3170 + 550 + 3300, 4150 + 4320, 2075
    assert dict(books.by_tax) == {
        "対象外": standard + reduced - back,
        f"課税売上{calc}10%": -standard,
        f"課税売上{calc}軽減8%": -reduced,
        f"課税売返{calc}軽減8%": back,
    }
    assert dict(books.by_sub_account) == {
        ("売掛金", "楽天市場"): standard + reduced - back,
        ("売上高", "楽天市場"): back + 550 - standard - reduced,
        ("受取送料", "楽天市場"): -550,
    }
    days = [date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22)]
    assert [day for day, _number in books.entries] == days
    assert dict(books.by_day) == dict.fromkeys(days, 0)
    expected = {"10%": -(338 + 300), "軽減8%": -(307 + 321)} if tax == "excluded" else {}
    assert {name[5:]: amount for name, amount in books.tax_amounts.items() if "上" in name} == expected
