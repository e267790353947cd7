"""Which mappings there are, without reading one: those that ecsync ships, and a project's own in their place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003  (a field of a dataclass)
from typing import TYPE_CHECKING, Final, Literal

from ecsync.shipped import mappings_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

MAPPING_NAME: Final = r"^[a-z0-9][a-z0-9_-]*/[a-z0-9][a-z0-9_-]*$"
OWN: Final = "mappings"


@dataclass(frozen=True)
class CatalogueEntry:
    """One mapping that can be named: where it lies, and whether the project overrides the shipped one."""

    name: str
    path: Path
    origin: Literal["shipped", "project"]
    overrides: bool = False


def list_mappings(project: Path | None = None) -> list[CatalogueEntry]:
    """Return every mapping by name, a project's own in place of the shipped one."""
    found: dict[str, CatalogueEntry] = {}
    for origin, root in roots(project):
        for path in sorted(root.glob("*/*.yaml")):
            name = f"{path.parent.name}/{path.stem}"
            if re.fullmatch(MAPPING_NAME, name):
                found[name] = CatalogueEntry(name, path, origin, overrides=name in found)
    return [found[name] for name in sorted(found)]


def roots(project: Path | None) -> Iterator[tuple[Literal["shipped", "project"], Path]]:
    """Yield the folders that hold mappings; a later one comes first where both have a name."""
    yield "shipped", mappings_dir()
    if project is not None:
        yield "project", project / OWN
