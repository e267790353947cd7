"""The story of the demo shop, read from its YAML: steps with files, warehouses at work, a run, a status."""

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
    """What a warehouse does at a time, and what it counted when the story began.

    It counts; where it `ships`, it packs what is due by then but the orders that it leaves for `later`, finds one unit
    missing of each SKU in `short`, answers recalls, and takes in `receipts`.
    """

    endpoint: str
    at: datetime
    stock: str
    ships: bool = True
    short: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    receipts: dict[str, int] = {}


class LabelWork(_Part):
    """When a store room prints the labels of what is due and exports them."""

    endpoint: str
    at: datetime


class Step(_Part):
    """One run, with what came before it and the status that it must end with."""

    name: str
    title: dict[str, str]
    place: tuple[Placed, ...] = ()
    warehouses: tuple[WarehouseWork, ...] = ()
    labels: tuple[LabelWork, ...] = ()
    run: str
    at: datetime
    expect: int


class Story(_Part):
    """Several days."""

    title: dict[str, str]
    steps: tuple[Step, ...]

    def step(self, name: str) -> Step:
        """Return the step of that name."""
        return next(step for step in self.steps if step.name == name)


def read_story(folder: Path) -> Story:
    """Read story.yaml of a sample shop."""
    return Story.model_validate(yaml.safe_load((folder / "story.yaml").read_bytes()))
