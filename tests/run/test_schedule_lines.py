"""`schedule`: what cron and systemd are told is what [schedule] says, on a machine in whatever zone."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecsync.cli import main
from ecsync.config import Settings
from ecsync.errors import ConfigurationError, UsageError
from ecsync.run.cron_lines import cron_lines
from ecsync.run.scheduling import host_zone, jobs_of, label_of
from ecsync.run.systemd_units import systemd_units
from face import process_as_it_was

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
WEEK = [datetime(2026, 11, 23, tzinfo=UTC) + timedelta(minutes=number) for number in range(7 * 24 * 60)]
TYPICAL = {
    "noon": ("mon-sat 11:45",),
    "night": ("22:30",),
    "stock": ("mon-sat every 20 minutes from 08:30 to 20:00",),
}


def shop(schedule: object = None, *, folder: str = "/srv/my-shop", zone: str = "Asia/Tokyo") -> Settings:
    return Settings.model_validate(
        {
            "project": {"name": "みなと雑貨店", "timezone": zone},
            "schedule": TYPICAL if schedule is None else schedule,
            "folder": Path(folder),
        }
    )


def field_of(text: str, low: int, high: int) -> set[int]:
    """Read one field as cron does; what it does not know is refused."""
    found: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"\*|(\d+)(?:-(\d+))?", part)
        assert match, part
        first = low if part == "*" else int(match[1])
        last = high if part == "*" else int(match[2] or match[1])
        assert low <= first <= last <= high, part
        found |= set(range(first, last + 1))
    return found


def starts(lines: list[str], zone: str) -> Counter[tuple[str, datetime]]:
    """Return which kind starts at which minute of the week, as a cron in `zone` would do it."""
    table = []
    for line in lines:
        if line.startswith("#") or re.match(r"[A-Z_]+=", line):
            continue
        minute, hour, day, month, weekday, command = line.split(" ", 5)
        assert (day, month) == ("*", "*")
        kind = re.search(r" sync (\w+) ", command)
        assert kind, command
        weekdays = {number % 7 for number in field_of(weekday, 0, 7)}
        table.append((kind[1], field_of(minute, 0, 59), field_of(hour, 0, 23), weekdays))
    found: Counter[tuple[str, datetime]] = Counter()
    for moment in WEEK:
        local = moment.astimezone(ZoneInfo(zone))
        for kind, minutes, hours, weekdays in table:
            if local.minute in minutes and local.hour in hours and (local.weekday() + 1) % 7 in weekdays:
                found[kind, moment] += 1
    return found


def wanted(project: Settings) -> Counter[tuple[str, datetime]]:
    found: Counter[tuple[str, datetime]] = Counter()
    for moment in WEEK:
        local = moment.astimezone(project.zone)
        for kind in project.schedule:
            if any(
                local.weekday() in entry.days and local.hour * 60 + local.minute in entry.minutes
                for entry in project.times_of(kind)
            ):
                found[kind, moment] += 1
    return found


@pytest.mark.parametrize(
    "zone", ["Asia/Tokyo", "UTC", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Honolulu"]
)
def test_cron_starts_every_run_once_at_its_time_whatever_zone_the_machine_is_in(zone: str) -> None:
    lines = cron_lines(shop(), now=NOW, zone=zone)
    assert starts(lines, zone) == wanted(shop())
    assert not any(line.startswith("CRON_TZ") for line in lines)


@pytest.mark.parametrize("zone", ["America/New_York", ""])
def test_where_the_distance_changes_or_is_not_known_the_part_names_its_zone(zone: str) -> None:
    lines = cron_lines(shop(), now=NOW, zone=zone)
    assert "CRON_TZ=Asia/Tokyo" in lines
    assert any("schedule systemd" in line for line in lines if line.startswith("#"))
    assert starts(lines, "Asia/Tokyo") == wanted(shop())


days = st.sampled_from(["", "mon ", "mon-sat ", "sat,sun ", "fri-mon "])
clock = st.tuples(st.integers(0, 23), st.integers(0, 59)).map(lambda at: f"{at[0]:02}:{at[1]:02}")
single = st.builds("{}{}".format, days, clock)
often = st.builds("{}every {} minutes".format, days, st.sampled_from([7, 15, 30, 45, 60, 90, 600]))


@settings(max_examples=15)
@given(
    st.lists(single | often, min_size=1, max_size=3), st.sampled_from(["UTC", "Asia/Kolkata", "Asia/Tokyo"])
)
def test_any_schedule_is_said_exactly(times: list[str], zone: str) -> None:
    project = shop({"noon": times})
    assert starts(cron_lines(project, now=NOW, zone=zone), zone) == wanted(project)


def commands(lines: list[str], user: str = "") -> list[str]:
    jobs = [line for line in lines if not line.startswith("#") and not re.match(r"[A-Z_]+=", line)]
    return [line.split(" ", 6 if user else 5)[-1] for line in jobs]


def test_a_line_stands_on_its_own() -> None:
    lines = cron_lines(shop({"noon": "11:45"}), now=NOW, zone="Asia/Tokyo")
    assert {"SHELL=/bin/sh", "LANG=C.UTF-8", 'MAILTO=""'} <= set(lines)
    assert any(line.startswith("PATH=/") for line in lines)
    (command,) = commands(lines)
    words = shlex.split(command)
    program = words[words.index("{") + 1]
    assert Path(program).is_absolute()
    assert Path(program).is_file()
    assert words[words.index("--project") + 1] == "/srv/my-shop"
    assert command.startswith("umask 077 && cd /srv/my-shop && mkdir -p reports && ")
    assert "flock" not in command


def test_with_mail_nothing_is_kept_and_with_a_user_there_is_a_column() -> None:
    lines = cron_lines(shop({"noon": "11:45"}), now=NOW, zone="Asia/Tokyo", user="shop", mail="it@example.jp")
    assert 'MAILTO="it@example.jp"' in lines
    assert lines[-1].startswith("45 11 * * * shop umask 077 && ")
    assert ">" not in commands(lines, "shop")[0]


def test_a_line_really_runs_and_keeps_the_last_output_and_the_last_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "a 100% shop"
    folder.mkdir()
    program = tmp_path / "program"
    program.write_text('#!/bin/sh\necho "$@"\nexit $(cat status)\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr("ecsync.run.scheduling.program_words", lambda: (str(program),))
    (line,) = commands(cron_lines(shop({"noon": "11:45"}, folder=str(folder)), now=NOW, zone="Asia/Tokyo"))
    assert "%" not in line.replace("\\%", ""), "a bare % ends a line of cron"
    for status in ("0", "3", "0"):
        (folder / "status").write_text(status, encoding="utf-8")
        subprocess.run(["/bin/sh", "-c", line.replace("\\%", "%")], env={"PATH": "/usr/bin:/bin"}, check=True)
        assert (folder / "reports" / "cron-noon-trouble.log").exists() is (status == "3") or status == "0"
    said = (folder / "reports" / "cron-noon.log").read_text(encoding="utf-8")
    assert said == f"--project {folder} --lang ja sync noon --wait 30\n"
    assert (folder / "reports" / "cron-noon.log").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in (folder / "reports").iterdir()) == [
        "cron-noon-trouble.log",
        "cron-noon.log",
    ]


def test_a_line_that_cron_would_cut_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="so long"):
        cron_lines(shop(folder="/srv/" + "x" * 400), now=NOW, zone="Asia/Tokyo")


@pytest.mark.parametrize("zone", ["Asia/Tokio", "../../etc/passwd"])
def test_a_zone_that_there_is_not_is_wrong_usage(zone: str) -> None:
    with pytest.raises(UsageError):
        cron_lines(shop(), now=NOW, zone=zone)


def test_without_a_schedule_it_says_what_to_write() -> None:
    with pytest.raises(ConfigurationError) as caught:
        jobs_of(shop({}))
    assert "[schedule]" in caught.value.hint
    with pytest.raises(UsageError):
        jobs_of(shop({"brunch": "11:00"}))


@pytest.mark.parametrize(
    ("link", "timezone", "zone"),
    [
        ("/usr/share/zoneinfo/Asia/Tokyo", "", "Asia/Tokyo"),
        ("", "", "UTC"),
        ("copy", "Asia/Seoul\n", "Asia/Seoul"),
        ("copy", "", ""),
    ],
)
def test_the_zone_of_the_machine_is_that_of_its_cron(
    tmp_path: Path, link: str, timezone: str, zone: str
) -> None:
    etc = tmp_path / "etc"
    etc.mkdir()
    if link == "copy":
        (etc / "localtime").write_bytes(b"TZif")
    elif link:
        place = tmp_path / link.lstrip("/")
        place.parent.mkdir(parents=True)
        place.write_bytes(b"TZif")
        (etc / "localtime").symlink_to(place)
    if timezone:
        (etc / "timezone").write_text(timezone, encoding="ascii")
    assert host_zone(tmp_path) == zone


def values(unit: str, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", unit, re.MULTILINE)


def test_a_unit_s_run_counts_as_done_where_a_person_is_needed_and_is_made_up_for_after_a_pause() -> None:
    units = systemd_units(shop(), user="shop")
    assert sorted(units) == sorted(
        f"ecsync-my-shop-{kind}.{end}" for kind in TYPICAL for end in ("service", "timer")
    )
    for kind in TYPICAL:
        service, timer = units[f"ecsync-my-shop-{kind}.service"], units[f"ecsync-my-shop-{kind}.timer"]
        assert values(service, "Type") == ["oneshot"]
        assert values(service, "SuccessExitStatus") == ["3"]
        assert values(service, "User") == ["shop"]
        assert f'"sync" "{kind}"' in values(service, "ExecStart")[0]
        assert values(timer, "Persistent") == ["false" if kind == "stock" else "true"]
        assert all(line.endswith(" Asia/Tokyo") for line in values(timer, "OnCalendar"))
    assert "User=" not in systemd_units(shop())["ecsync-my-shop-noon.service"]


def test_what_systemd_would_read_into_a_word_is_said_so_that_it_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ecsync.run.scheduling.program_words", lambda: ('/o"p\\t/$HOME/%h',))
    start = values(systemd_units(shop({"noon": "11:45"}))["ecsync-my-shop-noon.service"], "ExecStart")[0]
    assert start.startswith('"/o\\"p\\\\t/$$HOME/%%h" ')


def test_two_shops_never_share_a_unit() -> None:
    names = {label_of(shop(folder=folder)) for folder in ("/srv/店", "/srv/店舗", "/srv/a b", "/srv/a-b")}
    assert len(names) == 4
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", name) for name in names)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_itself_finds_nothing_wrong(tmp_path: Path) -> None:
    project = shop(folder=str(tmp_path))
    for name, text in systemd_units(project, user="root").items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    units = sorted(str(path) for path in tmp_path.iterdir())
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert "ecsync" not in done.stderr, done.stderr
    for text in systemd_units(project).values():
        for calendar in values(text, "OnCalendar"):
            subprocess.run(["systemd-analyze", "calendar", calendar], capture_output=True, check=True)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    text = '[project]\nname = "みなと"\n[schedule]\nnoon = "11:45"\nnight = ["22:30"]\n'
    (folder / "ecsync.toml").write_text(text, encoding="utf-8")
    return folder


def test_the_command_prints_and_writes(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = ("--project", str(written), "--lang", "en")
    with process_as_it_was():
        assert main([*project, "schedule", "cron", "--host-zone", "Asia/Tokyo"]) == 0
        assert "45 11 * * *" in capsys.readouterr().out
        out = written / "units"
        assert main([*project, "schedule", "systemd", "--out", str(out)]) == 0
        assert "systemctl --user daemon-reload" in capsys.readouterr().err
    assert len(list(out.iterdir())) == 4
    assert all(path.stat().st_mode & 0o777 == 0o644 for path in out.iterdir())
    assert sys.prefix in (out / "ecsync-shop-noon.service").read_text(encoding="utf-8")
