"""The canonical frames: the contract between a mapping and everything else."""

from __future__ import annotations

from typing import Final

from ecsync.entities import inbound, outbound
from ecsync.entities.model import Column, Entity

ENTITIES: Final[dict[str, Entity]] = {
    value.name: value
    for module in (inbound, outbound)
    for value in vars(module).values()
    if isinstance(value, Entity)
}

__all__ = ["ENTITIES", "Column", "Entity"]
