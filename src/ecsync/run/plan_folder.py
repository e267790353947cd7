"""A plan's own folder: one command at a time makes a plan in it."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from ecsync.errors import LockedError, UsageError
from ecsync.locale import _
from ecsync.master.lock_places import FileLock, acquired

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# It marks the folder as ours, and whoever makes a plan in it holds its lock.
_MARK: Final = ".ecsync-plan"


@contextmanager
def emptied(folder: Path, *, owner: str, wait_minutes: float = 0) -> Iterator[None]:
    """Hold the folder of a new plan, without what an earlier plan left there, for the length of the block.

    Raises UsageError where it holds something else than a plan, LockedError where another command is making a
    plan in it, at once or after `wait_minutes`.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / _MARK).exists():
        raise UsageError(
            _("{folder} is not empty and holds no plan").format(folder=folder),
            hint=_("name a new folder with --out"),
        )
    lock = FileLock(folder / _MARK)
    if not acquired(lock, owner, wait_minutes):
        raise LockedError(
            _("another command is making a plan in {folder}").format(folder=folder),
            hint=_("wait for it, or say how long to wait with --wait MINUTES"),
        )
    try:
        folder.chmod(0o700)
        for left in folder.iterdir():
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
            elif left.name != _MARK:
                left.unlink()
        yield
    finally:
        lock.release()
