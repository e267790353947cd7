"""Work tables: temporary, each filled by one query, gone with the connection.

Every step of the books is one set-based query over the last step's table, so that both databases do the
same integer arithmetic and no order becomes a Python object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from ecsync.master.scratch import analyze

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

_CHANNEL: Final = """
CREATE TEMPORARY TABLE acc_channel (
  channel TEXT NOT NULL, payer TEXT NOT NULL, rounding TEXT NOT NULL, points_paid BIGINT NOT NULL,
  coupon_paid BIGINT NOT NULL, business_date TEXT NOT NULL)
"""

_CHANNEL_ROW: Final = """
INSERT INTO acc_channel (channel, payer, rounding, points_paid, coupon_paid, business_date)
VALUES (:channel, :payer, :rounding, :points_paid, :coupon_paid, :business_date)
"""


def fill(ctx: RunContext, name: str, query: str, *, index: str = "") -> None:
    """Fill a work table anew from a query without parameters; `index` lists the columns it is joined by.

    SQLite joins by that index; PostgreSQL hashes, once it knows how large the table is.
    """
    ctx.execute(f"DROP TABLE IF EXISTS {name}")
    ctx.execute(f"CREATE TEMPORARY TABLE {name} AS {query}")
    if ctx.conn.dialect.name == "postgresql":
        analyze(ctx, name)
    elif index:
        ctx.execute(f"CREATE INDEX {name}_by ON {name} ({index})")


def fill_channels(ctx: RunContext) -> None:
    """Fill acc_channel: how each channel's sales are booked, and the run's business date."""
    rows = [
        {
            "channel": name,
            "payer": channel.payer or channel.title or name,
            "rounding": channel.rounding,
            "points_paid": int(channel.points == "payment"),
            "coupon_paid": int(channel.mall_coupon == "payment"),
            "business_date": ctx.business_date,
        }
        for name, channel in sorted(ctx.settings.channels.items())
    ]
    ctx.execute("DROP TABLE IF EXISTS acc_channel")
    ctx.execute(_CHANNEL)
    if rows:
        ctx.conn.execute(sa.text(_CHANNEL_ROW), rows)


def is_empty(ctx: RunContext, name: str) -> bool:
    """Tell whether a work table has no row."""
    return ctx.scalar(f"SELECT 1 FROM {name} LIMIT 1") is None  # noqa: S608 - a name of this room


def spread(source: str, *, keep: str, within: str, order: str) -> str:
    """Return a query that spreads a total over weights by largest remainder, to the yen.

    `source` yields the columns of `keep`, `within` and `order` plus `weight` and `total` (both >= 0, and
    `total` the same within a group). The query yields `keep` plus `share`; the shares of a group add up
    to its total. Where no row of a group has a weight, every share is 0.
    """
    return f"""
SELECT {keep},
       CASE WHEN weight_sum = 0 THEN 0 WHEN rest_place <= total - floor_sum THEN floor_share + 1
            ELSE floor_share END AS share
FROM (SELECT w3.*, CAST(SUM(floor_share) OVER (PARTITION BY {within}) AS BIGINT) AS floor_sum,
             ROW_NUMBER() OVER (PARTITION BY {within}
                                ORDER BY total * weight - floor_share * weight_sum DESC, {order}) AS rest_place
      FROM (SELECT w2.*, CASE WHEN weight_sum = 0 THEN 0 ELSE total * weight / weight_sum END AS floor_share
            FROM (SELECT w1.*, CAST(SUM(weight) OVER (PARTITION BY {within}) AS BIGINT) AS weight_sum
                  FROM ({source}) w1) w2) w3) w4
"""  # noqa: S608 - every part is a constant of this room


def tax_in(amount: str, rate: str, rounding: str) -> str:
    """Return an expression for the tax inside a tax-inclusive amount (>= 0), rounded as the channel declares."""
    return f"""(CASE {rounding} WHEN 'floor' THEN ({amount}) * ({rate}) / (10000 + ({rate}))
      WHEN 'ceil' THEN (({amount}) * ({rate}) + 9999 + ({rate})) / (10000 + ({rate}))
      ELSE (2 * ({amount}) * ({rate}) + 10000 + ({rate})) / (2 * (10000 + ({rate}))) END)"""


def tax_on(amount: str, rate: str, rounding: str) -> str:
    """Return an expression for the tax on top of an amount without tax (>= 0), rounded as the channel declares."""
    return f"""(CASE {rounding} WHEN 'floor' THEN ({amount}) * ({rate}) / 10000
      WHEN 'ceil' THEN (({amount}) * ({rate}) + 9999) / 10000
      ELSE (2 * ({amount}) * ({rate}) + 10000) / 20000 END)"""
