"""The mapping of a flow, with what the settings of its party say in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecsync.mapping import catalogue
from ecsync.mapping.named_settings import with_settings

if TYPE_CHECKING:
    from ecsync.config import Outbound, Settings
    from ecsync.mapping.model import InboundMapping, OutboundMapping


def inbound_mapping(settings: Settings, name: str, party: str) -> InboundMapping:
    """Return the mapping of a file that comes in from a party. Raises MappingError, ConfigurationError."""
    return with_settings(catalogue.load_inbound(name, settings.folder), party_texts(settings, party))


def outbound_mapping(settings: Settings, flow: Outbound) -> OutboundMapping:
    """Return the mapping of a flow that goes out. Raises MappingError, ConfigurationError."""
    return with_settings(
        catalogue.load_outbound(flow.mapping, settings.folder), party_texts(settings, flow.party)
    )


def party_texts(settings: Settings, party: str) -> dict[str, str]:
    """Return what a mapping may take from the options of a channel or a warehouse, by dotted name."""
    channel, warehouse = settings.channels.get(party), settings.warehouses.get(party)
    options = {
        "channel": channel.options if channel else {},
        "warehouse": warehouse.options if warehouse else {},
    }
    return {f"{kind}.{name}": text for kind, texts in options.items() for name, text in texts.items()}
