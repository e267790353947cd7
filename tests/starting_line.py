"""Commands that start on one shop at the same moment, each in its process, and who of them held the lock when."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crash_harness import Command, Forked
from ecsync.master import lock_places

GET_SET = 0.02  # seconds from the sign to the start
# A plan's folder has a lock of its own, beside which the one lock of the project is free.
PLAN = ".ecsync-plan"
LOCKS = (lock_places.FileLock, lock_places.AdvisoryLock)


def _is_of_a_plan(lock: object) -> bool:
    path = getattr(lock, "_path", None)
    return path is not None and path.name == PLAN


@dataclass
class Watched:
    """Wait for the sign, then write down when this process holds the lock, and how long it lived."""

    trace: Path
    line: Path
    after: float
    _cpu: float = field(default=0, init=False)

    def __enter__(self) -> None:
        for place in LOCKS:
            self._watch(place)
        self._write("ready")
        while not self.line.exists():
            time.sleep(0.002)
        moment = float(self.line.read_text(encoding="utf-8")) + self.after
        time.sleep(max(0.0, moment - time.monotonic()))
        self._cpu = time.process_time()
        self._write("began")

    def __exit__(self, *_error: object) -> None:
        self._write("ended", cpu=time.process_time() - self._cpu)

    def _watch(self, place: type[Any]) -> None:
        acquire, release = place.try_acquire, place.release

        def try_acquire(lock: Any, label: str) -> bool:
            got = bool(acquire(lock, label))
            if got and not _is_of_a_plan(lock):
                lock.watched = True
                self._write("acquired")
            return got

        def let_go(lock: Any) -> None:
            if getattr(lock, "watched", False):
                self._write("released")
            release(lock)

        place.try_acquire, place.release = try_acquire, let_go

    def _write(self, what: str, **facts: object) -> None:
        line = {"pid": os.getpid(), "what": what, "at": time.monotonic(), **facts}
        with self.trace.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(line) + "\n")


@dataclass
class Runner:
    """One command at the line, and what became of it."""

    name: str
    command: Command
    after: float = 0  # seconds behind the first
    pid: int = 0
    status: int = 0
    seen: dict[str, float] = field(default_factory=dict)

    @property
    def held(self) -> tuple[float, float] | None:
        """Return from when to when it held the lock, None where it never did."""
        if "acquired" not in self.seen:
            return None
        return self.seen["acquired"], self.seen.get("released", self.seen.get("killed", float("inf")))

    @property
    def seconds(self) -> float:
        """Return how long it ran, from the start to its answer."""
        return self.seen["ended"] - self.seen["began"]

    @property
    def said(self) -> str:
        """Return what it said on both streams."""
        return self.command.said.read_text(encoding="utf-8")


def go(runners: list[Runner], trace: Path, *, kill_after: float | None = None) -> None:
    """Start all runners at one moment and wait for them; kill who first holds the lock after so many seconds."""
    line = trace.with_name("line")
    children = [Forked(runner.command, Watched(trace, line, runner.after)).start() for runner in runners]
    for runner, child in zip(runners, children, strict=True):
        runner.pid = child.pid
    _wait_for(trace, "ready", len(runners))
    sign = line.with_name("sign")
    sign.write_text(str(time.monotonic() + GET_SET), encoding="utf-8")
    sign.rename(line)
    killed: dict[int, float] = {}
    if kill_after is not None:
        pid = _wait_for(trace, "acquired", 1)[0]
        time.sleep(kill_after)
        children[[child.pid for child in children].index(pid)].kill()
        killed[pid] = time.monotonic()
    for runner, child in zip(runners, children, strict=True):
        runner.status = child.end()
        if runner.pid in killed and runner.status < 0:
            runner.seen["killed"] = killed[runner.pid]
    _read(runners, trace)


def _wait_for(trace: Path, what: str, times: int) -> list[int]:
    """Wait until something was written down so many times; return the first pids."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        lines = trace.read_text(encoding="utf-8").splitlines() if trace.exists() else []
        pids = [int(json.loads(line)["pid"]) for line in lines if f'"{what}"' in line]
        if len(pids) >= times:
            return pids
        time.sleep(0.005)
    raise TimeoutError(what)


def _read(runners: list[Runner], trace: Path) -> None:
    by_pid = {runner.pid: runner for runner in runners}
    for text in trace.read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        seen = by_pid[line["pid"]].seen
        if line["what"] == "acquired":
            assert "acquired" not in seen, "a command takes the lock once"
        seen[line["what"]] = line["at"]
        if "cpu" in line:
            seen["cpu"] = line["cpu"]
