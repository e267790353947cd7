"""What must hold of the orders in the master after a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.master.proof import Proof

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

# What is closed was proved while it was open.
_AT_STAKE: Final = "o.state = 'open'"

# Lines that stayed because they had left the warehouse are no longer in the mall's goods.
_YEN: Final = f"""
SELECT o.channel, o.order_no, o.goods,
       CAST(SUM(l.unit_price * l.qty) AS BIGINT) AS lines, COALESCE(o.wrapping, 0) AS wrapping
FROM sales_order o JOIN order_line l ON l.channel = o.channel AND l.order_no = o.order_no
WHERE {_AT_STAKE} AND o.totals_ok = 1 AND o.goods IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM instruction_line i WHERE i.channel = o.channel AND i.order_no = o.order_no
                  AND i.shipped_qty > 0)
GROUP BY o.channel, o.order_no, o.goods, o.wrapping
"""  # noqa: S608

_YEN_BROKEN: Final = f"""
SELECT y.channel, y.order_no, y.goods, y.lines FROM ({_YEN}) y
WHERE y.goods <> y.lines AND y.goods <> y.lines + y.wrapping
ORDER BY y.channel, y.order_no
"""  # noqa: S608

_YEN_PER_CHANNEL: Final = f"""
SELECT y.channel, CAST(SUM(y.goods) AS BIGINT), CAST(SUM(CASE WHEN y.goods = y.lines THEN y.lines
         ELSE y.lines + y.wrapping END) AS BIGINT)
FROM ({_YEN}) y WHERE y.goods = y.lines OR y.goods = y.lines + y.wrapping
GROUP BY y.channel ORDER BY y.channel
"""  # noqa: S608

_HOMELESS_LINES: Final = f"""
SELECT o.channel, o.order_no, COUNT(*) FROM sales_order o
JOIN order_line l ON l.channel = o.channel AND l.order_no = o.order_no
WHERE {_AT_STAKE} AND NOT EXISTS (SELECT 1 FROM order_destination d WHERE d.channel = l.channel
                                  AND d.order_no = l.order_no AND d.dest_id = l.dest_id)
GROUP BY o.channel, o.order_no ORDER BY o.channel, o.order_no
"""  # noqa: S608

_UNTOLD_REVISIONS: Final = f"""
SELECT o.channel, o.order_no, o.revision,
       (SELECT COUNT(*) FROM order_revision r WHERE r.channel = o.channel AND r.order_no = o.order_no) AS told
FROM sales_order o
WHERE {_AT_STAKE} AND o.revision <> (
  SELECT COUNT(*) FROM order_revision r WHERE r.channel = o.channel AND r.order_no = o.order_no)
ORDER BY o.channel, o.order_no
"""  # noqa: S608


def check(ctx: RunContext) -> list[Proof]:
    """Prove the open orders of the master: per channel the goods' yen; broken ones order by order.

    `order.yen`: an order's lines (and wrapping) add up to its goods, where the mall's amounts did.
    `order.lines`: every line has its destination. `order.revisions`: every change is told.
    """
    proofs = [
        Proof("order.yen", f"{channel}:{order_no}", goods, lines)
        for channel, order_no, goods, lines in ctx.rows(_YEN_BROKEN)
    ]
    proofs += [
        Proof("order.lines", f"{channel}:{order_no}", 0, count)
        for channel, order_no, count in ctx.rows(_HOMELESS_LINES)
    ]
    proofs += [
        Proof("order.revisions", f"{channel}:{order_no}", revision, told)
        for channel, order_no, revision, told in ctx.rows(_UNTOLD_REVISIONS)
    ]
    proofs += [
        Proof("orders.yen", str(channel), goods, lines)
        for channel, goods, lines in ctx.rows(_YEN_PER_CHANNEL)
    ]
    return proofs
