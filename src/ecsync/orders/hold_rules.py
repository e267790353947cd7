"""Why an order, or one destination of it, is held: every reason with the query that finds it.

Each query yields channel, order_no, dest_id ('' for the whole order) and subject (a SKU code, never a
personal value) of open orders, once per hold. They read the master, w_channel and w_status only, so a
hold is a function of what the order now is: mended, it ends by itself. Which of them people may release
stands in release_rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class HoldRule:
    """One reason of finding_catalogue.HOLD_REASONS and the query of what it holds."""

    reason: str
    query: str


_OPEN: Final = "sales_order o WHERE o.state = 'open'"
_WHOLE_ORDER: Final = "SELECT o.channel, o.order_no, '' AS dest_id, '' AS subject FROM"
_CHANNEL_SAYS: Final = "EXISTS (SELECT 1 FROM w_channel c WHERE c.channel = o.channel AND c.{switch} = 1)"
_SOMETHING_SHIPPED: Final = (
    "EXISTS (SELECT 1 FROM instruction_line i WHERE i.channel = o.channel AND i.order_no = o.order_no "
    "AND i.shipped_qty > 0)"
)
_LINES_OF_OPEN: Final = (
    "sales_order o JOIN order_line l ON l.channel = o.channel AND l.order_no = o.order_no "
    "WHERE o.state = 'open' AND l.qty > 0"
)
_ERASED: Final = (
    "EXISTS (SELECT 1 FROM person p WHERE p.channel = d.channel AND p.order_no = d.order_no "
    "AND p.role = 'ship' AND p.dest_id = d.dest_id AND p.erased_at <> '')"
)

# A destination of nothing but gift cards or downloads needs no address.
_SHIPS: Final = (
    "EXISTS (SELECT 1 FROM order_line l WHERE l.channel = d.channel AND l.order_no = d.order_no "
    "AND l.dest_id = d.dest_id AND l.qty > 0 AND l.ships_flag = 1)"
)

HOLD_RULES: Final = (
    HoldRule(
        "unknown_sku",
        "SELECT o.channel, o.order_no, l.dest_id, "  # noqa: S608
        "MIN(CASE WHEN l.sku_code <> '' THEN l.sku_code ELSE l.item_key END) AS subject "
        f"FROM {_LINES_OF_OPEN} AND l.sku = '' AND l.ships_flag = 1 GROUP BY o.channel, o.order_no, l.dest_id",
    ),
    HoldRule(
        "bad_address",
        "SELECT o.channel, o.order_no, d.dest_id, '' AS subject FROM sales_order o "  # noqa: S608
        "JOIN order_destination d ON d.channel = o.channel AND d.order_no = o.order_no "
        f"WHERE o.state = 'open' AND {_SHIPS} AND d.address_ok = 0 AND NOT {_ERASED}",
    ),
    # An order that is open for twice the retention time has lost its address.
    HoldRule(
        "address_erased",
        "SELECT o.channel, o.order_no, d.dest_id, '' AS subject FROM sales_order o "  # noqa: S608
        "JOIN order_destination d ON d.channel = o.channel AND d.order_no = o.order_no "
        f"WHERE o.state = 'open' AND {_SHIPS} AND {_ERASED}",
    ),
    HoldRule("amount_mismatch", f"{_WHOLE_ORDER} {_OPEN} AND o.totals_ok = 0 AND o.unfixed_flag = 0"),
    HoldRule("unfixed_amount", f"{_WHOLE_ORDER} {_OPEN} AND o.unfixed_flag = 1"),
    HoldRule(
        "mall_checking",
        f"{_WHOLE_ORDER} {_OPEN} AND o.checking_flag = 1 AND {_CHANNEL_SAYS.format(switch='hold_checking')}",
    ),
    HoldRule(
        "cancel_pending",
        f"{_WHOLE_ORDER} {_OPEN} AND EXISTS (SELECT 1 FROM w_status t WHERE t.channel = o.channel "  # noqa: S608
        "AND t.order_status = o.order_status AND t.role = 'hold') AND o.order_status <> 'refunded'",
    ),
    # What the money went back for, only a person can see; once it has left, the books' desk is asked.
    HoldRule(
        "refunded",
        f"{_WHOLE_ORDER} {_OPEN} AND o.order_status = 'refunded' AND EXISTS (SELECT 1 FROM w_status t "  # noqa: S608
        "WHERE t.channel = o.channel AND t.order_status = o.order_status AND t.role = 'hold')",
    ),
    # Once we shipped a part and told the mall, its word is our own.
    HoldRule(
        "shipped_at_mall",
        f"{_WHOLE_ORDER} {_OPEN} AND EXISTS (SELECT 1 FROM order_line l WHERE l.channel = o.channel "  # noqa: S608
        "AND l.order_no = o.order_no AND l.qty > 0 AND l.ships_flag = 1 "
        "AND (l.left_flag = 1 OR o.order_status IN ('shipped', 'settling', 'settled'))) "
        f"AND {_CHANNEL_SAYS.format(switch='hold_shipped')} AND NOT {_SOMETHING_SHIPPED}",
    ),
    HoldRule(
        "no_tax_rate",
        "SELECT o.channel, o.order_no, '' AS dest_id, "  # noqa: S608
        "MIN(CASE WHEN l.sku <> '' THEN l.sku WHEN l.sku_code <> '' THEN l.sku_code ELSE l.item_key END) AS subject "
        f"FROM {_LINES_OF_OPEN} AND l.tax_rate IS NULL GROUP BY o.channel, o.order_no",
    ),
    HoldRule(
        "zero_quantity",
        "SELECT o.channel, o.order_no, l.dest_id, '' AS subject FROM sales_order o "
        "JOIN order_line l ON l.channel = o.channel AND l.order_no = o.order_no WHERE o.state = 'open' "
        "GROUP BY o.channel, o.order_no, l.dest_id HAVING SUM(l.qty) = 0",
    ),
    HoldRule(
        "staff_hold",
        "SELECT DISTINCT o.channel, o.order_no, d.dest_id, '' AS subject FROM sales_order o "
        "JOIN staff_decision d ON d.channel = o.channel AND d.order_no = o.order_no "
        "WHERE o.state = 'open' AND d.kind = 'hold' AND d.state = 'active'",
    ),
    HoldRule(
        "amendment_contested",
        f"{_WHOLE_ORDER} {_OPEN} AND EXISTS (SELECT 1 FROM order_amendment a WHERE a.channel = o.channel "  # noqa: S608
        "AND a.order_no = o.order_no AND a.state = 'contested')",
    ),
)
