"""Which rows of a frame belong into an outbound file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ecsync.mapping.model import OutboundMapping
    from ecsync.mapping.model_words import Condition


def equal_rows(batch: pa.RecordBatch, condition: Condition) -> NDArray[np.bool_]:
    """Tell of each row whether every named column has one of its values; an absent value equals ""."""
    fits = np.ones(batch.num_rows, dtype=bool)
    for name, values in condition.items():
        texts = pc.fill_null(batch.column(name).cast(pa.string()), "")
        fits &= pc.is_in(texts, value_set=pa.array(values, pa.string())).to_numpy(zero_copy_only=False)
    return fits


def chosen(mapping: OutboundMapping, batch: pa.RecordBatch) -> NDArray[np.bool_]:
    """Tell of each row whether it belongs into the mapping's file."""
    rows = np.ones(batch.num_rows, dtype=bool)
    if mapping.keep_rows_when:
        rows &= np.logical_or.reduce([equal_rows(batch, one) for one in mapping.keep_rows_when])
    for condition in mapping.skip_rows_when:
        rows &= ~equal_rows(batch, condition)
    return rows


def chosen_rows(mapping: OutboundMapping, batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the rows that belong into the mapping's file."""
    if not (mapping.keep_rows_when or mapping.skip_rows_when):
        return batch
    return batch.filter(pa.array(chosen(mapping, batch)))
