"""Two files of one partner take the rows of one entity between them: items here, variants there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from ecsync.mapping.catalogue import check_file, load_outbound
from ecsync.mapping.writer import write_file
from mapping_project import put

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """\
mapping: partner/quantity
title: {{ja: 在庫, en: Stock}}
entity: channel_quantities
file: {{encoding: utf-8, newline: lf, name: stock.csv}}
{rows}
columns:
  - code: {{value: item_key}}
  - sub: {{value: sku_key}}
  - qty: {{value: qty}}
"""
ROWS = [("MUG", "", 3), ("TEE", "S", 1), ("TEE", "M", 0)]


def written(folder: Path, rows: str) -> str:
    put(folder, "partner/quantity", TEXT.format(rows=rows))
    batch = pa.RecordBatch.from_pylist(
        [
            {"item_key": item, "sku_key": sku, "qty": qty, "business_key": item + sku}
            for item, sku, qty in ROWS
        ]
    )
    write_file(load_outbound("partner/quantity", folder), [batch], folder / "out.csv")
    return (folder / "out.csv").read_text(encoding="utf-8").partition("\n")[2]


def test_only_the_rows_that_are_kept_are_written(tmp_path: Path) -> None:
    assert written(tmp_path, 'keep_rows_when: [{sku_key: ""}]') == "MUG,,3\n"
    assert written(tmp_path, 'skip_rows_when: [{sku_key: ""}]') == "TEE,S,1\nTEE,M,0\n"
    assert written(tmp_path, 'skip_rows_when: [{sku_key: ""}, {qty: 0}]') == "TEE,S,1\n"
    assert (
        written(tmp_path, "keep_rows_when: [{sku_key: [S, M], qty: 0}, {item_key: MUG}]")
        == "MUG,,3\nTEE,M,0\n"
    )


def test_a_column_that_the_frame_lacks_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, "partner/quantity", TEXT.format(rows="keep_rows_when: [{subcode: S}]"))
    (error,) = check_file(path, tmp_path)
    assert "subcode" in str(error)
