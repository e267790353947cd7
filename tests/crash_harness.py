"""Run one real run in a child process that dies at the n-th fault point, quickly and many times.

A fork server that has only imported the program makes each child cheap; nothing is mocked in it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext

KILLED = -signal.SIGKILL
REFUSED_TO_END = -1000


@dataclass(frozen=True)
class Trial:
    """One child: the project, the kind of run, its clock, and the fault that is asked for."""

    project: Path
    kind: str
    clock: str
    fault: str = ""


def _server() -> ForkServerContext:
    # The server of Python 3.11 does not take over sys.path, and passes over what it cannot import.
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["crash_harness", "crash_preload"])
    return context


def _child(trial: Trial) -> None:
    from ecsync import faultpoints
    from ecsync.config import load_settings
    from ecsync.errors import EcsyncError
    from ecsync.run.sync import Request, sync

    faultpoints.arm(trial.fault)
    try:
        status = sync(load_settings(trial.project), Request(trial.kind, trial.clock)).exit_status
    except EcsyncError as error:
        status = error.exit_status
    os._exit(status)


def run_child(trial: Trial, *, timeout: float = 120) -> int:
    """Run the child to its end; return its exit status, or minus the signal that ended it."""
    process = _server().Process(target=_child, args=(trial,))
    process.start()
    process.join(timeout)
    if process.exitcode is None:
        process.kill()
        process.join()
        return REFUSED_TO_END
    return process.exitcode
