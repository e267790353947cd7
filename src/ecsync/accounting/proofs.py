"""Prove the books of a run: entries balance, and journals, bookings and shipped orders agree to the yen.

What the run wrote is proved, what is still to be told, and the whole of every day that they are of: a break
that held something back yesterday holds it back today.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.accounting import order_amounts
from ecsync.accounting.faults import percent
from ecsync.accounting.worktables import fill, is_empty
from ecsync.master.proof import Proof

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

_RUN: Final = """
CREATE TEMPORARY TABLE acc_run (run_id BIGINT NOT NULL)
"""

# A project that tells nobody has nothing that waits to be told.
_RECENT: Final = """
SELECT b.booking_key FROM acc_run r JOIN booking b ON b.run_id = r.run_id
UNION
SELECT j.booking_key
FROM journal_entry e JOIN booking_journal j ON j.entry_no = e.entry_no
WHERE EXISTS (SELECT 1 FROM outbox_key k WHERE k.document = 'journal_lines')
  AND NOT EXISTS (SELECT 1 FROM outbox_key k WHERE k.document = 'journal_lines' AND k.business_key = e.entry_key)
UNION
SELECT e.booking_key
FROM core_entry e
WHERE EXISTS (SELECT 1 FROM outbox_key k WHERE k.document = 'core_entries')
  AND NOT EXISTS (SELECT 1 FROM outbox_key k WHERE k.document = 'core_entries' AND k.business_key = e.entry_id)
"""

_TOUCHED_DAY: Final = """
SELECT b.booked_on FROM acc_recent r JOIN booking b ON b.booking_key = r.booking_key
UNION
SELECT e.entry_date FROM acc_run r JOIN journal_entry e ON e.run_id = r.run_id
"""

_DAY_LINE: Final = """
SELECT e.entry_no, e.entry_key, e.entry_date, e.kind, e.channel, l.side, l.tax_class, l.tax_rate, l.amount
FROM acc_day d
JOIN journal_entry e ON e.entry_date = d.booked_on
JOIN journal_line l ON l.entry_no = e.entry_no
"""

_ENTRY: Final = """
SELECT entry_key, CAST(SUM(CASE WHEN side = 'debit' THEN amount ELSE 0 END) AS BIGINT) AS debit,
       CAST(SUM(CASE WHEN side = 'debit' THEN 0 ELSE amount END) AS BIGINT) AS credit
FROM acc_day_line GROUP BY entry_key
HAVING SUM(CASE WHEN side = 'debit' THEN amount ELSE -amount END) <> 0
ORDER BY entry_key
"""

_DAY: Final = """
SELECT entry_date, CAST(SUM(CASE WHEN side = 'debit' THEN amount ELSE 0 END) AS BIGINT) AS debit,
       CAST(SUM(CASE WHEN side = 'debit' THEN 0 ELSE amount END) AS BIGINT) AS credit
FROM acc_day_line l
WHERE NOT EXISTS (SELECT 1 FROM acc_entry_broken x WHERE x.entry_key = l.entry_key)
GROUP BY entry_date ORDER BY entry_date
"""

# Of the days touched: what the journals hold per channel and rate against the bookings behind them.
_JOURNALS: Final = """
SELECT channel, tax_rate, CAST(SUM(booked) AS BIGINT) AS booked, CAST(SUM(journaled) AS BIGINT) AS journaled
FROM (SELECT b.channel, a.tax_rate, a.gross AS booked, 0 AS journaled
      FROM acc_day d
      JOIN booking b ON b.booked_on = d.booked_on
      JOIN booking_amount a ON a.booking_key = b.booking_key
      JOIN booking_journal j ON j.booking_key = b.booking_key
      JOIN journal_entry e ON e.entry_no = j.entry_no
      WHERE NOT EXISTS (SELECT 1 FROM acc_entry_broken x WHERE x.entry_key = e.entry_key)
      UNION ALL
      SELECT channel, tax_rate, 0, CASE WHEN side = 'credit' THEN amount ELSE -amount END
      FROM acc_day_line l
      WHERE tax_class <> 'out_of_scope'
        AND NOT EXISTS (SELECT 1 FROM acc_entry_broken x WHERE x.entry_key = l.entry_key)) t
