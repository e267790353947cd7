"""[schedule]: what it names exists, is asked of the machine, and was not missed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ecsync.errors import EcsyncError
from ecsync.locale import _
from ecsync.master.engine import reader_of
from ecsync.report.status_facts import newest_clocks
from ecsync.run import clock
from ecsync.run.checkup.checked import Checked, good, wrong
from ecsync.run.due import due_runs
from ecsync.run.scheduling import label_of
from ecsync.run.stages import DEFAULT_KINDS, stages_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecsync.config import Settings
    from ecsync.run.checkup.checked import Scene

_UNIT_PLACES: Final = ("/etc/systemd/system", "/usr/local/lib/systemd/system", "~/.config/systemd/user")
_CRON_PLACES: Final = ("/etc/crontab", "/etc/cron.d")


def check(scene: Scene) -> Iterator[Checked]:
    """Check each scheduled kind, whether one erases personal data in time, and who starts them."""
    settings = scene.settings
    if not settings.schedule:
        yield good(
            _("schedule"), _("no run is scheduled"), _("name times in [schedule], then: ecsync schedule cron")
        )
        return
    missed = _missed(scene)
    for kind in sorted(settings.schedule):
        yield _kind(settings, kind, missed)
    yield _erasing(settings)
    yield _asked(settings)


def _kind(settings: Settings, kind: str, missed: dict[str, str]) -> Checked:
    name = _("schedule of {name}").format(name=kind)
    try:
        stages_of(settings, kind)
    except EcsyncError as error:
        return wrong(name, 10, error.message, _("name a kind of run that there is"))
    if kind in missed:
        return wrong(
            name,
            3,
            _("the run of {at} did not come").format(at=missed[kind]),
            _("see whether cron or systemd is at work, and make it up: ecsync sync {kind}").format(kind=kind),
        )
    return good(name)


def _missed(scene: Scene) -> dict[str, str]:
    if scene.master is None:
        return {}
    settings = scene.settings
    return {
        run.kind: clock.local_text(clock.to_text(run.missed), settings.zone)
        for run in due_runs(settings, newest_clocks(reader_of(scene.master)), scene.now)
        if run.missed is not None
    }


def _erasing(settings: Settings) -> Checked:
    name = _("retention of personal data")
    kinds = {**DEFAULT_KINDS, **settings.runs}
    if any("retain" in kinds.get(kind, ()) for kind in settings.schedule):
        return good(name)
    return wrong(
        name,
        10,
        _("no scheduled run erases what is past retention_days"),
        _("schedule a run with the stage retain: night"),
    )


def _asked(settings: Settings) -> Checked:
    """Look for this project where cron and systemd keep what they start; other programs may start it, too."""
    name = _("cron or systemd")
    found = [_("crontab")] if str(settings.folder) in _crontab() else []
    label = f"ecsync-{label_of(settings)}-"
    for place in map(Path, _UNIT_PLACES):
        units = sorted(place.expanduser().glob(f"{label}*.timer")) if _is_folder(place) else []
        found += [str(unit) for unit in units]
    for path in (one for place in map(Path, _CRON_PLACES) for one in _files(place)):
        if str(settings.folder) in _read(path):
            found.append(str(path))
    if found:
        return good(name, ", ".join(found))
    return good(
        name,
        _("no line and no unit of this project is found; something else may start it"),
        _("ecsync schedule cron, or ecsync schedule systemd"),
    )


def _crontab() -> str:
    program = shutil.which("crontab")
    if program is None:
        return ""
    try:
        said = subprocess.run([program, "-l"], capture_output=True, timeout=5, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return said.stdout.decode("utf-8", "replace")


def _is_folder(place: Path) -> bool:
    try:
        return place.expanduser().is_dir()
    except (OSError, RuntimeError):
        return False


def _files(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    try:
        return sorted(path for path in place.iterdir() if path.is_file())
    except OSError:
        return []


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
