"""`[schedule]` as lines for cron: full paths, their own environment, a log that does not grow."""

from __future__ import annotations

import shlex
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ecsync.errors import ConfigurationError, UsageError
from ecsync.locale import _
from ecsync.run.scheduling import Job, command_of, jobs_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ecsync.config import Settings

_HOUR: Final = 60
_DAY: Final = 24 * 60
_LONGEST_COMMAND: Final = 998  # what cron takes
_Slot = tuple[int, int]  # weekday (0 is Monday), minute of the day


def cron_lines(settings: Settings, *, now: datetime, zone: str, user: str = "", mail: str = "") -> list[str]:
    """Return a part of a crontab for every scheduled kind of run.

    `zone` is the one that the machine's cron counts in. Times are turned into it where both zones keep their
    distance all year; else the part names its own zone, which not every cron obeys, and says so. `user` adds the
    column that files in /etc/cron.d have; `mail` sends each run's output instead of keeping it under reports/.
    Raises ConfigurationError where nothing is scheduled, UsageError for a zone that does not exist.
    """
    shift = _distance(settings.zone, _zone(zone), now) if zone else None
    lines = [_("# ecsync: {name} ({folder})").format(name=settings.project.name, folder=settings.folder)]
    lines += _about_zone(settings.project.timezone, zone, shift)
    lines += ["SHELL=/bin/sh", "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", f'MAILTO="{mail}"']
    if shift is None:
        lines.append(f"CRON_TZ={settings.project.timezone}")
    for job in jobs_of(settings):
        command = _command(settings, job, mail=bool(mail))
        for fields in _fields(_slots(job, shift or 0)):
            lines.append(" ".join(part for part in (fields, user, command) if part))
    return lines


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise UsageError(
            _("there is no time zone {name}").format(name=name), hint="Asia/Tokyo, UTC"
        ) from None


def _distance(ours: ZoneInfo, theirs: ZoneInfo, now: datetime) -> int | None:
    """Return by how many minutes `theirs` is ahead; None where that changes within a year."""
    found = set()
    for day in range(367):
        moment = now + timedelta(days=day)
        found.add(_offset(moment, theirs) - _offset(moment, ours))
    return found.pop() if len(found) == 1 else None


def _offset(moment: datetime, zone: ZoneInfo) -> int:
    offset = moment.astimezone(zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds()) // 60


def _about_zone(ours: str, theirs: str, shift: int | None) -> list[str]:
    if shift is None:
        return [
            _(
                "# Times are in {zone}. A cron that does not know CRON_TZ (Debian's, for one) takes them for"
            ).format(zone=ours),
            _("# its own: then use `ecsync schedule systemd`."),
        ]
    if shift == 0:
        return [_("# Times are in {zone}.").format(zone=ours)]
    return [
        _("# Times are in {theirs}, the zone of this machine; ecsync.toml names them in {ours}.").format(
            theirs=theirs, ours=ours
        )
    ]


def _slots(job: Job, shift: int) -> set[_Slot]:
    found = set()
    for times in job.times:
        for day in times.days:
            for minute in times.minutes:
                days, moved = divmod(minute + shift, _DAY)
                found.add(((day + days) % 7, moved))
    return found


def _fields(slots: set[_Slot]) -> Iterator[str]:
    """Yield the five fields of as many lines as it takes to say exactly these times."""
    by_day: dict[int, frozenset[int]] = {
        day: frozenset(minute for there, minute in slots if there == day) for day, _minute in slots
    }
    for minutes, days in _alike(by_day):
        by_hour = {
            hour: frozenset(minute % _HOUR for minute in minutes if minute // _HOUR == hour)
            for hour in {minute // _HOUR for minute in minutes}
        }
        for of_hour, hours in _alike(by_hour):
            weekdays = _field(((day + 1) % 7 for day in days), 7)  # cron's week begins on Sunday
            yield f"{_field(of_hour, 60)} {_field(hours, 24)} * * {weekdays}"


def _alike(sets: dict[int, frozenset[int]]) -> Iterator[tuple[frozenset[int], list[int]]]:
    members: dict[frozenset[int], list[int]] = {}
    for name in sorted(sets):
        members.setdefault(sets[name], []).append(name)
    yield from members.items()


def _field(values: Iterable[int], count: int) -> str:
    ordered = sorted(values)
    if len(ordered) == count:
        return "*"
    spans: list[list[int]] = []
    for value in ordered:
        if spans and value == spans[-1][1] + 1:
            spans[-1][1] = value
        else:
            spans.append([value, value])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


def _command(settings: Settings, job: Job, *, mail: bool) -> str:
    run = shlex.join(command_of(settings, job))
    steps = ["umask 077", f"cd {shlex.quote(str(settings.folder))}", "mkdir -p reports"]
    if not mail:
        # The newest output, and beside it the newest of a run that did not end with 0: bounded, and nothing is missed.
        log = f"reports/cron-{job.kind}"
        run = f"{{ {run} >{log}.log 2>&1 || cp {log}.log {log}-trouble.log; }}"
    command = " && ".join([*steps, run]).replace("%", "\\%")
    if len(command.encode()) > _LONGEST_COMMAND or "\n" in command:
        raise ConfigurationError(
            _("cron cannot hold so long a command"), hint=_("use `ecsync schedule systemd`, or shorter paths")
        )
    return command
