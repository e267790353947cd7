"""Mappings and files of a few lines, for the tests of the reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecsync.mapping.model import InboundMapping
from ecsync.mapping.reader import Batch, ReadOptions, open_reader
from ecsync.mapping.tables import CodeTable

if TYPE_CHECKING:
    from pathlib import Path

    from ecsync.mapping.rejects import Reject

FORMS = ["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M"]
ORDER_COLUMNS: dict[str, Any] = {
    "order_no": {"from": "注文番号", "as": "key"},
    "ordered_at": {"from": "注文日時", "formats": FORMS},
    "order_status": {"from": "ステータス", "map": {"300": "ready", "900": "cancelled"}},
    "payment_method": {"from": "支払方法", "map": {"クレジットカード": "card", "代金引換": "cod"}},
    "line_id": {"from": "明細ID", "as": "key"},
    "unit_price": "単価",
    "qty": "個数",
}
ORDER_HEADER = ["注文番号", "注文日時", "ステータス", "支払方法", "明細ID", "単価", "個数"]
ORDER = ["A-1", "2026-11-22 08:00:00", "300", "クレジットカード", "1", "1,200", "2"]


def mapping_of(
    columns: dict[str, Any],
    *,
    entity: str = "order_lines",
    file: dict[str, Any] | None = None,
    tables: dict[str, dict[str, str]] | None = None,
    **words: Any,
) -> InboundMapping:
    """Return an inbound mapping as a YAML of these words would give it."""
    mapping = InboundMapping.model_validate(
        {
            "mapping": "test/kind",
            "title": {"ja": "試験", "en": "Test"},
            "entity": entity,
            "nature": "state",
            "file": {"encoding": "utf-8", **(file or {})},
            "columns": columns,
            **words,
        }
    )
    loaded = {
        name: CodeTable.model_validate(
            {"table": name, "title": {"ja": "表", "en": "Table"}, "entries": entries}
        )
        for name, entries in (tables or {}).items()
    }
    return mapping.placed(mapping.path, "", loaded)


def orders(extra: dict[str, Any] | None = None, **words: Any) -> InboundMapping:
    """Return a mapping of order lines with further columns."""
    return mapping_of({**ORDER_COLUMNS, **(extra or {})}, **words)


def stock(**words: Any) -> InboundMapping:
    """Return the smallest mapping there is: a SKU and a quantity."""
    return mapping_of(
        {"sku": {"from": "商品コード", "as": "key"}, "qty": "在庫数"}, entity="stock_levels", **words
    )


def as_csv(*rows: list[str], newline: str = "\r\n", delimiter: str = ",") -> str:
    """Return rows as a file in which every cell is quoted."""
    return "".join(
        delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) + newline for row in rows
    )


def order_file(extra: dict[str, list[str]] | None = None, count: int = 1) -> str:
    """Return order rows: `extra` gives further columns, one value for each row."""
    extra = extra or {}
    rows = [[*ORDER_HEADER, *extra]]
    for number in range(count):
        row = [*ORDER, *(values[number] for values in extra.values())]
        row[4] = str(number + 1)
        rows.append(row)
    return as_csv(*rows)


class Read:
    """What came of reading a file to its end."""

    def __init__(self, path: Path, mapping: InboundMapping, options: ReadOptions | None = None) -> None:
        self.reader = open_reader(path, mapping, file_name=path.name, options=options or ReadOptions())
        self.batches: list[Batch] = list(self.reader)

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [row for batch in self.batches for row in batch.rows.to_pylist()]

    @property
    def rejects(self) -> list[Reject]:
        return [reject for batch in self.batches for reject in batch.rejects]

    def column(self, name: str) -> list[Any]:
        return [row[name] for row in self.rows]
