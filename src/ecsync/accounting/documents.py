"""What the outside is told of the books, as queries that yield the rows of outbound entities.

Each yields the columns of its entity plus `business_key`, leaves out what was told before (`:document`),
and ends in a total order. The business key of a journal entry is its entry_key, which comes from what it
books: were its number lost with a restored backup, it would still not be told twice.
"""

from __future__ import annotations

from typing import Final

_UNTOLD: Final = (
    "NOT EXISTS (SELECT 1 FROM outbox_key k WHERE k.document = :document AND k.business_key = {key})"
)

CORE_ROWS: Final = f"""
SELECT e.entry_id, e.kind, e.reverses, e.booked_on, e.channel, e.order_no, e.line_id, e.parcel_no, e.sku, e.description,
       e.qty, e.tax_rate, e.amount, e.tax, e.entry_id AS business_key
FROM core_entry e
WHERE {_UNTOLD.format(key="e.entry_id")}
ORDER BY e.booked_on, e.entry_id
"""  # noqa: S608 - constants only

# The n-th debit stands beside the n-th credit; the shorter side is left blank. A tax class is told with
# its rate (`sale:included:1000`), except what is outside the tax.
JOURNAL_ROWS: Final = f"""
SELECT e.entry_no, e.entry_key, p.line_no, p.line_count,
       CASE WHEN p.line_count = 1 THEN 'single' WHEN p.line_no = 1 THEN 'first'
            WHEN p.line_no = p.line_count THEN 'last' ELSE 'middle' END AS position,
       e.entry_date, p.tax_mode, p.debit_account, p.debit_sub, p.debit_tax, p.debit_amount, p.debit_tax_amount,
       p.credit_account, p.credit_sub, p.credit_tax, p.credit_amount, p.credit_tax_amount,
       e.description, e.entry_key AS business_key
FROM journal_entry e
JOIN (SELECT n.entry_no, n.place AS line_no,
             COUNT(*) OVER (PARTITION BY n.entry_no) AS line_count,
             CASE WHEN MAX(MAX(n.apart)) OVER (PARTITION BY n.entry_no) = 1 THEN 'excluded' ELSE 'included'
             END AS tax_mode,
             COALESCE(MAX(CASE WHEN n.side = 'debit' THEN n.account END), '') AS debit_account,
             COALESCE(MAX(CASE WHEN n.side = 'debit' THEN n.sub_account END), '') AS debit_sub,
             COALESCE(MAX(CASE WHEN n.side = 'debit' THEN n.tax_code END), 'out_of_scope') AS debit_tax,
             COALESCE(MAX(CASE WHEN n.side = 'debit' THEN n.amount END), 0) AS debit_amount,
             MAX(CASE WHEN n.side = 'debit' THEN n.tax_amount END) AS debit_tax_amount,
             COALESCE(MAX(CASE WHEN n.side = 'credit' THEN n.account END), '') AS credit_account,
             COALESCE(MAX(CASE WHEN n.side = 'credit' THEN n.sub_account END), '') AS credit_sub,
             COALESCE(MAX(CASE WHEN n.side = 'credit' THEN n.tax_code END), 'out_of_scope') AS credit_tax,
             COALESCE(MAX(CASE WHEN n.side = 'credit' THEN n.amount END), 0) AS credit_amount,
             MAX(CASE WHEN n.side = 'credit' THEN n.tax_amount END) AS credit_tax_amount
      FROM (SELECT l.entry_no, l.side, l.account, l.sub_account, l.amount, l.tax_amount,
                   CASE WHEN l.tax_class IN ('sale:excluded', 'return:excluded') THEN 1 ELSE 0 END AS apart,
                   CASE WHEN l.tax_class = 'out_of_scope' THEN l.tax_class
                        ELSE l.tax_class || ':' || CAST(l.tax_rate AS TEXT) END AS tax_code,
                   ROW_NUMBER() OVER (PARTITION BY l.entry_no, l.side ORDER BY l.line_no) AS place
            FROM journal_line l) n
      GROUP BY n.entry_no, n.place) p ON p.entry_no = e.entry_no
WHERE {_UNTOLD.format(key="e.entry_key")}
ORDER BY e.entry_no, p.line_no
"""  # noqa: S608
