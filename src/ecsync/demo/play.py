"""Play the demo shop's day: every run first as a dry run, then for real, and show that both send the same bytes."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from ecsync.config import Settings, load_settings
from ecsync.demo import warehouse
from ecsync.demo.story import Step, read_story
from ecsync.errors import UsageError
from ecsync.exchange.throwaway_sftp import ThrowawayServer
from ecsync.locale import _, current_language
from ecsync.master.engine import open_engine
from ecsync.master.upgrade import upgrade
from ecsync.report import run_summary
from ecsync.report.blocks import Block
from ecsync.run.clock import FORMAT
from ecsync.run.plan import PlanRequest, make_plan
from ecsync.run.sync import Request, sync
from ecsync.shipped import samples_dir

if TYPE_CHECKING:
    from pathlib import Path

    from ecsync.run.outcome import Outcome

USERS = ("rms", "erp", "warehouse", "kaikei")
FOLDERS = (
    "rms/orders/done", "rms/items/done", "rms/ritem", "rms/shipping",
    "erp/out/done", "erp/in", "warehouse/out/done", "warehouse/in", "kaikei/journals",
)  # fmt: skip
PASSWORD_VARIABLE = "ECSYNC_DEMO_PASSWORD"  # noqa: S105  (its name, not its value)

Show = Callable[[Iterable[Block]], None]


@dataclass(frozen=True)
class Played:
    """How one step ended: the statuses of its dry and real run, and whether both made the same bytes."""

    title: str
    expected: int
    dry_status: int
    real_status: int
    same_bytes: bool

    @property
    def as_told(self) -> bool:
        """Tell whether the step ended as the story says."""
        return self.same_bytes and self.dry_status == self.real_status == self.expected


def play(folder: Path, show: Show, say: Callable[[str], None]) -> list[Played]:
    """Set up the shop in `folder` (new or empty), play its day, and return how each step ended."""
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(
            _("{folder} is not empty").format(folder=folder), hint=_("name a new folder with --keep")
        )
    sample = samples_dir() / "demo-shop"
    story = read_story(sample)
    remote = folder / "partners"
    for name in FOLDERS:
        (remote / name).mkdir(mode=0o700, parents=True)
    os.environ[PASSWORD_VARIABLE] = secrets.token_urlsafe(16)
    users = dict.fromkeys(USERS, os.environ[PASSWORD_VARIABLE])
    with ThrowawayServer(remote, users) as server:
        settings = _set_up(sample, folder / "shop", server)
        say(_title(story.title))
        played = [_play_step(settings, sample, remote, step, show, say) for step in story.steps]
    show([_ending(played), _remote_files(remote)])
    return played


def _set_up(sample: Path, project: Path, server: ThrowawayServer) -> Settings:
    project.mkdir(mode=0o700, parents=True)
    text = (sample / "ecsync.toml").read_text(encoding="utf-8")
    for mark, value in (
        ("{HOST}", server.host),
        ("{PORT}", str(server.port)),
        ("{HOST_KEY}", server.fingerprint),
    ):
        text = text.replace(mark, value)
    (project / "ecsync.toml").write_text(text, encoding="utf-8")
    shutil.copyfile(sample / "owners.yaml", project / "owners.yaml")
    settings = load_settings(project)
    engine = open_engine(settings)
    upgrade(engine)
    engine.dispose()
    return settings


def _play_step(
    settings: Settings, sample: Path, remote: Path, step: Step, show: Show, say: Callable[[str], None]
) -> Played:
    say("")
    say(f"=== {_title(step.title)}")
    if step.warehouse is not None:
        for name in warehouse.work(remote / "warehouse", sample, step.warehouse):
            say("  " + _("the warehouse sends {name}").format(name=name))
    for placed in step.place:
        target = remote / placed.to
        shutil.copyfile(sample / placed.file, target)
        os.utime(target, (placed.mtime.timestamp(), placed.mtime.timestamp()))
        say("  " + _("{name} arrives").format(name=placed.to))
    clock = step.at.astimezone(UTC).strftime(FORMAT)
    before = _snapshot(remote)
    plan_folder = settings.folder / "reports" / "dry-run" / step.run
    made = make_plan(settings, PlanRequest(step.run, clock, plan_folder))
    show(run_summary.blocks(made.outcome))
    untouched = _snapshot(remote) == before
    outcome = sync(settings, Request(step.run, clock))
    show(run_summary.blocks(outcome))
    return Played(
        _title(step.title),
        step.expect,
        made.outcome.exit_status,
        outcome.exit_status,
        untouched and _sent(outcome) == _sent(made.outcome) and _arrived(outcome, remote),
    )


def _sent(outcome: Outcome) -> list[tuple[str, str, str, str]]:
    return [(p.endpoint, p.remote_dir, p.remote_name, p.sha256) for p in outcome.published]


def _arrived(outcome: Outcome, remote: Path) -> bool:
    return all(
        (remote / p.endpoint / p.remote_dir / p.remote_name).read_bytes() == p.payload.read_bytes()
        for p in outcome.published
    )


def _snapshot(remote: Path) -> list[tuple[str, bytes]]:
    return [
        (str(path.relative_to(remote)), path.read_bytes())
        for path in sorted(remote.rglob("*"))
        if path.is_file()
    ]


def _title(texts: dict[str, str]) -> str:
    return texts.get(current_language()) or texts["en"]


def _ending(played: list[Played]) -> Block:
    rows = tuple(
        (
            p.title,
            str(p.dry_status),
            str(p.real_status),
            str(p.expected),
            _("the same bytes") if p.same_bytes else _("different"),
        )
        for p in played
    )
    columns = (
        _("step"),
        _("dry run ended with"),
        _("real run ended with"),
        _("told"),
        _("dry run and real run"),
    )
    return Block(_("How the day ended"), columns=columns, rows=rows)


def _remote_files(remote: Path) -> Block:
    lines = tuple(str(path.relative_to(remote)) for path in sorted(remote.rglob("*")) if path.is_file())
    return Block(_("What lies on the partners' servers now"), lines)
