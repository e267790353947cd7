"""The clock of a run: an argument, never read inside a rule."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ecsync.errors import UsageError
from ecsync.locale import _

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def parse_as_of(given: str | None, zone: ZoneInfo) -> str:
    """Return the run's clock as UTC text: what was given (project time where no offset), else the host's.

    Raises UsageError where `given` is not ISO 8601.
    """
    if not given:
        return datetime.now(UTC).strftime(FORMAT)
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise UsageError(
            _("--as-of {given} is not a time").format(given=given), hint="--as-of 2026-11-24T22:00:00+09:00"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC).strftime(FORMAT)


def from_text(now: str) -> datetime:
    """Return the aware UTC datetime of a clock text."""
    return datetime.strptime(now, FORMAT).replace(tzinfo=UTC)


def to_text(moment: datetime) -> str:
    """Return the clock text of an aware time."""
    return moment.astimezone(UTC).strftime(FORMAT)


def business_date(now: str, zone: ZoneInfo) -> str:
    """Return the local date (YYYY-MM-DD) of a clock text."""
    return from_text(now).astimezone(zone).date().isoformat()


def local_text(now: str, zone: ZoneInfo) -> str:
    """Return a clock text as staff read it, in local time: 11/24(火) 12:00."""
    local = from_text(now).astimezone(zone)
    weekday = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))[local.weekday()]
    return f"{local:%m/%d}({weekday}) {local:%H:%M}"
