"""What a mapping must keep beyond its grammar: names that exist, types that fit, codes that we know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecsync.entities import ENTITIES
from ecsync.locale import _
from ecsync.mapping.check_fault import Fault
from ecsync.mapping.check_in import inbound_faults
from ecsync.mapping.check_out import outbound_faults
from ecsync.mapping.complaints import near
from ecsync.mapping.model import InboundMapping, OutboundMapping
from ecsync.mapping.named_settings import settings_named

if TYPE_CHECKING:
    from collections.abc import Iterator


def faults(mapping: InboundMapping | OutboundMapping) -> Iterator[Fault]:
    """Yield every fault of a mapping whose grammar is right and whose tables are loaded."""
    direction = "out" if isinstance(mapping, OutboundMapping) else "in"
    there = [name for name, entity in ENTITIES.items() if entity.direction == direction]
    if mapping.entity not in there:
        yield Fault(
            _("there is no frame {name} in this direction").format(name=mapping.entity),
            ("entity",),
            near(mapping.entity, there),
        )
        return
    yield from _settings(mapping)
    if isinstance(mapping, OutboundMapping):
        yield from outbound_faults(mapping)
    else:
        yield from inbound_faults(mapping)


def _settings(mapping: InboundMapping | OutboundMapping) -> Iterator[Fault]:
    named = settings_named(mapping)
    for name in mapping.settings:
        if name not in named:
            message = _("no text holds {name}").format(name="{" + name + "}")
            yield Fault(message, ("settings", name), near(name, named))
