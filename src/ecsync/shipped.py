"""Where the files lie that ecsync ships beside its code."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def mappings_dir() -> Path:
    """Return the folder of the shipped mappings: one folder per partner, one YAML per file kind."""
    return _shipped("mappings")


def samples_dir() -> Path:
    """Return the folder of the demo shop's files."""
    return _shipped("samples")


def _shipped(name: str) -> Path:
    # A wheel carries the folder inside the package; a checkout keeps it at its root.
    inside = _PACKAGE / "_data" / name
    return inside if inside.is_dir() else _PACKAGE.parents[1] / name