GROUP BY channel, tax_rate ORDER BY channel, tax_rate DESC
"""

# Entries for the core system against their bookings, per booking and rate.
_CORE: Final = """
SELECT booking_key, channel, order_no, tax_rate, CAST(SUM(gross) AS BIGINT) AS gross, CAST(SUM(told) AS BIGINT) AS told,
       CAST(SUM(tax) AS BIGINT) AS tax, CAST(SUM(told_tax) AS BIGINT) AS told_tax
FROM (SELECT b.booking_key, b.channel, b.order_no, a.tax_rate, a.gross, a.tax, 0 AS told, 0 AS told_tax
      FROM acc_recent r
      JOIN booking b ON b.booking_key = r.booking_key
      JOIN booking_amount a ON a.booking_key = b.booking_key
      UNION ALL
      SELECT b.booking_key, b.channel, b.order_no, e.tax_rate, 0, 0, e.amount, e.tax
      FROM acc_recent r
      JOIN booking b ON b.booking_key = r.booking_key
      JOIN core_entry e ON e.booking_key = b.booking_key) t
GROUP BY booking_key, channel, order_no, tax_rate
"""

_CORE_BROKEN: Final = """
SELECT channel, order_no, CAST(SUM(gross) AS BIGINT) AS gross, CAST(SUM(told) AS BIGINT) AS told,
       CAST(SUM(tax) AS BIGINT) AS tax, CAST(SUM(told_tax) AS BIGINT) AS told_tax
FROM acc_core GROUP BY channel, order_no
HAVING SUM(CASE WHEN gross <> told OR tax <> told_tax THEN 1 ELSE 0 END) > 0
ORDER BY channel, order_no
"""

_CORE_SUMS: Final = """
SELECT channel, tax_rate, CAST(SUM(gross) AS BIGINT) AS gross, CAST(SUM(told) AS BIGINT) AS told
FROM acc_core c
WHERE NOT EXISTS (SELECT 1 FROM acc_core_broken x WHERE x.channel = c.channel AND x.order_no = c.order_no)
GROUP BY channel, tax_rate ORDER BY channel, tax_rate DESC
"""

_SCOPE: Final = """
SELECT DISTINCT b.channel, b.order_no
FROM acc_recent r
JOIN booking b ON b.booking_key = r.booking_key AND b.kind = 'sale'
JOIN sales_order o ON o.channel = b.channel AND o.order_no = b.order_no AND o.revision = b.revision
"""

# Orders that are booked to the end: what the payer owes, by the order's own header.
_SETTLED: Final = """
SELECT s.channel, s.order_no
FROM acc_scope s
WHERE EXISTS (SELECT 1 FROM booking b WHERE b.channel = s.channel AND b.order_no = s.order_no AND b.kind = 'sale'
                AND b.final_flag = 1 AND NOT EXISTS (
                  SELECT 1 FROM booking x WHERE x.booking_key = 'reversal:' || b.booking_key))
"""

_BOOKED: Final = """
SELECT b.channel, b.order_no, a.tax_rate, CAST(SUM(a.gross) AS BIGINT) AS gross, CAST(SUM(a.tax) AS BIGINT) AS tax
FROM acc_scope s
JOIN booking b ON b.channel = s.channel AND b.order_no = s.order_no AND b.kind <> 'return'
JOIN booking_amount a ON a.booking_key = b.booking_key
GROUP BY b.channel, b.order_no, a.tax_rate
"""

_ORDER_RATE: Final = """
SELECT channel, order_no, tax_rate, MAX(receivable) AS receivable, CAST(SUM(due) AS BIGINT) AS due,
       CAST(SUM(tax_due) AS BIGINT) AS tax_due, CAST(SUM(gross) AS BIGINT) AS gross, CAST(SUM(tax) AS BIGINT) AS tax
FROM (SELECT a.channel, a.order_no, r.tax_rate, a.receivable, r.total AS due, r.tax AS tax_due, 0 AS gross, 0 AS tax
      FROM acc_settled t
      JOIN acc_order a ON a.channel = t.channel AND a.order_no = t.order_no
      JOIN acc_rate r ON r.channel = t.channel AND r.order_no = t.order_no
      UNION ALL
      SELECT a.channel, a.order_no, b.tax_rate, a.receivable, 0, 0, b.gross, b.tax
      FROM acc_settled t
      JOIN acc_order a ON a.channel = t.channel AND a.order_no = t.order_no
      JOIN acc_booked b ON b.channel = t.channel AND b.order_no = t.order_no) d
