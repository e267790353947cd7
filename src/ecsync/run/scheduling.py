"""What `[schedule]` asks a machine for: which kinds of run when, by which program, in which time zone."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ecsync.errors import ConfigurationError
from ecsync.locale import _
from ecsync.run.stages import stages_of

if TYPE_CHECKING:
    from ecsync.calendars.run_times import RunTimes
    from ecsync.config import Settings

# A run that comes while another is at work waits; one that comes again soon gives up soon.
_PATIENCE: Final = 30
_IMPATIENCE: Final = 5


@dataclass(frozen=True)
class Job:
    """One kind of run, its times, and how many minutes it waits for the lock."""

    kind: str
    times: tuple[RunTimes, ...]
    wait_minutes: int

    @property
    def is_frequent(self) -> bool:
        """Tell whether it comes again so soon that a missed one need not be made up."""
        return any(times.every for times in self.times)


def jobs_of(settings: Settings) -> list[Job]:
    """Return the scheduled kinds of run; raise ConfigurationError where there is none, or one that is unknown."""
    if not settings.schedule:
        raise ConfigurationError(
            _("ecsync.toml has no [schedule]"), hint='[schedule]\nnoon = "mon-sat 11:45"\nnight = "22:30"'
        )
    jobs = []
    for kind in sorted(settings.schedule):
        stages_of(settings, kind)
        times = settings.times_of(kind)
        frequent = any(entry.every for entry in times)
        jobs.append(Job(kind, times, _IMPATIENCE if frequent else _PATIENCE))
    return jobs


def program_words() -> tuple[str, ...]:
    """Return the words that start this very program from anywhere: its full path, else Python's and -m."""
    beside = Path(sys.executable).parent / "ecsync"
    return (str(beside),) if beside.is_file() else (sys.executable, "-m", "ecsync")


def command_of(settings: Settings, job: Job) -> tuple[str, ...]:
    """Return the words of a job's run."""
    return (
        *program_words(),
        *("--project", str(settings.folder), "--lang", settings.project.language),
        *("sync", job.kind, "--wait", str(job.wait_minutes)),
    )


def label_of(settings: Settings) -> str:
    """Return the project's name for files of the machine: its folder's, told apart where that cannot be written."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", settings.folder.name).strip("-")
    if plain == settings.folder.name:
        return plain
    return "-".join(filter(None, (plain, sha256(str(settings.folder).encode()).hexdigest()[:6])))


def host_zone(root: Path = Path("/")) -> str:
    """Return the time zone that the machine's cron counts in, '' where it cannot be told."""
    link = root / "etc" / "localtime"
    if not link.exists():
        return "UTC"
    target = str(link.resolve())
    if "/zoneinfo/" in target:
        return target.partition("/zoneinfo/")[2]
    try:
        return (root / "etc" / "timezone").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
