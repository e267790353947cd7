"""The folders of a run: a real run uses the project's own, a plan keeps everything in its own folder."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from ecsync.config import Settings


@dataclass(frozen=True)
class Workspace:
    """Name the folders that one run may write to. `dry` runs deliver nothing and keep the remote as it is."""

    spool: Path
    outbox: Path
    staging: Path
    reports: Path
    dry: bool
    root: Path

    def prepare(self) -> None:
        """Make the folders, readable by the owner only."""
        for folder in (self.root, self.spool, self.outbox, self.staging, self.reports):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def clear_staging(self) -> None:
        """Remove what an earlier, unfinished run left in the staging folder."""
        shutil.rmtree(self.staging, ignore_errors=True)
        self.staging.mkdir(mode=0o700, parents=True, exist_ok=True)


def real(settings: Settings) -> Workspace:
    """Return the project's own folders."""
    folder = settings.folder
    return Workspace(
        spool=folder / "spool",
        outbox=folder / "outbox",
        staging=folder / "spool" / ".staging",
        reports=folder / "reports",
        dry=False,
        root=folder,
    )


def dry(plan_folder: Path) -> Workspace:
    """Return the folders of a plan: `inputs` and `outputs` stay, `work` is removed at its end."""
    return Workspace(
        spool=plan_folder / "inputs",
        outbox=plan_folder / "outputs",
        staging=plan_folder / "work",
        reports=plan_folder,
        dry=True,
        root=plan_folder,
    )


def fsync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
