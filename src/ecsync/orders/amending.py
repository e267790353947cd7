"""Correct an order: our values, with a revision of their own that files of the shop do not undo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecsync.errors import DecisionRefusedError
from ecsync.locale import _
from ecsync.master import decisions
from ecsync.orders.amendable import FIELDS, words_of
from ecsync.orders.amended_values import row_of
from ecsync.orders.resolution import resolve_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecsync.master.context import RunContext
    from ecsync.master.decisions import Decision
    from ecsync.orders.amendable import AmendableField
    from ecsync.orders.lookup import OrderFacts


@dataclass(frozen=True)
class Change:
    """One field that a decision changed. Personal values are '' here: they are named, never told."""

    scope: str
    field: str
    old: str
    new: str
    personal: bool


_KEY: Final = "channel = :channel AND order_no = :order_no AND scope = :scope AND field = :field"

_AMENDMENT: Final = """
SELECT a.state, CASE WHEN a.personal = 1 THEN COALESCE(v.mall_value, '') ELSE a.mall_value END
FROM order_amendment a LEFT JOIN person_amendment v ON v.channel = a.channel AND v.order_no = a.order_no
  AND v.scope = a.scope AND v.field = a.field
WHERE a.channel = :channel AND a.order_no = :order_no AND a.scope = :scope AND a.field = :field
"""

_WRITE: Final = """
INSERT INTO order_amendment (channel, order_no, scope, field, decision_id, personal, value, base_value, mall_value,
                             run_id)
VALUES (:channel, :order_no, :scope, :field, :number, :personal, :value, :mall, :mall, 0)
ON CONFLICT (channel, order_no, scope, field) DO UPDATE SET decision_id = excluded.decision_id, value = excluded.value,
  base_value = excluded.base_value, mall_value = excluded.mall_value, state = 'active', run_id = 0
"""
_WRITE_PERSONAL: Final = """
INSERT INTO person_amendment (channel, order_no, scope, field, value, base_value, mall_value, run_id)
VALUES (:channel, :order_no, :scope, :field, :value, :mall, :mall, 0)
ON CONFLICT (channel, order_no, scope, field) DO UPDATE SET value = excluded.value, base_value = excluded.base_value,
  mall_value = excluded.mall_value, erased_at = '', run_id = 0
"""

# A correction of which every field was corrected again since.
_SUPERSEDED: Final = """
UPDATE staff_decision SET state = 'superseded', ended_at = :now, ended_by = :by
WHERE channel = :channel AND order_no = :order_no AND kind = 'amend' AND state = 'active' AND decision_id <> :by
  AND NOT EXISTS (SELECT 1 FROM order_amendment a WHERE a.decision_id = staff_decision.decision_id)
"""

_WITHDRAWN: Final = """
UPDATE staff_decision SET state = 'withdrawn', ended_at = :now, ended_by = :by
WHERE channel = :channel AND order_no = :order_no AND kind = 'amend' AND state = 'active'
  AND NOT EXISTS (SELECT 1 FROM order_amendment a WHERE a.decision_id = staff_decision.decision_id
                  AND a.state IN ('active', 'contested'))
"""

_ORDER_OF: Final = "SELECT d.channel, d.order_no FROM staff_decision d WHERE d.decision_id = {number}"

_REVISION: Final = """
INSERT INTO order_revision (channel, order_no, revision, kind, changed, as_of, recorded_at, run_id)
VALUES (:channel, :order_no, :revision, :kind, :changed, '', :now, 0)
"""
_CHANGE: Final = """
INSERT INTO order_change (channel, order_no, revision, scope, field, old_value, new_value, run_id)
VALUES (:channel, :order_no, :revision, :scope, :field, :old, :new, 0)
"""

_CONTESTED: Final = """
SELECT scope, field FROM order_amendment
WHERE channel = :channel AND order_no = :order_no AND state = 'contested' ORDER BY scope, field
"""
_KEEP: Final = """
UPDATE {table} SET base_value = mall_value, run_id = 0 WHERE channel = :channel AND order_no = :order_no
  AND EXISTS (SELECT 1 FROM order_amendment c WHERE c.channel = {table}.channel AND c.order_no = {table}.order_no
              AND c.scope = {table}.scope AND c.field = {table}.field AND c.state = 'contested')
