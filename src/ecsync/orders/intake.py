"""Take staged order lines into the master: every row gets a verdict, every order is taken whole or not at all."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from ecsync.finding_catalogue.orders import UNEQUAL_BILL, UNEQUAL_GOODS
from ecsync.master.scratch import analyze, scratch_tables
from ecsync.orders import amended_values, differences, doubts, resolution, settling, versions, writing
from ecsync.orders.channel_rules import channel_rules

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

# A mall moves these by itself after a shipment; they need nobody's eyes.
_EXPECTED_AFTER_SHIPMENT: Final = "'order_status', 'updated_at', 'checking_flag', 'left_flag'"

_A_LOT: Final = 5_000
_GROWN: Final = (
    "sales_order (channel, order_no, state, run_id)",
    "order_line (channel, order_no, line_id)",
    "order_revision (channel, order_no, kind, run_id)",
)

_FOREIGN: Final = """
SELECT channel, COUNT(*) FROM w_winner WHERE fate = 'new' AND state = 'foreign' GROUP BY channel ORDER BY channel
"""

_SOMETHING_SHIPPED: Final = (
    "EXISTS (SELECT 1 FROM instruction_line i WHERE i.channel = w.channel AND i.order_no = w.order_no "
    "AND i.shipped_qty > 0)"
)
_CANCELLED_AFTER_SHIPMENT: Final = f"""
SELECT w.channel, w.order_no FROM w_winner w
JOIN w_status t ON t.channel = w.channel AND t.order_status = w.order_status AND t.role = 'cancelled'
WHERE w.fate = 'changed' AND (w.old_state = 'shipped' OR {_SOMETHING_SHIPPED})
  AND EXISTS (SELECT 1 FROM w_field f WHERE f.channel = w.channel AND f.order_no = w.order_no
              AND f.scope = '' AND f.field = 'order_status')
ORDER BY w.channel, w.order_no
"""  # noqa: S608

_CHANGED_AFTER_SHIPMENT: Final = f"""
SELECT DISTINCT w.channel, w.order_no, f.field FROM w_winner w
JOIN w_field f ON f.channel = w.channel AND f.order_no = w.order_no
WHERE w.fate = 'changed' AND w.old_state = 'shipped' AND f.field NOT IN ({_EXPECTED_AFTER_SHIPMENT})
ORDER BY w.channel, w.order_no, f.field
"""  # noqa: S608


# Both figures of an open order that breaks its own totals: what its goods are stated to be and what its lines give,
# else what is billed and what its amounts give. The mall states the goods with or without wrapping.
_UNEQUAL: Final = """
SELECT t.channel, t.order_no,
       CASE WHEN t.goods IS NULL OR t.goods IN (t.lines, t.lines + t.wrapping) THEN 1 ELSE 0 END AS of_bill,
       t.billed, t.billed - t.gap AS parts, t.goods, t.lines
FROM (
  SELECT w.channel, w.order_no, s.billed, COALESCE(s.src_totals_gap, 0) AS gap,
         COALESCE(s.wrapping, 0) AS wrapping, s.goods,
         (SELECT CAST(SUM(l.unit_price * l.qty) AS BIGINT) FROM stg_order_lines l
          WHERE l.src_file = w.src_file AND l.src_party = w.channel AND l.order_no = w.order_no
            AND l.verdict IN ('', 'new', 'changed', 'unchanged')) AS lines
  FROM w_winner w JOIN stg_order_lines s ON s.src_row = w.first_row
  WHERE w.fate IN ('new', 'changed') AND w.state = 'open' AND w.totals_ok = 0 AND COALESCE(s.unfixed_flag, 0) = 0
) t
ORDER BY t.channel, t.order_no
"""

# A closed order, too, is resolved once: with the state that brings it. New lines come with their SKU.
_CHANGED: Final = "SELECT w.channel, w.order_no FROM w_winner w WHERE w.fate = 'changed'"


def merge_orders(ctx: RunContext) -> None:
    """Take stg_order_lines into the master and settle the verdict of every row of it.

    Writes sales_order, order_destination, order_line, person, person_line, order_revision, order_change
    and the holds of doubtful orders. Sending the same states again, renamed, repeated or in another
    order, writes nothing, but that an equal state of a later as-of moves sales_order.as_of forward.
    """
    with channel_rules(ctx):
        if ctx.scalar("SELECT 1 FROM stg_order_lines LIMIT 1") or ctx.scalar(
            "SELECT 1 FROM stg_reject LIMIT 1"
        ):
            _merge(ctx)
        settling.adopt_from_opening(ctx)
    resolution.resolve_lines(ctx, also_written=False)


def _merge(ctx: RunContext) -> None:
    with ExitStack() as tables:
        for scratch in (versions.SCRATCH, differences.SCRATCH, doubts.SCRATCH, amended_values.SCRATCH):
            tables.enter_context(scratch_tables(ctx, **scratch))
        versions.choose_versions(ctx)
        amended = amended_values.lift_amendments(ctx)
        differences.find_differences(ctx)
        settling.settle_fates(ctx)
        writing.write_orders(ctx)
        _look_at_the_sizes(ctx)
        if amended:
            amended_values.lay_amendments(ctx)
        resolution.resolve_lines(ctx, _CHANGED)
        doubts.note_doubts(ctx)
        settling.give_verdicts(ctx)
        _tell(ctx)


def _look_at_the_sizes(ctx: RunContext) -> None:
    """Let PostgreSQL count tables that have grown by a lot: it would plan the rest of the run for the old sizes."""
    if ctx.scalar("SELECT COUNT(*) FROM w_winner WHERE fate = 'new'") >= _A_LOT:
        analyze(ctx, *_GROWN)


def _tell(ctx: RunContext) -> None:
    for channel, count in ctx.rows(_FOREIGN):
        ctx.findings.add("before_cutover", str(channel), count=count)
    for channel, order_no in ctx.rows(_CANCELLED_AFTER_SHIPMENT):
        ctx.findings.add("cancelled_after_shipment", f"{channel} {order_no}")
    for channel, order_no, of_bill, billed, parts, goods, lines in ctx.rows(_UNEQUAL):
        stated, summed = (billed, parts) if of_bill else (goods, lines)
        ctx.findings.add(
            "amounts_unequal",
            f"{channel} {order_no}",
            reason=UNEQUAL_BILL if of_bill else UNEQUAL_GOODS,
            stated=f"{int(stated):,}",
            summed=f"{int(summed):,}",
        )
    fields: dict[str, list[str]] = {}
    for channel, order_no, field in ctx.rows(_CHANGED_AFTER_SHIPMENT):
        fields.setdefault(f"{channel} {order_no}", []).append(str(field))
    for subject, names in fields.items():
        ctx.findings.add("changed_after_shipment", subject, fields=", ".join(names))
