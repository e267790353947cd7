"""Cut a stream of rows into files of at most so many rows; what is told together stays in one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

_KEY = "business_key"


class Portions:
    """Batches with a column `business_key`, whose equal keys stand together, handed out file by file."""

    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Take the batches; none is read before it is asked for."""
        self._batches = _whole_keys(batches)
        self._left: pa.RecordBatch | None = None

    def more(self) -> bool:
        """Tell whether there are rows for another file."""
        if self._left is None:
            self._left = next(self._batches, None)
        return self._left is not None

    def take(self, most: int | None) -> Iterator[pa.RecordBatch]:
        """Yield the rows of the next file: all that are left, or at most `most`.

        Rows of one key are never parted: of a key with more rows than `most` the file is as long as it needs.
        """
        taken = 0
        while self.more():
            batch = self._left
            assert batch is not None  # noqa: S101  (more says so)
            fitting = batch.num_rows if most is None else _fitting(batch, most - taken, alone=taken == 0)
            if not fitting:
                return
            self._left = batch.slice(fitting) if fitting < batch.num_rows else None
            taken += fitting
            yield batch.slice(0, fitting)


def _fitting(batch: pa.RecordBatch, room: int, *, alone: bool) -> int:
    """Return how many rows fit, whole keys only; `alone`: the first key, however long it is."""
    ends = np.append(np.flatnonzero(starts(batch))[1:], batch.num_rows)
    fitting = ends[ends <= room]
    if len(fitting):
        return int(fitting[-1])
    return int(ends[0]) if alone else 0


def _whole_keys(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield batches that never end inside a key."""
    held: pa.RecordBatch | None = None
    for batch in batches:
        joined = batch if held is None else pa.concat_batches([held, batch])
        last = int(np.flatnonzero(starts(joined))[-1])
        held = joined.slice(last)
        if last:
            yield joined.slice(0, last)
    if held is not None:
        yield held


def starts(batch: pa.RecordBatch) -> NDArray[np.bool_]:
    """Mark the rows whose key is not that of the row before."""
    keys = batch.column(_KEY)
    marks = np.ones(batch.num_rows, np.bool_)
    marks[1:] = pc.not_equal(keys.slice(1), keys.slice(0, len(keys) - 1)).to_numpy(zero_copy_only=False)
    return marks
