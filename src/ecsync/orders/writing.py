"""Write new and changed orders into the master, with a revision for each; rows that do not differ stay untouched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.orders import levels
from ecsync.orders.differences import COMPARED, STAGED
from ecsync.orders.resolution import STAGED_RATE, STAGED_SKU, STAGED_SOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecsync.master.context import RunContext
    from ecsync.orders.levels import Level

_ORDER_EXTRAS: Final = ("state", "as_of", "totals_ok")

# Which staged parts of a changed order are written: only those that w_field names.
_CHANGED: Final = (
    "w.fate = 'changed' AND EXISTS (SELECT 1 FROM w_field f WHERE f.channel = w.channel "
    "AND f.order_no = w.order_no AND f.scope = '{scope}' AND f.part = {part} AND f.field IN ({fields}))"
)
_ANY_CHANGED: Final = "SELECT COUNT(*) FROM w_winner WHERE fate = 'changed'"

_ADVANCED: Final = """
UPDATE sales_order SET
  as_of = (SELECT w.as_of FROM w_winner w WHERE w.channel = sales_order.channel AND w.order_no = sales_order.order_no),
  totals_ok = (SELECT w.totals_ok FROM w_winner w
               WHERE w.channel = sales_order.channel AND w.order_no = sales_order.order_no),
  run_id = :run
WHERE EXISTS (SELECT 1 FROM w_winner w WHERE w.channel = sales_order.channel AND w.order_no = sales_order.order_no
              AND w.fate = 'advanced')
"""

# A new order is in its first revision: nothing needs to be looked up for it.
_FIRST_REVISIONS: Final = """
INSERT INTO order_revision (channel, order_no, revision, kind, changed, as_of, recorded_at, run_id)
SELECT w.channel, w.order_no, 1, w.kind, '', w.as_of, :now, :run FROM w_winner w WHERE w.fate = 'new'
ORDER BY w.channel, w.order_no
"""
_FIRST_SOURCES: Final = """
INSERT INTO order_source (channel, order_no, revision, file_id, line, run_id)
SELECT w.channel, w.order_no, 1, w.src_file, s.src_line, :run
FROM w_winner w JOIN stg_order_lines s ON s.src_row = w.first_row WHERE w.fate = 'new'
"""

_REVISIONS: Final = """
INSERT INTO order_revision (channel, order_no, revision, kind, changed, as_of, recorded_at, run_id)
SELECT w.channel, w.order_no, o.revision, w.kind, COALESCE({changed}, ''), w.as_of, :now, :run
FROM w_winner w JOIN sales_order o ON o.channel = w.channel AND o.order_no = w.order_no{fields}
WHERE w.fate = 'changed'
ORDER BY w.channel, w.order_no
"""

_SOURCES: Final = """
INSERT INTO order_source (channel, order_no, revision, file_id, line, run_id)
SELECT w.channel, w.order_no, o.revision, w.src_file, s.src_line, :run
FROM w_winner w
JOIN sales_order o ON o.channel = w.channel AND o.order_no = w.order_no
JOIN stg_order_lines s ON s.src_row = w.first_row
WHERE w.fate = 'changed'
"""

_CHANGES: Final = """
INSERT INTO order_change (channel, order_no, revision, scope, field, old_value, new_value, run_id)
SELECT f.channel, f.order_no, o.revision, CASE WHEN f.scope = '' THEN '' ELSE f.scope || f.part END, f.field,
       f.old_value, f.new_value, :run
