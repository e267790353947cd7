"""Compare order files with the master, on demand: what a run would take in, what lacks, what does not add up.

The rules are those of the intake itself (versions, differences, fates), stopped before anything is written.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecsync.master.scratch import analyze, fill, scratch_tables
from ecsync.orders import difference_rows, differences, settling, twins, versions
from ecsync.orders.channel_rules import channel_rules
from ecsync.orders.difference_rows import INSERT, ClassTotal, OrderDifference

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ecsync.master.context import RunContext

SCRATCH: Final = {
    # what the newest files of a channel claim to hold: orders ordered or changed since then, of these statuses
    "w_scope": "channel TEXT, by_change BIGINT, since TEXT, as_of TEXT, src_file BIGINT, PRIMARY KEY (channel)",
    "w_scope_status": "channel TEXT, order_status TEXT, PRIMARY KEY (channel, order_status)",
    # taxable yen as stated, per rate, with the tax that is stated for it
    "w_stated": "channel TEXT, order_no TEXT, tax_rate BIGINT, base BIGINT, included BIGINT, stated_tax BIGINT, "
    "src_file BIGINT, src_line BIGINT, as_of TEXT, PRIMARY KEY (channel, order_no, tax_rate, included)",
}

# What staff amended stays ours: a file that still says what it said then changes nothing.
_NOT_OUR_AMENDMENTS: Final = """
DELETE FROM w_field WHERE EXISTS (
  SELECT 1 FROM order_amendment a
  WHERE a.channel = w_field.channel AND a.order_no = w_field.order_no AND a.field = w_field.field
    AND a.scope = CASE WHEN w_field.scope = '' THEN '' ELSE w_field.scope || w_field.part END
    AND a.state IN ('active', 'contested')
    AND (a.personal = 1 OR w_field.new_value IN (a.base_value, a.mall_value)))
"""

_FIRST_ROW: Final = "w_winner w JOIN stg_order_lines s ON s.src_row = w.first_row"

_NEW: Final = f"""{INSERT}
SELECT 'new', w.channel, w.order_no, '', w.src_file, s.src_line, w.as_of, s.billed,
       CASE WHEN w.state = 'cancelled' THEN 'new_cancelled' ELSE 'new' END, '', ''
FROM {_FIRST_ROW} WHERE w.fate = 'new' AND w.state <> 'foreign'
"""  # noqa: S608

# Told to a warehouse and not left yet: whoever changes the order now must tell it, too.
_AT_THE_WAREHOUSE: Final = (
    "EXISTS (SELECT 1 FROM shipping_instruction i WHERE i.channel = w.channel AND i.order_no = w.order_no "
    "AND i.state IN ('instructed', 'recalling'))"
)
# What has left stays shipped, so its kind is `changed`: that the mall cancels it now is told all the same.
_CANCELLED_TOO_LATE: Final = (
    f"(w.old_state = 'shipped' AND {settling.CANCELLED.format(o='w')} "  # noqa: S608
    "AND EXISTS (SELECT 1 FROM w_field f WHERE f.channel = w.channel AND f.order_no = w.order_no "
    "AND f.field = 'order_status'))"
)
_CHANGED: Final = f"""{INSERT}
SELECT CASE WHEN w.kind = 'cancelled' OR {_CANCELLED_TOO_LATE} THEN 'cancelled'
            WHEN {_AT_THE_WAREHOUSE} THEN 'changed_after_instruction' ELSE 'changed' END,
       w.channel, w.order_no, '', w.src_file, s.src_line, w.as_of, s.billed,
       CASE WHEN w.kind = 'cancelled' AND {_AT_THE_WAREHOUSE} THEN 'cancelled_instructed'
            WHEN {_CANCELLED_TOO_LATE} THEN 'cancelled_shipped'
            ELSE w.kind END, '', ''
FROM {_FIRST_ROW} WHERE w.fate = 'changed' AND w.old_state <> 'foreign'
"""  # noqa: S608

_CONFLICT: Final = f"""{INSERT}
SELECT 'conflict', w.channel, w.order_no, '', w.src_file, s.src_line, w.as_of, s.billed, 'conflict', '', ''
FROM {_FIRST_ROW} WHERE w.fate = 'conflict'
"""  # noqa: S608

# A row that was mended since, and taken in, is none any more: the order is as new as the file.
_UNREADABLE: Final = f"""{INSERT}
SELECT 'unreadable', b.channel, b.order_no, '', b.src_file,
       COALESCE((SELECT MIN(r.src_line) FROM stg_reject r
                 WHERE r.src_file = b.src_file AND r.src_party = b.channel AND r.order_no = b.order_no),
                (SELECT MIN(s.src_line) FROM stg_order_lines s
                 WHERE s.src_file = b.src_file AND s.src_party = b.channel AND s.order_no = b.order_no), 0),
       b.as_of, NULL, 'unreadable', '', ''
