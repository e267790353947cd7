"""Hold open orders for every reason that stands, and let them go when it falls away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.finding_catalogue import HOLD_REASONS
from ecsync.locale import _
from ecsync.master.scratch import analyze, scratch_tables
from ecsync.orders import releases
from ecsync.orders.channel_rules import channel_rules
from ecsync.orders.hold_rules import HOLD_RULES

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

_SCRATCH: Final = {
    "w_rule": "reason TEXT, PRIMARY KEY (reason)",
    "w_hold": "channel TEXT, order_no TEXT, dest_id TEXT, reason TEXT, subject TEXT, "
    "PRIMARY KEY (channel, order_no, dest_id, reason)",
}

_STANDS: Final = (
    "w.channel = {h}.channel AND w.order_no = {h}.order_no "
    "AND w.dest_id = {h}.dest_id AND w.reason = {h}.reason"
)

# A hold that another room opened is its own to close; but nothing is held that is no longer open.
_CLOSE: Final = f"""
UPDATE order_hold SET closed_at = :now, run_id = :run
WHERE closed_at = '' AND (
  (EXISTS (SELECT 1 FROM w_rule r WHERE r.reason = order_hold.reason)
   AND NOT EXISTS (SELECT 1 FROM w_hold w WHERE {_STANDS.format(h="order_hold")}))
  OR EXISTS (SELECT 1 FROM sales_order o WHERE o.channel = order_hold.channel
             AND o.order_no = order_hold.order_no AND o.state <> 'open'))
"""  # noqa: S608

_RENAME: Final = f"""
UPDATE order_hold SET
  subject = (SELECT w.subject FROM w_hold w WHERE {_STANDS.format(h="order_hold")}), run_id = :run
WHERE closed_at = '' AND EXISTS (
  SELECT 1 FROM w_hold w WHERE {_STANDS.format(h="order_hold")} AND w.subject <> order_hold.subject)
"""  # noqa: S608

_OPEN: Final = f"""
INSERT INTO order_hold (channel, order_no, dest_id, reason, opened_at, subject, closed_at, run_id)
SELECT w.channel, w.order_no, w.dest_id, w.reason, :now, w.subject, '', :run FROM w_hold w
WHERE NOT EXISTS (SELECT 1 FROM order_hold h WHERE {_STANDS.format(h="h")} AND h.closed_at = '')
ON CONFLICT (channel, order_no, dest_id, reason, opened_at)
DO UPDATE SET subject = excluded.subject, closed_at = '', run_id = excluded.run_id
"""  # noqa: S608

_NEW: Final = """
SELECT channel, order_no, reason, MIN(subject) AS subject FROM order_hold
WHERE closed_at = '' AND opened_at = :now AND run_id = :run
GROUP BY channel, order_no, reason
ORDER BY channel, order_no, reason
"""


def refresh_holds(ctx: RunContext) -> None:
    """Open and close order_hold rows so that they say what now holds each open order or destination.

    Every reason that hits is kept, but for those that a person released. Adds a finding per order and reason
    that this run opened, by whichever room. Writes nothing where nothing changed.
    """
    with channel_rules(ctx), scratch_tables(ctx, **_SCRATCH, **releases.SCRATCH):
        for rule in HOLD_RULES:
            ctx.execute("INSERT INTO w_rule (reason) VALUES (:reason)", reason=rule.reason)
            ctx.execute(
                "INSERT INTO w_hold (channel, order_no, dest_id, reason, subject) "  # noqa: S608
                f"SELECT h.channel, h.order_no, h.dest_id, '{rule.reason}', h.subject FROM ({rule.query}) h"
            )
        analyze(ctx, "w_hold")
        releases.honour_releases(ctx)
        ctx.execute(_CLOSE, now=ctx.now, run=ctx.run_id)
        ctx.execute(_RENAME, run=ctx.run_id)
        ctx.execute(_OPEN, now=ctx.now, run=ctx.run_id)
    _tell(ctx)


def _tell(ctx: RunContext) -> None:
    for channel, order_no, reason, subject in ctx.rows(_NEW, now=ctx.now, run=ctx.run_id):
        text, advice = HOLD_REASONS[reason]
        ctx.findings.add(
            "order_held",
            f"{channel} {order_no}",
            hold=reason,
            reason=_(text),
            advice=_(advice),
            about=subject,
        )
