"""Put converted columns together as the canonical frame, with the columns that staging adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from ecsync.mapping.totals import totals_gap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ecsync.entities import Column
    from ecsync.mapping.converted import Converted
    from ecsync.mapping.model import InboundMapping

UNFIXED_FLAG: Final = "unfixed_flag"
OFFSET: Final = "_offset"
SRC_LINE: Final = "src_line"
TOTALS_GAP: Final = "src_totals_gap"


def frame_schema(mapping: InboundMapping) -> pa.Schema:
    """Return the columns of a batch: the entity's, `src_line`, and for order lines `src_totals_gap`."""
    fields = [pa.field(column.name, _type(column)) for column in mapping.frame.columns]
    fields.append(pa.field(SRC_LINE, pa.int64()))
    if mapping.entity == "order_lines":
        fields.append(pa.field(TOTALS_GAP, pa.int64()))
    return pa.schema(fields)


def build_frame(
    mapping: InboundMapping, converted: Mapping[str, Converted], lines: NDArray[np.int64]
) -> pa.RecordBatch:
    """Return the frame of a batch; a column that the mapping does not fill is "" or null."""
    rows = len(lines)
    columns: dict[str, pa.Array] = {}
    unfixed = np.zeros(rows, np.bool_)
    for name, column in converted.items():
        columns[name] = column.values
        if column.offsets is not None:
            columns[name + OFFSET] = column.offsets
        if column.unfixed is not None:
            unfixed |= column.unfixed
    columns.setdefault(UNFIXED_FLAG, pa.array(unfixed.astype(np.int64)))
    columns[SRC_LINE] = pa.array(lines)
    schema = frame_schema(mapping)
    if TOTALS_GAP in schema.names:
        columns[TOTALS_GAP] = totals_gap(() if mapping.totals_wait else mapping.totals, columns, unfixed)
    arrays = [columns.get(field.name, _absent(field.type, rows)) for field in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _type(column: Column) -> pa.DataType:
    return pa.int64() if column.is_integer else pa.string()


def _absent(kind: pa.DataType, rows: int) -> pa.Array:
    return pa.nulls(rows, kind) if kind == pa.int64() else pa.repeat("", rows)
