"""Which expected files are missing or stale: named in the report, and their stock is published with a buffer."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from ecsync.run import clock

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ecsync.config import Expectation, Inbound, Settings
    from ecsync.findings import FindingLog
    from ecsync.master.plain import Read


def stale_flows(
    read: Read,
    settings: Settings,
    flows: list[Inbound],
    now: str,
    findings: FindingLog,
    *,
    unusable: Collection[int] = (),
    seen: Mapping[str, str] | None = None,
) -> frozenset[str]:
    """Return the flows whose expected file is missing or stale at `now`, with a finding for each.

    A file that this run could not use (`unusable`: numbers of inbox files) is as good as none. `seen` gives
    by flow the as-of of files that were only looked at.
    """
    local = clock.from_text(now).astimezone(settings.zone)
    taken = _newest(read, unusable)
    stale: set[str] = set()
    for flow in flows:
        if flow.expected is None:
            continue
        newest = max(taken.get(flow.name, ""), (seen or {}).get(flow.name, ""))
        if _missing(flow.expected, settings, newest, local):
            findings.add(
                "file_missing", flow.name, by=flow.expected.by.strftime("%H:%M") if flow.expected.by else ""
            )
            stale.add(flow.name)
        elif _too_old(flow.expected, newest, now):
            findings.add("file_stale", flow.name, as_of=newest or "-", hours=flow.expected.max_age_hours)
            stale.add(flow.name)
    return frozenset(stale)


def _newest(read: Read, unusable: Collection[int]) -> dict[str, str]:
    without = ", ".join(map(str, [0, *sorted(unusable)]))
    # A content that came again is as fresh as its last coming, also where its first is erased.
    sql = (
        "SELECT flow, MAX(CASE WHEN state = 'erased' OR seen_as_of > as_of THEN seen_as_of ELSE as_of END) "  # noqa: S608  (numbers)
        "FROM inbox_file WHERE state IN ('spooled', 'loaded', 'erased') "
        f"AND file_id NOT IN ({without}) GROUP BY flow ORDER BY flow"
    )
    return {str(flow): str(as_of) for flow, as_of in read(sql)}


def _missing(expected: Expectation, settings: Settings, newest: str, local: datetime) -> bool:
    if expected.by is None or local.time() < expected.by or not _due_today(expected, settings, local.date()):
        return False
    return not newest or clock.from_text(newest).astimezone(local.tzinfo).date() < local.date()


def _due_today(expected: Expectation, settings: Settings, today: date) -> bool:
    if expected.days == "daily":
        return True
    return settings.calendar(expected.calendar).is_open(today)


def _too_old(expected: Expectation, newest: str, now: str) -> bool:
    if not newest:
        return True
    return clock.from_text(now) - clock.from_text(newest) > timedelta(hours=expected.max_age_hours)
