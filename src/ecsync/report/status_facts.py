"""What stands open in the master: counts per desk, the last runs, the next ship day. SELECT only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecsync.master.plain import Read


# An order counts once per desk: an unknown code is the stock desk's, an unknown tax rate the accountants'.
_HELD: Final = """
SELECT what, COUNT(*) FROM (
  SELECT DISTINCT h.channel, h.order_no,
    CASE h.reason WHEN 'unknown_sku' THEN 'held_for_products' WHEN 'no_tax_rate' THEN 'held_for_books'
      ELSE 'held' END AS what
  FROM order_hold h JOIN sales_order o ON o.channel = h.channel AND o.order_no = h.order_no
  WHERE h.closed_at = '' AND o.state = 'open'
) AS held GROUP BY what ORDER BY what
"""
_WAITING: Final = """
SELECT kind, COUNT(*) FROM (
  SELECT DISTINCT w.channel, w.order_no, w.kind
  FROM order_wait w JOIN sales_order o ON o.channel = w.channel AND o.order_no = w.order_no
  WHERE o.state = 'open'
) AS waiting GROUP BY kind ORDER BY kind
"""
# Parcels that are told and have something left to leave: how many, how many late, the next ship day.
_INSTRUCTED: Final = """
SELECT COUNT(*), COALESCE(CAST(SUM(CASE WHEN i.ship_date < :today THEN 1 ELSE 0 END) AS BIGINT), 0),
  COALESCE(MIN(CASE WHEN i.ship_date >= :today THEN i.ship_date END), '')
FROM shipping_instruction i
WHERE i.state IN ('instructed', 'recalling') AND EXISTS (
  SELECT 1 FROM instruction_line l WHERE l.parcel_no = i.parcel_no
    AND l.qty > l.shipped_qty + l.short_qty + l.recalled_qty)
"""
_NEXT_WAIT: Final = """
SELECT COALESCE(MIN(w.until), '')
FROM order_wait w JOIN sales_order o ON o.channel = w.channel AND o.order_no = w.order_no
WHERE o.state = 'open' AND w.kind = 'date' AND w.until >= :today
"""
_SINGLE: Final[Mapping[str, str]] = {
    "changed_after_instruction": "SELECT COUNT(*) FROM parcel_change WHERE state = 'open'",
    "recalls_unanswered": "SELECT COUNT(*) FROM recall WHERE answer = ''",
    "rows_put_aside": "SELECT COUNT(*) FROM quarantined_row WHERE state = 'open'",
    "files_stopped": "SELECT COUNT(*) FROM inbox_file WHERE state = 'guarded'",
    "deliveries_waiting": "SELECT COUNT(*) FROM outbox_file WHERE state NOT IN "
    "('verified', 'acknowledged', 'dropped', 'unknown', 'conflict')",
    "deliveries_unknown": "SELECT COUNT(*) FROM outbox_file WHERE state IN ('unknown', 'conflict')",
}

_LAST_RUNS: Final = """
SELECT r.run_id, r.kind, r.clock, r.state, r.exit_status FROM run r ORDER BY r.run_id DESC LIMIT :most
"""
_NEWEST_CLOCKS: Final = "SELECT kind, MAX(clock) FROM run GROUP BY kind ORDER BY kind"


@dataclass(frozen=True)
class LastRun:
    """One run of the ledger; `exit_status` None while it is not over."""

    run_id: int
    kind: str
    clock: str
    state: str
    exit_status: int | None


@dataclass(frozen=True)
class StatusFacts:
    """What the master says at a moment.

    `counts` by name; `newest` the clock of the newest run of each kind; `next_ship_day` a date or ''.
    """

    runs: tuple[LastRun, ...]
    newest: Mapping[str, str]
    counts: Mapping[str, int]
    next_ship_day: str


def read_facts(read: Read, today: str, *, most_runs: int = 5) -> StatusFacts:
    """Read what stands open; `today` is the business date."""
    ((instructed, late, ship_day),) = read(_INSTRUCTED, today=today)
    counts = dict.fromkeys(("held", "held_for_products", "held_for_books"), 0) | _counted(read, _HELD, "{}")
    counts |= dict.fromkeys(("waits_for_money", "waits_for_stock", "waits_for_date"), 0)
    counts |= _counted(read, _WAITING, "waits_for_{}")
    counts |= {"instructed": int(instructed), "instructed_late": int(late)}
    counts |= {name: int(read(query)[0][0]) for name, query in _SINGLE.items()}
    ((wait_day,),) = read(_NEXT_WAIT, today=today)
    return StatusFacts(
        runs=tuple(
            LastRun(int(row[0]), str(row[1]), str(row[2]), str(row[3]), row[4])
            for row in read(_LAST_RUNS, most=most_runs)
        ),
        newest=newest_clocks(read),
        counts=counts,
        next_ship_day=min(filter(None, (str(ship_day), str(wait_day))), default=""),
    )


def _counted(read: Read, query: str, name: str) -> dict[str, int]:
    return {name.format(what): int(count) for what, count in read(query)}


def newest_clocks(read: Read) -> dict[str, str]:
    """Return the clock of the newest run of every kind that ever ran."""
    return {str(kind): str(clock) for kind, clock in read(_NEWEST_CLOCKS)}
