"""Cells that are left blank because the row above says it: the last text above goes down into them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ecsync.mapping.bytestream import cell_encoding
from ecsync.mapping.model_in import Header

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ecsync.mapping.headers import Layout
    from ecsync.mapping.model import InboundMapping
    from ecsync.mapping.model_rows import FillDown as FillDownWord
    from ecsync.mapping.parse import RawBatch

    Columns = Mapping[int, pa.Array]


class FillDown:
    """Fill the raw cells of a file's batches, in their order; what stands above a batch is remembered."""

    def __init__(self, mapping: InboundMapping, layout: Layout) -> None:
        """Find the columns of every rule of the mapping; one that the file lacks is passed over."""
        encoding = cell_encoding(mapping.file)
        self._rules = [_Rule(rule, layout, encoding) for rule in mapping.fill_down]

    def batch(self, raw: RawBatch) -> RawBatch:
        """Return the next batch, filled."""
        return raw._replace(columns=self.filled(raw.columns)) if self._rules else raw

    def filled(self, columns: Columns) -> Columns:
        """Return the columns of the next batch, filled."""
        for rule in self._rules:
            columns = rule.filled(columns)
        return columns


class _Rule:
    def __init__(self, rule: FillDownWord, layout: Layout, encoding: str) -> None:
        positions = [layout.position(Header(name=name)) for name in rule.headers]
        within = [layout.position(Header(name=name)) for name in rule.within]
        self._columns = [at for at in positions if at is not None]
        self._within = [at for at in within if at is not None]
        self._marks = pa.array([mark.encode(encoding) for mark in ("", *rule.marks)], pa.binary())
        self._above: dict[int, bytes] = {}
        self._key: tuple[bytes, ...] = ()

    def filled(self, columns: Columns) -> Columns:
        rows = len(next(iter(columns.values()))) if columns else 0
        if not self._columns or not rows:
            return columns
        keys = [columns[at] for at in self._within]
        starts = _starts(keys, rows)
        starts[0] = tuple(key[0].as_py() for key in keys) != self._key
        done = {at: self._fill(at, columns[at], starts) for at in self._columns if at in columns}
        self._key = tuple(key[rows - 1].as_py() for key in keys)
        return {**columns, **done}

    def _fill(self, at: int, cells: pa.Array, starts: NDArray[np.bool_]) -> pa.Array:
        blank = pc.is_in(cells, value_set=self._marks).to_numpy(zero_copy_only=False)
        # Row 0 of this is what stood above the batch. A group begins with nothing above it.
        above = pa.array([b"" if starts[0] else self._above.get(at, b"")], pa.binary())
        texts = pa.concat_arrays([above, pc.if_else(pa.array(blank), pa.scalar(b"", pa.binary()), cells)])
        says = np.concatenate([[True], ~blank | starts])
        source = np.maximum.accumulate(np.where(says, np.arange(len(says)), 0))
        filled = texts.take(pa.array(source)).slice(1)
        self._above[at] = filled[len(filled) - 1].as_py()
        return filled


def _starts(keys: list[pa.Array], rows: int) -> NDArray[np.bool_]:
    starts = np.zeros(rows, np.bool_)
    for key in keys:
        codes = key.dictionary_encode().indices.to_numpy(zero_copy_only=False)
        starts[1:] |= codes[1:] != codes[:-1]
    return starts
