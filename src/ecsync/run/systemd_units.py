"""`[schedule]` as units for systemd: one service and one timer per kind of run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.calendars.run_times import DAYS, EVERY_DAY
from ecsync.locale import _
from ecsync.run.scheduling import Job, command_of, jobs_of, label_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecsync.calendars.run_times import RunTimes
    from ecsync.config import Settings

_HOUR: Final = 60


def systemd_units(settings: Settings, *, user: str = "") -> dict[str, str]:
    """Return the text of every unit by its file name.

    `user` makes them units of the system that run as that user; else they are the user's own. A missed run is
    made up when the machine is back, with the clock of that moment; one that comes again soon is not. Status 3
    (done, a person is needed) is a success for the machine. Raises ConfigurationError where nothing is scheduled.
    """
    units = {}
    for job in jobs_of(settings):
        name = f"ecsync-{label_of(settings)}-{job.kind}"
        units[f"{name}.service"] = _service(settings, job, user)
        units[f"{name}.timer"] = _timer(settings, job)
    return units


def _service(settings: Settings, job: Job, user: str) -> str:
    description = _("ecsync {kind}: {name}").format(kind=job.kind, name=settings.project.name)
    unit = [f"Description={_plain(description)}"]
    service = [
        "Type=oneshot",
        f"WorkingDirectory={_plain(str(settings.folder))}",
        "ExecStart=" + " ".join(_word(word) for word in command_of(settings, job)),
        "SuccessExitStatus=3",
        "Environment=LANG=C.UTF-8",
        "UMask=0077",
        "NoNewPrivileges=yes",
    ]
    if user:
        unit += ["Wants=network-online.target", "After=network-online.target"]
        service.insert(1, f"User={_plain(user)}")
    return "\n".join(["[Unit]", *unit, "", "[Service]", *service, ""])


def _timer(settings: Settings, job: Job) -> str:
    description = _("when ecsync {kind} runs: {name}").format(kind=job.kind, name=settings.project.name)
    times = [
        f"OnCalendar={calendar} {settings.project.timezone}"
        for entry in job.times
        for calendar in _calendars(entry)
    ]
    return "\n".join(
        [
            "[Unit]",
            f"Description={_plain(description)}",
            "",
            "[Timer]",
            *times,
            "AccuracySec=1s",
            f"Persistent={'false' if job.is_frequent else 'true'}",
            "",
            "[Install]",
            "WantedBy=timers.target",
            "",
        ]
    )


def _calendars(times: RunTimes) -> Iterator[str]:
    days = ",".join(DAYS[day].capitalize() for day in sorted(times.days))
    before = "" if times.days == EVERY_DAY else f"{days} "
    by_minutes: dict[tuple[int, ...], list[int]] = {}
    for hour in sorted({minute // _HOUR for minute in times.minutes}):
        of_hour = tuple(minute % _HOUR for minute in times.minutes if minute // _HOUR == hour)
        by_minutes.setdefault(of_hour, []).append(hour)
    for minutes, hours in by_minutes.items():
        yield f"{before}*-*-* {_list(hours)}:{_list(minutes)}:00"


def _list(values: list[int] | tuple[int, ...]) -> str:
    return ",".join(f"{value:02}" for value in values)


def _plain(text: str) -> str:
    return " ".join(text.split()).replace("%", "%%")


def _word(text: str) -> str:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{quoted}"'
