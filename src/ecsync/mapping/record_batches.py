"""Batches that never end inside a record, for the words that look at all rows of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from ecsync.mapping.model_in import beyond_a_row
from ecsync.mapping.parse import RawBatch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ecsync.mapping.headers import Layout
    from ecsync.mapping.model import InboundMapping


def record_positions(mapping: InboundMapping, layout: Layout) -> tuple[int, ...]:
    """Return the columns whose change begins a record; none where no word looks beyond its row."""
    source = next(beyond_a_row(mapping.columns.values()), None)
    positions = (layout.position(header) for header in (source.within if source else ()))
    return tuple(at for at in positions if at is not None)


def whole_records(batches: Iterable[RawBatch], within: tuple[int, ...]) -> Iterator[RawBatch]:
    """Yield the rows in batches that end where a record does; memory holds one batch and one record."""
    if not within:
        yield from batches
        return
    held: RawBatch | None = None
    for batch in batches:
        joined = batch if held is None else _joined(held, batch)
        last = _last_start(joined, within)
        held = _slice(joined, last, len(joined.lines))
        if last:
            yield _slice(joined, 0, last)
    if held is not None:
        yield held


def _last_start(batch: RawBatch, within: tuple[int, ...]) -> int:
    starts = np.zeros(len(batch.lines), np.bool_)
    starts[:1] = True
    for at in within:
        codes = batch.columns[at].dictionary_encode().indices.to_numpy(zero_copy_only=False)
        starts[1:] |= codes[1:] != codes[:-1]
    return int(np.flatnonzero(starts)[-1])


def _slice(batch: RawBatch, start: int, end: int) -> RawBatch:
    columns = {at: column.slice(start, end - start) for at, column in batch.columns.items()}
    return RawBatch(columns, batch.lines[start:end])


def _joined(first: RawBatch, second: RawBatch) -> RawBatch:
    columns = {at: pa.concat_arrays([column, second.columns[at]]) for at, column in first.columns.items()}
    return RawBatch(columns, np.concatenate([first.lines, second.lines]))
