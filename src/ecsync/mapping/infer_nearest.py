"""Which known formats a header is nearest to: how much of what they need is there, and how much of it they know."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ecsync.mapping.catalogue import load_mapping
from ecsync.mapping.headers import layout_of
from ecsync.mapping.listing import list_mappings
from ecsync.mapping.model import InboundMapping
from ecsync.mapping.tables import fold_name

if TYPE_CHECKING:
    from pathlib import Path


class Near(NamedTuple):
    """A known format: needed headers that are there, and headers of the file that it knows."""

    mapping: InboundMapping
    needed: int
    there: int
    known: int
    of: int

    @property
    def score(self) -> int:
        """Return both shares, multiplied, in percent; 0 for a mapping that needs no header."""
        return 100 * self.there * self.known // (self.needed * self.of) if self.needed and self.of else 0


def nearest(names: list[str], project: Path | None, entity: str = "") -> list[Near]:
    """Return the known formats that share a header with the file, the nearest first."""
    found = []
    for entry in list_mappings(project):
        mapping = load_mapping(entry.name, project)
        if isinstance(mapping, InboundMapping) and entity in ("", mapping.entity):
            found.append(_compared(mapping, names))
    return sorted(
        (one for one in found if one.known), key=lambda one: (-one.score, -one.known, one.mapping.mapping)
    )


def _compared(mapping: InboundMapping, names: list[str]) -> Near:
    layout = layout_of(mapping, names)
    needed = [one for one in mapping.headers if not one.optional]
    declared = {fold_name(name) for header in mapping.headers for name in header.names}
    declared |= {fold_name(name) for name in mapping.unused} if mapping.unused != "any" else set()
    there = sum(layout.position(one) is not None for one in needed)
    return Near(mapping, len(needed), there, sum(fold_name(name) in declared for name in names), len(names))