FROM (SELECT channel, order_no, MAX(src_file) AS src_file, MAX(as_of) AS as_of FROM w_bad GROUP BY channel, order_no) b
WHERE NOT EXISTS (SELECT 1 FROM sales_order o
                  WHERE o.channel = b.channel AND o.order_no = b.order_no AND o.as_of >= b.as_of)
"""  # noqa: S608

_MISSING: Final = f"""{INSERT}
SELECT 'missing', o.channel, o.order_no, '', c.src_file, 0, o.as_of, o.billed, 'missing', '', ''
FROM w_scope c
JOIN sales_order o ON o.channel = c.channel AND o.state = 'open' AND o.as_of < c.as_of
WHERE ((c.by_change = 0 AND o.ordered_at >= c.since AND o.ordered_at <= c.as_of)
       OR (c.by_change = 1 AND CASE WHEN o.updated_at <> '' THEN o.updated_at ELSE o.as_of END >= c.since))
  AND (NOT EXISTS (SELECT 1 FROM w_scope_status t WHERE t.channel = c.channel)
       OR EXISTS (SELECT 1 FROM w_scope_status t WHERE t.channel = c.channel AND t.order_status = o.order_status))
  AND NOT EXISTS (SELECT 1 FROM stg_order_lines s WHERE s.src_party = o.channel AND s.order_no = o.order_no)
  AND NOT EXISTS (SELECT 1 FROM stg_reject r WHERE r.src_party = o.channel AND r.order_no = o.order_no)
"""  # noqa: S608

_JUDGED_FILES: Final = "w.fate IN ('new', 'changed', 'advanced', 'unchanged') AND w.state <> 'foreign'"

# The mall states the goods with or without wrapping.
_AMOUNTS_OF_FILES: Final = f"""{INSERT}
SELECT 'amount_mismatch', t.channel, t.order_no, '', t.src_file, t.src_line, t.as_of,
       CASE WHEN t.goods IN (t.lines, t.lines + t.wrapping) THEN ABS(t.gap) ELSE ABS(t.goods - t.lines) END,
       CASE WHEN t.goods IN (t.lines, t.lines + t.wrapping) THEN 'billed_differs' ELSE 'goods_differ' END, '', ''
FROM (
  SELECT w.channel, w.order_no, w.src_file, s.src_line, w.as_of, COALESCE(s.src_totals_gap, 0) AS gap,
         COALESCE(s.wrapping, 0) AS wrapping, s.goods,
         (SELECT CAST(SUM(l.unit_price * l.qty) AS BIGINT) FROM stg_order_lines l
          WHERE l.src_file = w.src_file AND l.src_party = w.channel AND l.order_no = w.order_no
            AND l.verdict = '') AS lines
  FROM {_FIRST_ROW}
  WHERE {_JUDGED_FILES} AND w.totals_ok = 0 AND COALESCE(s.unfixed_flag, 0) = 0
) t
"""  # noqa: S608

_NOT_IN_FILES: Final = (
    "o.state = 'open' AND NOT EXISTS (SELECT 1 FROM w_winner w "
    "WHERE w.channel = o.channel AND w.order_no = o.order_no)"
)

_AMOUNTS_OF_MASTER: Final = f"""{INSERT}
SELECT 'amount_mismatch', o.channel, o.order_no, '', 0, 0, o.as_of, ABS(o.goods - l.goods),
       CASE WHEN o.goods = l.goods THEN 'billed_differs' ELSE 'goods_differ' END, '', ''
FROM sales_order o
JOIN (SELECT n.channel, n.order_no, CAST(SUM(n.unit_price * n.qty) AS BIGINT) AS goods FROM order_line n
      GROUP BY n.channel, n.order_no) l ON l.channel = o.channel AND l.order_no = o.order_no
WHERE {_NOT_IN_FILES} AND o.totals_ok = 0 AND o.unfixed_flag = 0
"""  # noqa: S608

_STATED_PER_RATE: Final = (
    (1000, "taxed_standard", "tax_standard"),
    (800, "taxed_reduced", "tax_reduced"),
)

_UNTAXED_OF_FILES: Final = f"""
INSERT INTO w_stated (channel, order_no, tax_rate, base, included, stated_tax, src_file, src_line, as_of)
SELECT w.channel, w.order_no, l.tax_rate, CAST(SUM(l.unit_price * l.qty) AS BIGINT), 0, MIN(s.tax_excluded),
       w.src_file, MIN(s.src_line), w.as_of
