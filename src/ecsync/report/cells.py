"""How a cell of a report reads: figures with their signs and units, texts on one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecsync.report.blocks import Cell, Column


def shown(cell: Cell, column: Column) -> str:
    """Return a cell as people read it: `1,234点`, `¥12,340(税込)`; '' for None."""
    if cell is None:
        return ""
    if isinstance(cell, int):
        return _figure(cell, column)
    return plain(cell)


def _figure(value: int, column: Column) -> str:
    if column.kind == "yen":
        return f"{'-' if value < 0 else ''}¥{abs(value):,}{column.unit}"
    if column.kind == "count":
        return f"{value:,}{column.unit}"
    return str(value)


def plain(text: str) -> str:
    """Return a text without control characters: they could move a terminal's cursor or break a cell."""
    return "".join(character if character.isprintable() else " " for character in text)


def is_figure(column: Column) -> bool:
    """Tell whether a column holds figures, which stand to the right."""
    return column.kind in {"count", "yen"}
