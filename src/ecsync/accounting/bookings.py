"""Write planned sales into the books: bookings, their amounts per rate, their entries per line.

`write_planned` takes acc_plan (a row per booking: channel, order_no, position, booked_on, parcel_no,
fees_flag, sequence) and acc_plan_line (a row per booking and line: units_before, units_after, parcel_no)
besides the tables of `order_amounts.compute` and `progress.fill_booked`.

Amounts are taken cumulatively (what is due after so many units, less what was due before), so that any
grouping of the same shipments adds up to the same figures, and the last takes the remainder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.accounting.worktables import fill, spread

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

_PLAN_KEY: Final = "channel, order_no, position"


def amount_due(amount: str, units: str, of: str) -> str:
    """Return an expression for what is due of an amount (>= 0) after `units` of `of`; the last has the rest."""
    return f"(CASE WHEN {units} >= {of} THEN {amount} ELSE {amount} * {units} / {of} END)"


def tax_due(tax: str, amount: str, of: str) -> str:
    """Return an expression for what is due of a tax (>= 0) after `amount` of `of`, to the nearest yen."""
    return f"(CASE WHEN {amount} >= {of} THEN {tax} ELSE (2 * {tax} * {amount} + {of}) / (2 * {of}) END)"


_BOOKING: Final = """
SELECT p.channel, p.order_no, p.position, p.booked_on, p.parcel_no, p.fees_flag, p.sequence, a.payer, a.revision,
       'sale:' || p.channel || ':' || p.order_no || ':' || CAST(p.sequence AS TEXT) AS booking_key,
       CASE WHEN EXISTS (SELECT 1 FROM acc_plan_line u WHERE u.channel = p.channel AND u.order_no = p.order_no
                           AND u.position = p.position AND u.units_after < u.qty) THEN 0 ELSE 1 END AS final_flag
FROM acc_plan p JOIN acc_order a ON a.channel = p.channel AND a.order_no = p.order_no
"""

_DRAFT: Final = f"""
SELECT b.booking_key, b.channel, b.order_no, b.position, b.booked_on, u.parcel_no, p.line_id, p.description, p.sku,
       p.tax_rate, u.units_after - u.units_before AS qty,
       {amount_due("p.amount", "u.units_after", "p.qty")}
         - {amount_due("p.amount", "u.units_before", "p.qty")} AS amount
FROM acc_booking b
JOIN acc_plan_line u ON u.channel = b.channel AND u.order_no = b.order_no AND u.position = b.position
JOIN acc_part p ON p.channel = b.channel AND p.order_no = b.order_no AND p.line_id = u.line_id AND p.line_id <> ''
WHERE u.units_after > u.units_before
UNION ALL
SELECT b.booking_key, b.channel, b.order_no, b.position, b.booked_on, b.parcel_no, p.line_id, p.description, p.sku,
       p.tax_rate, 1, p.amount
FROM acc_booking b
JOIN acc_part p ON p.channel = b.channel AND p.order_no = b.order_no AND p.line_id = ''
WHERE b.fees_flag = 1 AND p.amount <> 0
"""  # noqa: S608

_RATE_SUM: Final = """
SELECT channel, order_no, position, booking_key, tax_rate,
       CAST(SUM(CASE WHEN line_id = '' THEN 0 ELSE amount END) AS BIGINT) AS goods,
       CAST(SUM(CASE WHEN line_id = '' THEN amount ELSE 0 END) AS BIGINT) AS fees,
       CAST(SUM(amount) AS BIGINT) AS gross
FROM acc_draft
GROUP BY channel, order_no, position, booking_key, tax_rate
"""

_RATE: Final = f"""
SELECT t.channel, t.order_no, t.position, t.booking_key, t.tax_rate, t.goods, t.fees, t.gross,
       {tax_due("t.tax_total", "t.gross_after", "t.total")}
         - {tax_due("t.tax_total", "(t.gross_after - t.gross)", "t.total")} AS tax
FROM (SELECT d.*, r.total, r.tax AS tax_total,
             COALESCE(k.gross, 0) + CAST(SUM(d.gross) OVER (
               PARTITION BY d.channel, d.order_no, d.tax_rate ORDER BY d.position) AS BIGINT) AS gross_after
      FROM acc_draft_sum d
      JOIN acc_rate r ON r.channel = d.channel AND r.order_no = d.order_no AND r.tax_rate = d.tax_rate
      LEFT JOIN acc_booked_rate k
        ON k.channel = d.channel AND k.order_no = d.order_no AND k.tax_rate = d.tax_rate) t
"""  # noqa: S608

_ENTRY: Final = spread(
    """SELECT d.*, d.amount AS weight, r.tax AS total
FROM acc_draft d JOIN acc_draft_rate r ON r.booking_key = d.booking_key AND r.tax_rate = d.tax_rate""",
    keep="booking_key, channel, order_no, booked_on, parcel_no, line_id, description, sku, tax_rate, qty, amount",
    within="booking_key, tax_rate",
    order="line_id, description",
)

_INSERT_BOOKING: Final = """
INSERT INTO booking (booking_key, kind, reverses, channel, order_no, parcel_no, payer, booked_on, sequence,
                     final_flag, revision, run_id)
SELECT booking_key, 'sale', '', channel, order_no, parcel_no, payer, booked_on, sequence, final_flag, revision, :run
FROM acc_booking
ORDER BY booking_key
"""

_INSERT_AMOUNT: Final = """
INSERT INTO booking_amount (booking_key, tax_rate, goods, fees, gross, tax, run_id)
SELECT booking_key, tax_rate, goods, fees, gross, tax, :run FROM acc_draft_rate
ORDER BY booking_key, tax_rate
"""

_INSERT_ENTRY: Final = """
INSERT INTO core_entry (entry_id, booking_key, kind, reverses, booked_on, channel, order_no, line_id, parcel_no, sku,
                        description, qty, tax_rate, amount, tax, run_id)
SELECT t.booking_key || '/' || CASE WHEN t.place < 10 THEN '0' ELSE '' END || CAST(t.place AS TEXT), t.booking_key,
       'sale', '', t.booked_on, t.channel, t.order_no, t.line_id, t.parcel_no, t.sku,
       COALESCE(l.item_name, t.description), t.qty, t.tax_rate, t.amount, t.share, :run
FROM (SELECT e.*, ROW_NUMBER() OVER (PARTITION BY booking_key ORDER BY CASE WHEN line_id = '' THEN 1 ELSE 0 END,
                                     line_id, description) AS place
      FROM acc_entry_draft e) t
LEFT JOIN order_line l ON t.line_id <> '' AND l.channel = t.channel AND l.order_no = t.order_no
                      AND l.line_id = t.line_id
ORDER BY t.booking_key, t.place
"""


def write_planned(ctx: RunContext) -> None:
    """Write the bookings of acc_plan; each adds up per rate to the yen, in its amounts and its entries."""
    fill(ctx, "acc_booking", _BOOKING, index=_PLAN_KEY)
    fill(ctx, "acc_draft", _DRAFT, index="booking_key, tax_rate")
    fill(ctx, "acc_draft_sum", _RATE_SUM, index=_PLAN_KEY)
    fill(ctx, "acc_draft_rate", _RATE, index="booking_key, tax_rate")
    fill(ctx, "acc_entry_draft", _ENTRY)
    ctx.execute(_INSERT_BOOKING, run=ctx.run_id)
    ctx.execute(_INSERT_AMOUNT, run=ctx.run_id)
    ctx.execute(_INSERT_ENTRY, run=ctx.run_id)
