"""Where an order file and the master differ: the classes, the rows that are found, and their sums."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

# In the order in which staff should look at them.
CLASSES: Final = (
    "missing",
    "changed_after_instruction",
    "cancelled",
    "changed",
    "new",
    "conflict",
    "unreadable",
    "duplicate",
    "amount_mismatch",
    "tax_mismatch",
)

SCRATCH: Final = {
    "tmp_order_difference": "kind TEXT, channel TEXT, order_no TEXT, detail TEXT, src_file BIGINT, src_line BIGINT, "
    "as_of TEXT, yen BIGINT, cause TEXT, other_channel TEXT, other_order TEXT, "
    "PRIMARY KEY (kind, channel, order_no, detail)"
}

INSERT: Final = (
    "INSERT INTO tmp_order_difference "
    "(kind, channel, order_no, detail, src_file, src_line, as_of, yen, cause, other_channel, other_order) "
)

_TOTALS: Final = """
SELECT kind, COUNT(*), COALESCE(CAST(SUM(yen) AS BIGINT), 0)
FROM (SELECT kind, channel, order_no, MAX(yen) AS yen FROM tmp_order_difference GROUP BY kind, channel, order_no) o
GROUP BY kind ORDER BY kind
"""

_ROWS: Final = """
SELECT d.kind, d.channel, d.order_no, d.detail, d.src_file, d.src_line, d.as_of, d.yen, d.cause, d.other_channel,
       d.other_order
FROM (SELECT t.*, ROW_NUMBER() OVER (PARTITION BY t.kind ORDER BY t.channel, t.order_no, t.detail) AS place
      FROM tmp_order_difference t) d
WHERE d.place <= :most
ORDER BY d.kind, d.place
"""

_CHANGES: Final = """
SELECT f.scope || f.part, f.field, f.personal, f.old_value, f.new_value
FROM w_field f
WHERE f.channel = :channel AND f.order_no = :order_no
ORDER BY f.scope, f.part, f.field
"""


@dataclass(frozen=True)
class FieldChange:
    """One field of an order that a file would change. Personal ones carry no value. `scope` as in order_change."""

    scope: str
    field: str
    personal: bool
    old: str
    new: str


@dataclass(frozen=True)
class OrderDifference:
    """One order in one class.

    `src_file` is the number of the file that was read (0: none, the master says it), `src_line` the physical
    line, `as_of` that of the file or of the order. `other_*` name the order that it is compared with.
    """

    kind: str
    channel: str
    order_no: str
    detail: str
    src_file: int
    src_line: int
    as_of: str
    yen: int | None
    cause: str
    other_channel: str
    other_order: str
    changes: tuple[FieldChange, ...] = ()


@dataclass(frozen=True)
class ClassTotal:
    """How many orders are in a class, and the yen that they are about."""

    orders: int
    yen: int


def totals(ctx: RunContext) -> dict[str, ClassTotal]:
    """Return the sums of every class that was found, shown or not."""
    return {str(kind): ClassTotal(int(count), int(yen)) for kind, count, yen in ctx.rows(_TOTALS)}


def first_rows(ctx: RunContext, most: int) -> list[OrderDifference]:
    """Return at most so many rows of each class, with the fields that a file would change."""
    found = []
    for row in ctx.rows(_ROWS, most=most):
        changes: tuple[FieldChange, ...] = ()
        if row[0] in {"changed", "changed_after_instruction", "cancelled"} and row[4] != 0:
            changes = tuple(
                FieldChange(str(scope), str(name), bool(personal), str(old), str(new))
                for scope, name, personal, old, new in ctx.rows(_CHANGES, channel=row[1], order_no=row[2])
            )
        found.append(replace(OrderDifference(*row), changes=changes))
    return sorted(found, key=lambda row: CLASSES.index(row.kind))
