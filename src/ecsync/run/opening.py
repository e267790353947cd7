"""Load the opening of a project: stock, open orders, open receivables, first counters; each figure once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecsync.errors import InputRefusedError
from ecsync.locale import _

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

_STOCK = """
INSERT INTO stock_movement (movement_key, warehouse, sku, kind, qty, effective_at, recorded_at, reference, run_id)
SELECT 'opening:' || s.warehouse || ':' || s.sku, s.warehouse, s.sku, 'opening', s.qty, :now, :now, 'opening', :run
FROM stg_opening_stock s
WHERE s.verdict = '' AND NOT EXISTS (
  SELECT 1 FROM stock_movement m WHERE m.movement_key = 'opening:' || s.warehouse || ':' || s.sku)
ORDER BY s.warehouse, s.sku
"""

_BALANCES = """
INSERT INTO stock_balance (warehouse, sku, on_hand, blocked_flag, run_id)
SELECT m.warehouse, m.sku, CAST(SUM(m.qty) AS BIGINT), 0, :run
FROM stock_movement m
WHERE NOT EXISTS (SELECT 1 FROM stock_balance b WHERE b.warehouse = m.warehouse AND b.sku = m.sku)
GROUP BY m.warehouse, m.sku
ORDER BY m.warehouse, m.sku
"""


def load_opening(ctx: RunContext) -> None:
    """Take in stg_opening_*; a figure that is there already must be the same, or the opening is refused.

    Raises InputRefusedError where an opening figure contradicts one that was loaded before.
    """
    _refuse_unknown_parties(ctx)
    _refuse_contradictions(ctx)
    _settle_verdicts(ctx)
    ctx.execute(_STOCK.replace("s.verdict = ''", "s.verdict = 'new'"), now=ctx.now, run=ctx.run_id)
    ctx.execute(_BALANCES, run=ctx.run_id)
    ctx.execute(
        "INSERT INTO opening_order (channel, order_no, run_id) SELECT s.channel, s.order_no, :run "
        "FROM stg_opening_orders s WHERE s.verdict = 'new' ORDER BY s.channel, s.order_no",
        run=ctx.run_id,
    )
    ctx.execute(
        "INSERT INTO opening_receivable (channel, order_no, payer, amount, run_id) "
        "SELECT s.channel, s.order_no, s.payer, s.amount, :run FROM stg_opening_receivables s "
        "WHERE s.verdict = 'new' ORDER BY s.channel, s.order_no",
        run=ctx.run_id,
    )
    ctx.execute(
        "INSERT INTO counter (name, value) SELECT s.name, s.value FROM stg_opening_counters s "
        "WHERE s.verdict = 'new' ORDER BY s.name"
    )


def _refuse_unknown_parties(ctx: RunContext) -> None:
    known = {
        "opening_stock": ("warehouse", set(ctx.settings.warehouses)),
        "opening_orders": ("channel", set(ctx.settings.channels)),
        "opening_receivables": ("channel", set(ctx.settings.channels)),
    }
    for entity, (column, names) in known.items():
        for (value,) in ctx.rows(f"SELECT DISTINCT {column} FROM stg_{entity} ORDER BY {column}"):  # noqa: S608
            if value not in names:
                raise InputRefusedError(
                    _(
                        "the opening names {column} {value}, which ecsync.toml does not; there are: {known}"
                    ).format(column=column, value=value, known=", ".join(sorted(names)))
                )


_CONTRADICTIONS = {
    "opening_stock": "SELECT s.warehouse || ' ' || s.sku FROM stg_opening_stock s JOIN stock_movement m "
    "ON m.movement_key = 'opening:' || s.warehouse || ':' || s.sku WHERE m.qty <> s.qty ORDER BY s.warehouse, s.sku",
    "opening_receivables": "SELECT s.channel || ' ' || s.order_no FROM stg_opening_receivables s "
    "JOIN opening_receivable r ON r.channel = s.channel AND r.order_no = s.order_no "
    "WHERE r.amount <> s.amount OR r.payer <> s.payer ORDER BY s.channel, s.order_no",
    "opening_counters": "SELECT s.name FROM stg_opening_counters s JOIN counter c ON c.name = s.name "
    "WHERE c.value < s.value AND s.name NOT IN ('run') ORDER BY s.name",
}


def _refuse_contradictions(ctx: RunContext) -> None:
    for entity, query in _CONTRADICTIONS.items():
        for (subject,) in ctx.rows(query):
            raise InputRefusedError(
                _("{entity}: {subject} was loaded before with another figure").format(
                    entity=entity, subject=subject
                ),
                hint=_("an opening is loaded once; correct it by an adjustment"),
            )


_KNOWN = {
    "opening_stock": "SELECT 1 FROM stock_movement m "
    "WHERE m.movement_key = 'opening:' || {s}.warehouse || ':' || {s}.sku",
    "opening_orders": "SELECT 1 FROM opening_order o WHERE o.channel = {s}.channel AND o.order_no = {s}.order_no",
    "opening_receivables": "SELECT 1 FROM opening_receivable r "
    "WHERE r.channel = {s}.channel AND r.order_no = {s}.order_no",
    "opening_counters": "SELECT 1 FROM counter c WHERE c.name = {s}.name",
}


def _settle_verdicts(ctx: RunContext) -> None:
    for entity, known in _KNOWN.items():
        table = f"stg_{entity}"
        exists = known.format(s=table)
        ctx.execute(f"UPDATE {table} SET verdict = 'unchanged' WHERE verdict = '' AND EXISTS ({exists})")  # noqa: S608
        ctx.execute(f"UPDATE {table} SET verdict = 'new' WHERE verdict = ''")  # noqa: S608