"""
_KEPT: Final = """
UPDATE order_amendment SET state = 'active', run_id = 0
WHERE channel = :channel AND order_no = :order_no AND state = 'contested'
"""


def amend(ctx: RunContext, order: OrderFacts, decision: Decision) -> tuple[Change, ...]:
    """Set the fields of a decision to its values, as one revision of kind `amended`.

    Values that stand already change nothing. Raises DecisionRefusedError where the part is not there, has left,
    or lost its persons.
    """
    wanted = [(FIELDS[name], value) for name, value in decision.values]
    found = [(field, value, *_standing(ctx, decision, field)) for field, value in wanted]
    if all(value == now and state != "contested" for _field, value, _scope, now, state, _mall in found):
        return ()
    number = decisions.record(ctx, decision, revision=order.revision)
    changes = []
    for field, value, scope, now, _state, mall in found:
        key = {**order.key, "scope": scope, "field": field.name}
        hidden = "" if field.personal else value
        ctx.execute(
            _WRITE,
            **key,
            number=number,
            personal=int(field.personal),
            value=hidden,
            mall="" if field.personal else mall,
        )
        if field.personal:
            ctx.execute(_WRITE_PERSONAL, **key, value=value, mall=mall)
        if value != now:
            _set_column(ctx, field, scope, order, value)
            changes.append(
                Change(scope, field.name, "" if field.personal else now, hidden, personal=field.personal)
            )
    ctx.execute(_SUPERSEDED, **order.key, by=number, now=ctx.now)
    resolve_lines(ctx, _ORDER_OF.format(number=number))
    write_revision(ctx, order, "amended", changes)
    return tuple(changes)


def keep_ours(ctx: RunContext, order: OrderFacts, decision: Decision) -> tuple[Change, ...]:
    """Let our corrections stand against the shop's newest values; a still newer one is contested again."""
    contested = _contested(ctx, order)
    if any(_part_is_gone(ctx, order, FIELDS[field], scope) for scope, field in contested):
        raise DecisionRefusedError(
            _(
                "the destination that was corrected is gone from the order; take the shop's value, and correct that"
            )
        )
    decisions.record(ctx, decision, revision=order.revision)
    for table in ("order_amendment", "person_amendment"):
        ctx.execute(_KEEP.format(table=table), **order.key)
    ctx.execute(_KEPT, **order.key)
    return ()


def take_mall(ctx: RunContext, order: OrderFacts, decision: Decision) -> tuple[Change, ...]:
    """End our contested corrections: the shop's newest values count, as a revision of ours."""
    contested = _contested(ctx, order)
    number = decisions.record(ctx, decision, revision=order.revision)
    before = {(scope, name): _column(ctx, FIELDS[name], scope, order) for scope, name in contested}
    for scope, name in contested:
        field = FIELDS[name]
        key = {**order.key, "scope": scope, "field": name}
        ((_state, mall),) = ctx.rows(_AMENDMENT, **key)
        ctx.execute(f"UPDATE order_amendment SET state = 'withdrawn', run_id = 0 WHERE {_KEY}", **key)  # noqa: S608
        if field.personal:
            ctx.execute(f"DELETE FROM person_amendment WHERE {_KEY}", **key)  # noqa: S608
        if field.table != "order_line":
            _set_column(ctx, field, scope, order, str(mall))
    ctx.execute(_WITHDRAWN, **order.key, by=number, now=ctx.now)
    resolve_lines(ctx, _ORDER_OF.format(number=number))
    changes = []
    for (scope, name), old in before.items():
        field = FIELDS[name]
        new = _column(ctx, field, scope, order)
        if new != old:
            shown = ("", "") if field.personal else (old, new)
            changes.append(Change(scope, name, *shown, personal=field.personal))
    write_revision(ctx, order, "amended", changes)
    return tuple(changes)


