"""Make journal entries of bookings: per order or per day, per tax rate, balanced to the yen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from ecsync.accounting.worktables import fill, is_empty
from ecsync.locale import _, speaking
from ecsync.master import counters

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

COUNTER: Final = "journal"

_OPEN: Final = """
SELECT b.booking_key, b.kind, b.channel, b.order_no, b.payer, b.booked_on, a.tax_rate, a.goods, a.fees, a.gross, a.tax,
       COALESCE(f.tax, 0) AS fee_tax
FROM booking b
JOIN booking_amount a ON a.booking_key = b.booking_key
LEFT JOIN (SELECT booking_key, tax_rate, CAST(SUM(tax) AS BIGINT) AS tax FROM core_entry WHERE line_id = ''
           GROUP BY booking_key, tax_rate) f ON f.booking_key = a.booking_key AND f.tax_rate = a.tax_rate
WHERE NOT EXISTS (SELECT 1 FROM booking_journal j WHERE j.booking_key = b.booking_key)
"""

# A booking whose parts do not make its total would unbalance its entry: it stays out, alone.
_BROKEN: Final = """
SELECT booking_key, CAST(SUM(gross) AS BIGINT) AS gross, CAST(SUM(goods + fees) AS BIGINT) AS parts
FROM acc_open GROUP BY booking_key HAVING SUM(CASE WHEN gross <> goods + fees THEN 1 ELSE 0 END) > 0
"""

_SETTING: Final = """
CREATE TEMPORARY TABLE acc_account (
  receivable TEXT NOT NULL, sales TEXT NOT NULL, fees TEXT NOT NULL, returned TEXT NOT NULL, mode TEXT NOT NULL,
  per_day BIGINT NOT NULL)
"""

_SETTING_ROW: Final = """
INSERT INTO acc_account (receivable, sales, fees, returned, mode, per_day)
VALUES (:receivable, :sales, :fees, :returned, :mode, :per_day)
"""

_GROUP: Final = """
SELECT t.booking_key, t.kind, t.channel, t.order_no, t.payer, t.booked_on,
       CASE WHEN s.per_day = 0 THEN t.booking_key
            ELSE 'day:' || t.booked_on || ':' || t.channel || ':' || t.payer || ':'
                 || CAST(COALESCE(n.entries, 0) + t.kind_place AS TEXT) END AS entry_key
FROM (SELECT o.booking_key, o.kind, o.channel, o.order_no, o.payer, o.booked_on,
             DENSE_RANK() OVER (PARTITION BY o.booked_on, o.channel, o.payer ORDER BY o.kind DESC) AS kind_place
      FROM (SELECT DISTINCT booking_key, kind, channel, order_no, payer, booked_on FROM acc_open
            WHERE gross <> 0 OR goods <> 0 OR fees <> 0) o
      WHERE NOT EXISTS (SELECT 1 FROM acc_broken x WHERE x.booking_key = o.booking_key)) t
JOIN acc_account s ON 1 = 1
LEFT JOIN (SELECT b.booked_on, b.channel, b.payer, COUNT(DISTINCT e.entry_no) AS entries
           FROM (SELECT DISTINCT booked_on, channel, payer FROM acc_open) d
           JOIN booking b ON b.booked_on = d.booked_on AND b.channel = d.channel AND b.payer = d.payer
           JOIN booking_journal j ON j.booking_key = b.booking_key
           JOIN journal_entry e ON e.entry_no = j.entry_no AND substr(e.entry_key, 1, 4) = 'day:'
           GROUP BY b.booked_on, b.channel, b.payer) n
  ON n.booked_on = t.booked_on AND n.channel = t.channel AND n.payer = t.payer
"""

# Part 0 is the payer's side, 1 goods, 2 fees that have an account of their own. Amounts are signed: what is
# positive debits the receivable and credits the sale, what is negative the other way round.
_AMOUNT: Final = """
SELECT entry_key, part, tax_rate, account, sub_account, tax_class, CAST(SUM(amount) AS BIGINT) AS amount,
       CAST(SUM(tax) AS BIGINT) AS tax
