"""Amounts that no cell states: added over the rows of a record, one less another, divided among pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ecsync.mapping import parse
from ecsync.mapping.catalogue import check_file
from mapping_project import put
from mapping_reading import ORDER_COLUMNS, Read, mapping_of

if TYPE_CHECKING:
    from pathlib import Path

# An export whose orders have rows for goods (1), a fee (3) and points (6).
ORDERS = """\
注文番号,注文日時,ステータス,支払方法,明細ID,単価,個数,区分,小計
A-1,2026-11-22 08:00:00,300,クレジットカード,1,1000,2,1,3300
A-1,2026-11-22 08:00:00,300,クレジットカード,2,1000.00,1,1,3300
A-1,2026-11-22 08:00:00,300,クレジットカード,3,330,1,3,3300
A-1,2026-11-22 08:00:00,300,クレジットカード,4,-100,2,6,3300
B-1,2026-11-22 08:00:00,300,クレジットカード,5,500,3,1,1650
A-1,2026-11-22 08:00:00,300,クレジットカード,6,700,1,1,770
"""
FEE = {"total": "単価", "times": "個数", "if": {"区分": ["3"]}, "within": ["注文番号"]}
POINTS = {"total": "単価", "times": "個数", "if": {"区分": ["6"]}, "within": ["注文番号"], "unsigned": True}
GOODS = {"total": "単価", "times": "個数", "if": {"区分": ["1"]}, "within": ["注文番号"]}


def read(folder: Path, text: str, columns: dict[str, Any], **words: Any) -> Read:
    path = folder / "orders.csv"
    path.write_text(text, encoding="utf-8")
    rows = [{"区分": ["3", "6"]}]
    return Read(path, mapping_of({**ORDER_COLUMNS, **columns}, skip_rows_when=rows, **words))


def test_rows_of_other_kinds_are_added_up_on_the_rows_that_stay(tmp_path: Path) -> None:
    found = read(tmp_path, ORDERS, {"payment_fee": FEE, "points": POINTS, "goods": GOODS})
    assert [(row["line_id"], row["payment_fee"], row["points"], row["goods"]) for row in found.rows] == [
        ("1", 330, 200, 3000),
        ("2", 330, 200, 3000),
        ("5", None, None, 1500),
        ("6", None, None, 700),
    ]
    assert found.reader.rows_skipped == 2


def test_several_amounts_are_added_at_once(tmp_path: Path) -> None:
    both = {"total": ["単価", "小計"], "within": ["注文番号"], "if": {"区分": ["1"]}}
    found = read(tmp_path, ORDERS, {"goods": both})
    assert found.column("goods") == [8600, 8600, 2150, 1470]


def test_what_is_left_of_an_amount_is_a_difference(tmp_path: Path) -> None:
    found = read(tmp_path, ORDERS, {"tax_excluded": {"difference": ["小計", GOODS]}})
    assert found.column("tax_excluded") == [300, 300, 150, 70]


def test_where_a_batch_ends_does_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = read(tmp_path, ORDERS, {"goods": GOODS, "payment_fee": FEE}).rows
    whole = parse.raw_batches

    def row_by_row(*words: Any) -> Any:
        for batch in whole(*words):
            for row in range(len(batch.lines)):
                columns = {at: column.slice(row, 1) for at, column in batch.columns.items()}
                yield parse.RawBatch(columns, batch.lines[row : row + 1])

    monkeypatch.setattr("ecsync.mapping.reader.raw_batches", row_by_row)
    assert read(tmp_path, ORDERS, {"goods": GOODS, "payment_fee": FEE}).rows == expected


def test_a_row_that_cannot_be_read_leaves_its_whole_record_without_a_sum(tmp_path: Path) -> None:
    found = read(tmp_path, ORDERS.replace("3,330,1", "3,dear,1"), {"payment_fee": FEE})
    assert found.column("line_id") == ["5", "6"]
    assert [(reject.line, reject.column, reject.reason) for reject in found.rejects] == [
        (2, "単価 × 個数", "not_a_number"),
        (3, "単価 × 個数", "not_a_number"),
    ]


def test_an_amount_that_is_not_fixed_leaves_the_sum_open(tmp_path: Path) -> None:
    found = read(tmp_path, ORDERS.replace("3,330,1", "3,-9999,1"), {"payment_fee": FEE}, unfixed=[-9999])
    told = [(row["payment_fee"], row["unfixed_flag"]) for row in found.rows]
    assert told == [(None, 1), (None, 1), (None, 0), (None, 0)]


@pytest.mark.parametrize(
    ("price", "pieces", "each"), [("3000", "3", 1000), ("1,980円", "1", 1980), ("-350", "2", -175)]
)
def test_an_amount_is_divided_among_its_pieces(price: str, pieces: str, each: int, tmp_path: Path) -> None:
    text = ORDERS.replace("1,1000,2,1,3300", f'1,"{price}",{pieces},1,3300')
    found = read(tmp_path, text, {"unit_price": {"from": "単価", "per": "個数"}})
    assert found.column("unit_price")[0] == each


@pytest.mark.parametrize(("price", "pieces"), [("1000", "3"), ("1000", "0"), ("1000", ""), ("dear", "1")])
def test_what_does_not_come_out_even_puts_the_row_aside(price: str, pieces: str, tmp_path: Path) -> None:
    text = ORDERS.replace("1,1000,2,1,3300", f"1,{price},{pieces},1,3300")
    found = read(tmp_path, text, {"unit_price": {"from": "単価", "per": "個数"}})
    assert 2 in {reject.line for reject in found.rejects}


PARTNER = """\
mapping: partner/orders
title: {{ja: 受注, en: Orders}}
entity: order_lines
nature: state
file: {{encoding: utf-8}}
columns:
  order_no: {{from: 注文番号, as: key}}
  ordered_at: {{from: 注文日時, formats: ["%Y-%m-%d %H:%M:%S"]}}
  order_status: {{const: ready}}
  payment_method: {{const: card}}
  line_id: {{from: 明細ID, as: key}}
  unit_price: 単価
  qty: 個数
{more}
"""


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ("  noshi: {total: 単価, within: [注文番号]}", "total adds yen or counts"),
        ("  noshi: {difference: [単価, 個数]}", "difference takes yen or counts"),
        ("  noshi: {from: 単価, per: 個数}", "per divides yen"),
        ("  goods: {when: [{then: {total: 単価, within: [注文番号]}}]}", "no case can"),
        ("  goods: {difference: [単価]}", "difference"),
        (
            "  goods: {total: 単価, within: [注文番号]}\n  points: {total: 単価, within: [区分]}",
            "every within must be the same",
        ),
    ],
)
def test_what_makes_no_amount_is_refused(more: str, fault: str, tmp_path: Path) -> None:
    path = put(tmp_path, "partner/orders", PARTNER.format(more=more))
    assert fault in "\n".join(map(str, check_file(path, tmp_path)))
