"""Whatever stands in a text, every outbound mapping writes it so that the receiver reads it, or keeps its row back."""

from __future__ import annotations

import json
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecsync.mapping.catalogue import load_mapping, load_outbound
from ecsync.mapping.cell_text import WRITE_RULES
from ecsync.mapping.choosing import chosen
from ecsync.mapping.golden import samples_folder
from ecsync.mapping.inverse import as_received, split_file
from ecsync.mapping.listing import list_mappings
from ecsync.mapping.model import OutboundMapping
from ecsync.mapping.model_out import SettingColumn, ValueColumn
from ecsync.mapping.writer import WriteOptions, write_file
from ecsync.text.graphemes import may_cut
from ecsync.text.jis import first_beyond_jis
from ecsync.text.widths import byte_length

OUTBOUND = [entry.name for entry in list_mappings() if isinstance(load_mapping(entry.name), OutboundMapping)]
SIGNS = "𠮷髙﨑①㈱🍊👩‍👧🇯🇵〜−‖¢—か゚\u3099\ufe0f\u200d\u00a0\U000e0100ﾊﾞé½한,;\"'\t\r\n?\x07\x1b\x85\0"
WILD = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]), st.sampled_from(SIGNS), st.sampled_from("東京都港区1-2 ア")
    ),
    max_size=60,
)


def batch_of(mapping: OutboundMapping, rows: list[dict[str, Any]]) -> pa.RecordBatch:
    columns = mapping.frame.columns
    fields = [(column.name, pa.int64() if column.is_integer else pa.string()) for column in columns]
    schema = pa.schema([*fields, ("business_key", pa.string())])
    absent: dict[str, Any] = {column.name: None if column.is_integer else "" for column in columns}
    return pa.RecordBatch.from_pylist([{**absent, **row} for row in rows], schema=schema)


@cache
def sample(name: str) -> tuple[dict[str, Any], WriteOptions]:
    """Return a row of the mapping's samples that is written, and what is written beside it."""
    mapping = load_outbound(name)
    asked = {
        one.setting: "01"
        for _header, one in mapping.named_columns
        if isinstance(one, SettingColumn) and one.default is None
    }
    for path in sorted(samples_folder(mapping).glob("*.json")):
        told = json.loads(path.read_text(encoding="utf-8"))
        options = WriteOptions({**asked, **told.get("settings", {})}, told.get("today", ""))
        for row in told["rows"]:
            batch = batch_of(mapping, [{**row, "business_key": "1"}])
            with tempfile.TemporaryDirectory() as folder:
                written = write_file(mapping, [batch], Path(folder) / "file", options)
            if written.row_count:
                return row, options
    raise AssertionError(name)


def texts_of(mapping: OutboundMapping) -> list[str]:
    """Return the canonical text columns that a mapping writes."""
    names = dict.fromkeys(name for _header, source in mapping.named_columns for name in source.values)
    return [name for name in names if mapping.frame.by_name[name].kind == "text"]


def rows_with(mapping: OutboundMapping, base: dict[str, Any], text: str) -> list[dict[str, Any]]:
    """Return the usual row, and one for each text column with another text in it; each tells of its own record."""
    rows = []
    for number, column in enumerate(["", *texts_of(mapping)]):
        row = {**base, "business_key": column or "usual"}
        for name in mapping.group:
            row[name] = number if mapping.frame.by_name[name].is_integer else f"{base[name]}{number}"
        rows.append({**row, column: text} if column else row)
    return rows


def check_cell(mapping: OutboundMapping, source: ValueColumn, cell: str, text: str) -> None:
    """Check one cell of a canonical text that may have been replaced, cut or split."""
    limit, unit = source.limit("utf-8" if mapping.file.encoding == "utf-8-sig" else mapping.file.encoding)
    assert limit is None or byte_length(cell, unit) <= limit
    if source.map is not None or source.table is not None or source.piece or source.default:
        return
    if source.as_ == "half_kana":
        return
    received = as_received(mapping, source.value, text)
    received = received.join(source.between) if source.between and text else received
    if source.part is not None:
        start = received.find(cell)
        assert start >= 0
        assert may_cut(received, start) or received.count(cell) > 1
        assert may_cut(received, start + len(cell)) or received.count(cell) > 1
    elif source.overflow == "cut":
        assert received.startswith(cell)
        assert may_cut(received, len(cell))
    else:
        assert cell == received


@pytest.mark.parametrize(
    "text", ["𠮷野家 髙﨑㈱①〜−か\u3099🍊", "東京都港区見本1-2-3 " + "ﾊﾞ" * 40, "한½\x07"]
)
@pytest.mark.parametrize("name", OUTBOUND)
def test_a_text_is_read_by_the_receiver_or_keeps_its_row_back(name: str, text: str, tmp_path: Path) -> None:
    check_text(name, text, tmp_path / "file")


@pytest.mark.slow
@pytest.mark.parametrize("name", OUTBOUND)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=WILD)
def test_so_is_any_text(name: str, text: str, tmp_path: Path) -> None:
    check_text(name, text, tmp_path / "file")


def check_text(name: str, text: str, target: Path) -> None:
    """Write the usual row and one for each text column that holds the text, and check every cell."""
    mapping = load_outbound(name)
    base, options = sample(name)
    rows = rows_with(mapping, base, text)
    batch = batch_of(mapping, rows)
    written = write_file(mapping, [batch], target, options)
    refused = {one.business_key: one.rule for one in written.refused}
    assert set(refused.values()) <= set(WRITE_RULES)
    assert "usual" not in refused, "a good row goes on"
    belongs = chosen(mapping, batch).tolist()
    told = [
        row for row, stays in zip(rows, belongs, strict=True) if stays and row["business_key"] not in refused
    ]
    cells = split_file(mapping, target.read_bytes())
    assert len(told) == len(cells) == written.row_count
    for row, line in zip(told, cells, strict=True):
        for (_header, source), cell in zip(mapping.named_columns, line, strict=True):
            if mapping.file.characters == "jis":
                assert first_beyond_jis(re.sub("[\r\n]", "", cell)) is None
            if isinstance(source, ValueColumn) and mapping.frame.by_name[source.value].kind == "text":
                check_cell(mapping, source, cell, row.get(source.value, ""))
