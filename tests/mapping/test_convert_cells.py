"""What is done once for each distinct text is what would be done for every row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.entities import Column
from ecsync.mapping.convert import UNFIXED, Outcome, Refusal
from ecsync.mapping.converted import Converted, assemble, pieced
from ecsync.mapping.model_total import Total, parse_formula
from ecsync.mapping.raw_cells import RawCells, UndecodableError, distinct_texts
from ecsync.mapping.totals import totals_gap
from ecsync.text.dates import Moment

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)
CP932 = st.text(st.sampled_from("ab ,表ソ髙①～"), max_size=6)


def cells_of(*columns: list[bytes], encoding: str = "utf-8") -> RawCells:
    arrays = {at: pa.array(column, pa.binary()) for at, column in enumerate(columns)}
    return RawCells(arrays, np.arange(len(columns[0])) * 10 + 2, encoding)


@given(texts=st.lists(CP932), encoding=st.sampled_from(["cp932", "utf-8"]))
def test_every_row_gets_its_own_text_back(texts: list[str], encoding: str) -> None:
    column = cells_of([text.encode(encoding) for text in texts], encoding=encoding).distinct(0)
    assert column.rows.to_pylist() == texts
    assert [column.texts[code] for code in column.codes.tolist()] == texts
    assert len(set(column.texts)) == len(column.texts) == len(set(texts))


@given(rows=st.lists(st.tuples(TEXT, TEXT, TEXT), max_size=20))
def test_combinations_are_those_of_the_rows(rows: list[tuple[str, str, str]]) -> None:
    columns = [[row[at].encode() for row in rows] for at in range(3)]
    codes, combinations = cells_of(*columns).combined([0, 1, 2]) if rows else (np.zeros(0, np.int64), [])
    assert [combinations[code] for code in codes.tolist()] == rows
    assert len(combinations) == len(set(rows))


def test_many_columns_of_many_texts_stay_within_sixty_four_bits() -> None:
    columns = [[f"{at}-{row}".encode() for row in range(3_000)] for at in range(8)]
    codes, combinations = cells_of(*columns).combined(range(8))
    assert [combinations[code][7] for code in codes.tolist()] == [f"7-{row}" for row in range(3_000)]


def test_a_column_that_the_file_lacks_is_blank() -> None:
    cells = cells_of([b"a", b"b"])
    assert cells.distinct(None).rows.to_pylist() == ["", ""]
    assert cells.combined([None, 0])[1] == [("", "a"), ("", "b")]


def test_a_cell_that_cannot_be_decoded_names_the_line_of_its_record() -> None:
    cells = cells_of([b"a", b"b", b"\x81\xff", b"c", b"\x81\xff"], encoding="cp932")
    with pytest.raises(UndecodableError) as caught:
        cells.distinct(0)
    assert caught.value.line == 22
    with pytest.raises(UndecodableError) as caught:
        cells.filter(np.array([False, False, False, True, True])).distinct(0)
    assert caught.value.line == 42


@pytest.mark.parametrize(
    ("encoding", "cut"),
    [("cp932", b"\x81"), ("utf-8", b"\xe3\x81"), ("euc_jp", b"\xa4"), ("utf-8", b"\xed\xa0\x80")],
)
def test_half_a_character_never_joins_with_the_next_cell(encoding: str, cut: bytes) -> None:
    with pytest.raises(UndecodableError) as caught:
        cells_of([b"ok", cut, b"@x"], encoding=encoding).distinct(0)
    assert caught.value.line == 12


def test_filtered_cells_keep_their_lines() -> None:
    kept = cells_of([b"a", b"b", b"c"]).filter(np.array([True, False, True]))
    assert (kept.rows, kept.lines.tolist(), kept.distinct(0).rows.to_pylist()) == (2, [2, 22], ["a", "c"])


def test_distinct_texts_of_a_column_are_numbered() -> None:
    column = distinct_texts(pa.array(["b", "a", "b"]))
    assert (column.codes.tolist(), column.texts) == ([0, 1, 0], ["b", "a"])


NUMBER = Column("qty", "count")
TEXTS = Column("name")
TIME = Column("at", "time")
REFUSED = Refusal("not_a_number")


def test_outcomes_are_spread_over_the_rows() -> None:
    found = assemble([5, None, REFUSED, UNFIXED], np.array([0, 1, 2, 3, 0, 2]), NUMBER)
    assert found.values.to_pylist() == [5, None, None, None, 5, None]
    (fault,) = found.faults
    assert (fault.rows.tolist(), fault.refusal) == ([2, 5], REFUSED)
    assert found.unfixed is not None
    assert found.unfixed.tolist() == [False, False, False, True, False, False]


def test_refusals_of_one_reason_are_one_fault() -> None:
    other = Refusal("unknown_code", {"known": "a"})
    outcomes: list[Outcome] = [Refusal("fraction"), other, Refusal("fraction"), "x"]
    found = assemble(outcomes, np.array([0, 1, 2, 3, 0]), TEXTS)
    assert [(fault.refusal, fault.rows.tolist()) for fault in found.faults] == [
        (Refusal("fraction"), [0, 2, 4]),
        (other, [1]),
    ]
    assert found.values.to_pylist() == ["", "", "", "x", ""]


def test_a_time_has_its_offset_beside_it_and_none_where_it_is_absent() -> None:
    moment = Moment("2026-11-22T00:00:00Z", 540)
    found = assemble([moment, Moment("", 0), REFUSED], np.array([1, 0, 2]), TIME)
    assert found.offsets is not None
    assert (found.values.to_pylist(), found.offsets.to_pylist()) == (["", moment.utc, ""], [None, 540, None])


@pytest.mark.parametrize("column", [NUMBER, TEXTS, TIME])
def test_a_batch_without_rows_has_columns_of_the_right_type(column: Column) -> None:
    found = assemble([], np.zeros(0, np.int64), column)
    assert found.values.type == (pa.int64() if column.is_integer else pa.string())
    assert len(found.values) == 0


@given(st.lists(st.tuples(st.integers(0, 2), st.none() | st.integers(-5, 5)), min_size=1, max_size=20))
def test_a_column_in_pieces_is_put_together_in_order(rows: list[tuple[int, int | None]]) -> None:
    parts: list[tuple[Any, Converted]] = []
    for piece in range(3):
        own = np.array([at for at, row in enumerate(rows) if row[0] == piece], np.int64)
        if len(own):
            outcomes: list[Outcome] = [rows[at][1] if rows[at][1] != 5 else UNFIXED for at in own]
            outcomes = [REFUSED if outcome == -5 else outcome for outcome in outcomes]
            parts.append((own, assemble(outcomes, np.arange(len(own)), NUMBER)))
    found = pieced(parts, len(rows))
    assert found.values.to_pylist() == [None if value in {5, -5} else value for _piece, value in rows]
    refused = sorted(row for fault in found.faults for row in fault.rows.tolist())
    assert refused == [at for at, row in enumerate(rows) if row[1] == -5]
    unfixed = [] if found.unfixed is None else np.flatnonzero(found.unfixed).tolist()
    assert unfixed == [at for at, row in enumerate(rows) if row[1] == 5]


AMOUNT = st.none() | st.integers(-10_000, 10_000)
FORMULAS = ("billed = goods + shipping - points", "billed = goods - points", "billed = goods + absent")


@given(
    rows=st.lists(st.tuples(AMOUNT, AMOUNT, AMOUNT, AMOUNT, st.booleans()), min_size=1, max_size=12),
    chosen=st.lists(st.lists(st.sampled_from(FORMULAS), min_size=1, max_size=2), max_size=2),
)
def test_the_gap_of_a_batch_is_the_gap_of_each_row(
    rows: list[tuple[Any, ...]], chosen: list[list[str]]
) -> None:
    names = ("billed", "goods", "shipping", "points")
    totals = [Total(tuple(parse_formula(text) for text in texts)) for texts in chosen]
    amounts = {name: pa.array([row[at] for row in rows], pa.int64()) for at, name in enumerate(names)}
    found = totals_gap(totals, amounts, np.array([row[4] for row in rows], np.bool_)).to_pylist()
    assert found == [_gap(dict(zip(names, row, strict=False)), totals, unfixed=row[4]) for row in rows]


def _gap(order: dict[str, int | None], totals: list[Total], *, unfixed: bool) -> int | None:
    if unfixed or not totals or order["billed"] is None:
        return None
    for total in totals:
        gaps = []
        for formula in total.formulas:
            plus = sum(order.get(name) or 0 for name in formula.plus)
            gaps.append(order["billed"] - plus + sum(order.get(name) or 0 for name in formula.minus))
        if 0 not in gaps:
            return gaps[0]
    return 0
