"""Lines without a number of their own get a key from what they say: never from where they stand."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.mapping import parse
from ecsync.mapping.catalogue import check_file
from mapping_project import put
from mapping_reading import ORDER_COLUMNS, Read, mapping_of

if TYPE_CHECKING:
    from pathlib import Path

    from ecsync.mapping.model import InboundMapping

Line = tuple[str, str, str]
COUNTED = {"counted": ["商品番号", "単価"], "within": ["注文番号"]}


def shop(**counted: Any) -> InboundMapping:
    columns = {**ORDER_COLUMNS, "sku_code": "商品番号", "line_id": {**COUNTED, **counted}}
    return mapping_of(columns, fill_down=[{"headers": ["支払方法"], "within": ["注文番号"]}])


def file_of(*orders: tuple[str, list[Line]]) -> str:
    rows = ["注文番号,注文日時,ステータス,支払方法,商品番号,単価,個数"]
    for number, lines in orders:
        paid = "クレジットカード"
        for sku, price, qty in lines:
            rows.append(f"{number},2026-11-22 08:00:00,300,{paid},{sku},{price},{qty}")
            paid = ""
    return "\n".join([*rows, ""])


def keys(folder: Path, *orders: tuple[str, list[Line]], **counted: Any) -> list[tuple[str, str, int]]:
    path = folder / "orders.csv"
    path.write_text(file_of(*orders), encoding="utf-8")
    return [(row["order_no"], row["line_id"], row["qty"]) for row in Read(path, shop(**counted)).rows]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([("A", "100", "1")], ["A / 100 #1"]),
        ([("A", "100", "1"), ("B", "100", "1")], ["A / 100 #1", "B / 100 #1"]),
        ([("A", "100", "1"), ("A", "200", "1")], ["A / 100 #1", "A / 200 #1"]),
        ([("A", "100", "1"), ("A", "100", "1")], ["A / 100 #1", "A / 100 #2"]),
        # Equals are numbered by what else they say, whatever their order.
        ([("A", "100", "1"), ("A", "100", "2")], ["A / 100 #1", "A / 100 #2"]),
        ([("A", "100", "2"), ("A", "100", "1")], ["A / 100 #2", "A / 100 #1"]),
        # One price, three exporters.
        (
            [("A", "100.00", "1"), ("A", "100", "2"), ("A", "100.0", "3")],
            ["A / 100 #1", "A / 100 #2", "A / 100 #3"],
        ),
        ([("", "100", "1")], ["100 #1"]),
        ([("Ａ－１", "100", "1")], ["A-1 / 100 #1"]),
    ],
)
def test_a_key_says_what_the_line_says(lines: list[Line], expected: list[str], tmp_path: Path) -> None:
    assert [key for _order, key, _qty in keys(tmp_path, ("O-1", lines))] == expected


def test_rows_that_are_alike_in_every_cell_may_be_one_and_others_are_not(tmp_path: Path) -> None:
    line, more = ("A", "100", "1"), ("A", "100", "2")
    found = keys(tmp_path, ("O-1", [line, more, line]), ("O-2", [line]), alike="one")
    assert [key for _order, key, _qty in found] == ["A / 100 #1", "A / 100 #2", "A / 100 #1", "A / 100 #1"]


def test_every_record_counts_for_itself(tmp_path: Path) -> None:
    line = ("A", "100", "1")
    found = keys(tmp_path, ("O-1", [line, line]), ("O-2", [line]), ("O-1", [line]))
    assert [(order, key) for order, key, _qty in found] == [
        ("O-1", "A / 100 #1"),
        ("O-1", "A / 100 #2"),
        ("O-2", "A / 100 #1"),
        ("O-1", "A / 100 #1"),
    ]


LINES = st.lists(
    st.tuples(st.sampled_from("AB"), st.sampled_from(["100", "100.00", "200"]), st.sampled_from("123")),
    min_size=1,
    max_size=6,
)


@given(lines=LINES, seed=st.integers(0, 1000))
def test_the_order_of_the_rows_does_not_show(
    lines: list[Line], seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("keys")
    shuffled = list(lines)
    random.Random(seed).shuffle(shuffled)  # noqa: S311  (a shuffle)
    one, other = (sorted(keys(folder, ("O-1", each))) for each in (lines, shuffled))
    assert one == other
    assert len({key for _order, key, _qty in one}) == len(lines)


@pytest.mark.parametrize("rows", [1, 2, 3, 5])
def test_where_a_batch_ends_does_not_show(rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line, dearer = ("A", "100", "1"), ("A", "100", "2")
    orders = [("O-1", [line, dearer, line]), ("O-2", [line]), ("O-3", [line] * 4), ("O-4", [dearer, line])]
    expected = keys(tmp_path, *orders)
    whole = parse.raw_batches

    def in_small_batches(*words: Any) -> Any:
        for batch in whole(*words):
            for start in range(0, len(batch.lines), rows):
                columns = {at: column.slice(start, rows) for at, column in batch.columns.items()}
                yield parse.RawBatch(columns, batch.lines[start : start + rows])

    monkeypatch.setattr("ecsync.mapping.reader.raw_batches", in_small_batches)
    assert keys(tmp_path, *orders) == expected


MAPPING = """\
mapping: partner/orders
title: {ja: 受注, en: Orders}
entity: order_lines
nature: state
file: {encoding: utf-8}
columns:
  order_no: 注文番号
  ordered_at: {from: 日時, formats: ["%Y-%m-%d"]}
  order_status: {const: ready}
  payment_method: {const: card}
  unit_price: 単価
  qty: 個数
"""


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("  line_id: {counted: [品番]}", "within"),
        ("  line_id: {counted: [品番], within: [注文番号], as: key}", "would do nothing"),
        ("  line_id: {when: [{then: {counted: [品番], within: [注文番号]}}]}", "no case can"),
        ("  line_id: 行\n  billed: {counted: [品番], within: [注文番号]}", "which is a text"),
        (
            "  line_id: {counted: [品番], within: [注文番号]}\n  sku_code: {counted: [品番], within: [品番]}",
            "one kind of record",
        ),
        ("  line_id: 行\n  sku_code: {from: 品番, is: [有]}", "yes or no"),
        ("  line_id: {counted: [品番], within: [注文番号], alike: one}", "duplicates with line_id"),
        (
            "  line_id: {counted: [品番], within: [注文番号], alike: one}\nduplicates: {key: [注文番号], add: [qty]}",
            "duplicates with line_id",
        ),
    ],
)
def test_a_key_that_cannot_be_one_is_a_fault_of_the_mapping(line: str, fault: str, tmp_path: Path) -> None:
    errors = check_file(put(tmp_path, "partner/orders", f"{MAPPING}{line}\n"), tmp_path)
    assert any(fault in error.message for error in errors), [error.message for error in errors]
