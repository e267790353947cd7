"""Row-local rules of a frame, judged by pandera a batch at a time.

Here is the one place where its errors are turned into findings of ours: their text holds cells of the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from ecsync.entities import checks
from ecsync.mapping.rejects import RowFault

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from ecsync.entities import Column, Entity


class BrokenRule(NamedTuple):
    """Rows of a batch that break one rule of one column."""

    column: str
    fault: RowFault
    params: dict[str, str]
    rows: NDArray[np.int64]


def broken_rules(
    entity: Entity, batch: pa.RecordBatch, rows: NDArray[np.int64] | None = None
) -> list[BrokenRule]:
    """Return what pandera finds wrong in a batch, or in some of its rows, by rule and column.

    The rows come from its masks and are numbered within those that were asked for.

    Its table of failure cases is not asked: it holds the cells, and an entry for each of them.
    """
    import pandas as pd  # noqa: PLC0415  (heavy; only commands that read files pay for it)
    from pandera.errors import SchemaErrors  # noqa: PLC0415

    ruled = [column.name for column in entity.columns if checks.is_ruled(column)]
    chosen = batch.select(ruled)
    if rows is not None and len(rows) < batch.num_rows:
        chosen = chosen.take(pa.array(rows))
    frame = chosen.to_pandas(types_mapper=pd.ArrowDtype)
    try:
        checks.schema_for(entity).validate(frame, lazy=True)
    except SchemaErrors as error:
        return list(_rules(entity, frame, error.schema_errors))
    return []


def _rules(entity: Entity, frame: pd.DataFrame, errors: list[Any]) -> Iterator[BrokenRule]:
    for error in errors:
        column = entity.by_name[str(error.schema.name)]
        if error.check_output is None:
            rows = np.flatnonzero(frame[column.name].isna().to_numpy(bool))
            yield BrokenRule(column.name, RowFault.REQUIRED, {}, rows)
        else:
            # pandera leaves nulls out of a check, so its answer is shorter than the batch: the index tells the rows.
            answer = error.check_output
            rows = answer.index.to_numpy(np.int64)[~answer.to_numpy(bool)]
            fault = RowFault(str(error.check.name))
            yield BrokenRule(column.name, fault, _params(column, fault), rows)


def _params(column: Column, fault: RowFault) -> dict[str, str]:
    if fault is RowFault.OUT_OF_RANGE:
        return {
            "minimum": "-" if column.minimum is None else str(column.minimum),
            "maximum": "-" if column.maximum is None else str(column.maximum),
        }
    if fault is RowFault.UNKNOWN_CODE:
        return {"known": ", ".join(code for code in checks.allowed_codes(column) if code)}
    return {}
