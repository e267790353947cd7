"""By when somebody has to decide, so that an order still ships on its day."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING

from ecsync.report.deadlines import day_text
from ecsync.shipping.ship_dates import dispatch_of
from ecsync.text.dates import from_utc_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecsync.config import Settings
    from ecsync.shipping.ship_dates import Dispatch


class MatterDeadlines:
    """The deadlines at one clock, for destinations given as (channel, order, destination, prefecture, wished date)."""

    def __init__(self, settings: Settings, now: str, destinations: Iterable[tuple[str, ...]]) -> None:
        """Work at a clock (UTC text)."""
        self._settings = settings
        self._now = now
        self.today = from_utc_text(now).astimezone(settings.zone).date()
        self._dispatches: dict[str, Dispatch] = {}
        self._wishes: dict[tuple[str, str], dict[str, tuple[str, str]]] = {}
        for channel, order_no, dest_id, prefecture, wished_date in destinations:
            self._wishes.setdefault((channel, order_no), {})[dest_id] = (prefecture, wished_date)

    def of_destination(self, channel: str, order_no: str, dest_id: str) -> datetime | None:
        """Return the cut-off before which a destination has to be free; of the whole order where it is ''."""
        shop = self._settings.channels.get(channel)
        if shop is None or shop.warehouse not in self._settings.warehouses:
            return None
        wishes = self._wishes.get((channel, order_no), {})
        wanted = [wishes[dest_id]] if dest_id in wishes else list(wishes.values()) or [("", "")]
        dispatch = self._dispatch(shop.warehouse)
        days = [date.fromisoformat(dispatch.plan(*wish).ship_date) for wish in wanted]
        return datetime.combine(min(days), dispatch.cut_off, self._settings.zone)

    def of_parcel(self, warehouse: str, ship_date: str) -> datetime | None:
        """Return the cut-off of a parcel's ship day, or the next one where that has passed."""
        if warehouse not in self._settings.warehouses or not ship_date:
            return None
        dispatch = self._dispatch(warehouse)
        return datetime.combine(
            max(date.fromisoformat(ship_date), self.today), dispatch.cut_off, self._settings.zone
        )

    @staticmethod
    def order_of(by: datetime | date | None) -> tuple[date, time]:
        """Return what deadlines sort by: the moment; within a day after its cut-offs; at last those without one."""
        if isinstance(by, datetime):
            return by.date(), by.time()
        return (by or date.max), time.max

    def _dispatch(self, warehouse: str) -> Dispatch:
        if warehouse not in self._dispatches:
            self._dispatches[warehouse] = dispatch_of(
                self._settings, warehouse, self._now, self.today.isoformat()
            )
        return self._dispatches[warehouse]


def deadline_text(by: datetime | date | None) -> str:
    """Return a deadline as staff write it: `11/24(火) 12:30`, `11/24(火)`."""
    if by is None:
        return ""
    return f"{day_text(by)} {by:%H:%M}" if isinstance(by, datetime) else day_text(by)
