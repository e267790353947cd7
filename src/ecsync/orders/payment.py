"""Whether the money of an open order is there: by the mall's status, or not needed by the way it is paid.

`confirmed`: the status is one that the channel counts as paid or authorised. `not_needed`: cash on delivery
unless the status still waits, and the methods that the settings name whatever the status. `waiting`: the
status waits. Any other status (a pending cancellation) says nothing about money and leaves what was known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.master.scratch import scratch_tables
from ecsync.orders.channel_rules import channel_rules

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

_SCRATCH: Final = {
    "w_payment": "channel TEXT, order_no TEXT, old_state TEXT, new_state TEXT, source TEXT, as_of TEXT, "
    "PRIMARY KEY (channel, order_no)"
}

_ROLE: Final = (
    "EXISTS (SELECT 1 FROM w_status t WHERE t.channel = o.channel AND t.order_status = o.order_status "
    "AND t.role = '{role}')"
)
_FREE: Final = (
    "EXISTS (SELECT 1 FROM w_free_method m WHERE m.channel = o.channel AND m.payment_method = o.payment_method "
    "AND m.whatever_status >= {least})"
)

_DIFFERING: Final = f"""
INSERT INTO w_payment (channel, order_no, old_state, new_state, source, as_of)
SELECT p.channel, p.order_no, p.old_state, p.new_state,
       CASE WHEN p.new_state = 'not_needed' THEN 'method:' || p.payment_method ELSE 'status:' || p.order_status END,
       p.as_of
FROM (SELECT o.channel, o.order_no, o.payment_state AS old_state, o.payment_method, o.order_status, o.as_of,
             CASE WHEN {_FREE.format(least=1)} THEN 'not_needed'
                  WHEN {_ROLE.format(role="waiting")} THEN 'waiting'
                  WHEN {_FREE.format(least=0)} THEN 'not_needed'
                  WHEN {_ROLE.format(role="paid")} THEN 'confirmed'
                  ELSE o.payment_state END AS new_state
      FROM sales_order o WHERE o.state = 'open') p
WHERE p.new_state <> p.old_state
"""  # noqa: S608

_EVENTS: Final = """
INSERT INTO payment_event (channel, order_no, event, at, source, run_id)
SELECT w.channel, w.order_no, CASE WHEN w.new_state = 'confirmed' THEN 'confirmed' ELSE 'withdrawn' END,
       w.as_of, w.source, :run
FROM w_payment w
WHERE w.new_state = 'confirmed' OR w.old_state = 'confirmed'
ON CONFLICT (channel, order_no, event, at) DO NOTHING
"""

_OF_ORDER: Final = "w.channel = sales_order.channel AND w.order_no = sales_order.order_no"
_STATES: Final = f"""
UPDATE sales_order SET payment_state = (SELECT w.new_state FROM w_payment w WHERE {_OF_ORDER}), run_id = :run
WHERE EXISTS (SELECT 1 FROM w_payment w WHERE {_OF_ORDER})
"""  # noqa: S608


def confirm_payments(ctx: RunContext) -> None:
    """Set payment_state of open orders where it differs, with a payment_event when money comes or goes.

    An event's time is the as-of of the state that told it.
    """
    with channel_rules(ctx), scratch_tables(ctx, **_SCRATCH):
        ctx.execute(_DIFFERING)
        ctx.execute(_EVENTS, run=ctx.run_id)
        ctx.execute(_STATES, run=ctx.run_id)
