"""Law 4: killed with SIGKILL at any fault point, the next run finishes the work, and nothing is told twice."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from crash_harness import KILLED, Trial, copy_shop, run_child
from ecsync.exchange import folder_endpoint
from ecsync.faultpoints import REGISTRY
from oracle import EndState, differences, end_state
from postgres_server import PostgresServer
from shop import NIGHT, NOON, Shop, utc

SHARDS = 12


@dataclass
class Prepared:
    """A shop before a run, the same shop after an undisturbed run, and the points that the run passes."""

    before: Shop
    after: EndState
    points: list[str]
    database: str


def prepare(root: Path, step_name: str, before_url: str, after_url: str) -> Prepared:
    step = NOON if step_name == "noon" else NIGHT
    before = Shop(root / "before", before_url).set_up()
    after = Shop(root / "after", after_url).set_up()
    for shop in (before, after):
        if step is NIGHT:
            shop.play(NOON)
        shop.place(step)
    log = root / "points.txt"
    trial = Trial(after.project, step.run, utc(step.at), f"count:{log}")
    assert run_child(trial) == step.expect
    return Prepared(before, end_state(after), log.read_text(encoding="utf-8").split(), before.database_url)


def kill_at(prepared: Prepared, step_name: str, n: int, shop: Shop) -> None:
    """Kill a run at its n-th point, run again, and compare with the undisturbed end."""
    step = NOON if step_name == "noon" else NIGHT
    point = prepared.points[n - 1]
    clock = utc(step.at)
    assert run_child(Trial(shop.project, step.run, clock, f"kill:{n}")) == KILLED, point
    status = run_child(Trial(shop.project, step.run, clock))
    assert status in {0, 3}, (point, status)
    assert differences(prepared.after, shop) == {}, f"killed at point {n}: {point}"


@pytest.fixture(scope="module")
def memory_folder() -> Iterator[Path]:
    """Give a folder whose fsync costs nothing: a SIGKILL takes no byte from it that a disk would have kept."""
    shared = Path("/dev/shm")  # noqa: S108
    place = shared if os.access(shared, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="ecsync-crash-", dir=place) as name:
        yield Path(name)


# Noon collects, decides, publishes and delivers: every kind of edge. The night's 265 points are for the long run.
STEPS = ["noon", pytest.param("night", marks=pytest.mark.long)]


@pytest.fixture(scope="module", params=STEPS)
def on_sqlite(request: pytest.FixtureRequest, memory_folder: Path) -> tuple[str, Prepared]:
    return request.param, prepare(memory_folder / f"prepared-{request.param}", request.param, "", "")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_killed_at_every_point_on_sqlite(
    on_sqlite: tuple[str, Prepared], shard: int, memory_folder: Path
) -> None:
    step_name, prepared = on_sqlite
    for n in range(1 + shard, len(prepared.points) + 1, SHARDS):
        shop = copy_shop(prepared.before, memory_folder / f"kill-{step_name}-{n}")
        kill_at(prepared, step_name, n, shop)
        shutil.rmtree(shop.root)


def test_the_runs_pass_well_over_a_hundred_points(on_sqlite: tuple[str, Prepared]) -> None:
    step_name, prepared = on_sqlite
    assert len(prepared.points) > (120 if step_name == "noon" else 200)
    assert folder_endpoint.DURING_WRITE in REGISTRY  # a door declares its points when it is first opened
    assert set(prepared.points) <= set(REGISTRY)


@pytest.fixture(scope="module", params=STEPS)
def on_postgres(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer
) -> Iterator[tuple[str, Prepared, PostgresServer]]:
    root = tmp_path_factory.mktemp(f"crash-pg-{request.param}")
    with (
        postgres_server.database("ecsync_empty") as before,
        postgres_server.database("ecsync_empty") as after,
    ):
        yield request.param, prepare(root, request.param, before, after), postgres_server


def _kill_on_postgres(
    on_postgres: tuple[str, Prepared, PostgresServer], numbers: range, tmp_path: Path
) -> None:
    step_name, prepared, server = on_postgres
    template = str(sa.make_url(prepared.database).database)
    for n in numbers:
        with ExitStack() as stack:
            url = stack.enter_context(server.database(template))
            kill_at(
                prepared, step_name, n, copy_shop(prepared.before, tmp_path / f"kill-{n}", database_url=url)
            )


@pytest.mark.timeout(600)
@pytest.mark.parametrize("start", [1, 6, 11, 16, 21])
def test_killed_at_every_fifth_point_on_postgres(
    on_postgres: tuple[str, Prepared, PostgresServer], tmp_path: Path, start: int
) -> None:
    _kill_on_postgres(on_postgres, range(start, len(on_postgres[1].points) + 1, 25), tmp_path)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("start", [2, 3, 4, 5])
def test_killed_at_the_other_points_on_postgres(
    on_postgres: tuple[str, Prepared, PostgresServer], tmp_path: Path, start: int
) -> None:
    _kill_on_postgres(on_postgres, range(start, len(on_postgres[1].points) + 1, 5), tmp_path)


def test_a_disk_that_fails_at_any_point_keeps_the_master_whole(
    on_sqlite: tuple[str, Prepared], memory_folder: Path
) -> None:
    """An error at a point ends the run with a status; the rerun ends as if nothing had happened."""
    step_name, prepared = on_sqlite
    step = NOON if step_name == "noon" else NIGHT
    for n in range(3, len(prepared.points) + 1, max(1, len(prepared.points) // 12)):
        shop = copy_shop(prepared.before, memory_folder / f"fail-{step_name}-{n}")
        assert run_child(Trial(shop.project, step.run, utc(step.at), f"fail:{n}")) != KILLED
        assert run_child(Trial(shop.project, step.run, utc(step.at))) in {0, 3}, prepared.points[n - 1]
        assert differences(prepared.after, shop) == {}, prepared.points[n - 1]


def test_two_runs_started_at_once_one_works_and_the_other_says_who(tmp_path: Path) -> None:
    import multiprocessing

    shop = Shop(tmp_path / "shop").set_up()
    shop.place(NOON)
    context = multiprocessing.get_context("forkserver")
    from crash_harness import _child

    trials = [Trial(shop.project, NOON.run, utc(NOON.at)) for _copy in range(3)]
    processes = [context.Process(target=_child, args=(trial,)) for trial in trials]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    statuses = sorted(process.exitcode or 0 for process in processes)
    assert statuses.count(11) >= 1, statuses
    assert {status for status in statuses if status != 11} == {3}
    alone = Shop(tmp_path / "alone").set_up()
    alone.play(NOON)
    assert alone.delivered() == shop.delivered()
    assert os.path.exists(shop.project / "data" / "ecsync.db")  # noqa: PTH110
