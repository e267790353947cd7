"""A project folder with mappings of its own, for tests of the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

INBOUND = """\
mapping: partner/stock
title: {ja: 在庫, en: Stock}
entity: stock_levels
nature: snapshot
file: {encoding: utf-8}
columns:
  sku: {from: 商品コード, as: key}
  qty: 在庫数
"""

OUTBOUND = """\
mapping: partner/recall
title: {ja: 出荷止め, en: Recall}
entity: recalls
file: {encoding: cp932, name: recall.csv}
columns:
  - 個口番号: {value: parcel_no}
  - 理由: {value: reason}
"""

TABLE = """\
table: partner/carriers
title: {ja: 配送会社, en: Carriers}
codes: carrier
entries:
  クロネコ: yamato
  佐川（急便）: sagawa
"""


def put(project: Path, name: str, text: str) -> Path:
    """Write a mapping or, below tables/, a code table of a project; return its path."""
    path = project / "mappings" / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
