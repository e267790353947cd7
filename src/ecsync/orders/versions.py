"""Which of the staged versions of an order counts, and which rows are put aside.

A version is what one file says about one order. It is taken whole or not at all: one row that cannot be
used puts the other rows of its version aside. The newest version wins: by the order's own update time,
else by the file's as-of; between equal update times the later as-of. Equal in both and different in
content is a conflict: neither is taken, for a person must say which is right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.master.scratch import analyze
from ecsync.orders import levels, settling

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

# The key of a version; every table below is one row per version or per order.
_VERSION: Final = "channel TEXT, order_no TEXT, src_file BIGINT NOT NULL"
SCRATCH: Final = {
    "w_bad": f"{_VERSION}, as_of TEXT, reason TEXT, PRIMARY KEY (channel, order_no, src_file)",
    "w_multi": f"{_VERSION}, PRIMARY KEY (channel, order_no, src_file)",
    "w_version": f"{_VERSION}, v_time TEXT, as_of TEXT, row_count BIGINT, first_row BIGINT, ordered_at TEXT, "
    "order_status TEXT, totals_ok BIGINT, place BIGINT, tie BIGINT, whole BIGINT, "
    "PRIMARY KEY (channel, order_no, src_file)",
    # whole: how many rows the reader saw whole, not as half of a pair.
    # fate at first: new | newer | same | older (than the master) | conflict; when it is settled:
    # new | changed | advanced (same content, later as-of) | unchanged | older | conflict
    "w_tie": f"{_VERSION}, repeated BIGINT, PRIMARY KEY (channel, order_no, src_file)",
    "w_winner": f"{_VERSION}, first_row BIGINT, as_of TEXT, ordered_at TEXT, order_status TEXT, totals_ok BIGINT, "
    "fate TEXT, old_state TEXT, state TEXT, kind TEXT, whole BIGINT, row_count BIGINT, PRIMARY KEY (channel, order_no)",
}

SAME_VERSION: Final = "{x}.channel = s.src_party AND {x}.order_no = s.order_no AND {x}.src_file = s.src_file"
_BAD: Final = SAME_VERSION.format(x="b")
_MULTI: Final = SAME_VERSION.format(x="m")

_OF_NO_SHOP: Final = (
    "s.verdict = '' AND EXISTS (SELECT 1 FROM w_shop w WHERE w.channel = s.src_party) "
    "AND NOT EXISTS (SELECT 1 FROM w_shop w WHERE w.channel = s.src_party AND w.shop_id = s.shop_id)"
)
_UNKNOWN_SHOP: Final = f"""
UPDATE stg_order_lines AS s SET verdict = 'quarantined', verdict_reason = 'unknown_shop:shop_id' WHERE {_OF_NO_SHOP}
"""  # noqa: S608

# What most files have none of, looked for in one pass: rows of no shop, with a partner's own number, put aside already.
_THERE_IS: Final = f"""
SELECT {
    ", ".join(
        f"COALESCE(MAX(CASE WHEN {rows} THEN 1 ELSE 0 END), 0)"
        for rows in (_OF_NO_SHOP, "s.partner_id <> ''", "s.verdict = 'quarantined'")
    )
} FROM stg_order_lines s
"""  # noqa: S608

# Two orders of the partner under one number: neither is taken in the other's place.
_NUMBER_TAKEN: Final = """
UPDATE stg_order_lines AS s SET verdict = 'quarantined', verdict_reason = 'number_taken:order_no'
WHERE s.verdict = '' AND s.partner_id <> '' AND (
  EXISTS (SELECT 1 FROM stg_order_lines t WHERE t.src_party = s.src_party AND t.order_no = s.order_no
          AND t.partner_id <> '' AND t.partner_id <> s.partner_id)
  OR EXISTS (SELECT 1 FROM sales_order o WHERE o.channel = s.src_party AND o.order_no = s.order_no
             AND o.partner_id <> '' AND o.partner_id <> s.partner_id))
