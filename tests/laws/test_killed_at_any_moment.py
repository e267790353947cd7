"""Law 4: a night that is killed at any moment, twice even, ends as an undisturbed one once it is run again.

The moments are random ones of the clock, from the start of the process to its last report; one in ten processes is
started as cron starts it, so that its imports are killed too. Nothing is looked up about the program but its end.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest

from figures import SEED, Count, counting, random_for, scaled
from killing import Night, found_dead, killed, prepare, run_again, what_is_wrong
from played_days import PlayedDays
from shop import Shop

MOST_TRIES = 20  # a moment that falls behind the end of a run kills nobody, and is drawn again


@dataclass
class Deaths:
    """How a night died, once or more often."""

    ways: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def late(self) -> bool:
        """Tell whether the night's one transaction was committed."""
        return bool(self.states) and self.states[0] in {"committed", "delivered"}

    @property
    def where(self) -> str:
        """Return how far it had come each time."""
        return ", then ".join(self.states)


@pytest.fixture(scope="module")
def on_sqlite(days_on_sqlite: PlayedDays, memory_folder: Path) -> Night:
    return prepare(days_on_sqlite, memory_folder / "killed-sqlite")


@pytest.fixture(scope="module")
def on_postgres(days_on_postgres: PlayedDays, memory_folder: Path) -> Night:
    return prepare(days_on_postgres, memory_folder / "killed-postgres")


def die(night: Night, shop: Shop, root: Path, dice: Random, *, times: int, **ways: Any) -> Deaths | None:
    """Kill a night so many times in a row; None where a moment fell behind the end of a run."""
    deaths = Deaths()
    for _time in range(times):
        died, way = killed(night, shop, dice, short=deaths.late, **ways)
        if not died:
            return None
        state, between = found_dead(night, shop, root)
        deaths.ways.append(way)
        deaths.states.append(state)
        deaths.wrong += between
    return deaths


def kill_and_run_again(
    night: Night,
    numbers: range,
    root: Path,
    count: Count,
    *,
    seed: str,
    times: int = 1,
    **ways: Any,
) -> None:
    """Kill nights, run each to its end, and count what is wrong then."""
    for number in numbers:
        dice = random_for(seed, number)
        for attempt in range(MOST_TRIES):
            name = f"{seed}-{number}-{attempt}"
            with ExitStack() as databases:
                shop = night.copy(root / name, databases)
                deaths = die(night, shop, root / f"{name}-dead", dice, times=times, **ways)
                if deaths is not None:
                    status = run_again(night, shop, whole=not deaths.late)
                    wrong = deaths.wrong + what_is_wrong(night, shop, status)
                    count.tried([f"{number}: {deaths.ways}: {fault}" for fault in wrong], deaths.where)
                night.remove(shop)
            if deaths is not None:
                break


def shares(trials: int, parts: int) -> list[range]:
    """Split the numbers of trials into parts."""
    return [range(trials * part // parts, trials * (part + 1) // parts) for part in range(parts)]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_at_a_few_moments(on_sqlite: Night, memory_folder: Path) -> None:
    few = Count()
    kill_and_run_again(on_sqlite, range(2), memory_folder, few, seed="few", share=0)
    kill_and_run_again(
        on_sqlite, range(2), memory_folder, few, seed="few pairs", times=2, at_points=True, share=0
    )
    assert few.violations == []


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("part", range(4))
def test_killed_at_random_moments_on_sqlite(on_sqlite: Night, part: int, memory_folder: Path) -> None:
    numbers = shares(scaled(1000), 4)[part]
    with counting(2, "SIGKILL at a random moment of a night, SQLite", seed=SEED) as count:
        kill_and_run_again(on_sqlite, numbers, memory_folder, count, seed=f"moments-{SEED}")


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_killed_at_random_moments_on_postgres(on_postgres: Night, memory_folder: Path) -> None:
    with counting(2, "SIGKILL at a random moment of a night, PostgreSQL", seed=SEED) as count:
        kill_and_run_again(on_postgres, range(scaled(100)), memory_folder, count, seed=f"moments-pg-{SEED}")


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("part", range(2))
def test_killed_again_during_the_recovery_on_sqlite(on_sqlite: Night, part: int, memory_folder: Path) -> None:
    numbers = shares(scaled(200), 2)[part]
    with counting(3, "SIGKILL, and again during the recovery, SQLite", seed=SEED) as count:
        kill_and_run_again(
            on_sqlite, numbers, memory_folder, count, seed=f"pairs-{SEED}", times=2, at_points=True
        )


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_killed_again_during_the_recovery_on_postgres(on_postgres: Night, memory_folder: Path) -> None:
    with counting(3, "SIGKILL, and again during the recovery, PostgreSQL", seed=SEED) as count:
        kill_and_run_again(
            on_postgres,
            range(scaled(20)),
            memory_folder,
            count,
            seed=f"pairs-pg-{SEED}",
            times=2,
            at_points=True,
        )
