"""Every rule that an entity declares is asked of every row, and pandera's own words never get out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecsync.entities import ENTITIES, Column, Entity
from ecsync.entities.checks import allowed_codes, is_ruled, schema_for
from ecsync.entities.codes import CODE_LISTS
from ecsync.mapping.pandera_checks import broken_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

FRAMES = [entity for entity in ENTITIES.values() if any(map(is_ruled, entity.columns))]
RULED = [(entity, column) for entity in FRAMES for column in entity.columns if is_ruled(column)]


def _good(column: Column) -> Any:
    if column.kind == "code":
        return CODE_LISTS[column.codes][-1]
    if not column.is_integer:
        return "x"
    return max(column.minimum or 0, 0)


def _batch(entity: Entity, rows: int, **cells: dict[int, Any]) -> pa.RecordBatch:
    """Return good rows, but for the cells that are given by column and row."""
    columns = {}
    for column in entity.columns:
        values = [_good(column)] * rows
        for row, value in cells.get(column.name, {}).items():
            values[row] = value
        columns[column.name] = pa.array(values, pa.int64() if column.is_integer else pa.string())
    return pa.RecordBatch.from_pydict(columns)


def _bad(column: Column) -> Iterator[tuple[Any, str]]:
    """Yield each value that breaks a rule of the column, and the rule."""
    if column.required:
        yield (None if column.is_integer else ""), "required"
    if column.kind == "code":
        yield "CANARY", "unknown_code"
    if column.kind == "flag":
        yield 2, "not_a_flag"
    if column.minimum is not None:
        yield column.minimum - 1, "out_of_range"
    if column.maximum is not None:
        yield column.maximum + 1, "out_of_range"


@pytest.mark.parametrize("entity", FRAMES, ids=lambda entity: entity.name)
def test_good_rows_break_no_rule(entity: Entity) -> None:
    assert broken_rules(entity, _batch(entity, 3)) == []


@pytest.mark.parametrize(("entity", "column"), RULED, ids=lambda one: one.name)
def test_each_rule_of_each_column_finds_its_rows(entity: Entity, column: Column) -> None:
    for value, fault in _bad(column):
        (broken,) = broken_rules(entity, _batch(entity, 5, **{column.name: {1: value, 4: value}}))
        assert (broken.column, broken.fault.value, broken.rows.tolist()) == (column.name, fault, [1, 4])
        assert "CANARY" not in repr(broken)


OPTIONAL = [(entity, column) for entity, column in RULED if not column.required]


@pytest.mark.parametrize(("entity", "column"), OPTIONAL, ids=lambda one: one.name)
def test_what_may_be_absent_breaks_no_rule(entity: Entity, column: Column) -> None:
    absent = None if column.is_integer else ""
    assert broken_rules(entity, _batch(entity, 2, **{column.name: {0: absent, 1: absent}})) == []


def test_a_missing_code_is_missing_and_not_unknown_too() -> None:
    entity = ENTITIES["order_lines"]
    (broken,) = broken_rules(entity, _batch(entity, 1, payment_method={0: ""}))
    assert broken.fault.value == "required"


def test_a_range_names_its_ends_and_a_code_the_codes_there_are() -> None:
    stock = ENTITIES["stock_levels"]
    (broken,) = broken_rules(stock, _batch(stock, 1, qty={0: 10_000_000}))
    assert broken.params == {"minimum": "-", "maximum": "9999999"}
    orders = ENTITIES["order_lines"]
    (broken,) = broken_rules(orders, _batch(orders, 1, wished_slot={0: "noon"}))
    assert broken.params["known"].startswith("am, pm, 12-14")


def test_rules_are_told_apart_within_one_batch() -> None:
    entity = ENTITIES["order_lines"]
    batch = _batch(entity, 6, qty={0: -1, 1: None, 2: 100_000}, line_id={1: ""}, order_status={5: "lost"})
    found = {(one.column, one.fault.value): one.rows.tolist() for one in broken_rules(entity, batch)}
    assert found == {
        ("qty", "required"): [1],
        ("qty", "out_of_range"): [0, 2],
        ("line_id", "required"): [1],
        ("order_status", "unknown_code"): [5],
    }


def test_an_empty_batch_breaks_no_rule() -> None:
    for entity in FRAMES:
        assert broken_rules(entity, _batch(entity, 0)) == []


def test_a_schema_is_made_once_per_entity() -> None:
    entity = ENTITIES["order_lines"]
    assert schema_for(entity) is schema_for(entity)


def test_absent_codes_are_allowed_where_the_column_is_not_required() -> None:
    by_name = ENTITIES["order_lines"].by_name
    assert "" not in allowed_codes(by_name["payment_method"])
    assert allowed_codes(by_name["wished_slot"]).count("") == 1
    assert "" in allowed_codes(ENTITIES["warehouse_events"].by_name["carrier"])


@settings(max_examples=40, deadline=None)
@given(
    quantities=st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=30),
    codes=st.lists(st.sampled_from(["", "card", "cod", "cash", "ｃａｒｄ"]), min_size=30, max_size=30),
)
def test_pandera_finds_what_a_plain_loop_finds(quantities: list[int | None], codes: list[str]) -> None:
    entity = ENTITIES["order_lines"]
    rows = len(quantities)
    batch = _batch(
        entity, rows, qty=dict(enumerate(quantities)), payment_method=dict(enumerate(codes[:rows]))
    )
    expected: dict[tuple[str, str], list[int]] = {}
    for row in range(rows):
        quantity, code = quantities[row], codes[row]
        if quantity is None:
            expected.setdefault(("qty", "required"), []).append(row)
        elif not 0 <= quantity <= 99_999:
            expected.setdefault(("qty", "out_of_range"), []).append(row)
        if not code:
            expected.setdefault(("payment_method", "required"), []).append(row)
        elif code not in CODE_LISTS["payment_method"]:
            expected.setdefault(("payment_method", "unknown_code"), []).append(row)
    found = {(one.column, one.fault.value): one.rows.tolist() for one in broken_rules(entity, batch)}
    assert found == expected
