"""Corrections of ours and files of the shop: who says what of a field, and which value counts.

While an import is compared and written, the master shows what the shop stated last (`lift_amendments`);
afterwards our values are laid over it again (`lay_amendments`). So versions, differences and conflicts are
those of the shop's files alone, whatever we corrected. Where the shop sends a value that is neither the one
that was corrected nor the correction, the two stand against each other: a person has to say which counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.orders.amendable import FIELDS

if TYPE_CHECKING:
    from ecsync.master.context import RunContext
    from ecsync.orders.amendable import AmendableField

SCRATCH: Final = {
    "w_amended": "channel TEXT, order_no TEXT, scope TEXT, field TEXT, PRIMARY KEY (channel, order_no, scope, field)"
}

STANDING: Final = "('active', 'contested')"

# Of the orders that files of this run speak of.
_AMENDED: Final = f"""
INSERT INTO w_amended (channel, order_no, scope, field)
SELECT a.channel, a.order_no, a.scope, a.field FROM order_amendment a
JOIN w_winner w ON w.channel = a.channel AND w.order_no = a.order_no
WHERE a.state IN {STANDING}
"""  # noqa: S608

_OF_AMENDMENT: Final = (
    "v.channel = w.channel AND v.order_no = w.order_no AND v.scope = w.scope AND v.field = w.field"
)
_HOME: Final = (
    "EXISTS (SELECT 1 FROM order_destination d WHERE d.channel = order_amendment.channel "
    "AND d.order_no = order_amendment.order_no AND 'dest:' || d.dest_id = order_amendment.scope)"
)
_CONTESTED: Final = """
UPDATE {table} SET state = CASE WHEN {contested} THEN 'contested' ELSE 'active' END, run_id = :run
WHERE field = '{field}' AND state IN ('active', 'contested') AND EXISTS ({among})
  AND (SUBSTR(scope, 1, 5) <> 'dest:' OR {home})
  AND state <> CASE WHEN {contested} THEN 'contested' ELSE 'active' END
"""
_AMONG: Final = (
    "SELECT 1 FROM w_amended w WHERE w.channel = order_amendment.channel AND w.order_no = order_amendment.order_no "
    "AND w.scope = order_amendment.scope AND w.field = order_amendment.field"
)

# A destination that is gone took what we corrected with it: somebody has to look at the new one.
_LOST_DESTINATION: Final = f"""
UPDATE order_amendment SET state = 'contested', run_id = :run
WHERE state = 'active' AND SUBSTR(scope, 1, 5) = 'dest:' AND EXISTS ({_AMONG}) AND NOT {_HOME}
"""  # noqa: S608
_LOST_LINE: Final = f"""
UPDATE order_amendment SET state = 'gone', run_id = :run
WHERE state IN {STANDING} AND SUBSTR(scope, 1, 5) = 'line:' AND EXISTS ({_AMONG})
  AND NOT EXISTS (SELECT 1 FROM order_line l WHERE l.channel = order_amendment.channel
                  AND l.order_no = order_amendment.order_no AND 'line:' || l.line_id = order_amendment.scope)
"""  # noqa: S608


def lift_amendments(ctx: RunContext) -> bool:
    """Show the shop's values of corrected fields for the orders of w_winner; tell whether there are any."""
    ctx.execute(_AMENDED)
    fields = _fields_among(ctx)
    for field in fields:
        if field.table != "order_line":
            _set(ctx, field, "mall_value")
    return bool(fields)


def lay_amendments(ctx: RunContext) -> None:
    """Take note of the shop's newest values, lay ours over them, and mark what stands against each other."""
    for field in _fields_among(ctx):
        _note_mall_value(ctx, field)
        if field.table != "order_line":
            _set(ctx, field, "value")
        _mark_contested(ctx, field)
    ctx.execute(_LOST_DESTINATION, run=ctx.run_id)
    ctx.execute(_LOST_LINE, run=ctx.run_id)


def _fields_among(ctx: RunContext) -> list[AmendableField]:
    return [FIELDS[name] for (name,) in ctx.rows("SELECT DISTINCT field FROM w_amended ORDER BY field")]


def values_table(field: AmendableField) -> str:
    """Return the table that holds the values of a field's corrections."""
    return "person_amendment" if field.personal else "order_amendment"


def row_of(field: AmendableField, part: str, row: str = "t") -> str:
    """Return the condition that `row` of the field's table is the part that `part` (SQL of a scope) names."""
    terms = [f"'{field.scope}' || {row}.{field.part_column} = {part}"]
    if field.personal:
        terms += [f"{row}.role = 'ship'", f"{row}.erased_at = ''"]
    return " AND ".join(terms)


def _set(ctx: RunContext, field: AmendableField, source: str) -> None:
    """Set a column from the corrections, uncounted: lifted and laid again, nothing has changed."""
    value = f"CAST(v.{source} AS BIGINT)" if field.integer else f"v.{source}"
    rows = (
        f"FROM w_amended w JOIN {values_table(field)} v ON {_OF_AMENDMENT} "
        f"WHERE w.field = '{field.name}' AND w.channel = {field.table}.channel "
        f"AND w.order_no = {field.table}.order_no AND {row_of(field, 'w.scope', field.table)}"
    )
    ctx.conn.exec_driver_sql(
        f"UPDATE {field.table} SET {field.column} = (SELECT {value} {rows}) WHERE EXISTS (SELECT 1 {rows})"  # noqa: S608
    )


def _note_mall_value(ctx: RunContext, field: AmendableField) -> None:
    table = values_table(field)
    stated = (
        f"SELECT {field.mall_value} FROM {field.table} t WHERE t.channel = {table}.channel "  # noqa: S608
        f"AND t.order_no = {table}.order_no AND {row_of(field, f'{table}.scope')}"
    )
    among = _AMONG.replace("order_amendment", table)
    ctx.execute(
        f"UPDATE {table} SET mall_value = ({stated}), run_id = :run "  # noqa: S608
        f"WHERE field = '{field.name}' AND EXISTS ({among}) AND mall_value <> ({stated})",
        run=ctx.run_id,
    )


def _mark_contested(ctx: RunContext, field: AmendableField) -> None:
    differs = "mall_value <> base_value AND mall_value <> value"
    if field.personal:
        differs = (
            "EXISTS (SELECT 1 FROM person_amendment v WHERE v.channel = order_amendment.channel "
            "AND v.order_no = order_amendment.order_no AND v.scope = order_amendment.scope "
            "AND v.field = order_amendment.field AND v.mall_value <> v.base_value AND v.mall_value <> v.value)"
        )
    ctx.execute(
        _CONTESTED.format(
            table="order_amendment", contested=differs, field=field.name, among=_AMONG, home=_HOME
        ),
        run=ctx.run_id,
    )
