"""Which orders stand still at the end of a run, and why: held ones and waiting ones, whoever has to move them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecsync.master.context import RunContext


@dataclass(frozen=True)
class StandingOrder:
    """A destination that does not ship yet. `kind` is `hold` or what it waits for: money, stock, date."""

    channel: str
    order_no: str
    dest_id: str
    kind: str
    reason: str
    until: str


_STANDING = """
SELECT h.channel, h.order_no, h.dest_id, 'hold' AS kind, h.reason, '' AS until
FROM order_hold h JOIN sales_order o ON o.channel = h.channel AND o.order_no = h.order_no
WHERE h.closed_at = '' AND o.state = 'open'
UNION ALL
SELECT w.channel, w.order_no, w.dest_id, w.kind, '', w.until
FROM order_wait w JOIN sales_order o ON o.channel = w.channel AND o.order_no = w.order_no
WHERE o.state = 'open'
ORDER BY 1, 2, 3, 4, 5
LIMIT :most
"""


def standing_orders(ctx: RunContext, most: int = 500) -> list[StandingOrder]:
    """Return the orders that stand still, by channel and number; at most `most` of them."""
    return [StandingOrder(*map(str, row)) for row in ctx.rows(_STANDING, most=most)]
