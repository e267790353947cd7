"""Which warehouse a channel sells from, and whose count rules there, as the settings say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecsync.errors import ConfigurationError
from ecsync.locale import _

if TYPE_CHECKING:
    from ecsync.config import Settings


def channel_places(settings: Settings) -> list[dict[str, object]]:
    """Return one row per channel: channel, warehouse."""
    return [
        {"channel": name, "warehouse": channel.warehouse}
        for name, channel in sorted(settings.channels.items())
    ]


def owner_of(settings: Settings, warehouse: str) -> str:
    """Return which system is right for what is on hand: `warehouse`, `core` or `ecsync`."""
    owners = settings.owners.on_hand
    return owners.get(warehouse, owners.get("default", "warehouse"))


def counting_sources(settings: Settings) -> list[dict[str, object]]:
    """Return whose snapshot sets on hand: rows of source, warehouse.

    A warehouse without a row keeps a ledger, and snapshots are only compared with it.
    Raises ConfigurationError where a core system should count, but it is not clear which, or where.
    """
    rows: list[dict[str, object]] = []
    for name, warehouse in sorted(settings.warehouses.items()):
        owner = owner_of(settings, name)
        if owner == "core":
            rows.append({"source": _the_core(settings), "warehouse": name})
        elif owner == "warehouse" and warehouse.stock == "snapshot":
            rows.append({"source": name, "warehouse": name})
    counted_by_core = [str(row["warehouse"]) for row in rows if row["source"] in settings.core]
    if len(counted_by_core) > 1:
        raise ConfigurationError(
            _("the core system counts {warehouses}, but its stock names no warehouse").format(
                warehouses=", ".join(counted_by_core)
            ),
            hint=_("in owners.yaml, let the core system own on_hand of one warehouse only"),
        )
    return rows


def compared_sources(settings: Settings) -> list[dict[str, object]]:
    """Return whose snapshot is only compared: rows of source, warehouse.

    A core system's stock names no warehouse: it is compared with all of them together.
    """
    counting = {(row["source"], row["warehouse"]) for row in counting_sources(settings)}
    cores_that_count = {source for source, _warehouse in counting if source in settings.core}
    pairs = [(name, name) for name in settings.warehouses if (name, name) not in counting]
    pairs += [
        (core, name) for core in settings.core if core not in cores_that_count for name in settings.warehouses
    ]
    return [{"source": source, "warehouse": warehouse} for source, warehouse in sorted(pairs)]


def parties_behind(settings: Settings, channel: str) -> frozenset[str]:
    """Return the parties whose files a channel's published quantities rest on."""
    warehouse = settings.channels[channel].warehouse
    sources = {str(r["source"]) for r in counting_sources(settings) if r["warehouse"] == warehouse}
    return frozenset({channel, warehouse}) | sources


def _the_core(settings: Settings) -> str:
    if len(settings.core) != 1:
        raise ConfigurationError(
            _("owners.yaml gives on_hand to the core system, but ecsync.toml names {count} of them").format(
                count=len(settings.core)
            ),
            hint=_("name exactly one core system in ecsync.toml"),
        )
    return next(iter(settings.core))
