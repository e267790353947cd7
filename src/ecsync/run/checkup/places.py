"""The machine: room on its disks, and files that only their owner may read."""

from __future__ import annotations

import os
import shutil
import stat
from typing import TYPE_CHECKING, Final

from ecsync.locale import _
from ecsync.master.engine import is_sqlite, sqlite_path
from ecsync.run.checkup.checked import Checked, good, tried, wrong

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ecsync.config import SecretReference, Settings
    from ecsync.run.checkup.checked import Scene

_LEAST_ROOM: Final = 512 * 1024 * 1024
# A dry run copies the database, and a run's WAL may grow to its size.
_TIMES_THE_DATABASE: Final = 3
_LEAST_FILES: Final = 1_000
_PRIVATE: Final = ("data", "spool", "outbox", "reports", "secrets", "keys", "quarantine", "worklists")
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def check(scene: Scene) -> Iterator[Checked]:
    """Check room, modes and secrets."""
    settings = scene.settings
    yield from _room(settings)
    yield _modes(settings)
    yield from _secrets(settings)


def _room(settings: Settings) -> Iterator[Checked]:
    database = sqlite_path(settings) if is_sqlite(settings) else None
    size = database.stat().st_size if database is not None and database.is_file() else 0
    needed = max(_LEAST_ROOM, _TIMES_THE_DATABASE * size)
    seen: set[int] = set()
    for place in (
        settings.folder,
        settings.folder / "spool",
        settings.path(settings.outbox.journal),
        database,
    ):
        folder = _existing(place) if place is not None else settings.folder
        if folder.stat().st_dev in seen:
            continue
        seen.add(folder.stat().st_dev)
        yield _disk(folder, needed)


def _existing(path: Path) -> Path:
    return path if path.is_dir() else next(parent for parent in path.parents if parent.is_dir())


def _disk(folder: Path, needed: int) -> Checked:
    name = _("disk of {folder}").format(folder=folder)
    free = shutil.disk_usage(folder).free
    if free < needed:
        return wrong(
            name,
            3,
            _("{free} MB are free, and {needed} MB should be").format(free=free >> 20, needed=needed >> 20),
            _("make room: old backups and plan folders are yours to remove"),
        )
    status = os.statvfs(folder)
    if status.f_files and status.f_favail < _LEAST_FILES:
        return wrong(name, 3, _("no more files can be made there"), _("remove files that nobody needs"))
    return good(name)


def _modes(settings: Settings) -> Checked:
    name = _("files for their owner only")
    places = [settings.folder / part for part in _PRIVATE]
    if is_sqlite(settings):
        places.append(sqlite_path(settings))
    open_to_others = [path for path in places if path.exists() and path.stat().st_mode & _OTHERS]
    if open_to_others:
        return wrong(
            name,
            10,
            _("others may read {paths}").format(paths=", ".join(str(path) for path in open_to_others)),
            "chmod -R go= " + " ".join(str(path) for path in open_to_others),
        )
    config = settings.folder / "ecsync.toml"
    if config.is_file() and config.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return wrong(name, 10, _("others may write {paths}").format(paths=config), f"chmod go-w {config}")
    return good(name)


def _secrets(settings: Settings) -> Iterator[Checked]:
    if settings.database.url is not None:
        yield tried(_("secret of the database"), _resolving(settings, settings.database.url))
    for name, endpoint in sorted(settings.endpoints.items()):
        for reference in (endpoint.password, endpoint.key_passphrase):
            if reference is not None:
                yield tried(_("secret of {endpoint}").format(endpoint=name), _resolving(settings, reference))


def _resolving(settings: Settings, reference: SecretReference) -> Callable[[], str]:
    return lambda: reference.resolve(settings.folder)
