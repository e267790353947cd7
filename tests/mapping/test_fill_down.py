"""Continuation rows take what the row above them says, inside their own record, wherever a batch ends."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.mapping.catalogue import check_file, load_inbound
from ecsync.mapping.fill_down import FillDown
from ecsync.mapping.headers import find_headers
from ecsync.mapping.model import InboundMapping
from ecsync.mapping.reader import open_reader
from mapping_project import INBOUND, put

if TYPE_CHECKING:
    from pathlib import Path

Rows = list[tuple[str, str]]


def mapping_of(**rule: Any) -> InboundMapping:
    return InboundMapping.model_validate(
        {
            "mapping": "partner/stock",
            "title": {"ja": "在庫", "en": "Stock"},
            "entity": "stock_levels",
            "nature": "snapshot",
            "file": {"encoding": "cp932"},
            "fill_down": [{"headers": ["品番"], **rule}],
            "columns": {"sku": "品番", "qty": "群"},
        }
    )


def filled(mapping: InboundMapping, rows: Rows, *ends: int) -> list[str]:
    """Return the first column after filling, read in batches that end at `ends`."""
    filler = FillDown(mapping, find_headers(mapping, "品番,群".encode("cp932"), 1))
    found: list[str] = []
    cuts = [0, *ends, len(rows)]
    for start, end in pairwise(cuts):
        part = [[cell.encode("cp932") for cell in row] for row in rows[start:end]]
        columns = {at: pa.array([row[at] for row in part], pa.binary()) for at in (0, 1)}
        found += [text.decode("cp932") for text in filler.filled(columns)[0].to_pylist()]
    return found


@pytest.mark.parametrize(
    ("rule", "rows", "texts"),
    [
        ({}, [("皿", "1"), ("", "1"), ("椀", "2"), ("", "2")], ["皿", "皿", "椀", "椀"]),
        ({}, [("", "1"), ("皿", "1")], ["", "皿"]),
        ({}, [("皿", "1"), ("", "2")], ["皿", "皿"]),
        ({"within": ["群"]}, [("皿", "1"), ("", "2")], ["皿", ""]),
        ({"within": ["群"]}, [("皿", "1"), ("", "2"), ("", "1")], ["皿", "", ""]),
        ({"marks": ["〃"]}, [("皿", "1"), ("〃", "1"), ("", "1")], ["皿", "皿", "皿"]),
        ({}, [("皿", "1"), ("〃", "1")], ["皿", "〃"]),
    ],
)
def test_a_blank_cell_takes_the_text_above_it(rule: dict[str, Any], rows: Rows, texts: list[str]) -> None:
    assert filled(mapping_of(**rule), rows) == texts


@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["", "皿", "椀"]), st.sampled_from("12")), min_size=1, max_size=12
    ),
    ends=st.sets(st.integers(0, 12)),
    within=st.booleans(),
)
def test_where_a_batch_ends_does_not_show(rows: Rows, ends: set[int], within: bool) -> None:
    mapping = mapping_of(within=["群"] if within else [])
    cuts = sorted(end for end in ends if end <= len(rows))
    assert filled(mapping, rows, *cuts) == filled(mapping, rows)


@given(rows=st.lists(st.tuples(st.sampled_from(["", "皿", "椀"]), st.sampled_from("12")), max_size=12))
def test_it_is_what_a_person_reads_from_top_to_bottom(rows: Rows) -> None:
    expected, above, group = [], "", None
    for text, key in rows:
        above = text or (above if key == group else "")
        group = key
        expected.append(above)
    assert filled(mapping_of(within=["群"]), rows) == expected


def test_each_rule_keeps_to_its_own_records() -> None:
    mapping = mapping_of(within=["群"])
    both = mapping.model_copy(update={"fill_down": (*mapping.fill_down, *mapping_of().fill_down)})
    assert filled(both, [("皿", "1"), ("", "2"), ("", "2")]) == ["皿", "皿", "皿"]


def test_items_of_one_sku_have_the_number_of_their_item_row(tmp_path: Path) -> None:
    header = "商品管理番号（商品URL）,商品番号,SKU管理番号,在庫数"
    lines = [header, "mug,MUG,,", "mug,,101,24", "mug,,102,9", "cup,,,", "cup,,normal-inventory,3"]
    path = tmp_path / "items.csv"
    path.write_bytes("\r\n".join([*lines, ""]).encode("cp932"))
    reader = open_reader(path, load_inbound("rakuten/items"))
    rows = [row for batch in reader for row in batch.rows.to_pylist()]
    assert [(row["item_key"], row["sku_key"], row["item_code"]) for row in rows] == [
        ("mug", "101", "MUG"),
        ("mug", "102", "MUG"),
        ("cup", "normal-inventory", ""),
    ]
    assert np.array_equal([row["src_line"] for row in rows], [3, 4, 6])


def test_a_header_that_no_column_reads_is_a_fault_of_the_mapping(tmp_path: Path) -> None:
    text = INBOUND.replace("columns:", "fill_down:\n  - {headers: [商品名]}\ncolumns:")
    (error,) = check_file(put(tmp_path, "partner/stock", text), tmp_path)
    assert (error.line, error.column) == (7, 6)
    assert "no column reads 商品名" in error.message
