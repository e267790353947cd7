"""What becomes of each order that a file speaks of: its fate, its state, and the verdict of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

_DIFFERS: Final = (
    "EXISTS (SELECT 1 FROM w_field f WHERE f.channel = w_winner.channel AND f.order_no = w_winner.order_no)"
)
_FATES: Final = f"""
UPDATE w_winner SET fate = CASE WHEN fate = 'newer' AND {_DIFFERS} THEN 'changed'
                                WHEN fate = 'newer' THEN 'advanced'
                                WHEN {_DIFFERS} THEN 'conflict'
                                ELSE 'unchanged' END
WHERE fate IN ('newer', 'same')
"""  # noqa: S608

_NOTHING_OF_CONFLICTS: Final = """
DELETE FROM w_field WHERE EXISTS (SELECT 1 FROM w_winner w WHERE w.channel = w_field.channel
                                  AND w.order_no = w_field.order_no AND w.fate = 'conflict')
"""

_IN_OPENING: Final = (
    "EXISTS (SELECT 1 FROM opening_order p WHERE p.channel = {o}.channel AND p.order_no = {o}.order_no)"
)
CANCELLED: Final = (
    "EXISTS (SELECT 1 FROM w_status t WHERE t.channel = {o}.channel AND t.order_status = {o}.order_status "
    "AND t.role = 'cancelled')"
)

# What we cancelled ourselves stays cancelled, whatever the mall goes on to say.
_CANCELLED_BY_US: Final = (
    "EXISTS (SELECT 1 FROM staff_decision d WHERE d.channel = {o}.channel AND d.order_no = {o}.order_no "
    "AND d.kind = 'cancel' AND d.state = 'active')"
)
_EARLY: Final = (
    "EXISTS (SELECT 1 FROM w_channel c WHERE c.channel = {o}.channel AND {o}.ordered_at < c.cutover)"
)
_BEFORE_THE_CUT_OVER: Final = f"NOT {_IN_OPENING} AND {_EARLY}"

# The state of an order that is not known yet, `o` being its version.
NEW_STATE: Final = f"""CASE
  WHEN {_BEFORE_THE_CUT_OVER} THEN 'foreign'
  WHEN {CANCELLED} OR {_CANCELLED_BY_US} THEN 'cancelled'
  ELSE 'open' END"""

# An order that was open stays ours when the cut-over moves. What has left the warehouse in full stays shipped
# (the return is another story); what has left in part and is cancelled then ships no more.
_STATE: Final = (
    f"CASE WHEN old_state = 'shipped' THEN 'shipped' WHEN old_state IN ('', 'foreign') THEN {NEW_STATE} "
    f"WHEN {CANCELLED} OR {_CANCELLED_BY_US} THEN 'cancelled' ELSE 'open' END"
).format(o="w_winner")

_STATES_AND_KINDS: Final = f"""
UPDATE w_winner SET state = {_STATE},
  kind = CASE WHEN old_state <> 'cancelled' AND {_STATE} = 'cancelled' THEN 'cancelled'
              WHEN old_state = 'cancelled' AND {_STATE} = 'open' THEN 'reopened'
              ELSE 'changed' END
WHERE fate = 'changed'
"""  # noqa: S608

_FROM_THE_OPENING: Final = f"""
UPDATE sales_order SET state = CASE WHEN {CANCELLED.format(o="sales_order")} THEN 'cancelled' ELSE 'open' END,
  run_id = :run
WHERE state = 'foreign' AND {_IN_OPENING.format(o="sales_order")}
"""  # noqa: S608

_VERDICT: Final = (
    "CASE w.fate WHEN 'new' THEN 'new' WHEN 'changed' THEN 'changed' WHEN 'conflict' THEN 'quarantined' "
    "ELSE 'unchanged' END"
)

# Somebody asks each of these rows what became of it: its reason, or the other half of its pair.
_ASKED: Final = "w.fate IN ('conflict', 'older') OR {whole}"
_ANY_ASKED: Final = f"SELECT COUNT(*) FROM w_winner w WHERE {_ASKED.format(whole='w.whole < w.row_count')}"  # noqa: S608
_VERDICTS: Final = f"""
UPDATE stg_order_lines AS s SET
  verdict = {_VERDICT},
  verdict_reason = CASE w.fate WHEN 'conflict' THEN 'order_conflict' WHEN 'older' THEN 'older_state' ELSE '' END
FROM w_winner w
WHERE w.channel = s.src_party AND w.order_no = s.order_no AND s.verdict = ''
  AND ({_ASKED.format(whole="s.src_follows IS NULL")})
"""  # noqa: S608

# The others are counted: writing a million verdicts would take longer than finding them.
_COUNTED: Final = f"""
INSERT INTO stg_count (src_file, verdict, row_count)
SELECT w.src_file, {_VERDICT}, CAST(SUM(w.whole) AS BIGINT) FROM w_winner w
WHERE w.fate NOT IN ('conflict', 'older') AND w.whole > 0
GROUP BY w.src_file, {_VERDICT}
"""  # noqa: S608


def settle_fates(ctx: RunContext) -> None:
    """Turn versions and differences into fates, and give every changed order its state and revision kind."""
    ctx.execute(_FATES)
    ctx.execute(_NOTHING_OF_CONFLICTS)
    ctx.execute(_STATES_AND_KINDS)


def adopt_from_opening(ctx: RunContext) -> None:
    """Make an order ours that an opening lists after it was first seen as the old system's."""
    ctx.execute(_FROM_THE_OPENING, run=ctx.run_id)


def give_verdicts(ctx: RunContext) -> None:
    """Give every staged row that has none yet the verdict of its order, or count it there."""
    if ctx.scalar(_ANY_ASKED):
        ctx.execute(_VERDICTS)
    ctx.execute(_COUNTED)