FROM {_FIRST_ROW}
JOIN stg_order_lines l ON l.src_file = w.src_file AND l.src_party = w.channel AND l.order_no = w.order_no
                      AND l.verdict = ''
WHERE {_JUDGED_FILES} AND COALESCE(s.tax_excluded, 0) > 0 AND l.price_includes_tax = 0 AND l.tax_rate > 0
GROUP BY w.channel, w.order_no, l.tax_rate, w.src_file, w.as_of
"""  # noqa: S608

_UNTAXED_OF_MASTER: Final = f"""
INSERT INTO w_stated (channel, order_no, tax_rate, base, included, stated_tax, src_file, src_line, as_of)
SELECT o.channel, o.order_no, l.tax_rate, CAST(SUM(l.unit_price * l.qty) AS BIGINT), 0, o.tax_excluded, 0, 0, o.as_of
FROM sales_order o JOIN order_line l ON l.channel = o.channel AND l.order_no = o.order_no
WHERE {_NOT_IN_FILES} AND COALESCE(o.tax_excluded, 0) > 0 AND l.price_includes_tax = 0 AND l.tax_rate > 0
GROUP BY o.channel, o.order_no, l.tax_rate, o.tax_excluded, o.as_of
"""  # noqa: S608

# A rate in the file that is not the product's: the mall, or the product master, is wrong.
_RATES: Final = f"""{INSERT}
SELECT 'tax_mismatch', t.channel, t.order_no, t.sku, t.src_file, t.src_line, t.as_of, NULL, 'rate_differs',
       CAST(t.stated AS TEXT), CAST(t.ours AS TEXT)
FROM (
  SELECT w.channel, w.order_no, p.sku, w.src_file, MIN(l.src_line) AS src_line, w.as_of, MIN(l.tax_rate) AS stated,
         MIN(p.tax_rate) AS ours
  FROM w_winner w
  JOIN stg_order_lines l ON l.src_file = w.src_file AND l.src_party = w.channel AND l.order_no = w.order_no
                        AND l.verdict = ''
  LEFT JOIN channel_listing c ON c.channel = w.channel AND c.item_key = l.item_key AND c.sku_key = l.sku_key
  JOIN product p ON p.sku = COALESCE(NULLIF(c.sku, ''), l.sku_code) AND p.sku <> ''
  WHERE {_JUDGED_FILES} AND l.tax_rate <> p.tax_rate
  GROUP BY w.channel, w.order_no, p.sku, w.src_file, w.as_of
  UNION ALL
  SELECT o.channel, o.order_no, p.sku, 0, 0, o.as_of, MIN(l.file_tax_rate), MIN(p.tax_rate)
  FROM sales_order o
  JOIN order_line l ON l.channel = o.channel AND l.order_no = o.order_no
  JOIN product p ON p.sku = l.sku AND p.sku <> ''
  WHERE {_NOT_IN_FILES} AND l.file_tax_rate <> p.tax_rate
  GROUP BY o.channel, o.order_no, p.sku, o.as_of
) t
"""  # noqa: S608

# Changed after the warehouse was told, in the master already, and nobody has decided.
_CHANGED_IN_MASTER: Final = f"""{INSERT}
SELECT 'changed_after_instruction', i.channel, i.order_no, r.changed, 0, 0, MAX(r.as_of), MAX(o.billed),
       'in_master', '', MIN(i.parcel_no)
FROM shipping_instruction i
JOIN sales_order o ON o.channel = i.channel AND o.order_no = i.order_no AND o.state = 'open'
JOIN order_revision r ON r.channel = i.channel AND r.order_no = i.order_no AND r.recorded_at > i.instructed_at
                     AND r.kind = 'changed'
WHERE i.state = 'instructed'
  AND NOT EXISTS (SELECT 1 FROM parcel_change c WHERE c.parcel_no = i.parcel_no AND c.revision >= r.revision
                  AND c.state <> 'open')
  AND NOT EXISTS (SELECT 1 FROM tmp_order_difference d WHERE d.kind = 'changed_after_instruction'
                  AND d.channel = i.channel AND d.order_no = i.order_no)
