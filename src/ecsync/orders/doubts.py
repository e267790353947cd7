"""What an import leaves open: orders that two files contradict, or whose newest state could not be read whole.

Such an order stays as the master has it and is held until a state newer than the doubtful one (for a
state that was read in part: at least as new, that is, the mended one) has been taken in. The hold's
subject is the as-of of the doubtful state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

REASONS: Final = ("order_conflict", "incomplete_order")
SCRATCH: Final = {
    "w_doubt": "channel TEXT, order_no TEXT, reason TEXT, as_of TEXT, PRIMARY KEY (channel, order_no, reason)"
}

_CONFLICTS: Final = """
INSERT INTO w_doubt (channel, order_no, reason, as_of)
SELECT w.channel, w.order_no, 'order_conflict', w.as_of
FROM w_winner w JOIN sales_order o ON o.channel = w.channel AND o.order_no = w.order_no AND o.state = 'open'
WHERE w.fate = 'conflict'
"""

_READ_IN_PART: Final = """
INSERT INTO w_doubt (channel, order_no, reason, as_of)
SELECT b.channel, b.order_no, 'incomplete_order', MAX(b.as_of)
FROM w_bad b JOIN sales_order o ON o.channel = b.channel AND o.order_no = b.order_no AND o.state = 'open'
WHERE b.as_of > o.as_of
GROUP BY b.channel, b.order_no
"""

# A person compared the order with the mall's screen: what is no newer than that conflict is answered.
_ANSWERED: Final = (
    "EXISTS (SELECT 1 FROM staff_decision s WHERE s.channel = {d}.channel AND s.order_no = {d}.order_no "
    "AND s.kind = 'release' AND s.reason = 'order_conflict' AND s.state = 'active' AND s.subject >= {d}.as_of)"
)

_NEW_CONFLICTS: Final = f"""
SELECT w.channel, w.order_no FROM w_winner w
WHERE w.fate = 'conflict' AND NOT {_ANSWERED.format(d="w")} AND NOT EXISTS (
  SELECT 1 FROM order_hold h WHERE h.channel = w.channel AND h.order_no = w.order_no
    AND h.reason = 'order_conflict' AND h.closed_at = '' AND h.subject >= w.as_of)
ORDER BY w.channel, w.order_no
"""  # noqa: S608

_SETTLED: Final = """
UPDATE order_hold SET closed_at = :now, run_id = :run
WHERE closed_at = '' AND reason IN ('order_conflict', 'incomplete_order') AND EXISTS (
  SELECT 1 FROM sales_order o WHERE o.channel = order_hold.channel AND o.order_no = order_hold.order_no
    AND (o.as_of > order_hold.subject OR (order_hold.reason = 'incomplete_order' AND o.as_of = order_hold.subject)))
"""

_STILL_OPEN: Final = (
    "h.channel = {d}.channel AND h.order_no = {d}.order_no AND h.dest_id = '' AND h.reason = {d}.reason "
    "AND h.closed_at = ''"
)
_NEWER_DOUBT: Final = (
    "SELECT d.as_of FROM w_doubt d WHERE d.channel = order_hold.channel AND d.order_no = order_hold.order_no "
    "AND d.reason = order_hold.reason AND d.as_of > order_hold.subject"
)
_RENEW: Final = f"""
UPDATE order_hold SET subject = ({_NEWER_DOUBT}), run_id = :run
WHERE closed_at = '' AND dest_id = '' AND EXISTS ({_NEWER_DOUBT})
"""  # noqa: S608

_OPEN: Final = f"""
INSERT INTO order_hold (channel, order_no, dest_id, reason, opened_at, subject, closed_at, run_id)
SELECT d.channel, d.order_no, '', d.reason, :now, d.as_of, '', :run FROM w_doubt d
WHERE NOT EXISTS (SELECT 1 FROM order_hold h WHERE {_STILL_OPEN.format(d="d")})
  AND NOT (d.reason = 'order_conflict' AND {_ANSWERED.format(d="d")})
ON CONFLICT (channel, order_no, dest_id, reason, opened_at)
DO UPDATE SET subject = excluded.subject, closed_at = '', run_id = excluded.run_id
"""  # noqa: S608


def note_doubts(ctx: RunContext) -> None:
    """Open and close the holds of doubtful orders after a merge, and say which orders are newly in conflict."""
    for channel, order_no in ctx.rows(_NEW_CONFLICTS):
        ctx.findings.add("order_conflict", f"{channel} {order_no}")
    ctx.execute(_CONFLICTS)
    ctx.execute(_READ_IN_PART)
    ctx.execute(_SETTLED, now=ctx.now, run=ctx.run_id)
    ctx.execute(_RENEW, run=ctx.run_id)
    ctx.execute(_OPEN, now=ctx.now, run=ctx.run_id)
