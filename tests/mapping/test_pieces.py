"""A key that came in joined goes back piece by piece, or not at all."""

from __future__ import annotations

import pyarrow as pa
import pytest

from ecsync.mapping.catalogue import check_file
from ecsync.mapping.model import OutboundMapping
from ecsync.mapping.writer import write_file
from mapping_project import put


def mapping_of(columns: int) -> OutboundMapping:
    return OutboundMapping.model_validate(
        {
            "mapping": "partner/stock",
            "title": {"ja": "在庫", "en": "Stock"},
            "entity": "channel_quantities",
            "file": {"encoding": "utf-8", "name": "stock.csv", "newline": "lf", "header": False},
            "columns": [
                {f"部{n}": {"value": "sku_key", "piece": n, "separator": "/"}} for n in range(1, columns + 1)
            ],
        }
    )


@pytest.mark.parametrize(
    ("key", "cells"),
    [
        ("色/白/寸/大", "色,白,寸,大"),
        ("色/白", "色,白,,"),
        ("色", "色,,,"),
        ("色/白/寸/大/名/有", None),
        ("色//寸", None),
        ("/", None),
    ],
)
def test_pieces_go_to_their_columns(key: str, cells: str | None, tmp_path) -> None:
    batch = pa.RecordBatch.from_pylist([{"channel": "c", "item_key": "i", "sku_key": key}])
    written = write_file(mapping_of(4), [batch], tmp_path / "stock.csv")
    if cells is None:
        assert [refused.rule for refused in written.refused] == ["delimiter"]
    else:
        assert (tmp_path / "stock.csv").read_text(encoding="utf-8") == cells + "\n"


@pytest.mark.parametrize("words", ["piece: 1", 'separator: "/"'])
def test_a_piece_needs_what_stands_between(words: str, tmp_path) -> None:
    text = (
        "mapping: partner/stock\ntitle: {ja: 在庫, en: Stock}\nentity: channel_quantities\n"
        "file: {encoding: utf-8, name: stock.csv}\ncolumns:\n"
        f"  - 部: {{value: sku_key, {words}}}\n"
    )
    (error,) = check_file(put(tmp_path, "partner/stock", text), tmp_path)
    assert "belong together" in error.message
