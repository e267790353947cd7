"""Releases of holds: which still stand, and which are over because what they were judged on has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.finding_catalogue import HOLD_REASONS
from ecsync.master.scratch import analyze, fill
from ecsync.orders.release_rules import RELEASE_RULES

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

SCRATCH: Final = {
    "w_judged": "reason TEXT, field TEXT, PRIMARY KEY (reason, field)",
    "w_release": "decision_id BIGINT, channel TEXT, order_no TEXT, dest_id TEXT, reason TEXT, decided_by TEXT, "
    "over BIGINT, PRIMARY KEY (decision_id)",
}

_HITS: Final = (
    "EXISTS (SELECT 1 FROM w_hold w WHERE w.channel = d.channel AND w.order_no = d.order_no "
    "AND w.dest_id = d.dest_id AND w.reason = d.reason)"
)
_MOVED: Final = (
    "EXISTS (SELECT 1 FROM order_revision v JOIN w_judged j ON j.reason = d.reason "
    "AND ',' || v.changed || ',' LIKE '%,' || j.field || ',%' "
    "WHERE v.channel = d.channel AND v.order_no = d.order_no AND v.revision > d.revision)"
)
_GATHER: Final = f"""
INSERT INTO w_release (decision_id, channel, order_no, dest_id, reason, decided_by, over)
SELECT d.decision_id, d.channel, d.order_no, d.dest_id, d.reason, d.decided_by,
       CASE WHEN NOT {_HITS} THEN 1 WHEN {_MOVED} THEN 2 ELSE 0 END
FROM staff_decision d
JOIN sales_order o ON o.channel = d.channel AND o.order_no = d.order_no AND o.state = 'open'
JOIN w_rule r ON r.reason = d.reason
WHERE d.kind = 'release' AND d.state = 'active'
"""  # noqa: S608

_END: Final = """
UPDATE staff_decision SET state = 'superseded', ended_at = :now
WHERE EXISTS (SELECT 1 FROM w_release w WHERE w.decision_id = staff_decision.decision_id AND w.over > 0)
"""

_LET_GO: Final = """
DELETE FROM w_hold WHERE EXISTS (
  SELECT 1 FROM w_release d WHERE d.over = 0 AND d.channel = w_hold.channel AND d.order_no = w_hold.order_no
    AND d.dest_id = w_hold.dest_id AND d.reason = w_hold.reason)
"""

_OVER: Final = """
SELECT w.channel, w.order_no, w.reason, MIN(w.decided_by) FROM w_release w WHERE w.over = 2
GROUP BY w.channel, w.order_no, w.reason ORDER BY w.channel, w.order_no, w.reason
"""


def honour_releases(ctx: RunContext) -> None:
    """Take out of w_hold what people released, and end the releases that are over.

    A release is over when its reason fell away (a reason that comes back is a new one), or when a later
    revision changed what it was judged on; only the second is told.
    """
    fill(
        ctx,
        "w_judged",
        [
            {"reason": reason, "field": field}
            for reason, rule in RELEASE_RULES.items()
            for field in rule.judged_on
        ],
    )
    ctx.execute(_GATHER)
    analyze(ctx, "w_release")
    ctx.execute(_END, now=ctx.now)
    ctx.execute(_LET_GO)
    for channel, order_no, reason, by in ctx.rows(_OVER):
        ctx.findings.add("release_ended", f"{channel} {order_no}", by=by, reason=HOLD_REASONS[reason][0])