"""

_WITH_A_BAD_ROW: Final = """
INSERT INTO w_bad (channel, order_no, src_file, as_of, reason)
SELECT s.src_party, s.order_no, s.src_file, MAX(s.src_as_of), 'incomplete_order'
FROM stg_order_lines s WHERE s.verdict = 'quarantined'
GROUP BY s.src_party, s.order_no, s.src_file
"""

# A row that the reader refused left no as-of of its own: its file's counts.
_WITH_A_REJECTED_ROW: Final = """
INSERT INTO w_bad (channel, order_no, src_file, as_of, reason)
SELECT r.src_party, r.order_no, r.src_file, COALESCE(MAX(f.as_of), MAX(i.as_of), ''), 'incomplete_order'
FROM stg_reject r
LEFT JOIN (SELECT src_file, MAX(src_as_of) AS as_of FROM stg_order_lines GROUP BY src_file) f
  ON f.src_file = r.src_file
LEFT JOIN inbox_file i ON i.file_id = r.src_file
WHERE NOT EXISTS (SELECT 1 FROM w_bad b WHERE b.channel = r.src_party AND b.order_no = r.order_no
                  AND b.src_file = r.src_file)
GROUP BY r.src_party, r.order_no, r.src_file
"""

# Versions whose rows must be compared: several, of which not every one was seen to go on with the row before it. Rows
# with a verdict count too: where one of a version is set aside, nothing is taken as seen.
_TO_COMPARE: Final = """
INSERT INTO w_multi (channel, order_no, src_file)
SELECT s.src_party, s.order_no, s.src_file FROM stg_order_lines s
GROUP BY s.src_party, s.order_no, s.src_file
HAVING COUNT(*) > 1 AND (COUNT(*) > 1 + SUM(COALESCE(s.src_follows, 0)) OR MAX(s.verdict) <> '')
"""

_PUT_ASIDE: Final = f"""
UPDATE stg_order_lines AS s SET verdict = 'quarantined',
  verdict_reason = (SELECT b.reason FROM w_bad b WHERE {_BAD})
WHERE s.verdict = '' AND (s.src_party, s.order_no) IN (SELECT channel, order_no FROM w_bad)
  AND EXISTS (SELECT 1 FROM w_bad b WHERE {_BAD})
"""  # noqa: S608

# Where the mapping declares no key for doubled rows, the copies of a line still count once.
_COPIES_OF_A_LINE: Final = f"""
UPDATE stg_order_lines AS s SET verdict = 'duplicate', verdict_reason = 'identical'
WHERE s.verdict = '' AND (s.src_party, s.order_no) IN (SELECT channel, order_no FROM w_multi)
  AND EXISTS (SELECT 1 FROM w_multi m WHERE {_MULTI})
  AND EXISTS (SELECT 1 FROM stg_order_lines o WHERE o.src_party = s.src_party AND o.order_no = s.order_no
              AND o.src_file = s.src_file AND o.line_id = s.line_id AND o.verdict = '' AND o.src_row < s.src_row)
"""  # noqa: S608

# The mall states the goods with or without wrapping; amounts that it has not fixed yet prove nothing.
_TOTALS_HOLD: Final = """
CASE WHEN MIN(COALESCE(s.unfixed_flag, 0)) = 1 OR MIN(COALESCE(s.src_totals_gap, 0)) <> 0 THEN 0
     WHEN MIN(s.goods) IS NULL OR MIN(s.goods) = SUM(s.unit_price * s.qty)
       OR MIN(s.goods) = SUM(s.unit_price * s.qty) + MIN(COALESCE(s.wrapping, 0)) THEN 1
     ELSE 0 END
"""

_VERSIONS: Final = f"""
INSERT INTO w_version (channel, order_no, src_file, v_time, as_of, row_count, first_row, ordered_at, order_status,
                       totals_ok, place, tie, whole)
SELECT s.src_party, s.order_no, s.src_file,
       MAX(CASE WHEN s.updated_at <> '' THEN s.updated_at ELSE s.src_as_of END), MAX(s.src_as_of), COUNT(*),
       MIN(s.src_row), MIN(s.ordered_at), MIN(s.order_status), {_TOTALS_HOLD}, 1, 1,
       COUNT(s.src_follows)
