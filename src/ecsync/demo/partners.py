"""The partners of a sample shop: their logins and folders, and what they do by themselves before a step."""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING

from ecsync.demo import labels, warehouse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ecsync.config import Settings
    from ecsync.demo.story import Step

_ENDPOINT = re.compile(r"^\[endpoints\.([a-z0-9_-]+)\]", re.MULTILINE)


def endpoints_of(sample: Path) -> tuple[str, ...]:
    """Return the names of a sample's endpoints, as its ecsync.toml lists them."""
    return tuple(_ENDPOINT.findall((sample / "ecsync.toml").read_text(encoding="utf-8")))


def make_folders(settings: Settings, remote: Path) -> None:
    """Make every folder that a flow reads or writes, below `remote/<endpoint>`."""
    folders = [(flow.endpoint, flow.path) for flow in settings.inbound]
    folders += [(flow.endpoint, flow.path) for flow in settings.outbound]
    folders += [(flow.endpoint, flow.archive_path) for flow in settings.inbound if flow.after == "archive"]
    for endpoint, path in folders:
        (remote / endpoint / path).mkdir(mode=0o700, parents=True, exist_ok=True)


def act(
    sample: Path, remote: Path, step: Step, *, rename: Callable[[str], str] = lambda name: name
) -> list[str]:
    """Let warehouses work and partners put their files; return what arrived, below `remote`.

    `rename` may give the placed files other names.
    """
    arrived = [
        f"{task.endpoint}/out/{name}"
        for task in step.warehouses
        for name in warehouse.work(remote / task.endpoint, sample, task)
    ]
    arrived += [
        f"{task.endpoint}/out/{name}"
        for task in step.labels
        for name in labels.work(remote / task.endpoint, task)
    ]
    for placed in step.place:
        folder, _sep, name = placed.to.rpartition("/")
        target = remote / folder / rename(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(sample / placed.file, target)
        os.utime(target, (placed.mtime.timestamp(), placed.mtime.timestamp()))
        arrived.append(f"{folder}/{target.name}")
    return arrived
