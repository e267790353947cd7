"""Figures and times as staff read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecsync.locale import _
from ecsync.run.clock import local_text

if TYPE_CHECKING:
    from ecsync.config import Settings


def units(count: int) -> str:
    """Return a number of units: `12 units`, `12点`."""
    return f"{count:,}{unit()}"


def unit() -> str:
    """Return what stands behind a number of units."""
    return _(" units")


def yen(amount: int) -> str:
    """Return an amount: `¥12,340`."""
    return f"{'-' if amount < 0 else ''}¥{abs(amount):,}"


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
