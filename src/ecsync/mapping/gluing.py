"""Glue the texts of several columns, blank ones left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Sequence


def glued(parts: Sequence[pa.Array], separator: str) -> pa.Array:
    """Return one text per row from string columns of equal length: null parts are left out, all null gives "".

    pyarrow 26 drops rows of which every part is null from a join that skips nulls.
    """
    first, *rest = parts
    blank = pc.is_null(first)
    for part in rest:
        blank = pc.and_(blank, pc.is_null(part))
    first = pc.if_else(blank, pa.scalar("", pa.string()), first)
    return pc.binary_join_element_wise(first, *rest, pa.scalar(separator, pa.string()), null_handling="skip")
