"""What an order is worth in the books: per tax rate, per line and per fee, to the yen.

`compute` takes the orders of acc_scope (channel, order_no) and leaves, each for all of them:

acc_order   one row per order: receivable (what the payer owes), payer, rounding, revision
acc_line    one row per line: qty, tax_rate (NULL while unknown), amount, weight (its share in its rate)
acc_rate    one row per order and rate: total, tax, goods, fees (goods + fees = total)
acc_part    one row per line or fee: line_id or description, tax_rate, qty, amount; adds up to acc_rate
acc_fault   one row per order that cannot be booked: the reason

Where the mall states taxable amounts per rate, those are booked with the tax it states; what the shop's
own setting adds (a coupon that the mall pays) or takes away (points as a discount) changes the tax by
what it changes our own computation. Where nothing is stated, lines and fees are summed per rate, and the
tax is computed once per order and rate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.accounting.worktables import fill, fill_channels, spread, tax_in, tax_on

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

_ORDER_KEY: Final = "channel, order_no"
_FEES: Final = ("wrapping", "shipping", "cod_fee", "payment_fee", "buyer_fee", "adjustment")
_AMOUNTS: Final = (
    *_FEES,
    "goods",
    "tax_excluded",
    "discount",
    "points",
    "coupon_shop",
    "coupon_mall",
    "gift_card",
    "billed",
    "taxed_standard",
    "tax_standard",
    "taxed_reduced",
    "tax_reduced",
    "taxed_zero",
)
_LARGEST: Final = 1_000_000_000

# Amounts that no order has: they would leave 64 bits in a product, so they never get that far.
_ABSURD: Final = f"""
SELECT s.channel, s.order_no
FROM acc_scope s JOIN sales_order o ON o.channel = s.channel AND o.order_no = s.order_no
WHERE {" OR ".join(f"ABS(COALESCE(o.{column}, 0)) > {_LARGEST}" for column in _AMOUNTS)}
UNION
SELECT s.channel, s.order_no
FROM acc_scope s JOIN order_line l ON l.channel = s.channel AND l.order_no = s.order_no
GROUP BY s.channel, s.order_no
HAVING SUM(CASE WHEN ABS(l.unit_price) > {_LARGEST} THEN {_LARGEST} + 1 ELSE ABS(l.unit_price * l.qty) END) > {_LARGEST}
"""  # noqa: S608

_ORDER: Final = """
SELECT o.channel, o.order_no, o.state, o.order_status, o.revision, o.currency, o.unfixed_flag, o.totals_ok,
       c.payer, c.rounding, c.business_date, COALESCE(o.fee_rate, 1000) AS fee_rate,
       CASE WHEN o.taxed_standard IS NULL AND o.taxed_reduced IS NULL AND o.taxed_zero IS NULL
            THEN 0 ELSE 1 END AS stated_flag,
       COALESCE(o.tax_excluded, 0) AS tax_excluded, COALESCE(o.buyer_fee, 0) AS buyer_fee,
       o.billed + COALESCE(o.gift_card, 0) + COALESCE(o.points, 0) AS before_points,
       o.billed + COALESCE(o.gift_card, 0) + c.points_paid * COALESCE(o.points, 0)
         + c.coupon_paid * COALESCE(o.coupon_mall, 0) AS receivable,
       (1 - c.points_paid) * COALESCE(o.points, 0) AS points_taken,
       c.coupon_paid * COALESCE(o.coupon_mall, 0) AS coupon_paid,
       (1 - c.coupon_paid) * COALESCE(o.coupon_mall, 0) AS coupon_taken,
       COALESCE(o.coupon_shop, 0) + COALESCE(o.discount, 0) AS shop_taken,
       CASE WHEN COALESCE(o.points, 0) < 0 OR COALESCE(o.coupon_mall, 0) < 0 OR COALESCE(o.tax_excluded, 0) < 0
              OR COALESCE(o.coupon_shop, 0) + COALESCE(o.discount, 0) < 0 THEN 1 ELSE 0 END AS negative_flag
