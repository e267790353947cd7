"""Which rows of order lines plainly go on with the order of the row before: nothing of order and place may differ."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from ecsync.entities import ENTITIES
from ecsync.run.following_rows import follows

ENTITY = ENTITIES["order_lines"]


def marks(*rows: dict[str, Any]) -> list[int]:
    """Return the marks of rows that differ from a plain row only as they say; lines are numbered."""
    full = [
        {
            **{c.name: 1 if c.is_integer else "x" for c in ENTITY.columns},
            "line_id": str(number),
            **row,
        }
        for number, row in enumerate(rows, 1)
    ]
    schema = pa.schema([(c.name, pa.int64() if c.is_integer else pa.string()) for c in ENTITY.columns])
    found: list[int] = follows(pa.RecordBatch.from_pylist(full, schema)).to_pylist()
    return found


def test_rows_of_one_order_go_on() -> None:
    assert marks({}, {}, {}) == [0, 1, 1]


def test_a_single_row_and_none_begin() -> None:
    assert marks({}) == [0]
    assert follows(pa.RecordBatch.from_pydict({"order_no": pa.array([], pa.string())})).to_pylist() == []


def test_another_order_begins() -> None:
    assert marks({}, {"order_no": "y"}, {"order_no": "y"}, {}) == [0, 0, 1, 0]


@pytest.mark.parametrize("column", [c.name for c in ENTITY.columns if c.level in {"order", "destination"}])
def test_every_column_of_order_and_place_counts(column: str) -> None:
    other: Any = 2 if ENTITY.by_name[column].is_integer else "y"
    assert marks({}, {column: other}) == [0, 0]


@pytest.mark.parametrize("column", [c.name for c in ENTITY.columns if c.level == "order" and c.is_integer])
def test_an_absent_number_equals_only_an_absent_one(column: str) -> None:
    assert marks({column: None}, {column: None}) == [0, 1]
    assert marks({column: None}, {}) == [0, 0]
    assert marks({}, {column: None}) == [0, 0]


def test_lines_may_differ_in_what_is_the_lines_own() -> None:
    assert marks({}, {"qty": 5, "sku_code": "y", "unit_price": 3}) == [0, 1]


@pytest.mark.parametrize(
    ("first", "second", "mark"), [("1", "2", 1), ("2", "1", 0), ("1", "1", 0), ("10", "9", 1)]
)
def test_line_keys_must_go_up_as_text(first: str, second: str, mark: int) -> None:
    assert marks({"line_id": first}, {"line_id": second}) == [0, mark]
