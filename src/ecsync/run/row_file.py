"""The file of a flow that goes by rows: the mapping's own columns, and before them the business key of each row.

It is Unicode with a byte order mark, or cp932, as the mapping says; its other words about the file (delimiter, quotes,
rows before the header) say nothing about a table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from ecsync.exchange.interface_table import BUSINESS_KEY, InterfaceTable
from ecsync.mapping.model_out import ValueColumn
from ecsync.run.portions import starts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ecsync.config import Outbound
    from ecsync.mapping.model import OutboundMapping

_ROW_KEY: Final = "row_key"
_ENCODINGS: Final = {"utf-8": "utf-8-sig", "utf-16le": "utf-16", "utf-16be": "utf-16"}


def as_rows(mapping: OutboundMapping) -> OutboundMapping:
    """Return the mapping that writes such a file; its batches need what `with_row_keys` adds."""
    file = mapping.file.model_copy(
        update={
            "encoding": _ENCODINGS.get(mapping.file.encoding, mapping.file.encoding),
            "delimiter": ",",
            "newline": "crlf",
            "header": True,
            "quote": "minimal",
            "preamble": (),
            "final_newline": True,
        }
    )
    key = {BUSINESS_KEY: ValueColumn.model_validate({"value": _ROW_KEY, "as": "text"})}
    return mapping.model_copy(update={"file": file, "columns": (key, *mapping.columns)})


def with_row_keys(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Give every row a key of its own: the business key, and from its second row on `#2`, `#3` behind it.

    No batch may end inside a business key.
    """
    for batch in batches:
        places = np.flatnonzero(starts(batch))
        nth = np.arange(batch.num_rows) - np.repeat(places, np.diff(np.append(places, batch.num_rows))) + 1
        keys = batch.column(BUSINESS_KEY)
        if (nth > 1).any():
            told = zip(keys.to_pylist(), nth.tolist(), strict=True)
            keys = pa.array([key if n == 1 else f"{key}#{n}" for key, n in told], pa.string())
        yield batch.append_column(_ROW_KEY, keys)


def interface_table(flow: Outbound, mapping: OutboundMapping) -> InterfaceTable:
    """Return the table that takes a flow's rows; raise ConfigurationError where a name cannot be one."""
    return InterfaceTable.of(flow.path, as_rows(mapping).header)
