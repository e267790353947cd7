"""What a stage of a run is given: the one transaction, the clock, the settings and the findings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ecsync.master import schema

if TYPE_CHECKING:
    from ecsync.config import Settings
    from ecsync.findings import FindingLog

_WRITES = re.compile(r"\s*(?:insert\s+into|update|delete\s+from)\s+([a-z_]+)", re.IGNORECASE)


@lru_cache(maxsize=1)
def _business_names() -> frozenset[str]:
    return frozenset(t.name for t in schema.business_tables())


@dataclass
class RunContext:
    """Carry one run through its stages.

    `now` is the run's clock (UTC text), `business_date` its local date (YYYY-MM-DD); no rule reads any
    other clock. `stale_flows` names inbound flows whose expected file is missing or stale. `changes`
    counts rows written to business tables: a run that wrote none leaves the generation as it was, so
    every stage writes only what differs.
    """

    conn: sa.Connection
    run_id: int
    kind: str
    now: str
    business_date: str
    settings: Settings
    findings: FindingLog
    stale_flows: frozenset[str] = frozenset()
    changes: int = field(default=0)

    def execute(self, sql: str, /, **params: Any) -> sa.CursorResult[Any]:
        """Execute one portable SQL statement with named parameters (`:name`)."""
        result = self.conn.execute(sa.text(sql), params)
        match = _WRITES.match(sql)
        if match and match.group(1).lower() in _business_names():
            self.changes += max(result.rowcount, 0)
        return result

    def rows(self, sql: str, /, **params: Any) -> list[sa.Row[*tuple[Any, ...]]]:
        """Return all rows of a query; the query ends in a total ORDER BY."""
        return list(self.conn.execute(sa.text(sql), params).all())

    def scalar(self, sql: str, /, **params: Any) -> Any:  # noqa: ANN401  (text or integer, as the query says)
        """Return the single value of a query."""
        return self.conn.execute(sa.text(sql), params).scalar()