FROM acc_scope s
JOIN sales_order o ON o.channel = s.channel AND o.order_no = s.order_no
JOIN acc_channel c ON c.channel = o.channel
WHERE NOT EXISTS (SELECT 1 FROM acc_absurd x WHERE x.channel = s.channel AND x.order_no = s.order_no)
"""

_FEE: Final = "\nUNION ALL\n".join(
    f"SELECT a.channel, a.order_no, '{fee}' AS description, a.fee_rate AS tax_rate, o.{fee} AS amount\n"
    "FROM acc_order a JOIN sales_order o ON o.channel = a.channel AND o.order_no = a.order_no\n"
    f"WHERE COALESCE(o.{fee}, 0) <> 0"
    for fee in _FEES
)

_LINE: Final = """
SELECT channel, order_no, line_id, sku, qty, tax_rate, amount, untaxed_flag, ships_flag,
       CASE WHEN amount <= 0 THEN 0
            ELSE amount + untaxed_flag * (amount * COALESCE(tax_rate, 0) / 10000) END AS weight
FROM (SELECT l.channel, l.order_no, l.line_id, l.sku, l.qty, l.tax_rate, l.unit_price * l.qty AS amount,
             l.ships_flag,
             CASE WHEN a.tax_excluded = 0 THEN 0 WHEN l.price_includes_tax = 0 THEN 1
                  WHEN MIN(l.price_includes_tax) OVER (PARTITION BY l.channel, l.order_no) = 1 THEN 1
                  ELSE 0 END AS untaxed_flag
      FROM acc_order a JOIN order_line l ON l.channel = a.channel AND l.order_no = a.order_no) t
"""

# Everything that has a rate, in columns: goods (as priced), the part of them priced without tax, fees, and
# what the mall states. A negative line or fee is a discount, and has no rate of its own.
_RATE_SUMS: Final = """
SELECT channel, order_no, tax_rate, CAST(SUM(goods) AS BIGINT) AS goods, CAST(SUM(untaxed) AS BIGINT) AS untaxed,
       CAST(SUM(fees) AS BIGINT) AS fees, CAST(SUM(stated) AS BIGINT) AS stated,
       CAST(SUM(stated_tax) AS BIGINT) AS stated_tax
FROM (
  SELECT channel, order_no, COALESCE(tax_rate, 0) AS tax_rate, CASE WHEN amount > 0 THEN amount ELSE 0 END AS goods,
         CASE WHEN amount > 0 THEN amount * untaxed_flag ELSE 0 END AS untaxed,
         0 AS fees, 0 AS stated, CAST(NULL AS BIGINT) AS stated_tax
  FROM acc_line
  UNION ALL
  SELECT channel, order_no, tax_rate, 0, 0, amount, 0, CAST(NULL AS BIGINT) FROM acc_fee WHERE amount > 0
  UNION ALL
  SELECT o.channel, o.order_no, 1000, 0, 0, 0, o.taxed_standard, o.tax_standard
  FROM acc_order a JOIN sales_order o ON o.channel = a.channel AND o.order_no = a.order_no
  WHERE o.taxed_standard IS NOT NULL
  UNION ALL
  SELECT o.channel, o.order_no, 800, 0, 0, 0, o.taxed_reduced, o.tax_reduced
  FROM acc_order a JOIN sales_order o ON o.channel = a.channel AND o.order_no = a.order_no
  WHERE o.taxed_reduced IS NOT NULL
  UNION ALL
  SELECT o.channel, o.order_no, 0, 0, 0, 0, o.taxed_zero, 0
  FROM acc_order a JOIN sales_order o ON o.channel = a.channel AND o.order_no = a.order_no
  WHERE o.taxed_zero IS NOT NULL
) t
GROUP BY channel, order_no, tax_rate
"""

_TAKEN: Final = """
SELECT a.channel, a.order_no,
       a.shop_taken + a.coupon_taken + COALESCE(l.taken, 0) + COALESCE(f.taken, 0) AS taken
FROM acc_order a
LEFT JOIN (SELECT channel, order_no, CAST(-SUM(amount) AS BIGINT) AS taken FROM acc_line WHERE amount < 0
           GROUP BY channel, order_no) l ON l.channel = a.channel AND l.order_no = a.order_no
LEFT JOIN (SELECT channel, order_no, CAST(-SUM(amount) AS BIGINT) AS taken FROM acc_fee WHERE amount < 0
           GROUP BY channel, order_no) f ON f.channel = a.channel AND f.order_no = a.order_no
"""

# Goods with their tax. What the shop itself charged as tax stands; a difference to our rounding goes to
# the rate with the largest base.
_GOODS: Final = f"""
SELECT t.channel, t.order_no, t.tax_rate, t.fees, t.stated, t.stated_tax, t.own_tax_sum,
       t.goods + t.own_tax
         + CASE WHEN t.place = 1 AND t.untaxed > 0 THEN t.tax_excluded - t.own_tax_sum ELSE 0 END AS goods
