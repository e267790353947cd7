"""What every reader of a canonical column gives: the column of a batch, and what the partner wrote for it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from ecsync.mapping.converted import Converted
    from ecsync.mapping.raw_cells import RawCells


class ColumnReader(ABC):
    """Reads one canonical column out of the cells of a batch.

    `title` names the partner's columns that it reads, as people know them. One that needs `whole_records` reads the
    rows that are skipped too.
    """

    title: str = ""
    whole_records: bool = False

    @abstractmethod
    def read(self, cells: RawCells) -> Converted:
        """Return the column. Raises UndecodableError."""

    @abstractmethod
    def raw(self, cells: RawCells, rows: NDArray[np.int64]) -> list[str]:
        """Return what the partner wrote in some rows."""


def written(cells: RawCells, positions: Sequence[int | None], rows: NDArray[np.int64]) -> list[str]:
    """Return what the partner wrote in some rows of several columns."""
    columns = map(cells.distinct, positions)
    parts = ([column.texts[code] for code in column.codes[rows].tolist()] for column in columns)
    return [" | ".join(texts) for texts in zip(*parts, strict=True)]
