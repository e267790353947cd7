"""Control totals of a batch: by how much each row's order misses what the mapping says it adds up to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from ecsync.mapping.model_total import Formula, Total


def totals_gap(
    totals: Sequence[Total], amounts: Mapping[str, pa.Array], unfixed: NDArray[np.bool_]
) -> pa.Array:
    """Return the gap of the first total that does not hold, 0 where all hold (int64).

    Null where it cannot be told: the target is absent, an amount is not fixed yet, or there is no total.
    An amount that the file lacks counts 0.
    """
    rows = len(unfixed)
    gap = np.zeros(rows, np.int64)
    unknown = unfixed.copy()
    for total in totals:
        gaps = [_gap(formula, amounts) for formula in total.formulas]
        holds = np.logical_or.reduce([one == 0 for one in gaps])
        gap = np.where(gap != 0, gap, np.where(holds, 0, gaps[0]))
        for target in {formula.target for formula in total.formulas}:
            unknown |= amounts[target].is_null().to_numpy(zero_copy_only=False)
    if not totals:
        unknown[:] = True
    return pa.array(gap, pa.int64(), mask=unknown)


def _gap(formula: Formula, amounts: Mapping[str, pa.Array]) -> NDArray[np.int64]:
    plus = [_filled(amounts[name]) for name in formula.plus if name in amounts]
    minus = [_filled(amounts[name]) for name in formula.minus if name in amounts]
    gap = _filled(amounts[formula.target])
    for amount in plus:
        gap = gap - amount
    for amount in minus:
        gap = gap + amount
    return gap


def _filled(amount: pa.Array) -> NDArray[np.int64]:
    filled: NDArray[np.int64] = pc.fill_null(amount, 0).to_numpy(zero_copy_only=False)
    return filled