FROM (SELECT u.*, CAST(SUM(u.own_tax) OVER (PARTITION BY u.channel, u.order_no) AS BIGINT) AS own_tax_sum,
             ROW_NUMBER() OVER (PARTITION BY u.channel, u.order_no ORDER BY u.untaxed DESC, u.tax_rate DESC) AS place
      FROM (SELECT r.*, a.tax_excluded, {tax_on("r.untaxed", "r.tax_rate", "a.rounding")} AS own_tax
            FROM acc_rate_sum r JOIN acc_order a ON a.channel = r.channel AND a.order_no = r.order_no) u) t
"""  # noqa: S608

# The discount that the shop bears (computed orders), or the coupon that the mall pays and has already
# taken off its stated amounts (stated orders), over the goods of each rate.
_GOODS_SHARE: Final = spread(
    """SELECT g.*, a.stated_flag, a.fee_rate, a.buyer_fee, a.before_points, a.points_taken,
       CASE WHEN g.goods_sum > 0 THEN g.goods ELSE g.stated END AS weight,
       CASE WHEN a.stated_flag = 1 THEN a.coupon_paid
            WHEN x.taken < g.goods_sum THEN x.taken ELSE g.goods_sum END AS total,
       CASE WHEN a.stated_flag = 0 AND x.taken > g.goods_sum THEN x.taken - g.goods_sum ELSE 0 END AS taken_from_fees
FROM (SELECT g1.*, CAST(SUM(g1.goods) OVER (PARTITION BY g1.channel, g1.order_no) AS BIGINT) AS goods_sum,
             CAST(SUM(g1.stated) OVER (PARTITION BY g1.channel, g1.order_no) AS BIGINT) AS stated_sum
      FROM acc_rate_goods g1) g
JOIN acc_order a ON a.channel = g.channel AND a.order_no = g.order_no
JOIN acc_taken x ON x.channel = g.channel AND x.order_no = g.order_no""",
    keep="channel, order_no, tax_rate, goods, fees, stated, stated_tax, stated_flag, fee_rate, buyer_fee, "
    "before_points, points_taken, stated_sum, taken_from_fees",
    within=_ORDER_KEY,
    order="tax_rate DESC",
)

# A fee that the mall's receipt does not hold (post-pay, since 2023-09-14) comes on top of what it states.
_BASE: Final = f"""
SELECT channel, order_no, tax_rate, fees, stated, stated_tax, stated_flag, points_taken,
       CASE WHEN stated_flag = 1
            THEN stated + share + CASE WHEN tax_rate = fee_rate AND stated_sum <> before_points
                                        AND stated_sum + buyer_fee = before_points THEN buyer_fee ELSE 0 END
            ELSE goods - share + fees - CASE WHEN tax_rate = fee_rate THEN taken_from_fees ELSE 0 END
       END AS base
FROM ({_GOODS_SHARE}) t
"""  # noqa: S608

_POINTS_SHARE: Final = spread(
    "SELECT b.*, CASE WHEN b.base > 0 THEN b.base ELSE 0 END AS weight, b.points_taken AS total FROM acc_rate_base b",
    keep="channel, order_no, tax_rate, fees, stated, stated_tax, stated_flag, base",
    within=_ORDER_KEY,
    order="tax_rate DESC",
)

_RATE: Final = f"""
SELECT t.*, CASE WHEN t.fees < t.total THEN t.fees ELSE t.total END AS fees_net,
       t.total - CASE WHEN t.fees < t.total THEN t.fees ELSE t.total END AS goods_net,
       CASE WHEN t.stated_tax IS NULL THEN {tax_in("t.total", "t.tax_rate", "t.rounding")}
            ELSE t.stated_tax + {tax_in("t.total", "t.tax_rate", "t.rounding")}
                 - {tax_in("t.stated", "t.tax_rate", "t.rounding")} END AS tax,
       {tax_in("t.stated", "t.tax_rate", "t.rounding")} AS own_stated_tax
FROM (SELECT p.channel, p.order_no, p.tax_rate, p.fees, p.stated, p.stated_tax, p.base - p.share AS total, a.rounding
      FROM ({_POINTS_SHARE}) p
      JOIN acc_order a ON a.channel = p.channel AND a.order_no = p.order_no) t
"""  # noqa: S608

_LINE_PART: Final = spread(
    """SELECT l.channel, l.order_no, l.line_id, '' AS description, l.sku, COALESCE(l.tax_rate, 0) AS tax_rate, l.qty,
       l.weight, COALESCE(r.goods_net, 0) AS total