def write_revision(ctx: RunContext, order: OrderFacts, kind: str, changes: Iterable[Change]) -> None:
    """Write a revision of ours after `order.revision`, with the changed values that are not personal."""
    told = list(changes)
    number = order.revision + 1
    ctx.execute(
        "UPDATE sales_order SET revision = :revision WHERE channel = :channel AND order_no = :order_no",
        **order.key,
        revision=number,
    )
    names = ",".join(sorted({change.field for change in told}))
    ctx.execute(_REVISION, **order.key, revision=number, kind=kind, changed=names, now=ctx.now)
    for change in told:
        if not change.personal:
            ctx.execute(
                _CHANGE,
                **order.key,
                revision=number,
                scope=change.scope,
                field=change.field,
                old=change.old,
                new=change.new,
            )


def _standing(ctx: RunContext, decision: Decision, field: AmendableField) -> tuple[str, str, str, str]:
    """Return the scope of a field, its value now, the state of its correction, and what the shop stated last."""
    part = decision.dest_id if field.scope == "dest:" else decision.line_id
    scope = f"{field.scope}{part}"
    key = {"channel": decision.channel, "order_no": decision.order_no}
    rows = ctx.rows(
        f"SELECT COALESCE(CAST(t.{field.column} AS TEXT), ''), {field.mall_value} FROM {field.table} t "  # noqa: S608
        f"WHERE t.channel = :channel AND t.order_no = :order_no AND {row_of(field, ':scope')}",
        **key,
        scope=scope,
    )
    if not rows:
        words = ", ".join(_(word) for word in words_of([field.name]))
        raise DecisionRefusedError(
            _("the {field} cannot be corrected: the personal data of this order was erased").format(
                field=words
            )
        )
    now, stated = map(str, rows[0])
    known = ctx.rows(_AMENDMENT, **key, scope=scope, field=field.name)
    if known and known[0][0] in {"active", "contested"}:
        return scope, now, str(known[0][0]), str(known[0][1])
    return scope, now, "", stated


def _column(ctx: RunContext, field: AmendableField, scope: str, order: OrderFacts) -> str:
    return str(
        ctx.scalar(
            f"SELECT COALESCE(CAST(t.{field.column} AS TEXT), '') FROM {field.table} t "  # noqa: S608
            f"WHERE t.channel = :channel AND t.order_no = :order_no AND {row_of(field, ':scope')}",
            **order.key,
            scope=scope,
        )
        or ""
    )


def _set_column(ctx: RunContext, field: AmendableField, scope: str, order: OrderFacts, value: str) -> None:
    given: str | int | None = value
    if field.integer:
        given = int(value) if value else None
    ctx.execute(
        f"UPDATE {field.table} SET {field.column} = :value, run_id = 0 "  # noqa: S608
        f"WHERE channel = :channel AND order_no = :order_no AND {row_of(field, ':scope', field.table)}",
        **order.key,
        scope=scope,
        value=given,
    )


def _contested(ctx: RunContext, order: OrderFacts) -> list[tuple[str, str]]:
    found = [(str(scope), str(field)) for scope, field in ctx.rows(_CONTESTED, **order.key)]
    if not found:
        raise DecisionRefusedError(_("no correction of this order stands against a newer value of the shop"))
    return found


def _part_is_gone(ctx: RunContext, order: OrderFacts, field: AmendableField, scope: str) -> bool:
    return not ctx.scalar(
        f"SELECT COUNT(*) FROM {field.table} t WHERE t.channel = :channel AND t.order_no = :order_no "  # noqa: S608
        f"AND '{field.scope}' || t.{field.part_column} = :scope",
        **order.key,
        scope=scope,
    )
