"""Law 4: killed with SIGKILL at any fault point, the next run finishes the work, and nothing is told twice.

The run that is killed is a night with every channel, warehouse and document. By default it is killed at points of every
name and at every so-many-th besides; `make test-long` kills it, and the noon before it, at every single one.
"""

from __future__ import annotations

import multiprocessing
import shutil
from contextlib import ExitStack
from pathlib import Path

import pytest

from crash_harness import KILLED, Trial, _child
from ecsync.exchange import folder_endpoint
from ecsync.faultpoints import REGISTRY
from laws.kills import SHARDS, Prepared, kill_at, kill_at_every, prepare
from oracle import differences
from played_days import MakeShop, PlayedDays
from shop import NIGHT, NOON, utc

EVERY_ON_SQLITE, EVERY_ON_POSTGRES, EVERY_FAILING = 23, 70, 70
PARTS = range(8)
AT_ONCE_AND_SLOWLY = [0, *(pytest.param(part, marks=pytest.mark.slow) for part in PARTS[1:])]


NIGHT_ONLY = [pytest.param(NIGHT, id=NIGHT.name)]
BOTH = [NIGHT_ONLY[0], pytest.param(NOON, id=NOON.name)]


@pytest.fixture(scope="module")
def on_sqlite(
    request: pytest.FixtureRequest, days_on_sqlite: PlayedDays, tmp_path_factory: pytest.TempPathFactory
) -> Prepared:
    return prepare(days_on_sqlite, request.param, tmp_path_factory.mktemp("crash"))


@pytest.fixture(scope="module")
def on_postgres(
    request: pytest.FixtureRequest, days_on_postgres: PlayedDays, tmp_path_factory: pytest.TempPathFactory
) -> Prepared:
    return prepare(days_on_postgres, request.param, tmp_path_factory.mktemp("crash-pg"))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("on_sqlite", NIGHT_ONLY, indirect=True)
@pytest.mark.parametrize("shard", AT_ONCE_AND_SLOWLY)
def test_killed_at_points_of_every_name_on_sqlite(
    on_sqlite: Prepared, shard: int, memory_folder: Path
) -> None:
    count = kill_at(on_sqlite, on_sqlite.chosen(EVERY_ON_SQLITE)[shard :: len(PARTS)], memory_folder)
    assert count.violations == []


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("on_sqlite", BOTH, indirect=True)
@pytest.mark.parametrize("shard", SHARDS)
def test_killed_at_every_point_on_sqlite(on_sqlite: Prepared, shard: int, memory_folder: Path) -> None:
    kill_at_every(on_sqlite, shard, memory_folder, "SQLite")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("on_postgres", NIGHT_ONLY, indirect=True)
@pytest.mark.parametrize("shard", [0, 1])
def test_killed_at_some_points_on_postgres(on_postgres: Prepared, shard: int, tmp_path: Path) -> None:
    first = EVERY_ON_POSTGRES // 2 + 1 + shard * EVERY_ON_POSTGRES
    count = kill_at(on_postgres, range(first, len(on_postgres.points) + 1, 2 * EVERY_ON_POSTGRES), tmp_path)
    assert count.violations == []


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("on_postgres", BOTH, indirect=True)
@pytest.mark.parametrize("shard", SHARDS)
def test_killed_at_every_point_on_postgres(on_postgres: Prepared, shard: int, tmp_path: Path) -> None:
    kill_at_every(on_postgres, shard, tmp_path, "PostgreSQL")


@pytest.mark.parametrize("on_sqlite", NIGHT_ONLY, indirect=True)
def test_the_run_passes_hundreds_of_points(on_sqlite: Prepared) -> None:
    assert len(on_sqlite.points) > 250
    assert folder_endpoint.DURING_WRITE in REGISTRY  # a door declares its points when it is first opened
    assert set(on_sqlite.points) <= set(REGISTRY)
    assert {on_sqlite.points[n - 1] for n in on_sqlite.chosen(EVERY_ON_SQLITE)} == set(on_sqlite.points)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("on_sqlite", NIGHT_ONLY, indirect=True)
def test_a_disk_that_fails_at_any_point_keeps_the_master_whole(
    on_sqlite: Prepared, memory_folder: Path
) -> None:
    """An error at a point ends the run with a status; the rerun ends as if nothing had happened."""
    for n in range(3, len(on_sqlite.points) + 1, EVERY_FAILING):
        with ExitStack() as databases:
            shop = on_sqlite.shop(memory_folder / f"fail-{n}", databases)
            assert on_sqlite.trial(shop, f"fail:{n}") != KILLED
            assert on_sqlite.trial(shop) in {0, 3}, on_sqlite.points[n - 1]
            assert differences(on_sqlite.after, shop) == {}, on_sqlite.points[n - 1]
            shutil.rmtree(shop.root)


def test_two_runs_started_at_once_one_works_and_the_other_says_who(
    make_sqlite_shop: MakeShop, days_on_sqlite: PlayedDays
) -> None:
    shop = make_sqlite_shop()
    shop.place(NOON)
    context = multiprocessing.get_context("forkserver")
    trials = [Trial(shop.project, NOON.run, utc(NOON.at)) for _copy in range(3)]
    processes = [context.Process(target=_child, args=(trial,)) for trial in trials]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    statuses = sorted(process.exitcode or 0 for process in processes)
    assert statuses.count(11) >= 1, statuses
    assert {status for status in statuses if status != 11} == {3}
    assert days_on_sqlite.after(NOON.name).delivered == shop.delivered()
    assert (shop.project / "data" / "ecsync.db").exists()
