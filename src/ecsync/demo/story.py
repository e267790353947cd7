"""The story of the demo shop, read from its YAML: steps with files, a warehouse at work, a run, a status."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import yaml
from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from pathlib import Path


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Placed(_Part):
    """A file that a partner puts on its server."""

    file: str
    to: str
    mtime: datetime


class WarehouseWork(_Part):
    """When the warehouse ships, what it last counted, which SKUs it finds one short, and which orders it leaves."""

    at: datetime
    stock: str
    short: tuple[str, ...] = ()
    later: tuple[str, ...] = ()


class Step(_Part):
    """One run of the day, with what came before it and the status that it must end with."""

    title: dict[str, str]
    place: tuple[Placed, ...] = ()
    warehouse: WarehouseWork | None = None
    run: str
    at: datetime
    expect: int


class Story(_Part):
    """A whole day."""

    title: dict[str, str]
    steps: tuple[Step, ...]


def read_story(folder: Path) -> Story:
    """Read story.yaml of a sample shop."""
    return Story.model_validate(yaml.safe_load((folder / "story.yaml").read_bytes()))