GROUP BY channel, order_no, tax_rate
"""

_ORDER: Final = """
SELECT 'order.booked' AS name, channel, order_no, MAX(receivable) AS expected, CAST(SUM(gross) AS BIGINT) AS actual,
       -1 AS tax_rate
FROM acc_order_rate GROUP BY channel, order_no HAVING SUM(gross) <> MAX(receivable)
UNION ALL
SELECT 'order.rate', channel, order_no, due, gross, tax_rate FROM acc_order_rate WHERE due <> gross
UNION ALL
SELECT 'order.tax', channel, order_no, tax_due, tax, tax_rate FROM acc_order_rate WHERE tax_due <> tax
ORDER BY 2, 3, 1, 6
"""

_SHIPPED: Final = """
SELECT channel, tax_rate, CAST(SUM(due) AS BIGINT) AS due, CAST(SUM(gross) AS BIGINT) AS gross
FROM acc_order_rate r
WHERE NOT EXISTS (SELECT 1 FROM acc_order_broken x WHERE x.channel = r.channel AND x.order_no = r.order_no)
GROUP BY channel, tax_rate ORDER BY channel, tax_rate DESC
"""


def check(ctx: RunContext) -> list[Proof]:
    """Return the proofs of the books, a broken one for every entry or order that it concerns.

    `entry.balance` (subject: entry key) and `order.entries`, `order.booked`, `order.rate`, `order.tax`
    (subject: channel:order number) appear only where they break; `day.balance`, `journals.bookings`,
    `core.bookings` and `bookings.orders` always, over the rest.
    """
    ctx.execute("DROP TABLE IF EXISTS acc_run")
    ctx.execute(_RUN)
    ctx.execute("INSERT INTO acc_run (run_id) VALUES (:run)", run=ctx.run_id)
    fill(ctx, "acc_recent", _RECENT, index="booking_key")
    fill(ctx, "acc_day", _TOUCHED_DAY)
    if is_empty(ctx, "acc_day"):
        return []
    return [*_prove_entries(ctx), *_prove_core(ctx), *_prove_orders(ctx)]


def _prove_entries(ctx: RunContext) -> list[Proof]:
    fill(ctx, "acc_day_line", _DAY_LINE, index="entry_key")
    fill(ctx, "acc_entry_broken", _ENTRY, index="entry_key")
    proofs = [Proof("entry.balance", str(row[0]), int(row[1]), int(row[2])) for row in ctx.rows(_ENTRY)]
    proofs.extend(Proof("day.balance", str(row[0]), int(row[1]), int(row[2])) for row in ctx.rows(_DAY))
    proofs.extend(_per_rate(ctx, "journals.bookings", _JOURNALS))
    return proofs


def _prove_core(ctx: RunContext) -> list[Proof]:
    fill(ctx, "acc_core", _CORE, index="channel, order_no")
    fill(ctx, "acc_core_broken", _CORE_BROKEN, index="channel, order_no")
    broken = [
        Proof("order.entries", f"{channel}:{order_no}", int(gross + tax), int(told + told_tax))
        for channel, order_no, gross, told, tax, told_tax in ctx.rows(_CORE_BROKEN)
    ]
    return [*broken, *_per_rate(ctx, "core.bookings", _CORE_SUMS)]


def _prove_orders(ctx: RunContext) -> list[Proof]:
    fill(ctx, "acc_scope", _SCOPE, index="channel, order_no")
    order_amounts.compute(ctx)
    fill(ctx, "acc_settled", _SETTLED, index="channel, order_no")
    fill(ctx, "acc_booked", _BOOKED, index="channel, order_no")
    fill(ctx, "acc_order_rate", _ORDER_RATE, index="channel, order_no")
    fill(ctx, "acc_order_broken", _ORDER, index="channel, order_no")
    broken = [
        Proof(
            str(name), f"{channel}:{order_no}", int(expected), int(actual), percent(rate) if rate >= 0 else ""
        )
        for name, channel, order_no, expected, actual, rate in ctx.rows(_ORDER)
    ]
    return [*broken, *_per_rate(ctx, "bookings.orders", _SHIPPED)]


def _per_rate(ctx: RunContext, name: str, query: str) -> list[Proof]:
    return [
        Proof(name, f"{channel} {percent(int(rate))}", int(expected), int(actual))
        for channel, rate, expected, actual in ctx.rows(query)
    ]
