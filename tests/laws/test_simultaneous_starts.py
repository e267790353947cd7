"""One run at a time: of commands that start together one works, the others say so at once, or wait; nothing gets mixed.

What several left behind must be what the same commands leave one after another, in the order in which they held the
lock. Dry runs and listings go on beside them and disturb nobody.
"""

from __future__ import annotations

import itertools
import shutil
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from crash_harness import KILLED, Command, Forked
from figures import SEED, Count, counting, random_for, scaled
from oracle import EndState, differences, end_state
from played_days import PlayedDays
from shop import STORY, Shop
from starting_line import Runner, go

EVENING = STORY.step("day2-night")
BY = ("--by", "佐藤", "--note", "電話で確認")
FLOW = "rakuten1-orders"
MENDED = "mended.csv"
WITHIN = 0.05  # seconds
# What takes the lock, and how it may end when it had it; what was decided already is refused, not done again.
WORKING = {
    "night": (("sync", "night"), {0, 3}),
    "noon": (("sync", "noon"), {0, 3}),
    "stock": (("sync", "stock"), {0, 3}),
    "push": (("push",), {0}),
    "release": (("orders", "release", "000001-20261124-0000000007", *BY), {0, 14}),
    "hold": (("orders", "decide", "hold", "000001-20261124-0000000005", *BY), {0}),
    "retry": (("quarantine", "retry", MENDED, "--flow", FLOW), {0, 2}),
}
MAKING_A_PLAN = "another command is making a plan"
# What only looks.
LOOKING = {
    "dry run": (("sync", "night", "--dry-run"), {0, 3}),
    "plan": (("plan", "--out", "PLAN", "noon"), {0, 3}),
    "status": (("status",), {0}),
    "held": (("orders", "held"), {0}),
    "runs": (("runs", "list"), {0}),
}
ALL = WORKING | LOOKING


@dataclass
class Meeting:
    """The shop at which commands meet, and what each order of them leaves."""

    days: PlayedDays
    base: Shop
    seconds: float
    ends: dict[tuple[str, ...], tuple[EndState, list[int]]] = field(default_factory=dict)

    def copy(self, root: Path, databases: ExitStack) -> Shop:
        """Copy the shop."""
        return self.days.copy_of(self.base, root, databases)

    def one_after_another(self, names: tuple[str, ...], root: Path) -> tuple[EndState, list[int]]:
        """Return what these commands leave, and their statuses, when each waits for the one before."""
        if names not in self.ends:
            with ExitStack() as databases:
                shop = self.copy(root / "in-order", databases)
                statuses = [
                    Forked(command(shop, name, number)).start().end() for number, name in enumerate(names)
                ]
                self.ends[names] = end_state(shop), statuses
                shutil.rmtree(shop.root)
        return self.ends[names]


def command(shop: Shop, name: str, number: int, *, wait: bool = False) -> Command:
    """Return a command of the table on a shop."""
    replaced = {MENDED: str(shop.root / MENDED), "PLAN": str(shop.root / f"plan-{number}")}
    words = [replaced.get(word, word) for word in ALL[name][0]]
    waiting = ("--wait", "2") if wait else ()
    return Command(
        shop.project,
        (*words, *waiting, "--as-of", EVENING.at.isoformat()),
        shop.root / f"said-{number}.txt",
    )


def prepare(days: PlayedDays, root: Path) -> Meeting:
    base = days.copy(root / "meeting", "day2-noon", days.databases)
    base.place(EVENING)
    export = ("quarantine", "export", "--flow", FLOW, "--out", str(base.root / MENDED))
    assert Forked(Command(base.project, export, root / "export.txt")).start().end() == 0
    meeting = Meeting(days, base, 0)
    with ExitStack() as databases:
        shop = meeting.copy(root / "timed", databases)
        timed = Forked(command(shop, "night", 0)).start()
        assert timed.end() == 3
        meeting.seconds = timed.seconds
    return meeting


@pytest.fixture(scope="module")
def on_sqlite(days_on_sqlite: PlayedDays, memory_folder: Path) -> Meeting:
    return prepare(days_on_sqlite, memory_folder / "starts-sqlite")


@pytest.fixture(scope="module")
def on_postgres(days_on_postgres: PlayedDays, memory_folder: Path) -> Meeting:
    return prepare(days_on_postgres, memory_folder / "starts-postgres")


def runners_of(shop: Shop, dice: Random, *, alike: bool) -> list[Runner]:
    """Return two to eight commands, at least one of which works; `alike`: all of them the night."""
    more = dice.randint(1, 7)
    names = [dice.choice([*WORKING]), *dice.choices([*WORKING, *WORKING, *LOOKING], k=more)]
    dice.shuffle(names)
    if alike:
        names = ["night"] * (1 + more)
    return [
        Runner(
            name,
            command(shop, name, number, wait=name in WORKING and dice.random() < 0.2),
            after=dice.uniform(0, WITHIN),
        )
        for number, name in enumerate(names)
    ]


