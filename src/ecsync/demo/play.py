"""Play the demo shop's days: every run first as a dry run, then for real, and show that both send the same bytes."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from ecsync.config import Settings, load_settings
from ecsync.demo import brief, partners
from ecsync.demo.story import Step, read_story
from ecsync.errors import UsageError
from ecsync.exchange.throwaway_sftp import ThrowawayServer
from ecsync.locale import _, current_language
from ecsync.master.engine import open_engine
from ecsync.master.upgrade import upgrade
from ecsync.report import run_summary
from ecsync.report.blocks import Block
from ecsync.report.render import Form, render
from ecsync.run.clock import FORMAT
from ecsync.run.plan import PlanRequest, make_plan
from ecsync.run.sync import Request, sync
from ecsync.shipped import samples_dir

if TYPE_CHECKING:
    from pathlib import Path

    from ecsync.run.outcome import Outcome

PASSWORD_VARIABLE = "ECSYNC_DEMO_PASSWORD"  # noqa: S105  (its name, not its value)

Show = Callable[[Iterable[Block]], None]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Played:
    """How one step ended: the statuses of its dry and real run, and whether both made the same bytes.

    `files` is the number of files that were sent, `report` the full report of the real run.
    """

    name: str
    title: str
    at: str
    expected: int
    dry_status: int
    real_status: int
    same_bytes: bool
    files: int
    report: str

    @property
    def as_told(self) -> bool:
        """Tell whether the step ended as the story says."""
        return self.same_bytes and self.dry_status == self.real_status == self.expected


def play(folder: Path, show: Show, say: Say) -> list[Played]:
    """Set up the shop in `folder` (new or empty), play its days, and return how each step ended."""
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(
            _("{folder} is not empty").format(folder=folder), hint=_("name a new folder with --keep")
        )
    sample = samples_dir() / "demo-shop"
    story = read_story(sample)
    remote = folder / "partners"
    remote.mkdir(mode=0o700, parents=True)
    os.environ[PASSWORD_VARIABLE] = secrets.token_urlsafe(16)
    users = dict.fromkeys(partners.endpoints_of(sample), os.environ[PASSWORD_VARIABLE])
    with ThrowawayServer(remote, users) as server:
        settings = _set_up(sample, folder / "shop", server)
        partners.make_folders(settings, remote)
        say(_title(story.title))
        played = [_play_step(settings, sample, remote, step, show, say) for step in story.steps]
    show([_remote_files(remote), _ending(played)])
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


def _play_step(settings: Settings, sample: Path, remote: Path, step: Step, show: Show, say: Say) -> Played:
    say("")
    say(f"=== {_title(step.title)}")
    for name in partners.act(sample, remote, step):
        say("  " + _("{name} arrives").format(name=name))
    clock = step.at.astimezone(UTC).strftime(FORMAT)
    before = _snapshot(remote)
    made = make_plan(settings, PlanRequest(step.run, clock, settings.folder / "reports/dry-run" / step.name))
    untouched = _snapshot(remote) == before
    outcome = sync(settings, Request(step.run, clock))
    show(brief.blocks(outcome))
    report = settings.folder / "reports" / f"{step.name}.html"
    report.touch(mode=0o600)
    report.write_bytes(render(run_summary.report_of(outcome), Form.HTML))
    same = untouched and _sent(outcome) == _sent(made.outcome) and _arrived(outcome, remote)
    return Played(
        name=step.name,
        title=_title(step.title),
        at=step.at.isoformat(),
        expected=step.expect,
        dry_status=made.outcome.exit_status,
        real_status=outcome.exit_status,
        same_bytes=same,
        files=len(outcome.published),
        report=str(report),
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
            step.name,
            str(step.dry_status),
            str(step.real_status),
            str(step.expected),
            str(step.files),
            _("the same bytes") if step.same_bytes else _("different"),
        )
        for step in played
    )
    columns = (
        _("step"), _("dry run ended with"), _("real run ended with"), _("told"), _("files"), _("dry run and real run"),
    )  # fmt: skip
    return Block(_("How the days ended"), columns=columns, rows=rows)


def _remote_files(remote: Path) -> Block:
    """Return how many files lie in each partner's folder, and the newest of them."""
    rows = []
    for folder in sorted({path.parent for path in remote.rglob("*") if path.is_file()}):
        names = sorted(path.name for path in folder.iterdir() if path.is_file())
        rows.append((str(folder.relative_to(remote)), str(len(names)), names[-1]))
    columns = (_("folder"), _("files"), _("the last of them"))
    return Block(_("What lies on the partners' servers now"), columns=columns, rows=tuple(rows))