FROM acc_line l
LEFT JOIN acc_rate r ON r.channel = l.channel AND r.order_no = l.order_no AND r.tax_rate = COALESCE(l.tax_rate, 0)""",
    keep="channel, order_no, line_id, description, sku, tax_rate, qty",
    within=f"{_ORDER_KEY}, tax_rate",
    order="line_id",
)

_FEE_PART: Final = spread(
    """SELECT f.channel, f.order_no, '' AS line_id, f.description, '' AS sku, f.tax_rate, 0 AS qty,
       f.amount AS weight, r.fees_net AS total
FROM acc_fee f JOIN acc_rate r ON r.channel = f.channel AND r.order_no = f.order_no AND r.tax_rate = f.tax_rate
WHERE f.amount > 0""",
    keep="channel, order_no, line_id, description, sku, tax_rate, qty",
    within=f"{_ORDER_KEY}, tax_rate",
    order="description",
)

_PART: Final = f"""
SELECT channel, order_no, line_id, description, sku, tax_rate, qty, share AS amount FROM ({_LINE_PART}) l
UNION ALL
SELECT channel, order_no, line_id, description, sku, tax_rate, qty, share FROM ({_FEE_PART}) f
"""  # noqa: S608

_FAULT: Final = """
SELECT channel, order_no, reason FROM (
  SELECT a.channel, a.order_no,
         CASE WHEN a.unfixed_flag = 1 OR a.receivable IS NULL THEN 'unfixed_amount'
              WHEN a.currency <> 'JPY' THEN 'currency'
              WHEN COALESCE(l.unknown_rates, 0) > 0 THEN 'no_tax_rate'
              WHEN a.totals_ok = 0 OR a.negative_flag = 1 OR a.receivable < 0 OR COALESCE(r.smallest, 0) < 0
                OR COALESCE(r.total, 0) <> a.receivable THEN 'amount_mismatch'
              WHEN COALESCE(p.amount, 0) <> a.receivable THEN 'rates_differ'
              ELSE '' END AS reason
  FROM acc_order a
  LEFT JOIN (SELECT channel, order_no, CAST(SUM(total) AS BIGINT) AS total,
                    MIN(CASE WHEN total < 0 OR tax < 0 OR tax > total OR stated < 0 THEN -1 ELSE 0 END) AS smallest
             FROM acc_rate GROUP BY channel, order_no) r ON r.channel = a.channel AND r.order_no = a.order_no
  LEFT JOIN (SELECT channel, order_no, CAST(SUM(amount) AS BIGINT) AS amount FROM acc_part
             GROUP BY channel, order_no) p ON p.channel = a.channel AND p.order_no = a.order_no
  LEFT JOIN (SELECT channel, order_no,
                    CAST(SUM(CASE WHEN tax_rate IS NULL AND amount <> 0 THEN 1 ELSE 0 END) AS BIGINT) AS unknown_rates
             FROM acc_line GROUP BY channel, order_no) l ON l.channel = a.channel AND l.order_no = a.order_no) t
WHERE reason <> ''
UNION ALL
SELECT channel, order_no, 'amount_mismatch' FROM acc_absurd
"""


def compute(ctx: RunContext) -> None:
    """Fill acc_order, acc_line, acc_rate, acc_part and acc_fault for the orders of acc_scope."""
    fill_channels(ctx)
    fill(ctx, "acc_absurd", _ABSURD, index=_ORDER_KEY)
    fill(ctx, "acc_order", _ORDER, index=_ORDER_KEY)
    fill(ctx, "acc_fee", _FEE, index=_ORDER_KEY)
    fill(ctx, "acc_line", _LINE, index=f"{_ORDER_KEY}, line_id")
    fill(ctx, "acc_rate_sum", _RATE_SUMS, index=_ORDER_KEY)
    fill(ctx, "acc_taken", _TAKEN, index=_ORDER_KEY)
    fill(ctx, "acc_rate_goods", _GOODS, index=_ORDER_KEY)
    fill(ctx, "acc_rate_base", _BASE, index=_ORDER_KEY)
    fill(ctx, "acc_rate", _RATE, index=f"{_ORDER_KEY}, tax_rate")
    fill(ctx, "acc_part", _PART, index=f"{_ORDER_KEY}, line_id")
    fill(ctx, "acc_fault", _FAULT, index=_ORDER_KEY)
