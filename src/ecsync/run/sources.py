"""Which files a comparison rests on, each with its own time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ecsync.exchange.sightings import last_spoke
from ecsync.findings import FindingLog
from ecsync.master.engine import reader_of
from ecsync.master.tables_running import INBOX_FILE
from ecsync.run.expected import stale_flows

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ecsync.config import Inbound, Settings
    from ecsync.run.fresh_files import FreshFile


@dataclass(frozen=True)
class Source:
    """The newest file of a flow. `state` is '' or what is wrong: missing, stale, none; `fresh` ones were read now."""

    flow: str
    party: str
    name: str
    as_of: str
    state: str
    fresh: bool


def sources_of(
    conn: sa.Connection,
    settings: Settings,
    flows: Sequence[Inbound],
    fresh: Sequence[FreshFile],
    now: str,
) -> tuple[list[Source], frozenset[str]]:
    """Return the newest file of every flow, and the flows whose data is stale though a file is expected."""
    said = FindingLog()
    newest = {file.flow.name: file for file in sorted(fresh, key=lambda file: (file.as_of or "", file.name))}
    seen = {name: file.as_of or now for name, file in newest.items()}
    stale = stale_flows(reader_of(conn), settings, list(flows), now, said, seen=seen)
    missing = {finding.subject for finding in said if finding.code == "file_missing"}
    found = []
    for flow in flows:
        own = newest.get(flow.name)
        name, as_of = (own.name, own.as_of or "") if own else _newest(conn, flow)
        state = (
            "missing" if flow.name in missing else "stale" if flow.name in stale else "" if name else "none"
        )
        found.append(
            Source(flow.name, flow.party, name, as_of, state, fresh=own is not None and not own.spooled)
        )
    return found, stale


def stale_of(sources: Collection[Source]) -> frozenset[str]:
    """Return the parties that have a stale or missing file."""
    return frozenset(source.party for source in sources if source.state in {"missing", "stale"})


def _newest(conn: sa.Connection, flow: Inbound) -> tuple[str, str]:
    spoke = last_spoke()
    row = conn.execute(
        sa.select(INBOX_FILE.c.name, spoke)
        .where(INBOX_FILE.c.flow == flow.name, INBOX_FILE.c.state.in_(("loaded", "erased")))
        .order_by(spoke.desc(), INBOX_FILE.c.file_id.desc())
        .limit(1)
    ).first()
    return (str(row[0]), str(row[1])) if row else ("", "")