def broken_rules(runners: list[Runner]) -> list[str]:
    """Return where two held the lock at once, nobody did, or somebody was turned away wrongly, late or silently."""
    wrong = []
    holders = sorted((r for r in runners if r.held), key=lambda r: r.held or (0, 0))
    for first, second in itertools.pairwise(holders):
        if first.held[1] > second.held[0]:  # type: ignore[index]
            wrong.append(f"{first.name} and {second.name} held the lock at once")
    if not holders:
        wrong.append("nobody worked")
    for runner in runners:
        allowed = ALL[runner.name][1] | ({KILLED} if "killed" in runner.seen else set())
        if runner.name == "dry run" and MAKING_A_PLAN in runner.said:
            wrong += kept_out_of_the_folder(runner, runners)
        elif runner.status == 11 and not runner.held:
            wrong += turned_away(runner, holders)
        elif runner.status not in allowed:
            wrong.append(f"{runner.name} ended with {runner.status}: {runner.said[-300:]}")
    return wrong


def kept_out_of_the_folder(runner: Runner, runners: list[Runner]) -> list[str]:
    """Return what is wrong with a dry run that found its folder in the hands of another."""
    others = [r for r in runners if r is not runner and r.name == runner.name and r.seen]
    wrong = [] if runner.status == 11 else [f"{runner.name} ended with {runner.status}: {runner.said[-300:]}"]
    if not any(
        r.seen["began"] <= runner.seen["ended"] and runner.seen["began"] <= r.seen["ended"] for r in others
    ):
        wrong.append(f"{runner.name} found a plan being made that nobody made")
    return wrong


def turned_away(runner: Runner, holders: list[Runner]) -> list[str]:
    """Return what is wrong with how a command was told to come again."""
    wrong = []
    if "--wait" in runner.command.words:
        wrong.append(f"{runner.name} did not wait")
    if runner.seen["cpu"] >= 1:
        wrong.append(f"{runner.name} worked {runner.seen['cpu']:.1f} s before it said so")
    if "another run holds the lock" not in runner.said or "--wait" not in runner.said:
        wrong.append(f"{runner.name} did not say why")
    if not any(h.held[0] <= runner.seen["ended"] and runner.seen["began"] <= h.held[1] for h in holders):  # type: ignore[index]
        wrong.append(f"{runner.name} was turned away while nobody worked")
    return wrong


def meet(meeting: Meeting, root: Path, dice: Random, *, kill: bool) -> tuple[list[str], str]:
    """Let commands start together; return what went wrong, and how many worked."""
    with ExitStack() as databases:
        shop = meeting.copy(root, databases)
        runners = runners_of(shop, dice, alike=kill)
        names = [f"{r.name}{' --wait' if '--wait' in r.command.words else ''}" for r in runners]
        go(runners, root / "trace.txt", kill_after=dice.uniform(0, meeting.seconds) if kill else None)
        wrong = broken_rules(runners)
        worked = sorted((r for r in runners if r.held), key=lambda r: r.held or (0, 0))
        if any(r.status == KILLED for r in runners):
            last = Forked(command(shop, "night", 99, wait=bool(shop.database_url))).start().end()
            if last not in ALL["night"][1]:
                wrong.append(f"after the kill the next run ended with {last}")
            order: tuple[str, ...] = ("night",)
        else:
            order = tuple(r.name for r in worked)
        expected, statuses = meeting.one_after_another(order, root.parent)
        if len(order) == len(worked) and not kill and statuses != [r.status for r in worked]:
            wrong.append(f"statuses {[r.status for r in worked]}, one after another {statuses}")
        wrong += [f"{name} differs: {found}" for name, found in differences(expected, shop).items()]
        shutil.rmtree(root)
    spread = max(r.seen["began"] for r in runners) - min(r.seen["began"] for r in runners)
    where = f"{len(worked)} worked{'' if spread < WITHIN else ', started later than meant'}"
    return [f"{names}, worked {order}: {fault}" for fault in wrong], where


def rounds(meeting: Meeting, numbers: range, root: Path, count: Count, *, seed: str) -> None:
    """Let commands meet many times; in every fourth round the first holder of the lock is killed."""
    for number in numbers:
        wrong, where = meet(
            meeting, root / f"{seed}-{number}", random_for(seed, number), kill=number % 4 == 3
        )
        count.tried(
            [f"{number}: {fault}" for fault in wrong], where + (", one was killed" if number % 4 == 3 else "")
        )


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_few_meet(on_sqlite: Meeting, memory_folder: Path) -> None:
    few = Count()
    rounds(on_sqlite, range(2, 4), memory_folder, few, seed="few starts")
    assert few.violations == []


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("part", range(2))
def test_many_meet_on_sqlite(on_sqlite: Meeting, part: int, memory_folder: Path) -> None:
    trials = scaled(200)
    numbers = range(trials * part // 2, trials * (part + 1) // 2)
    with counting(26, "2 to 8 commands started within 50 ms, SQLite", seed=SEED) as count:
        rounds(on_sqlite, numbers, memory_folder, count, seed=f"starts-{SEED}")


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_many_meet_on_postgres(on_postgres: Meeting, memory_folder: Path) -> None:
    with counting(26, "2 to 8 commands started within 50 ms, PostgreSQL", seed=SEED) as count:
        rounds(on_postgres, range(scaled(40)), memory_folder, count, seed=f"starts-pg-{SEED}")
