"""The declared part: which modules are tried, by which tests, and which mutants nothing can tell from the original."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Group:
    """Modules that do one thing together, and the tests that prove it."""

    name: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Declared:
    """What a file declares."""

    groups: tuple[Group, ...]
    left_out: tuple[str, ...]  # tests that time or another process decides
    equivalent: dict[tuple[str, str], str]  # the reason, by module and mutant


def read(path: Path) -> Declared:
    """Read the file of declarations."""
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    groups = [
        Group(name, tuple(table["modules"]), tuple(table["tests"])) for name, table in told["groups"].items()
    ]
    equivalent = {(entry["module"], entry["mutant"]): entry["reason"] for entry in told.get("equivalent", [])}
    return Declared(tuple(groups), tuple(told.get("left_out", [])), equivalent)
