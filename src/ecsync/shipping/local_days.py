"""Local days as spans of UTC time, so that a query can tell the business date of a moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

_FORMAT: Final = "%Y-%m-%dT%H:%M:%SZ"
_DAY: Final = timedelta(days=1)


def spans_of(utc_dates: Iterable[str], zone: ZoneInfo) -> list[dict[str, object]]:
    """Return rows of business_date, from_at, before_at (UTC texts) that cover the given UTC dates without overlap."""
    rows: list[dict[str, object]] = []
    for text in sorted(set(utc_dates)):
        first = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
        last = first + _DAY
        day = first.astimezone(zone).date()
        while (start := max(first, _midnight(day, zone))) < last:
            end = min(last, _midnight(day + _DAY, zone))
            if start < end:
                rows.append(
                    {
                        "business_date": day.isoformat(),
                        "from_at": start.strftime(_FORMAT),
                        "before_at": end.strftime(_FORMAT),
                    }
                )
            day += _DAY
    return rows


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, datetime.min.time(), zone).astimezone(UTC)
