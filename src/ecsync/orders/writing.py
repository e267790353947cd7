"""Write new and changed orders into the master, with a revision for each; rows that do not differ stay untouched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.orders import levels
from ecsync.orders.differences import STAGED

if TYPE_CHECKING:
    from ecsync.master.context import RunContext
    from ecsync.orders.levels import Level

_ORDER_EXTRAS: Final = ("state", "as_of", "totals_ok")

# Which staged parts of a changed order are written: only those that w_field names.
_WRITTEN: Final = (
    "(w.fate = 'new' OR (w.fate = 'changed' AND EXISTS (SELECT 1 FROM w_field f WHERE f.channel = w.channel "
    "AND f.order_no = w.order_no AND f.scope = '{scope}' AND f.part = {part} AND f.field IN ({fields}))))"
)

_ADVANCED: Final = """
UPDATE sales_order SET
  as_of = (SELECT w.as_of FROM w_winner w WHERE w.channel = sales_order.channel AND w.order_no = sales_order.order_no),
  totals_ok = (SELECT w.totals_ok FROM w_winner w
               WHERE w.channel = sales_order.channel AND w.order_no = sales_order.order_no),
  run_id = :run
WHERE EXISTS (SELECT 1 FROM w_winner w WHERE w.channel = sales_order.channel AND w.order_no = sales_order.order_no
              AND w.fate = 'advanced')
"""

_REVISIONS: Final = """
INSERT INTO order_revision (channel, order_no, revision, kind, changed, as_of, recorded_at, run_id)
SELECT w.channel, w.order_no, o.revision, w.kind, COALESCE({changed}, ''), w.as_of, :now, :run
FROM w_winner w JOIN sales_order o ON o.channel = w.channel AND o.order_no = w.order_no{fields}
WHERE w.fate IN ('new', 'changed')
ORDER BY w.channel, w.order_no
"""

_SOURCES: Final = """
INSERT INTO order_source (channel, order_no, revision, file_id, line, run_id)
SELECT w.channel, w.order_no, o.revision, w.src_file, s.src_line, :run
FROM w_winner w
JOIN sales_order o ON o.channel = w.channel AND o.order_no = w.order_no
JOIN stg_order_lines s ON s.src_row = w.first_row
WHERE w.fate IN ('new', 'changed')
"""

_CHANGES: Final = """
INSERT INTO order_change (channel, order_no, revision, scope, field, old_value, new_value, run_id)
SELECT f.channel, f.order_no, o.revision, CASE WHEN f.scope = '' THEN '' ELSE f.scope || f.part END, f.field,
       f.old_value, f.new_value, :run
FROM w_field f JOIN sales_order o ON o.channel = f.channel AND o.order_no = f.order_no
WHERE f.personal = 0
ORDER BY f.channel, f.order_no, f.scope, f.part, f.field
"""

# (table, its part column, further condition, scope, field that says the part is gone)
_GONE: Final = (
    ("order_line", "line_id", "", "line:", "line_removed"),
    ("person_line", "line_id", "", "line:", "line_removed"),
    ("order_destination", "dest_id", "", "dest:", "destination_removed"),
    ("person", "dest_id", "AND role = 'ship' ", "dest:", "destination_removed"),
)


def write_orders(ctx: RunContext) -> None:
    """Write what w_winner and w_field say into the tables of an order, then its revision."""
    _write_order_rows(ctx)
    ctx.execute(_ADVANCED, run=ctx.run_id)
    for table, column, condition, scope, gone in _GONE:
        ctx.execute(
            f"DELETE FROM {table} WHERE EXISTS (SELECT 1 FROM w_field f WHERE f.channel = {table}.channel "  # noqa: S608
            f"AND f.order_no = {table}.order_no AND f.scope = '{scope}' AND f.part = {table}.{column} "
            f"AND f.field = '{gone}') {condition}"
        )
    _write_level(ctx, levels.BUYER)
    _write_level(ctx, levels.DESTINATION, "destination_added")
    _write_level(ctx, levels.RECEIVER, "destination_added")
    _write_level(ctx, levels.LINE, "line_added")
    _write_level(ctx, levels.OPTIONS, "line_added")
    _write_revisions(ctx)


def _write_order_rows(ctx: RunContext) -> None:
    fields = levels.ORDER.fields
    targets = [f.target for f in fields]
    updates = ", ".join(f"{name} = excluded.{name}" for name in (*targets, *_ORDER_EXTRAS, "run_id"))
    ctx.execute(
        f"INSERT INTO sales_order (channel, order_no, {', '.join(targets)}, {', '.join(_ORDER_EXTRAS)}, run_id) "  # noqa: S608
        f"SELECT w.channel, w.order_no, {', '.join(f.source for f in fields)}, "
        f"{', '.join(f'w.{name}' for name in _ORDER_EXTRAS)}, :run "
        f"FROM {STAGED['order']} WHERE w.fate IN ('new', 'changed') "
        f"ON CONFLICT (channel, order_no) DO UPDATE SET {updates}, revision = sales_order.revision + 1",
        run=ctx.run_id,
    )


def _write_level(ctx: RunContext, level: Level, added: str = "") -> None:
    keys = ["channel", "order_no", level.part_column, *(column for column, _value in level.fixed)]
    key_sources = ["w.channel", "w.order_no", level.part, *(f"'{value}'" for _column, value in level.fixed)]
    targets = [f.target for f in level.fields]
    names = ", ".join(f"'{name}'" for name in (*(f.name for f in level.fields), added))
    written = _WRITTEN.format(scope=level.scope, part=level.part, fields=names)
    updates = ", ".join(f"{name} = excluded.{name}" for name in (*targets, "run_id"))
    kept = f" WHERE {level.table}.erased_at = ''" if level.erasable else ""
    ctx.execute(
        f"INSERT INTO {level.table} ({', '.join((*keys, *targets))}, run_id) "  # noqa: S608
        f"SELECT {', '.join((*key_sources, *(f.source for f in level.fields)))}, :run "
        f"FROM {STAGED[level.name]} WHERE {written} "
        f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {updates}{kept}",
        run=ctx.run_id,
    )


def _write_revisions(ctx: RunContext) -> None:
    names = sorted(str(name) for (name,) in ctx.rows("SELECT DISTINCT field FROM w_field ORDER BY field"))
    changed, joined = "''", ""
    if names:
        # The field names are ours, few and known: their list is put together without an aggregate of either database.
        listed = " || ".join(f"MAX(CASE WHEN field = '{name}' THEN ',{name}' ELSE '' END)" for name in names)
        changed = "SUBSTR(g.changed, 2)"
        joined = (
            f" LEFT JOIN (SELECT channel, order_no, {listed} AS changed FROM w_field "  # noqa: S608
            "GROUP BY channel, order_no) g ON g.channel = w.channel AND g.order_no = w.order_no"
        )
    ctx.execute(_REVISIONS.format(changed=changed, fields=joined), now=ctx.now, run=ctx.run_id)
    ctx.execute(_SOURCES, run=ctx.run_id)
    ctx.execute(_CHANGES, run=ctx.run_id)
