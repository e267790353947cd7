"""What a run leaves to be told: files, figures and proofs, kept in the master so that a report can be made again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from ecsync.master.scratch import analyze, scratch_tables
from ecsync.master.tables_running import RUN_FIGURE, RUN_PROOF

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecsync.findings import Finding
    from ecsync.master.context import RunContext
    from ecsync.master.proof import Proof

CHANGE: Final = "change:"


@dataclass(frozen=True)
class FileFact:
    """One file that the run took in, as of when, and what became of its rows."""

    party: str
    entity: str
    name: str
    as_of: str
    rows_in: int
    rows_new: int
    rows_changed: int
    rows_unchanged: int
    rows_duplicate: int
    rows_quarantined: int


@dataclass(frozen=True)
class SentFact:
    """One file that the run made; `state` is its delivery's, '' for a dry run."""

    flow: str
    document: str
    party: str
    endpoint: str
    path: str
    name: str
    sha256: str
    size: int
    row_count: int
    state: str


@dataclass(frozen=True)
class ProofFact:
    """All proofs of one name together."""

    name: str
    checked: int
    broken: int
    expected: int
    found: int


@dataclass(frozen=True)
class StandingOrder:
    """A destination that does not ship yet. `kind` is `hold` or what it waits for: money, stock, date."""

    channel: str
    order_no: str
    dest_id: str
    kind: str
    reason: str
    until: str


@dataclass(frozen=True)
class RunFacts:
    """Everything that a report of one run says."""

    run_id: int
    kind: str
    business_date: str
    clock: str
    dry: bool
    state: str
    exit_status: int
    findings: tuple[Finding, ...] = ()
    files: tuple[FileFact, ...] = ()
    sent: tuple[SentFact, ...] = ()
    proofs: tuple[ProofFact, ...] = ()
    standing: tuple[StandingOrder, ...] = ()
    figures: dict[str, int] = field(default_factory=dict)

    @property
    def changes(self) -> dict[str, int]:
        """Return how many rows of each business table the run wrote."""
        return {
            name.removeprefix(CHANGE): value
            for name, value in self.figures.items()
            if name.startswith(CHANGE)
        }


# What the manager reads, each a count or a sum of yen; `:run` and `:now` are the run's.
_FIGURES: Final = {
    "orders_new": "SELECT COUNT(*) FROM order_revision WHERE kind = 'new' AND run_id = :run",
    "orders_new_yen": "SELECT COALESCE(SUM(o.billed), 0) FROM order_revision v JOIN sales_order o "
    "ON o.channel = v.channel AND o.order_no = v.order_no WHERE v.kind = 'new' AND v.run_id = :run",
    "orders_cancelled": "SELECT COUNT(*) FROM order_revision WHERE kind = 'cancelled' AND run_id = :run",
    "parcels_instructed": "SELECT COUNT(*) FROM shipping_instruction WHERE run_id = :run AND instructed_at = :now",
    "units_instructed": "SELECT COALESCE(SUM(l.qty), 0) FROM shipping_instruction i JOIN instruction_line l "
    "ON l.parcel_no = i.parcel_no WHERE i.run_id = :run AND i.instructed_at = :now",
    "units_shipped": "SELECT COALESCE(SUM(qty), 0) FROM warehouse_event "
    "WHERE kind = 'shipped' AND verdict = 'ok' AND run_id = :run",
    "notices": "SELECT COUNT(*) FROM shipping_notice WHERE run_id = :run AND decided_at = :now",
    "bookings": "SELECT COUNT(*) FROM booking WHERE run_id = :run",
    "booked_yen": "SELECT COALESCE(SUM(a.gross), 0) FROM booking b JOIN booking_amount a "
    "ON a.booking_key = b.booking_key WHERE b.run_id = :run AND b.kind = 'sale'",
}

