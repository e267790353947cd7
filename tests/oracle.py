"""What two shops must agree on after different histories, and what they need not: the content rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from ecsync.master.engine import open_engine
from ecsync.master.schema import business_tables

if TYPE_CHECKING:
    from shop import Shop

# Columns that tell how often something was tried, not what is true.
UNCOMPARED_COLUMNS: Final = {
    "outbox_file": {"attempts", "detail", "updated_at"},
}
# Counters of running tables: a run that had to start again numbers its sightings and attempts anew.
COUNTERS_OF_RUNNING: Final = frozenset(
    {"run", "inbox_file", "inbox_sighting", "delivery_attempt", "quarantined_row", "guard_override"}
)


def master_rows(shop: Shop) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of every business table, without run ids, in key order."""
    engine = open_engine(shop.settings)
    try:
        with engine.connect() as conn:
            return {table.name: _rows(conn, table) for table in business_tables()}
    finally:
        engine.dispose()


def _rows(conn: sa.Connection, table: sa.Table) -> list[tuple[object, ...]]:
    left_out = {"run_id"} | UNCOMPARED_COLUMNS.get(table.name, set())
    columns = [column for column in table.columns if column.name not in left_out]
    rows = [tuple(row) for row in conn.execute(sa.select(*columns).order_by(*table.primary_key.columns))]
    if table.name == "counter":
        return [row for row in rows if row[0] not in COUNTERS_OF_RUNNING]
    return rows


@dataclass(frozen=True)
class EndState:
    """What a shop's master and its partners' folders hold, read once to be compared often."""

    rows: dict[str, list[tuple[object, ...]]]
    remote: dict[str, str]


def end_state(shop: Shop) -> EndState:
    """Read the end state of a shop."""
    return EndState(master_rows(shop), {path: digest for path, (_mtime, digest) in shop.remote().items()})


def differences(expected: EndState, shop: Shop) -> dict[str, tuple[list[object], list[object]]]:
    """Return per table or remote file what only one of the two has; empty where they agree."""
    found: dict[str, tuple[list[object], list[object]]] = {}
    actual = end_state(shop)
    theirs, ours = expected.rows, actual.rows
    for name, rows in theirs.items():
        missing = [row for row in rows if row not in ours[name]]
        extra = [row for row in ours[name] if row not in rows]
        if missing or extra:
            found[name] = (list(missing), list(extra))
    remote_theirs, remote_ours = expected.remote, actual.remote
    if remote_theirs != remote_ours:
        found["remote"] = (
            sorted(set(remote_theirs.items()) - set(remote_ours.items())),
            sorted(set(remote_ours.items()) - set(remote_theirs.items())),
        )
    return found
