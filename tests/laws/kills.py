"""Kill one step of the demo shop's days at its fault points, run it again, and compare with the undisturbed step."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from crash_harness import KILLED, Trial, run_child
from ecsync.demo.story import Step
from figures import Count, counting
from oracle import EndState, differences, end_state
from played_days import BEFORE, PlayedDays
from shop import NOON, Shop, utc

SHARDS = range(4)


@dataclass
class Prepared:
    """A step, the shop before it with the step's files in place, its undisturbed end, and the points on the way."""

    days: PlayedDays
    step: Step
    before: str
    after: EndState
    points: list[str]

    def shop(self, root: Path, databases: ExitStack) -> Shop:
        """Copy the shop as it is when the run begins."""
        shop = self.days.copy(root, self.before, databases)
        shop.place(self.step)
        return shop

    def trial(self, shop: Shop, fault: str = "") -> int:
        """Run in a child that dies at a fault."""
        return run_child(Trial(shop.project, self.step.run, utc(self.step.at), fault))

    def chosen(self, every: int) -> list[int]:
        """Return the numbers of the points: every so-many-th, and of every name that these miss the last."""
        counted = set(range(every // 2 + 1, len(self.points) + 1, every))
        last = {name: number for number, name in enumerate(self.points, 1)}
        hit = {self.points[number - 1] for number in counted}
        return sorted(counted | {number for name, number in last.items() if name not in hit})


def prepare(days: PlayedDays, step: Step, root: Path) -> Prepared:
    before = BEFORE if step is NOON else NOON.name
    log = root / "points.txt"
    with ExitStack() as databases:
        shop = days.copy(root / "counted", before, databases)
        shop.place(step)
        assert run_child(Trial(shop.project, step.run, utc(step.at), f"count:{log}")) == step.expect
        return Prepared(days, step, before, end_state(shop), log.read_text(encoding="utf-8").split())


def kill_at(prepared: Prepared, numbers: Iterable[int], root: Path) -> Count:
    """Kill runs at their n-th points, run again, and count where that ends otherwise than an undisturbed run."""
    count = Count()
    for n in numbers:
        point = prepared.points[n - 1]
        with ExitStack() as databases:
            shop = prepared.shop(root / f"kill-{prepared.step.name}-{n}", databases)
            statuses = (prepared.trial(shop, f"kill:{n}"), prepared.trial(shop))
            wrong = [] if statuses in {(KILLED, 0), (KILLED, 3)} else [f"statuses {statuses}"]
            wrong += [f"{name} differs: {found}" for name, found in differences(prepared.after, shop).items()]
            count.tried([f"killed at point {n}, {point}: {fault}" for fault in wrong])
            shutil.rmtree(shop.root)
    return count


def kill_at_every(prepared: Prepared, shard: int, root: Path, database: str) -> None:
    """Kill at every point of a shard, and keep the figures."""
    with counting(1, f"SIGKILL at every fault point of {prepared.step.name}, {database}") as figures:
        count = kill_at(prepared, range(1 + shard, len(prepared.points) + 1, len(SHARDS)), root)
        figures.trials, figures.violations = count.trials, count.violations