FROM w_field f JOIN sales_order o ON o.channel = f.channel AND o.order_no = f.order_no
WHERE f.personal = 0
ORDER BY f.channel, f.order_no, f.scope, f.part, f.field
"""

# What a new line has beside what the file says; a known one keeps its own until it is resolved again.
_OF_NEW_LINES: Final = {"sku": STAGED_SKU, "tax_rate": STAGED_RATE}

# (table, its part column, further condition, scope, field that says the part is gone)
_GONE: Final = (
    ("order_line", "line_id", "", "line:", "line_removed"),
    ("person_line", "line_id", "", "line:", "line_removed"),
    ("order_destination", "dest_id", "", "dest:", "destination_removed"),
    ("person", "dest_id", "AND role = 'ship' ", "dest:", "destination_removed"),
)


_OF_PLACES: Final = frozenset({levels.DESTINATION.name, levels.RECEIVER.name})

# (level, the field that says a part is new, what a new row has besides), in the order of writing
_WRITTEN: Final[tuple[tuple[Level, str, Mapping[str, str]], ...]] = (
    (levels.BUYER, "", {}),
    (levels.DESTINATION, "destination_added", {}),
    (levels.RECEIVER, "destination_added", {}),
    (levels.LINE, "line_added", _OF_NEW_LINES),
    (levels.OPTIONS, "line_added", {}),
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
    also_changed = bool(ctx.scalar(_ANY_CHANGED))
    for level, added, of_new in _WRITTEN:
        _write_level(ctx, level, added, of_new, also_changed=also_changed)
    ctx.execute(_FIRST_REVISIONS, now=ctx.now, run=ctx.run_id)
    ctx.execute(_FIRST_SOURCES, run=ctx.run_id)
    if also_changed:
        _write_revisions(ctx)


def _write_order_rows(ctx: RunContext) -> None:
    fields = levels.ORDER.fields
    targets = [f.target for f in fields]
    updates = ", ".join(f"{name} = excluded.{name}" for name in (*targets, *_ORDER_EXTRAS, "run_id"))
    insert = (
        f"INSERT INTO sales_order (channel, order_no, {', '.join(targets)}, {', '.join(_ORDER_EXTRAS)}, run_id) "  # noqa: S608
        f"SELECT w.channel, w.order_no, {', '.join(f.source for f in fields)}, "
        f"{', '.join(f'w.{name}' for name in _ORDER_EXTRAS)}, :run FROM {STAGED['order']} "
    )
    # A new order can meet nothing, and a plain insert is quicker.
    ctx.execute(f"{insert} WHERE w.fate = 'new'", run=ctx.run_id)
    ctx.execute(
        f"{insert} WHERE w.fate = 'changed' "
        f"ON CONFLICT (channel, order_no) DO UPDATE SET {updates}, revision = sales_order.revision + 1",
        run=ctx.run_id,
    )


def _write_level(
    ctx: RunContext, level: Level, added: str, of_new: Mapping[str, str], *, also_changed: bool
) -> None:
    keys = ["channel", "order_no", level.part_column, *(column for column, _value in level.fixed)]
    key_sources = ["w.channel", "w.order_no", level.part, *(f"'{value}'" for _column, value in level.fixed)]
    targets = [f.target for f in level.fields]
    insert = (
        f"INSERT INTO {level.table} ({', '.join((*keys, *targets, *of_new))}, run_id) "  # noqa: S608
        f"SELECT {', '.join((*key_sources, *(f.source for f in level.fields), *of_new.values()))}, :run "
        "FROM "
    )
    staged = f"{STAGED[level.name]} {STAGED_SOURCES if of_new else ''}"
    if level.name in _OF_PLACES:
        # w_place knows the new orders of several places; the others stand in their first row.
        ctx.execute(f"{insert}{STAGED['order']} WHERE w.fate = 'new' AND NOT {COMPARED}", run=ctx.run_id)
    ctx.execute(f"{insert}{staged} WHERE w.fate = 'new'", run=ctx.run_id)
    if not also_changed:
        return
    names = ", ".join(f"'{name}'" for name in (*(f.name for f in level.fields), added))
    changed = _CHANGED.format(scope=level.scope, part=level.part, fields=names)
    updates = ", ".join(f"{name} = excluded.{name}" for name in (*targets, "run_id"))
    kept = f" WHERE {level.table}.erased_at = ''" if level.erasable else ""
    ctx.execute(
        f"{insert}{staged} WHERE {changed} ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {updates}{kept}",
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
