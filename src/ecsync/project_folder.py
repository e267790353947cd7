"""Which folder is the project's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.errors import ConfigurationError
from ecsync.locale import _

if TYPE_CHECKING:
    from pathlib import Path

CONFIG_NAME: Final = "ecsync.toml"


def find_project(start: Path) -> Path:
    """Return the nearest folder upwards that holds ecsync.toml; raise ConfigurationError if none does."""
    for folder in (start, *start.parents):
        if (folder / CONFIG_NAME).is_file():
            return folder
    raise ConfigurationError(
        _("no {name} here or above").format(name=CONFIG_NAME),
        hint=_("change to a project folder, or name one with --project DIR"),
    )