FROM (
  SELECT g.entry_key, 0 AS part, 0 AS tax_rate, s.receivable AS account, g.payer AS sub_account,
         'out_of_scope' AS tax_class, o.gross AS amount, CAST(NULL AS BIGINT) AS tax
  FROM acc_group_entry g JOIN acc_open o ON o.booking_key = g.booking_key JOIN acc_account s ON 1 = 1
  UNION ALL
  SELECT g.entry_key, 1, o.tax_rate, CASE WHEN g.kind = 'return' THEN s.returned ELSE s.sales END, g.payer,
         CASE WHEN g.kind = 'return' THEN 'return:' ELSE 'sale:' END || s.mode,
         CASE WHEN s.fees = '' THEN o.gross ELSE o.goods END,
         CASE WHEN s.fees = '' THEN o.tax ELSE o.tax - o.fee_tax END
  FROM acc_group_entry g JOIN acc_open o ON o.booking_key = g.booking_key JOIN acc_account s ON 1 = 1
  UNION ALL
  SELECT g.entry_key, 2, o.tax_rate, s.fees, g.payer,
         CASE WHEN g.kind = 'return' THEN 'return:' ELSE 'sale:' END || s.mode, o.fees, o.fee_tax
  FROM acc_group_entry g JOIN acc_open o ON o.booking_key = g.booking_key JOIN acc_account s ON 1 = 1
  WHERE s.fees <> ''
) t
GROUP BY entry_key, part, tax_rate, account, sub_account, tax_class
HAVING SUM(amount) <> 0
"""

_LINE: Final = """
SELECT entry_key, side, account, sub_account, tax_class, tax_rate, amount, tax_amount,
       ROW_NUMBER() OVER (PARTITION BY entry_key ORDER BY side DESC, tax_rate DESC, part) AS line_no
FROM (SELECT a.*, CASE WHEN part = 0 AND amount > 0 THEN 'debit' WHEN part <> 0 AND amount < 0 THEN 'debit'
                       ELSE 'credit' END AS side,
             CASE WHEN tax IS NULL THEN NULL WHEN amount < 0 THEN -tax ELSE tax END AS tax_amount
      FROM acc_amount a) t
"""

_UNBALANCED: Final = """
SELECT entry_key, CAST(SUM(CASE WHEN side = 'debit' THEN ABS(amount) ELSE 0 END) AS BIGINT) AS debit,
       CAST(SUM(CASE WHEN side = 'credit' THEN ABS(amount) ELSE 0 END) AS BIGINT) AS credit
FROM acc_journal_line GROUP BY entry_key
HAVING SUM(CASE WHEN side = 'debit' THEN ABS(amount) ELSE -ABS(amount) END) <> 0
"""

_ENTRY: Final = """
SELECT t.*, ROW_NUMBER() OVER (ORDER BY t.entry_date, t.entry_key) AS place
FROM (SELECT g.entry_key, g.booked_on AS entry_date, g.kind, g.channel, MIN(g.order_no) AS order_no,
             COUNT(*) AS bookings
      FROM acc_group_entry g
      WHERE EXISTS (SELECT 1 FROM acc_journal_line l WHERE l.entry_key = g.entry_key)
        AND NOT EXISTS (SELECT 1 FROM acc_unbalanced u WHERE u.entry_key = g.entry_key)
      GROUP BY g.entry_key, g.booked_on, g.kind, g.channel) t
"""

_INSERT_ENTRY: Final = """
INSERT INTO journal_entry (entry_no, entry_key, entry_date, kind, channel, description, run_id)
SELECT :before + place, entry_key, entry_date, kind, channel,
       replace(CASE WHEN substr(entry_key, 1, 4) = 'day:'
                    THEN replace(replace(CAST(:day_text AS TEXT), '{count}', CAST(bookings AS TEXT)),
                                 '{day}', entry_date) || ' ' || channel
                    ELSE CAST(:order_text AS TEXT) || order_no END,
               '{kind}', CASE kind WHEN 'sale' THEN CAST(:sale AS TEXT) WHEN 'return' THEN CAST(:returned AS TEXT)
                                   ELSE CAST(:reversal AS TEXT) END), :run
