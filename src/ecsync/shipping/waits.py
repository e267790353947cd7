"""Which destinations of open orders wait for stock, or for their day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

_WAITING: Final = """(
  SELECT channel, order_no, dest_id, 'stock' AS kind, '' AS until FROM tmp_destination WHERE short > 0
  UNION ALL
  SELECT channel, order_no, dest_id, 'date', ship_date FROM tmp_destination WHERE due = 0 AND ship_date <> ''
)"""
_SAME: Final = (
    "n.channel = order_wait.channel AND n.order_no = order_wait.order_no "
    "AND n.dest_id = order_wait.dest_id AND n.kind = order_wait.kind"
)

_OVER: Final = f"""
DELETE FROM order_wait
WHERE kind IN ('stock', 'date') AND NOT EXISTS (SELECT 1 FROM {_WAITING} n WHERE {_SAME})
"""  # noqa: S608

_MOVED: Final = f"""
UPDATE order_wait SET until = n.until, run_id = :run
FROM {_WAITING} AS n WHERE {_SAME} AND n.until <> order_wait.until
"""  # noqa: S608

_BEGUN: Final = f"""
INSERT INTO order_wait (channel, order_no, dest_id, kind, until, run_id)
SELECT n.channel, n.order_no, n.dest_id, n.kind, n.until, :run FROM {_WAITING} n
WHERE NOT EXISTS (SELECT 1 FROM order_wait WHERE {_SAME})
ORDER BY n.channel, n.order_no, n.dest_id, n.kind
"""  # noqa: S608


def refresh_waits(ctx: RunContext) -> None:
    """Keep the rows of order_wait of kinds stock and date (`until` the ship day) in step, by difference.

    Reads the scratch table tmp_destination: a destination may wait for both.
    """
    ctx.execute(_OVER)
    ctx.execute(_MOVED, run=ctx.run_id)
    ctx.execute(_BEGUN, run=ctx.run_id)
