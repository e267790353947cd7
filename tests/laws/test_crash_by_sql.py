"""Law 4 where the core system is a database: killed at any point of a night that asks it, the next run ends the same.

Master and core system are both on SQLite, or both on PostgreSQL. Between noon and night the core system moved on: a
new product, a new cost, other stock. By default the night is killed at one point of every name that asking passes.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from core_by_sql import asked_at, core_flows, fill, write_queries
from crash_harness import KILLED
from ecsync.run.sync import Request, sync
from laws.kills import SHARDS, Prepared, kill_at, kill_at_every, prepare
from oracle import differences
from partner_database import PartnerDatabase, on_postgres, on_sqlite
from played_days import BEFORE, PlayedDays
from postgres_server import PostgresServer
from shop import NIGHT, NOON, SAMPLE, Shop, utc

ASKING = "database."
EVERY_ON_SQLITE, EVERY_ON_POSTGRES = 80, 120
MOVED_ON = (
    "INSERT INTO goods VALUES ('LAMP', '真鍮ランプ', NULL, '港町窯', 3000, 8800, 10)",
    "UPDATE goods SET cost = cost + 10 WHERE code = 'MUG-WHITE'",
    "INSERT INTO levels VALUES ('LAMP', 4)",
    "UPDATE levels SET units = units - 2 WHERE code = 'MUG-BLUE'",
)


@dataclass
class SqlDays(PlayedDays):
    """The demo shop's days with a core system that is asked. Queries only read, so all copies ask the same one."""

    core: PartnerDatabase | None = None

    def _start(self) -> Shop:
        if self._before is None:
            assert self.core is not None
            url = self.databases.enter_context(self.server.database("ecsync_empty")) if self.server else ""
            self._before = Shop(self.root / BEFORE, url).set_up(change=core_flows)
            write_queries(self._before.project, self.core)
        return self._before


def night_by_sql(days: SqlDays, root: Path) -> Prepared:
    """Play the noon, let the core system move on, and count the points of the night."""
    assert days.core is not None
    start = SAMPLE / "start"
    fill(days.core, start / "products.csv", start / "sets.csv", start / "core_stock.csv")
    with asked_at(NOON.at):
        days.after(NOON.name)
    for statement in MOVED_ON:
        days.core.execute(statement)
    return prepare(days, NIGHT, root)


@pytest.fixture(scope="module")
def on_both_sqlite(memory_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    root = tmp_path_factory.mktemp("crash-sql")
    days = SqlDays(memory_folder / "days-sql-sqlite", core=on_sqlite(root))
    yield night_by_sql(days, root)
    days.close()


@pytest.fixture(scope="module")
def on_both_postgres(
    memory_folder: Path, postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prepared]:
    with on_postgres(postgres_server) as core:
        days = SqlDays(memory_folder / "days-sql-postgres", postgres_server, core=core)
        yield night_by_sql(days, tmp_path_factory.mktemp("crash-sql-pg"))
        days.close()


def asking(prepared: Prepared) -> list[int]:
    """Return the numbers of the points that are passed while the core system is asked."""
    return [number for number, name in enumerate(prepared.points, 1) if name.startswith(ASKING)]


def one_of_each(prepared: Prepared) -> list[int]:
    """Return the last number of every name among them."""
    return sorted({prepared.points[number - 1]: number for number in asking(prepared)}.values())


@pytest.mark.timeout(600)
def test_killed_while_it_asks_on_sqlite(on_both_sqlite: Prepared, memory_folder: Path) -> None:
    assert {on_both_sqlite.points[n - 1] for n in one_of_each(on_both_sqlite)} == {
        "database.before_query", "database.during_answer", "database.after_answer"
    }  # fmt: skip
    # Three queries, and what the night made of the answers: they are no idle passengers of this test.
    assert on_both_sqlite.points.count("database.after_answer") == 3
    assert ("LAMP",) in [row[:1] for row in on_both_sqlite.after.rows["product"]]
    count = kill_at(on_both_sqlite, one_of_each(on_both_sqlite), memory_folder)
    assert count.violations == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_at_more_points_on_sqlite(on_both_sqlite: Prepared, memory_folder: Path) -> None:
    numbers = {*asking(on_both_sqlite), *range(5, len(on_both_sqlite.points) + 1, EVERY_ON_SQLITE)}
    count = kill_at(on_both_sqlite, sorted(numbers), memory_folder)
    assert count.violations == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_while_it_asks_on_postgres(on_both_postgres: Prepared, tmp_path: Path) -> None:
    numbers = {*one_of_each(on_both_postgres), *range(9, len(on_both_postgres.points) + 1, EVERY_ON_POSTGRES)}
    count = kill_at(on_both_postgres, sorted(numbers), tmp_path)
    assert count.violations == []


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("shard", SHARDS)
def test_killed_at_every_point_on_sqlite(on_both_sqlite: Prepared, shard: int, memory_folder: Path) -> None:
    kill_at_every(on_both_sqlite, shard, memory_folder, "core by SQL, SQLite")


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("shard", SHARDS)
def test_killed_at_every_point_on_postgres(on_both_postgres: Prepared, shard: int, tmp_path: Path) -> None:
    kill_at_every(on_both_postgres, shard, tmp_path, "core by SQL, PostgreSQL")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_run_that_is_finished_in_the_morning_asks_again_and_the_later_answer_counts(
    on_both_sqlite: Prepared, memory_folder: Path
) -> None:
    days = on_both_sqlite.days
    assert isinstance(days, SqlDays)
    assert days.core is not None
    collected = max(n for n, name in enumerate(on_both_sqlite.points, 1) if name == "inbox.after_record")
    with ExitStack() as databases:
        shop = on_both_sqlite.shop(memory_folder / "finished-in-the-morning", databases)
        assert on_both_sqlite.trial(shop, f"kill:{collected}") == KILLED
        days.core.execute("UPDATE goods SET cost = cost + 1 WHERE code = 'MUG-WHITE'")
        days.core.execute("UPDATE levels SET units = units - 1 WHERE code = 'MUG-BLUE'")
        try:
            with asked_at(NIGHT.at + timedelta(hours=8)):
                outcome = sync(shop.settings, Request(NIGHT.run, utc(NIGHT.at)))
        finally:
            days.core.execute("UPDATE goods SET cost = cost - 1 WHERE code = 'MUG-WHITE'")
            days.core.execute("UPDATE levels SET units = units + 1 WHERE code = 'MUG-BLUE'")
        assert outcome.exit_status in {0, 3}
        taken = shop.rows("SELECT flow, name, as_of FROM inbox_file WHERE flow LIKE 'erp-%' AND run_id = 2")
        assert len(taken) == 6, "both answers of each query are there, each with its time"
        assert shop.rows("SELECT COUNT(*) FROM quarantined_row WHERE flow LIKE 'erp-%'") == [(0,)]
        late = utc(NIGHT.at + timedelta(hours=8))
        cost = "SELECT cost, as_of FROM product WHERE sku = 'MUG-WHITE'"
        assert shop.rows(cost) == [(711, late)]
        units = "SELECT qty, as_of FROM stock_snapshot WHERE source = 'erp' AND sku = 'MUG-BLUE'"
        assert shop.rows(units) == [(16, late)]
        told = set(differences(on_both_sqlite.after, shop))
        assert told <= {"product", "stock_snapshot", "order_line"}, told
        shutil.rmtree(shop.root)