GROUP BY i.channel, i.order_no, r.changed
"""  # noqa: S608

_COUNTS: Final = """
SELECT CASE WHEN state = 'foreign' THEN 'foreign' WHEN fate = 'advanced' THEN 'unchanged' ELSE fate END, COUNT(*)
FROM w_winner
WHERE fate IN ('unchanged', 'advanced', 'older') OR state = 'foreign'
GROUP BY CASE WHEN state = 'foreign' THEN 'foreign' WHEN fate = 'advanced' THEN 'unchanged' ELSE fate END
ORDER BY 1
"""


@dataclass(frozen=True)
class Scope:
    """What the newest files of a channel claim to hold: orders since a time (UTC text), of some statuses or all."""

    channel: str
    by_change: bool
    since: str
    as_of: str
    src_file: int
    statuses: tuple[str, ...]


@dataclass(frozen=True)
class OrderComparison:
    """What was found: sums per class, the first rows, orders in the files, and those that need nothing."""

    totals: dict[str, ClassTotal]
    rows: list[OrderDifference]
    orders_in_files: int
    unchanged: int
    older: int
    foreign: int

    @property
    def differs(self) -> bool:
        """Tell whether any order is in a class."""
        return bool(self.totals)


def compare_orders(
    ctx: RunContext,
    scopes: Sequence[Scope],
    judge_tax: Callable[[RunContext], object],
    *,
    twin_days: int,
    most: int,
) -> OrderComparison:
    """Compare what is staged with the master, then look for orders that do not add up or came in twice.

    `judge_tax` takes w_stated and adds `tax_mismatch` rows: the tax is the books' matter. Orders of files
    are judged by the file, the open ones of the master by the master. Without a scope nothing is missing.
    """
    with ExitStack() as tables:
        tables.enter_context(channel_rules(ctx))
        for scratch in (
            versions.SCRATCH,
            differences.SCRATCH,
            difference_rows.SCRATCH,
            SCRATCH,
            twins.SCRATCH,
        ):
            tables.enter_context(scratch_tables(ctx, **scratch))
        versions.choose_versions(ctx)
        differences.find_differences(ctx)
        ctx.execute(_NOT_OUR_AMENDMENTS)
        settling.settle_fates(ctx)
        _fill_scopes(ctx, scopes)
        for statement in (
            _NEW,
            _CHANGED,
            _CONFLICT,
            _UNREADABLE,
            _MISSING,
            _AMOUNTS_OF_FILES,
            _AMOUNTS_OF_MASTER,
        ):
            ctx.execute(statement)
        ctx.execute(_CHANGED_IN_MASTER)
        _fill_stated(ctx)
        judge_tax(ctx)
        ctx.execute(_RATES)
        twins.find_twins(ctx, twin_days)
        counts = {str(fate): int(count) for fate, count in ctx.rows(_COUNTS)}
        return OrderComparison(
            totals=difference_rows.totals(ctx),
            rows=difference_rows.first_rows(ctx, most),
            orders_in_files=int(ctx.scalar("SELECT COUNT(*) FROM w_winner")),
            unchanged=counts.get("unchanged", 0),
            older=counts.get("older", 0),
            foreign=counts.get("foreign", 0),
        )


def _fill_scopes(ctx: RunContext, scopes: Sequence[Scope]) -> None:
    rows: list[dict[str, object]] = [
        {
            "channel": scope.channel,
            "by_change": int(scope.by_change),
            "since": scope.since,
            "as_of": scope.as_of,
            "src_file": scope.src_file,
        }
        for scope in scopes
    ]
    fill(ctx, "w_scope", rows)
    fill(
        ctx,
        "w_scope_status",
        [
            {"channel": scope.channel, "order_status": status}
            for scope in scopes
            for status in sorted(set(scope.statuses))
        ],
    )


def _fill_stated(ctx: RunContext) -> None:
    into = "INSERT INTO w_stated (channel, order_no, tax_rate, base, included, stated_tax, src_file, src_line, as_of) "
    for rate, base, tax in _STATED_PER_RATE:
        ctx.execute(
            f"{into}SELECT w.channel, w.order_no, {rate}, s.{base}, 1, s.{tax}, w.src_file, s.src_line, w.as_of "  # noqa: S608
            f"FROM {_FIRST_ROW} WHERE {_JUDGED_FILES} AND s.{base} >= 0 AND s.{tax} IS NOT NULL"
        )
        ctx.execute(
            f"{into}SELECT o.channel, o.order_no, {rate}, o.{base}, 1, o.{tax}, 0, 0, o.as_of "  # noqa: S608
            f"FROM sales_order o WHERE {_NOT_IN_FILES} AND o.{base} >= 0 AND o.{tax} IS NOT NULL"
        )
    ctx.execute(_UNTAXED_OF_FILES)
    ctx.execute(_UNTAXED_OF_MASTER)
    analyze(ctx, "w_stated")
