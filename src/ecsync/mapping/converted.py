"""A canonical column of a batch: its values, the rows whose text was refused, and what stands beside it."""

from __future__ import annotations

from dataclasses import dataclass
from types import NoneType
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from ecsync.mapping.convert import UNFIXED, Outcome, Refusal, Unfixed
from ecsync.text.dates import Moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ecsync.entities import Column


@dataclass(frozen=True)
class Fault:
    """Rows of a batch whose text is refused, and why."""

    rows: NDArray[np.int64]
    refusal: Refusal


@dataclass(frozen=True)
class Converted:
    """One value per row: int64 or string; a refused row holds null or "".

    `offsets` (minutes, null where absent) stands beside times; `unfixed` marks amounts that are not fixed yet.
    """

    values: pa.Array
    faults: tuple[Fault, ...] = ()
    offsets: pa.Array | None = None
    unfixed: NDArray[np.bool_] | None = None

    def filter(self, keep: NDArray[np.bool_]) -> Converted:
        """Return the column of some rows."""
        place = np.cumsum(keep) - 1
        mask = pa.array(keep)
        return Converted(
            self.values.filter(mask),
            tuple(
                Fault(place[rows], one.refusal)
                for one in self.faults
                if len(rows := one.rows[keep[one.rows]])
            ),
            None if self.offsets is None else self.offsets.filter(mask),
            None if self.unfixed is None else self.unfixed[keep],
        )


def assemble(outcomes: Sequence[Outcome], codes: NDArray[np.int64], column: Column) -> Converted:
    """Return the column whose row i holds `outcomes[codes[i]]`."""
    rows = pa.array(codes)
    kinds = set(map(type, outcomes))
    faults = _faults(outcomes, codes) if Refusal in kinds else ()
    if column.kind == "time":
        moments = [one if isinstance(one, Moment) else Moment("", 0) for one in outcomes]
        offsets = [moment.offset_minutes if moment.utc else None for moment in moments]
        return Converted(
            pa.array([moment.utc for moment in moments], pa.string()).take(rows),
            faults,
            offsets=pa.array(offsets, pa.int64()).take(rows),
        )
    if not column.is_integer:
        texts = outcomes if kinds <= {str} else [one if isinstance(one, str) else "" for one in outcomes]
        return Converted(pa.array(texts, pa.string()).take(rows), faults)
    numbers = (
        outcomes if kinds <= {int, NoneType} else [one if isinstance(one, int) else None for one in outcomes]
    )
    unfixed = np.array([one is UNFIXED for one in outcomes], np.bool_)[codes] if Unfixed in kinds else None
    return Converted(pa.array(numbers, pa.int64()).take(rows), faults, unfixed=unfixed)


def pieced(parts: Sequence[tuple[NDArray[np.int64], Converted]], rows: int) -> Converted:
    """Return one column out of columns of some rows each; every row is in exactly one of them."""
    order = np.argsort(np.concatenate([own for own, _part in parts]))
    offsets = [part.offsets for _own, part in parts]
    unfixed = np.zeros(rows, np.bool_)
    for own, part in parts:
        if part.unfixed is not None:
            unfixed[own] = part.unfixed
    return Converted(
        pa.concat_arrays([part.values for _own, part in parts]).take(pa.array(order)),
        tuple(Fault(own[fault.rows], fault.refusal) for own, part in parts for fault in part.faults),
        offsets=None
        if any(offset is None for offset in offsets)
        else pa.concat_arrays(offsets).take(pa.array(order)),
        unfixed=unfixed if unfixed.any() else None,
    )


def _faults(outcomes: Sequence[Outcome], codes: NDArray[np.int64]) -> tuple[Fault, ...]:
    by_reason: dict[tuple[str, tuple[tuple[str, str], ...]], list[int]] = {}
    for code, outcome in enumerate(outcomes):
        if isinstance(outcome, Refusal):
            key = (str(outcome.reason), tuple(outcome.params.items()))
            by_reason.setdefault(key, []).append(code)
    return tuple(
        Fault(np.flatnonzero(np.isin(codes, refused)), Refusal(reason, dict(params)))
        for (reason, params), refused in by_reason.items()
    )
