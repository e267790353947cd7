"""pandera schemas of the canonical frames: what one row alone must keep, whatever file it came from.

Keys, totals and everything across rows are SQL on staging. pandera and pandas are imported on the first call.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from ecsync.entities.codes import CODE_LISTS

if TYPE_CHECKING:
    import pandera.pandas as pandera

    from ecsync.entities.model import Column, Entity

# The names of the checks; a missing integer is reported by pandera as `not_nullable`.
REQUIRED: Final = "required"
UNKNOWN_CODE: Final = "unknown_code"
OUT_OF_RANGE: Final = "out_of_range"
NOT_A_FLAG: Final = "not_a_flag"

_LEAST: Final = -(2**63)
_MOST: Final = 2**63 - 1


@cache
def schema_for(entity: Entity) -> pandera.DataFrameSchema:
    """Return the schema over the columns that have a rule; every check is named after its rule."""
    import pandera.pandas as pandera  # noqa: PLC0415  (heavy; only commands that read files pay for it)

    columns = {
        column.name: pandera.Column(
            nullable=not (column.required and column.is_integer), checks=_checks(column)
        )
        for column in entity.columns
        if is_ruled(column)
    }
    return pandera.DataFrameSchema(columns, name=entity.name)


def is_ruled(column: Column) -> bool:
    """Tell whether a value alone can break a rule of the column."""
    return (
        column.required
        or column.kind in {"code", "flag"}
        or column.minimum is not None
        or column.maximum is not None
    )


def allowed_codes(column: Column) -> tuple[str, ...]:
    """Return the codes that a code column may hold; "" (absent) too, unless it is required."""
    codes = CODE_LISTS[column.codes]
    return codes if column.required or "" in codes else ("", *codes)


def _checks(column: Column) -> list[pandera.Check]:
    import pandera.pandas as pandera  # noqa: PLC0415  (as above)

    checks = []
    if column.required and not column.is_integer:
        checks.append(pandera.Check.ne("", name=REQUIRED))
    if column.kind == "code":
        # An absent code is `required`, and is not reported as an unknown one too.
        allowed = [*allowed_codes(column), ""]
        checks.append(pandera.Check.isin(allowed, name=UNKNOWN_CODE))
    if column.kind == "flag":
        checks.append(pandera.Check.isin([0, 1], name=NOT_A_FLAG))
    if column.minimum is not None or column.maximum is not None:
        least = _LEAST if column.minimum is None else column.minimum
        most = _MOST if column.maximum is None else column.maximum
        checks.append(pandera.Check.in_range(least, most, name=OUT_OF_RANGE))
    return checks
