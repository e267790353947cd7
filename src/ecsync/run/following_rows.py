"""Rows that only go on with the order of the row before: what the two say of order and destination is the same.

Nearly every order of several lines is written so, its rows together and its lines ascending. That is seen here for the
price of a comparison per column and batch; what is written otherwise is compared in the database, row by row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ecsync.entities import ENTITIES

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ENTITY: Final = ENTITIES["order_lines"]
# The line itself may differ; its key must go up, so that no line stands twice.
_SAME: Final = tuple(column.name for column in _ENTITY.columns if column.level in {"order", "destination"})
_LINE: Final = "line_id"


def follows(rows: pa.RecordBatch) -> pa.Array:
    """Tell for each row of order_lines whether it goes on with the order of the row before in its batch (1), or 0."""
    count = rows.num_rows
    found = np.zeros(count, np.int64)
    if count > 1:
        same = np.ones(count - 1, np.bool_)
        for name in dict.fromkeys((*_ENTITY.key[:1], *_SAME)):
            if name in rows.schema.names:
                same &= _equal_to_last(rows.column(name))
        lines = rows.column(_LINE)
        same &= _plain(pc.greater(lines.slice(1), lines.slice(0, count - 1)))
        found[1:] = same
    return pa.array(found)


def _equal_to_last(values: pa.Array) -> NDArray[np.bool_]:
    later, earlier = values.slice(1), values.slice(0, len(values) - 1)
    equal = pc.fill_null(pc.equal(later, earlier), False)
    if values.null_count:
        equal = pc.or_(equal, pc.and_(pc.is_null(later), pc.is_null(earlier)))
    return _plain(equal)


def _plain(flags: pa.Array) -> NDArray[np.bool_]:
    plain: NDArray[np.bool_] = flags.to_numpy(zero_copy_only=False)
    return plain
