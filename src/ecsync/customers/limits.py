"""Until when a channel's personal data may be kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

# An order that is still open needs its address; twice the time ends that too.
OPEN_FACTOR = 2


def oldest_kept(business_date: str, days: int, zone: ZoneInfo) -> str:
    """Return the UTC time before which an order is past its `days`: counted from its local date, inclusive."""
    first_day = date.fromisoformat(business_date) - timedelta(days=days)
    midnight = datetime.combine(first_day, time(), tzinfo=zone)
    return midnight.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