FROM stg_order_lines s WHERE s.verdict = ''
GROUP BY s.src_party, s.order_no, s.src_file
ORDER BY s.src_party, s.order_no, s.src_file
"""  # noqa: S608

# Every version is the first of its order until there are several.
_PLACES: Final = """
UPDATE w_version SET place = r.place, tie = r.tie
FROM (
  SELECT v.channel, v.order_no, v.src_file,
         ROW_NUMBER() OVER (PARTITION BY v.channel, v.order_no ORDER BY v.v_time DESC, v.as_of DESC, v.src_file)
           AS place,
         RANK() OVER (PARTITION BY v.channel, v.order_no ORDER BY v.v_time DESC, v.as_of DESC) AS tie
  FROM w_version v
  JOIN (SELECT channel, order_no FROM w_version GROUP BY channel, order_no HAVING COUNT(*) > 1) several
    ON several.channel = v.channel AND several.order_no = v.order_no
) r
WHERE r.channel = w_version.channel AND r.order_no = w_version.order_no AND r.src_file = w_version.src_file
"""

_KNOWN_TIME: Final = "CASE WHEN o.updated_at <> '' THEN o.updated_at ELSE o.as_of END"
_WINNERS: Final = f"""
INSERT INTO w_winner (channel, order_no, src_file, first_row, as_of, ordered_at, order_status, totals_ok, fate,
                      old_state, state, kind, whole, row_count)
SELECT v.channel, v.order_no, v.src_file, v.first_row, v.as_of, v.ordered_at, v.order_status, v.totals_ok,
       CASE WHEN o.order_no IS NULL THEN 'new'
            WHEN v.v_time > {_KNOWN_TIME} OR (v.v_time = {_KNOWN_TIME} AND v.as_of > o.as_of) THEN 'newer'
            WHEN v.v_time = {_KNOWN_TIME} AND v.as_of = o.as_of THEN 'same'
            ELSE 'older' END,
       COALESCE(o.state, ''), COALESCE(o.state, {settling.NEW_STATE.format(o="v")}),
       CASE WHEN o.order_no IS NULL THEN 'new' ELSE '' END, v.whole, v.row_count
FROM w_version v LEFT JOIN sales_order o ON o.channel = v.channel AND o.order_no = v.order_no
WHERE v.place = 1
ORDER BY v.channel, v.order_no
"""  # noqa: S608

_SUPERSEDED: Final = f"""
UPDATE stg_order_lines AS s SET verdict = 'duplicate', verdict_reason = 'older_state'
WHERE s.verdict = '' AND EXISTS (SELECT 1 FROM w_version v WHERE {SAME_VERSION.format(x="v")} AND v.tie > 1)
"""  # noqa: S608

# How many rows of a version the first of its equals in time repeats. The joins' order is fixed (CROSS JOIN, and no
# index over src_file): SQLite would else look through whole files for every order.
_REPEATED: Final = f"""
INSERT INTO w_tie (channel, order_no, src_file, repeated)
SELECT v.channel, v.order_no, v.src_file, COUNT(*)
FROM w_version v
CROSS JOIN w_winner w
CROSS JOIN stg_order_lines a
CROSS JOIN stg_order_lines b
WHERE v.tie = 1 AND v.place > 1 AND w.channel = v.channel AND w.order_no = v.order_no
  AND a.src_party = v.channel AND a.order_no = v.order_no AND a.src_file + 0 = v.src_file AND a.verdict = ''
  AND b.src_party = v.channel AND b.order_no = v.order_no AND b.src_file + 0 = w.src_file AND b.verdict = ''
  AND {levels.same_row("a", "b")}
GROUP BY v.channel, v.order_no, v.src_file
"""  # noqa: S608

_CONFLICTS: Final = """
UPDATE w_winner SET fate = 'conflict', state = old_state, kind = ''
WHERE fate <> 'older' AND EXISTS (
  SELECT 1 FROM w_version v JOIN w_version f ON f.channel = v.channel AND f.order_no = v.order_no AND f.place = 1
  LEFT JOIN w_tie t ON t.channel = v.channel AND t.order_no = v.order_no AND t.src_file = v.src_file
  WHERE v.channel = w_winner.channel AND v.order_no = w_winner.order_no AND v.tie = 1 AND v.place > 1
    AND (v.row_count <> f.row_count OR v.row_count <> COALESCE(t.repeated, 0)))
