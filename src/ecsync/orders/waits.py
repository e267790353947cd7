"""Which open orders wait for their money; waits for stock and for a date belong to shipping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

_WAITING: Final = "o.state = 'open' AND o.payment_state = 'waiting'"

_OVER: Final = f"""
DELETE FROM order_wait WHERE kind = 'money' AND NOT EXISTS (
  SELECT 1 FROM sales_order o WHERE o.channel = order_wait.channel AND o.order_no = order_wait.order_no
    AND {_WAITING})
"""  # noqa: S608

_BEGUN: Final = f"""
INSERT INTO order_wait (channel, order_no, dest_id, kind, until, run_id)
SELECT o.channel, o.order_no, '', 'money', '', :run FROM sales_order o
WHERE {_WAITING} AND NOT EXISTS (SELECT 1 FROM order_wait w WHERE w.channel = o.channel
                                 AND w.order_no = o.order_no AND w.dest_id = '' AND w.kind = 'money')
"""  # noqa: S608


def refresh_money_waits(ctx: RunContext) -> None:
    """Keep one order_wait of kind money for each open order whose payment is waiting, by difference."""
    ctx.execute(_OVER)
    ctx.execute(_BEGUN, run=ctx.run_id)
