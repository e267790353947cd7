"""The options that hold for every command, and the settings and clock made from them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecsync.config import Settings


@dataclass(frozen=True)
class Common:
    """What was given on the command line beside the command's own options."""

    project: Path | None = None
    as_of: str | None = None
    json: bool = False
    quiet: bool = False
    verbose: bool = False


_common = Common()


def settle(**values: object) -> None:
    """Keep the options of this command line."""
    global _common  # noqa: PLW0603  (one command line per process)
    _common = Common(**values)  # type: ignore[arg-type]


def current() -> Common:
    """Return the options of this command line."""
    return _common


def project_folder() -> Path:
    """Return the project folder: --project, else the nearest ecsync.toml upwards."""
    from ecsync.project_folder import find_project  # noqa: PLC0415

    return _common.project if _common.project is not None else find_project(Path.cwd())


def project_if_any() -> Path | None:
    """Return the project folder; None where there is none, for what works without one."""
    from ecsync.errors import ConfigurationError  # noqa: PLC0415

    try:
        return project_folder()
    except ConfigurationError:
        return None


def settings() -> Settings:
    """Load the settings of the project."""
    from ecsync.config import load_settings  # noqa: PLC0415

    return load_settings(project_folder())


def clock(loaded: Settings) -> str:
    """Return the clock of this command: --as-of, else now (UTC text)."""
    from ecsync.run.clock import parse_as_of  # noqa: PLC0415

    return parse_as_of(_common.as_of, loaded.zone)