"""

_COPIES_OF_A_VERSION: Final = f"""
UPDATE stg_order_lines AS s SET verdict = 'duplicate', verdict_reason = 'identical'
WHERE s.verdict = '' AND EXISTS (
  SELECT 1 FROM w_version v JOIN w_winner w ON w.channel = v.channel AND w.order_no = v.order_no
  WHERE {SAME_VERSION.format(x="v")} AND v.place > 1 AND w.fate <> 'conflict')
"""  # noqa: S608


def choose_versions(ctx: RunContext) -> None:
    """Settle the rows of stg_order_lines that do not count, and fill w_bad, w_version and w_winner.

    Afterwards the rows with verdict '' are those of the winning versions and of conflicts.
    w_winner.fate: new, newer, same or older than the master's state, or conflict.
    """
    _set_aside(ctx)
    ctx.execute(_VERSIONS)
    analyze(ctx, "w_version")
    if ctx.scalar(
        "SELECT COUNT(*) FROM (SELECT MIN(src_file) AS a, MAX(src_file) AS z FROM w_version) f WHERE a < z"
    ):
        ctx.execute(_PLACES)
    ctx.execute(_WINNERS)
    analyze(ctx, "w_winner")
    if ctx.scalar("SELECT COUNT(*) FROM w_version WHERE place > 1"):
        ctx.execute(_SUPERSEDED)
        ctx.execute(_REPEATED)
        ctx.execute(_CONFLICTS)
        ctx.execute(_COPIES_OF_A_VERSION)


def _set_aside(ctx: RunContext) -> None:
    ((of_no_shop, with_own_number, put_aside),) = ctx.rows(_THERE_IS)
    if of_no_shop:
        ctx.execute(_UNKNOWN_SHOP)
    if with_own_number:
        ctx.execute(_NUMBER_TAKEN)
    if of_no_shop or with_own_number or put_aside:
        ctx.execute(_WITH_A_BAD_ROW)
    if ctx.scalar("SELECT COUNT(*) FROM stg_reject"):
        ctx.execute(_WITH_A_REJECTED_ROW)
    ctx.execute(_TO_COMPARE)
    analyze(ctx, "w_multi")
    if ctx.scalar("SELECT COUNT(*) FROM w_multi"):
        _find_disagreement(ctx, "order_rows_disagree", (), levels.staged_columns("order"))
        _find_disagreement(
            ctx, "destination_rows_disagree", ("dest_id",), levels.staged_columns("destination")
        )
        _find_disagreement(
            ctx, "line_rows_disagree", ("line_id",), ("dest_id", *levels.staged_columns("line"))
        )
    if ctx.scalar("SELECT COUNT(*) FROM w_bad"):
        ctx.execute(_PUT_ASIDE)
    ctx.execute(_COPIES_OF_A_LINE)


def _find_disagreement(ctx: RunContext, reason: str, part: tuple[str, ...], columns: tuple[str, ...]) -> None:
    key = ", ".join(f"s.{name}" for name in ("src_party", "order_no", "src_file", *part))
    first_column = " ".join(f"WHEN {_several_values(name)} THEN '{reason}:{name}'" for name in columns)
    ctx.execute(
        "INSERT INTO w_bad (channel, order_no, src_file, as_of, reason) "  # noqa: S608
        "SELECT g.channel, g.order_no, g.src_file, MAX(g.as_of), MIN(g.reason) FROM ("
        "SELECT s.src_party AS channel, s.order_no, s.src_file, MAX(s.src_as_of) AS as_of, "
        f"CASE {first_column} END AS reason FROM w_multi m JOIN stg_order_lines s ON {_MULTI} "
        "WHERE s.verdict = '' AND (s.src_party, s.order_no) IN (SELECT channel, order_no FROM w_multi) "
        f"AND NOT EXISTS (SELECT 1 FROM w_bad b WHERE {_BAD}) GROUP BY {key}) g "
        "WHERE g.reason IS NOT NULL GROUP BY g.channel, g.order_no, g.src_file"
    )


def _several_values(column: str) -> str:
    differ = f"MIN(s.{column}) <> MAX(s.{column})"
    return f"{differ} OR COUNT(s.{column}) NOT IN (0, COUNT(*))" if levels.is_integer(column) else differ
