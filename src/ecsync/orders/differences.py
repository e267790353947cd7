"""What a newer version of an order changes, field by field: the source of verdicts and revisions.

Rows exist once (in staging and in the master); only what differs is written down, in w_field. Personal
values are compared like any other, and named without their values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.master.scratch import analyze
from ecsync.orders import levels

if TYPE_CHECKING:
    from ecsync.master.context import RunContext
    from ecsync.orders.levels import Level

SCRATCH: Final = {
    "w_place": "channel TEXT, order_no TEXT, dest_id TEXT, first_row BIGINT, "
    "PRIMARY KEY (channel, order_no, dest_id)",
    # scope: '' | 'dest:' | 'line:'; part: the destination or line
    "w_field": "channel TEXT, order_no TEXT, scope TEXT, part TEXT, field TEXT, personal BIGINT, "
    "old_value TEXT, new_value TEXT, PRIMARY KEY (channel, order_no, scope, part, field)",
}

_OF_ORDER: Final = "s.src_party = w.channel AND s.order_no = w.order_no"
# The staged rows `s` that speak for one order, one destination, one line of the winning versions `w`.
_STAGED_LINES: Final = (
    f"w_winner w JOIN stg_order_lines s ON {_OF_ORDER} AND s.src_file = w.src_file AND s.verdict = ''"
)
_STAGED_ORDERS: Final = "w_winner w JOIN stg_order_lines s ON s.src_row = w.first_row"
_STAGED_PLACES: Final = (
    "w_winner w JOIN w_place p ON p.channel = w.channel AND p.order_no = w.order_no "
    "JOIN stg_order_lines s ON s.src_row = p.first_row"
)
STAGED: Final = {
    "order": _STAGED_ORDERS,
    "buyer": _STAGED_ORDERS,
    "destination": _STAGED_PLACES,
    "receiver": _STAGED_PLACES,
    "line": _STAGED_LINES,
    "options": _STAGED_LINES,
}

COMPARED: Final = (
    "EXISTS (SELECT 1 FROM w_multi m WHERE m.channel = w.channel AND m.order_no = w.order_no "
    "AND m.src_file = w.src_file)"
)
_KNOWN: Final = "w.fate IN ('newer', 'same')"

# Orders whose rows were not compared go to one place: that of their first row, where new ones are read from.
_PLACES: Final = (
    f"""
INSERT INTO w_place (channel, order_no, dest_id, first_row)
SELECT w.channel, w.order_no, s.dest_id, w.first_row FROM {_STAGED_ORDERS}
WHERE {_KNOWN} AND NOT {COMPARED}
""",  # noqa: S608
    f"""
INSERT INTO w_place (channel, order_no, dest_id, first_row)
SELECT w.channel, w.order_no, s.dest_id, MIN(s.src_row) FROM {_STAGED_LINES}
WHERE w.fate IN ('new', 'newer', 'same') AND (w.channel, w.order_no) IN (SELECT channel, order_no FROM w_multi)
  AND {COMPARED}
GROUP BY w.channel, w.order_no, s.dest_id
""",  # noqa: S608
)

_NOTE: Final = "INSERT INTO w_field (channel, order_no, scope, part, field, personal, old_value, new_value) "

_IN_FILE: Final = (
    "EXISTS (SELECT 1 FROM stg_order_lines s WHERE s.src_party = w.channel AND s.order_no = w.order_no "
    "AND s.src_file = w.src_file AND s.verdict = '' AND s.line_id = {line}.line_id)"
)

_ADDED_LINES: Final = f"""{_NOTE}
SELECT w.channel, w.order_no, 'line:', s.line_id, 'line_added', 0, '', CAST(s.qty AS TEXT)
FROM {_STAGED_LINES}
WHERE {_KNOWN} AND NOT EXISTS (SELECT 1 FROM order_line t WHERE {levels.LINE.join()})
"""  # noqa: S608

# A line that has left the warehouse stays, whatever the mall now says.
_REMOVED_LINES: Final = f"""{_NOTE}
SELECT w.channel, w.order_no, 'line:', t.line_id, 'line_removed', 0, CAST(t.qty AS TEXT), ''
FROM w_winner w JOIN order_line t ON t.channel = w.channel AND t.order_no = w.order_no
WHERE {_KNOWN} AND NOT {_IN_FILE.format(line="t")}
  AND NOT EXISTS (SELECT 1 FROM instruction_line i WHERE i.channel = t.channel AND i.order_no = t.order_no
                  AND i.line_id = t.line_id AND i.shipped_qty > 0)