FROM acc_new_entry ORDER BY place
"""

_INSERT_LINE: Final = """
INSERT INTO journal_line (entry_no, line_no, side, account, sub_account, tax_class, tax_rate, amount, tax_amount,
                          run_id)
SELECT :before + e.place, l.line_no, l.side, l.account, l.sub_account, l.tax_class, l.tax_rate, ABS(l.amount),
       l.tax_amount, :run
FROM acc_new_entry e JOIN acc_journal_line l ON l.entry_key = e.entry_key
ORDER BY e.place, l.line_no
"""

_INSERT_LINK: Final = """
INSERT INTO booking_journal (booking_key, entry_no, run_id)
SELECT g.booking_key, :before + e.place, :run
FROM acc_new_entry e JOIN acc_group_entry g ON g.entry_key = e.entry_key
ORDER BY g.booking_key
"""


def write_journals(ctx: RunContext) -> int:
    """Write a journal entry for every booking that has none, or for every day's; return how many.

    Entry numbers come from the counter `journal`, in order of date and key. An entry that does not balance
    is held back alone: finding proof_broken. Entries are never edited.
    """
    fill(ctx, "acc_open", _OPEN, index="booking_key")
    if is_empty(ctx, "acc_open"):
        return 0
    _fill_accounts(ctx)
    fill(ctx, "acc_broken", _BROKEN, index="booking_key")
    fill(ctx, "acc_group_entry", _GROUP, index="entry_key")
    fill(ctx, "acc_amount", _AMOUNT, index="entry_key")
    fill(ctx, "acc_journal_line", _LINE, index="entry_key")
    fill(ctx, "acc_unbalanced", _UNBALANCED, index="entry_key")
    fill(ctx, "acc_new_entry", _ENTRY, index="entry_key")
    _report_broken(ctx)
    count = int(ctx.scalar("SELECT COUNT(*) FROM acc_new_entry"))
    if count == 0:
        return 0
    before = _take_numbers(ctx, count) - 1
    with speaking(ctx.settings.project.language):
        words = {
            "sale": _("Sale"),
            "returned": _("Return"),
            "reversal": _("Reversal"),
            "order_text": "{kind} ",
            "day_text": _("{kind} of {day}, {count} shipments"),
        }
    ctx.execute(_INSERT_ENTRY, before=before, run=ctx.run_id, **words)
    ctx.execute(_INSERT_LINE, before=before, run=ctx.run_id)
    ctx.execute(_INSERT_LINK, before=before, run=ctx.run_id)
    return count


def _fill_accounts(ctx: RunContext) -> None:
    accounting = ctx.settings.accounting
    ctx.execute("DROP TABLE IF EXISTS acc_account")
    ctx.execute(_SETTING)
    ctx.conn.execute(
        sa.text(_SETTING_ROW),
        {
            "receivable": accounting.accounts.receivable,
            "sales": accounting.accounts.sales,
            "fees": accounting.accounts.shipping_income,
            "returned": accounting.accounts.returns or accounting.accounts.sales,
            "mode": accounting.tax,
            "per_day": int(accounting.aggregate == "per_day"),
        },
    )


def _take_numbers(ctx: RunContext, count: int) -> int:
    """Return the first of `count` entry numbers, none below the first that the settings allow."""
    first = ctx.settings.accounting.first_entry_no
    if first > 1:
        counters.raise_to(ctx.conn, COUNTER, first - 1)
    return counters.take(ctx.conn, COUNTER, count)


def _report_broken(ctx: RunContext) -> None:
    """Add a finding for everything that is held back because it would not balance."""
    found = [
        *ctx.rows("SELECT booking_key, gross, parts FROM acc_broken ORDER BY booking_key"),
        *ctx.rows("SELECT entry_key, debit, credit FROM acc_unbalanced ORDER BY entry_key"),
    ]
    for subject, expected, actual in found:
        ctx.findings.add("proof_broken", str(subject), proof="entry.balance", detail=f"{expected} / {actual}")
