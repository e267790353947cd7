"""Figures and times as staff read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecsync.locale import _
from ecsync.run.clock import local_text

if TYPE_CHECKING:
    from ecsync.config import Settings


def units(count: int | None) -> str:
    """Return a number of units: `12 units`, `12点`; '' where there is none."""
    return "" if count is None else _("{count} units").format(count=f"{count:,}")


def signed_units(count: int) -> str:
    """Return a movement of units with its sign; '' where nothing moved."""
    return _("{count} units").format(count=f"{count:+,}") if count else ""


def yen(amount: int | None) -> str:
    """Return an amount: `¥12,340`; `-` where it is not known."""
    return "-" if amount is None else f"¥{amount:,}"


def moment(settings: Settings, at: str) -> str:
    """Return a UTC text in local time, as staff read it; '' where there is none."""
    return local_text(at, settings.zone) if at else ""


def party_title(settings: Settings, party: str) -> str:
    """Return what people call a channel, warehouse or core system; its name where it has no title."""
    if party in settings.channels:
        return settings.channels[party].title or party
    if party in settings.warehouses:
        return settings.warehouses[party].title or party
    return settings.core.get(party, {}).get("title", "") or party
