"""Leave the report of a run as one HTML file for its owner, in the language of the project's files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ecsync.errors import EcsyncError
from ecsync.locale import speaking
from ecsync.report.render import Form, render
from ecsync.report.run_report import report_of
from ecsync.run import history
from ecsync.run.standing import reading

if TYPE_CHECKING:
    from pathlib import Path

    from ecsync.config import Settings
    from ecsync.run.facts import RunFacts

FOLDER = "reports"
PLAN_REPORT = "report.html"


def place_of(run_id: int) -> str:
    """Return where the report of a run lies, below the project folder."""
    return f"{FOLDER}/run-{run_id:06d}.html"


def leave(settings: Settings, facts: RunFacts, target: Path) -> Path | None:
    """Write the HTML report of a run; return its path, or None where the disk refuses it.

    The run is over, and its status stands: a report that cannot be written must not change it.
    """
    with speaking(settings.project.language):
        content = render(report_of(facts, settings), Form.HTML)
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _clear_drafts(target.parent)
        written = target.with_name(f".{target.name}.{os.getpid()}")
        written.touch(mode=0o600)
        written.write_bytes(content)
        written.replace(target)
    except OSError:
        return None
    return target


def _clear_drafts(folder: Path) -> None:
    """Remove what processes left that died while they wrote."""
    for draft in folder.glob(".*.html.*"):
        pid = draft.suffix[1:]
        if pid.isdigit() and not _lives(int(pid)):
            draft.unlink(missing_ok=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is somebody else's
        return True
    return True


def leave_run(settings: Settings, facts: RunFacts) -> Path | None:
    """Write the report of a run below the project's reports/."""
    return leave(settings, facts, settings.path(place_of(facts.run_id)))


def leave_failed(settings: Settings) -> Path | None:
    """Write the report of the newest run where it failed; what it found was kept apart."""
    try:
        with reading(settings) as conn:
            facts = history.facts_of(conn, history.newest(conn))
    except EcsyncError:
        return None
    return leave_run(settings, facts) if facts.state == "failed" else None