_SCRATCH: Final = (
    "channel TEXT, order_no TEXT, dest_id TEXT, kind TEXT, reason TEXT, until TEXT, "
    "PRIMARY KEY (channel, order_no, dest_id, kind, reason, until)"
)
_STANDING: Final = """
INSERT INTO tmp_standing (channel, order_no, dest_id, kind, reason, until)
  SELECT h.channel, h.order_no, h.dest_id, 'hold' AS kind, h.reason, '' AS until
  FROM order_hold h JOIN sales_order o ON o.channel = h.channel AND o.order_no = h.order_no
  WHERE h.closed_at = '' AND o.state = 'open'
  UNION
  SELECT w.channel, w.order_no, w.dest_id, w.kind, '', w.until
  FROM order_wait w JOIN sales_order o ON o.channel = w.channel AND o.order_no = w.order_no
  WHERE o.state = 'open'
"""
_SAME: Final = (
    "n.channel = {s}.channel AND n.order_no = {s}.order_no AND n.dest_id = {s}.dest_id "
    "AND n.kind = {s}.kind AND n.reason = {s}.reason AND n.until = {s}.until"
)
_OVER: Final = f"""
UPDATE standing_order SET last_run = :run WHERE last_run = 0
AND NOT EXISTS (SELECT 1 FROM tmp_standing n WHERE {_SAME.format(s="standing_order")})
"""  # noqa: S608
_BEGUN: Final = f"""
INSERT INTO standing_order (channel, order_no, dest_id, kind, reason, until, first_run, last_run)
SELECT n.channel, n.order_no, n.dest_id, n.kind, n.reason, n.until, :run, 0 FROM tmp_standing n
WHERE NOT EXISTS (SELECT 1 FROM standing_order s WHERE s.last_run = 0 AND {_SAME.format(s="s")})
"""  # noqa: S608
_WORTH: Final = """
SELECT s.kind, COUNT(*), COALESCE(SUM(o.billed), 0)
FROM (SELECT DISTINCT kind, channel, order_no FROM standing_order WHERE last_run = 0) s
JOIN sales_order o ON o.channel = s.channel AND o.order_no = s.order_no
GROUP BY s.kind ORDER BY s.kind
"""


def figures(ctx: RunContext, changes: dict[str, int]) -> dict[str, int]:
    """Return the figures of the run, inside its transaction, after `keep_standing`."""
    found = {name: int(ctx.scalar(sql, run=ctx.run_id, now=ctx.now)) for name, sql in _FIGURES.items()}
    for kind, count, yen in ctx.rows(_WORTH):
        found[f"standing_{kind}"] = int(count)
        found[f"standing_{kind}_yen"] = int(yen)
    found.update({f"{CHANGE}{table}": count for table, count in changes.items()})
    return found


def keep_standing(ctx: RunContext) -> None:
    """Note which orders stand still from this run on, and which no longer do; what stays is not written again."""
    with scratch_tables(ctx, tmp_standing=_SCRATCH):
        ctx.execute(_STANDING)
        analyze(ctx, "tmp_standing")
        ctx.execute(_OVER, run=ctx.run_id)
        ctx.execute(_BEGUN, run=ctx.run_id)


def gather(proofs: Iterable[Proof]) -> tuple[ProofFact, ...]:
    """Return the proofs added up by name."""
    groups: dict[str, list[Proof]] = {}
    for proof in proofs:
        groups.setdefault(proof.name, []).append(proof)
    return tuple(
        ProofFact(
            name,
            len(members),
            sum(not proof.holds for proof in members),
            sum(proof.expected for proof in members),
            sum(proof.actual for proof in members),
        )
        for name, members in sorted(groups.items())
    )


def record(conn: sa.Connection, run_id: int, taken: dict[str, int], proofs: tuple[ProofFact, ...]) -> None:
    """Write figures and proofs of a run, in place of what was written for it before."""
    for table in (RUN_FIGURE, RUN_PROOF):
        conn.execute(sa.delete(table).where(table.c.run_id == run_id))
    if taken:
        conn.execute(
            sa.insert(RUN_FIGURE),
            [{"run_id": run_id, "name": n, "value": v} for n, v in sorted(taken.items())],
        )
    if proofs:
        conn.execute(sa.insert(RUN_PROOF), [{"run_id": run_id, **vars(proof)} for proof in proofs])
