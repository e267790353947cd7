"""Law 4 where the core system is told by rows: killed at any point of a night, once or twice, none is lost or doubled.

Master and core system are both on SQLite, or both on PostgreSQL. By default the night is killed around the commit of
its rows; `make test-slow` adds a point of every name, and `make test-long` takes every single one, and pairs.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core_by_rows import by_rows, make_tables, told_rows
from crash_harness import KILLED, Trial, run_child
from ecsync.exchange.handover_rows import AFTER_COMMIT, BEFORE_COMMIT, BEFORE_INSERT
from ecsync.exchange.interface_rows import DURING_INSERT
from figures import Count, counting, scaled
from laws.kills import SHARDS, Prepared
from oracle import differences, end_state
from played_days import BEFORE, PlayedDays
from postgres_server import PostgresServer
from shop import NIGHT, NOON, Shop, utc

ROWS = "rows."
BEGUN = "delivery.before_step"


class RowDays(PlayedDays):
    """The demo shop's days with a core system that takes rows."""

    def _start(self) -> Shop:
        if self._before is None:
            url = self.databases.enter_context(self.server.database("ecsync_empty")) if self.server else ""
            self._before = Shop(self.root / BEFORE, url).set_up(change=by_rows)
            make_tables(self._before)
        return self._before


@dataclass
class Night:
    """A night before it begins, and what an undisturbed one tells the core system."""

    prepared: Prepared
    told: dict[str, list[tuple[Any, ...]]]

    @property
    def of_rows(self) -> list[int]:
        """Return the numbers of the points that are passed from the first look at a table to the last."""
        numbers = [n for n, name in enumerate(self.prepared.points, 1) if name.startswith(ROWS)]
        before = max(n for n, name in enumerate(self.prepared.points, 1) if name == BEGUN and n < numbers[0])
        return [*range(before, numbers[-1] + 1)]

    @property
    def one_of_each(self) -> list[int]:
        """Return the last number of every name among them."""
        return sorted({self.prepared.points[n - 1]: n for n in self.of_rows}.values())

    def faults(self, shop: Shop, faults: Iterable[str]) -> list[str]:
        """Run with each of these faults, then without; return what ends otherwise than an undisturbed night."""
        found = []
        for fault in faults:
            status = self.prepared.trial(shop, fault)
            if status not in {KILLED, 0, 3}:
                found.append(f"{fault} ended with {status}")
        status = self.prepared.trial(shop)
        if status not in {0, 3}:
            found.append(f"the last run ended with {status}")
        if told_rows(shop) != self.told:
            found.append("the core system was told otherwise")
        return found + [f"{name} differs" for name in differences(self.prepared.after, shop)]

    def kill(self, kills: Iterable[tuple[int, ...]], root: Path) -> Count:
        """Kill runs at their n-th points, one after another, and count where that ends otherwise."""
        count = Count()
        for numbers in kills:
            with ExitStack() as databases:
                shop = self.prepared.shop(root / "-".join(map(str, ("kill", *numbers))), databases)
                wrong = self.faults(shop, [f"kill:{n}" for n in numbers])
                names = ", ".join(f"{n} {self.prepared.points[n - 1]}" for n in numbers)
                count.tried([f"killed at {names}: {fault}" for fault in wrong])
                shutil.rmtree(shop.root)
        return count


def the_night(days: RowDays, root: Path) -> Night:
    """Play the noon, and an undisturbed night whose points are counted."""
    log = root / "points.txt"
    with ExitStack() as databases:
        shop = days.copy(root / "counted", NOON.name, databases)
        shop.place(NIGHT)
        trial = Trial(shop.project, NIGHT.run, utc(NIGHT.at), f"count:{log}")
        assert run_child(trial) == NIGHT.expect
        points = log.read_text(encoding="utf-8").split()
        prepared = Prepared(days, NIGHT, NOON.name, end_state(shop), points)
        return Night(prepared, told_rows(shop))


@pytest.fixture(scope="module")
def on_sqlite(memory_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    days = RowDays(memory_folder / "days-rows-sqlite")
    yield the_night(days, tmp_path_factory.mktemp("crash-rows"))
    days.close()


@pytest.fixture(scope="module")
def on_postgres(
    memory_folder: Path, postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Night]:
    days = RowDays(memory_folder / "days-rows-postgres", postgres_server)
    yield the_night(days, tmp_path_factory.mktemp("crash-rows-pg"))
    days.close()


def once(numbers: Iterable[int]) -> list[tuple[int, ...]]:
    return [(number,) for number in numbers]


def pairs(night: Night, count: int, seed: int) -> list[tuple[int, ...]]:
    """Return pairs of kills: at a point of the delivery of rows, and at one of the recovery from it."""
    chance = random.Random(seed)  # noqa: S311
    return [(chance.choice(night.of_rows), chance.randint(1, 40)) for _pair in range(count)]


def around_the_commit(night: Night) -> list[int]:
    return [n for n in night.one_of_each if night.prepared.points[n - 1] in {BEFORE_COMMIT, AFTER_COMMIT}]


@pytest.mark.timeout(600)
def test_killed_around_the_commit_on_sqlite(on_sqlite: Night, memory_folder: Path) -> None:
    assert len(on_sqlite.told["sales_in"]) > 3
    assert len(on_sqlite.told["sales_in_delivery"]) == 1
    assert {name for name in on_sqlite.prepared.points if name.startswith(ROWS)} == {
        BEFORE_INSERT, DURING_INSERT, BEFORE_COMMIT, AFTER_COMMIT
    }  # fmt: skip
    assert on_sqlite.kill(once(around_the_commit(on_sqlite)), memory_folder).violations == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_at_points_of_every_other_name_and_twice_on_sqlite(
    on_sqlite: Night, memory_folder: Path
) -> None:
    others = [n for n in on_sqlite.one_of_each if n not in around_the_commit(on_sqlite)]
    assert on_sqlite.kill([*once(others), *pairs(on_sqlite, 2, seed=11)], memory_folder).violations == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_around_the_commit_and_twice_on_postgres(on_postgres: Night, tmp_path: Path) -> None:
    kills = [*once(around_the_commit(on_postgres)), *pairs(on_postgres, 1, seed=12)]
    assert on_postgres.kill(kills, tmp_path).violations == []


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("shard", SHARDS)
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_killed_at_every_point(
    request: pytest.FixtureRequest, kind: str, shard: int, memory_folder: Path
) -> None:
    night: Night = request.getfixturevalue(f"on_{kind}")
    with counting(
        1, f"SIGKILL at every fault point of a night whose core system takes rows, {kind}"
    ) as figures:
        kills = once(range(1 + shard, len(night.prepared.points) + 1, len(SHARDS)))
        count = night.kill(kills, memory_folder)
        figures.trials, figures.violations = count.trials, count.violations


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_killed_twice(request: pytest.FixtureRequest, kind: str, memory_folder: Path) -> None:
    night: Night = request.getfixturevalue(f"on_{kind}")
    seed = random.SystemRandom().randrange(1_000_000)
    with counting(3, f"SIGKILL twice while rows are delivered, {kind}", seed=str(seed)) as figures:
        count = night.kill(pairs(night, scaled(60), seed), memory_folder)
        figures.trials, figures.violations = count.trials, count.violations
