"""Guards: each stops only its own file, can be let pass once by name, and is logged."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from ecsync.errors import UsageError
from ecsync.locale import _
from ecsync.master import counters
from ecsync.master.tables_running import FILE_TALLY, GUARD_OVERRIDE, INBOX_FILE
from ecsync.run import inbox_states, mending

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecsync.config import Inbound, Settings
    from ecsync.findings import FindingLog

USUAL_OVER: Final = 7

# Each guard and the kind of flow that it watches.
GUARDS: Final = {
    "min_rows": "inbound",
    "row_drop": "inbound",
    "rows_unaccounted": "inbound",
    "zero_share": "outbound",
}


@dataclass(frozen=True)
class Stopped:
    """Say which guard stopped a file, and why (figures only)."""

    guard: str
    detail: str


def check_file(conn: sa.Connection, flow: Inbound, rows_in: int) -> Stopped | None:
    """Return the guard that stops a file of `rows_in` rows, or None.

    `min_rows`: fewer rows than the flow allows. `row_drop`: far fewer than the median of the last seven files.
    """
    if rows_in < flow.guard.min_rows:
        return Stopped("min_rows", f"{rows_in} < {flow.guard.min_rows}")
    if flow.guard.min_share_of_usual > 0:
        query = (
            sa.select(FILE_TALLY.c.rows_in)
            .join(INBOX_FILE, INBOX_FILE.c.file_id == FILE_TALLY.c.file_id)
            .where(
                INBOX_FILE.c.flow == flow.name,
                INBOX_FILE.c.state == "loaded",
                INBOX_FILE.c.remote_done != mending.MENDED,
            )
            .order_by(INBOX_FILE.c.file_id.desc())
            .limit(USUAL_OVER)
        )
        earlier = [int(row[0]) for row in conn.execute(query)]
        if earlier:
            usual = statistics.median(earlier)
            if rows_in < usual * flow.guard.min_share_of_usual:
                return Stopped("row_drop", f"{rows_in} < {flow.guard.min_share_of_usual:.0%} of {usual:.0f}")
    return None


def remind(conn: sa.Connection, flows: Iterable[Inbound], findings: FindingLog) -> None:
    """Name the files that earlier runs stopped and nobody has decided on, unless a newer one of their flow came."""
    newer = INBOX_FILE.alias("newer")
    query = (
        sa.select(INBOX_FILE.c.flow, INBOX_FILE.c.reason, INBOX_FILE.c.name)
        .where(
            INBOX_FILE.c.state == "guarded",
            INBOX_FILE.c.flow.in_(sorted(flow.name for flow in flows)),
            ~sa.exists().where(
                newer.c.flow == INBOX_FILE.c.flow,
                newer.c.state.in_(("spooled", "loaded")),
                newer.c.as_of >= INBOX_FILE.c.as_of,
            ),
        )
        .order_by(INBOX_FILE.c.flow, INBOX_FILE.c.file_id)
    )
    for flow, guard, name in conn.execute(query):
        findings.add("guard_stopped", flow, guard=guard, detail=name)


def refuse_unknown(settings: Settings, overrides: Iterable[tuple[str, str]]) -> None:
    """Raise UsageError where a guard or its flow does not exist, naming those there are."""
    for guard, subject in overrides:
        if guard not in GUARDS:
            raise UsageError(
                _("there is no guard {guard}; there are: {known}").format(
                    guard=guard, known=", ".join(sorted(GUARDS))
                )
            )
        flows = [f.name for f in (settings.inbound if GUARDS[guard] == "inbound" else settings.outbound)]
        if subject not in flows:
            raise UsageError(
                _("the guard {guard} does not watch {flow}; it watches: {known}").format(
                    guard=guard, flow=subject, known=", ".join(sorted(flows))
                )
            )


def grant(conn: sa.Connection, guard: str, subject: str, given_by: str, now: str, run_id: int) -> None:
    """Record that a person lets a guard pass for a flow in this one run, and put its stopped files back into play."""
    inbox_states.let_guarded_in(conn, subject)
    conn.execute(
        sa.insert(GUARD_OVERRIDE).values(
            override_id=counters.take(conn, "guard_override", 1),
            guard=guard,
            subject=subject,
            given_by=given_by,
            given_at=now,
            run_id=run_id,
        )
    )


def use_override(
    conn: sa.Connection, guard: str, subject: str, now: str, run_id: int, findings: FindingLog
) -> bool:
    """Use up the override that this run was given for this guard and subject, if any; say so in the findings.

    A run that is resumed finds its own again; one that was not needed opens no later run's guard.
    """
    found = conn.execute(
        sa.select(GUARD_OVERRIDE.c.override_id)
        .where(
            GUARD_OVERRIDE.c.guard == guard,
            GUARD_OVERRIDE.c.subject == subject,
            GUARD_OVERRIDE.c.run_id == run_id,
        )
        .order_by(GUARD_OVERRIDE.c.override_id)
        .limit(1)
    ).scalar()
    if found is None:
        return False
    conn.execute(sa.update(GUARD_OVERRIDE).where(GUARD_OVERRIDE.c.override_id == found).values(used_at=now))
    findings.add("guard_overridden", subject, guard=guard)
    return True
