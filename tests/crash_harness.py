"""Run one real run in a child process that dies at the n-th fault point or at any moment, quickly and many times.

A fork server that has only imported the program makes each child cheap; nothing is mocked in it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
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
    from ecsync.exchange import database_endpoint
    from ecsync.run.sync import Request, sync

    # Whatever is asked of a database is asked at the story's time.
    database_endpoint.asked_at = lambda: int(datetime.fromisoformat(trial.clock).timestamp())
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


@dataclass(frozen=True)
class Command:
    """One command line on a project; what it says goes to a file."""

    project: Path
    words: tuple[str, ...]
    said: Path
    fault: str = ""

    @property
    def line(self) -> list[str]:
        """Return the words of the whole line."""
        return ["--project", str(self.project), "--lang", "en", *self.words]


def speak(command: Command, around: AbstractContextManager[object] | None = None) -> None:
    """Run a command line in this child, within `around`, and end the child with its status."""
    from ecsync import faultpoints
    from ecsync.cli import main

    with command.said.open("ab") as said:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            os.dup2(said.fileno(), stream.fileno())
    faultpoints.arm(command.fault)
    with around or nullcontext():
        status = main(command.line)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status)


@dataclass
class Forked:
    """A command line in a child of the warm fork server: it begins where all imports are done."""

    command: Command
    around: AbstractContextManager[object] | None = None
    seconds: float = field(default=0, init=False)
    _began: float = field(default=0, init=False)

    def start(self) -> Forked:
        """Begin."""
        self._process = _server().Process(target=speak, args=(self.command, self.around))
        self._process.start()
        self._began = time.monotonic()
        return self

    def kill_after(self, seconds: float) -> int:
        """Send SIGKILL so many seconds after the start; return how the child ended."""
        self._process.join(max(0.0, self._began + seconds - time.monotonic()))
        self._process.kill()
        return self.end()

    def kill(self) -> None:
        """Send SIGKILL now."""
        self._process.kill()

    @property
    def pid(self) -> int:
        """Return the child's process id."""
        return self._process.pid or 0

    def end(self, timeout: float = 120) -> int:
        """Wait for the end; return the status, or minus the signal that ended it."""
        self._process.join(timeout)
        self.seconds = time.monotonic() - self._began
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
            return REFUSED_TO_END
        return self._process.exitcode


@dataclass
class Started:
    """A command line in a process of its own, as cron starts it: from the interpreter's first instruction on."""

    command: Command
    environment: Mapping[str, str] = field(default_factory=dict)
    seconds: float = field(default=0, init=False)
    _began: float = field(default=0, init=False)

    def start(self) -> Started:
        """Begin."""
        variables = {
            "PATH": "/usr/bin:/bin",
            "LANG": "C",
            "HOME": str(self.command.project),
            **({"ECSYNC_FAULT": self.command.fault} if self.command.fault else {}),
            **self.environment,
        }
        with self.command.said.open("ab") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "ecsync", *self.command.line],
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        self._began = time.monotonic()
        return self

    def kill_after(self, seconds: float) -> int:
        """Send SIGKILL so many seconds after the start; return how the process ended."""
        try:
            return self._process.wait(max(0.0, self._began + seconds - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def end(self, timeout: float = 120) -> int:
        """Wait for the end; return the status, or minus the signal that ended it."""
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return REFUSED_TO_END
        finally:
            self.seconds = time.monotonic() - self._began