"""  # noqa: S608

_ADDED_PLACES: Final = f"""{_NOTE}
SELECT w.channel, w.order_no, 'dest:', p.dest_id, 'destination_added', 0, '', p.dest_id
FROM w_winner w JOIN w_place p ON p.channel = w.channel AND p.order_no = w.order_no
WHERE {_KNOWN} AND NOT EXISTS (SELECT 1 FROM order_destination t WHERE t.channel = p.channel
                               AND t.order_no = p.order_no AND t.dest_id = p.dest_id)
"""  # noqa: S608

_REMOVED_PLACES: Final = f"""{_NOTE}
SELECT w.channel, w.order_no, 'dest:', t.dest_id, 'destination_removed', 0, t.dest_id, ''
FROM w_winner w JOIN order_destination t ON t.channel = w.channel AND t.order_no = w.order_no
WHERE {_KNOWN}
  AND NOT EXISTS (SELECT 1 FROM w_place p WHERE p.channel = w.channel AND p.order_no = w.order_no
                  AND p.dest_id = t.dest_id)
  AND NOT EXISTS (SELECT 1 FROM order_line l WHERE l.channel = t.channel AND l.order_no = t.order_no
                  AND l.dest_id = t.dest_id AND NOT {_IN_FILE.format(line="l")}
                  AND NOT EXISTS (SELECT 1 FROM w_field f WHERE f.channel = l.channel AND f.order_no = l.order_no
                                  AND f.scope = 'line:' AND f.part = l.line_id AND f.field = 'line_removed'))
"""  # noqa: S608


def find_differences(ctx: RunContext) -> None:
    """Fill w_place, and w_field with one row per field in which a known order differs from its new version."""
    for places in _PLACES:
        ctx.execute(places)
    analyze(ctx, "w_place")
    if not ctx.scalar(f"SELECT COUNT(*) FROM w_winner w WHERE {_KNOWN}"):  # noqa: S608
        return
    for level in levels.LEVELS:
        _compare(ctx, level)
    ctx.execute(_ADDED_LINES)
    ctx.execute(_REMOVED_LINES)
    ctx.execute(_ADDED_PLACES)
    ctx.execute(_REMOVED_PLACES)
    analyze(ctx, "w_field")


def _compare(ctx: RunContext, level: Level) -> None:
    rows = f"{STAGED[level.name]} JOIN {level.table} t ON {level.join()} WHERE {_KNOWN}"
    # One pass finds the few columns that differ anywhere; only these are looked at row by row.
    flags = ", ".join(
        f"MAX(CASE WHEN {field.unequal()} THEN 1 ELSE 0 END) AS d{n}" for n, field in enumerate(level.fields)
    )
    (found,) = ctx.rows(f"SELECT {flags} FROM {rows}")  # noqa: S608
    for field, differs in zip(level.fields, found, strict=True):
        if differs:
            old, new = ("''", "''") if field.personal else (field.old_text(), field.new_text())
            ctx.execute(
                f"{_NOTE} SELECT w.channel, w.order_no, '{level.scope}', {level.part}, '{field.name}', "  # noqa: S608
                f"{int(field.personal)}, {old}, {new} FROM {rows} AND {field.unequal()}"
            )
