"""Law 2: the dry run is the real run. Same code, same order, same bytes; only commit and delivery are left out."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ecsync.config import load_settings
from ecsync.errors import StalePlanError
from ecsync.run.apply import apply_plan
from played_days import planned_files
from shop import NAMES, NIGHT, NOON, SAMPLE, STORY, Shop

if TYPE_CHECKING:
    from played_days import MakeShop, PlayedDays


def file_hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# One test for all steps, so that one worker plays all days on PostgreSQL and not each of them.
FIRST_DAY = (NOON.name, NIGHT.name)
AT_ONCE_AND_SLOWLY = pytest.mark.parametrize(
    "names",
    [pytest.param(FIRST_DAY, id="first day"), pytest.param(NAMES, id="every day", marks=pytest.mark.slow)],
)


@pytest.mark.timeout(300)
@AT_ONCE_AND_SLOWLY
def test_a_dry_run_and_the_real_run_after_it_make_the_same_files(
    days: PlayedDays, names: tuple[str, ...]
) -> None:
    for name in names:
        step = days.after(name)
        assert step.planned == step.sent, name
        assert step.sent, name
        assert [p.sha256 for p in step.dry.published] == [p.sha256 for p in step.real.published], name
        assert step.dry.exit_status == step.real.exit_status == STORY.step(name).expect, name


@pytest.mark.timeout(300)
@AT_ONCE_AND_SLOWLY
def test_both_databases_send_the_same_bytes(
    days_on_sqlite: PlayedDays, days_on_postgres: PlayedDays, names: tuple[str, ...]
) -> None:
    for name in names:
        on_sqlite, on_postgres = days_on_sqlite.after(name), days_on_postgres.after(name)
        assert on_sqlite.delivered == on_postgres.delivered, name
        assert on_sqlite.master == on_postgres.master, name


def apply_steps(shop: Shop, names: tuple[str, ...]) -> None:
    """Play steps by making plans and applying them."""
    for name in names:
        step = STORY.step(name)
        shop.place(step)
        before = shop.delivered()
        plan = shop.plan(step, f"plan-{name}")
        apply_plan(shop.settings, plan.folder)
        sent = {path: content for path, content in shop.delivered().items() if before.get(path) != content}
        assert planned_files(plan.folder) == sent


@pytest.mark.slow
def test_days_of_plans_that_are_applied_end_as_days_of_runs(
    days_on_sqlite: PlayedDays, make_sqlite_shop: MakeShop
) -> None:
    shop = make_sqlite_shop()
    apply_steps(shop, NAMES)
    assert shop.delivered() == days_on_sqlite.after(NAMES[-1]).delivered
    assert shop.master() == days_on_sqlite.after(NAMES[-1]).master


def test_a_plan_that_is_applied_ends_as_a_run_on_postgres(
    days_on_postgres: PlayedDays, make_postgres_shop: MakeShop
) -> None:
    shop = make_postgres_shop(after=NOON.name)
    apply_steps(shop, (NIGHT.name,))
    assert shop.delivered() == days_on_postgres.after(NIGHT.name).delivered
    assert shop.master() == days_on_postgres.after(NIGHT.name).master


TABLES = (
    "run", "inbox_file", "inbox_sighting", "outbox_file", "counter", "generation", "finding", "lock_owner",
)  # fmt: skip


def test_a_dry_run_changes_nothing_anywhere(make_shop: MakeShop) -> None:
    shop = make_shop(after=NOON.name)
    shop.place(NIGHT)
    # PostgreSQL plans take the lock.
    tables = [name for name in TABLES if name != "lock_owner" or not shop.database_url]

    def everything() -> tuple[object, ...]:
        rows = {name: shop.rows(f"SELECT * FROM {name} ORDER BY 1") for name in tables}
        return shop.master(), shop.remote(), file_hashes(shop.project), rows

    before = everything()
    shop.plan(NIGHT)
    assert everything() == before


@pytest.mark.parametrize(
    "move",
    ["mapping", "settings", "master", "input changed", "input vanished", "plan's copy changed"],
)
def test_a_stale_plan_is_refused_and_nothing_is_sent(make_sqlite_shop: MakeShop, move: str) -> None:
    shop = make_sqlite_shop()
    _refuse(shop, move)


@pytest.mark.parametrize("move", ["master", "input changed"])
def test_a_stale_plan_is_refused_on_postgres_too(make_postgres_shop: MakeShop, move: str) -> None:
    _refuse(make_postgres_shop(), move)


def _refuse(shop: Shop, move: str) -> None:
    shop.place(NOON)
    plan = shop.plan(NOON)
    order = shop.partners / "rms/orders/order_20261124_1130.csv"
    if move == "mapping":
        own = shop.project / "mappings" / "warehouse"
        own.mkdir(parents=True)
        shipped = SAMPLE.parents[1] / "mappings" / "warehouse" / "instruction.yaml"
        (own / "instruction.yaml").write_text(
            shipped.read_text(encoding="utf-8") + "\n# mine\n", encoding="utf-8"
        )
    elif move == "settings":
        path = shop.project / "ecsync.toml"
        path.write_text(
            path.read_text(encoding="utf-8").replace("safety = 1", "safety = 2"), encoding="utf-8"
        )
    elif move == "master":
        shop.sync(NOON)
    elif move == "input changed":
        order.write_bytes(order.read_bytes() + b"\r\n")
    elif move == "input vanished":
        order.unlink()
    else:
        copy = max((plan.folder / "inputs").iterdir(), key=lambda path: path.stat().st_size)
        copy.write_bytes(copy.read_bytes()[:-2])
    before = shop.delivered()
    with pytest.raises(StalePlanError) as refused:
        apply_plan(load_settings(shop.project), plan.folder)
    assert refused.value.exit_status == 14
    assert shop.delivered() == before


def test_files_that_arrive_after_the_plan_wait_for_the_next_run(make_shop: MakeShop) -> None:
    shop = make_shop()
    shop.place(NOON)
    plan = shop.plan(NOON)
    late = (SAMPLE / "day1-night" / "rakuten_orders.csv").read_bytes()
    shop.put("rms/orders/order_20261124_1159.csv", late, NOON.at)
    outcome = apply_plan(shop.settings, plan.folder)
    assert "order_20261124_1159.csv" not in outcome.files_taken
    assert (shop.partners / "rms/orders/order_20261124_1159.csv").exists()
    assert "order_20261124_1159.csv" in shop.sync(NIGHT).files_taken


def unprivileged() -> list[str]:
    """Return the words before a command that make modes hold for it, root or not."""
    if os.getuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    assert setpriv, "setpriv is needed for this proof"
    lost = "-dac_override,-dac_read_search"
    return [setpriv, f"--bounding-set={lost}", f"--inh-caps={lost}"]


@pytest.mark.skipif(sys.platform != "linux", reason="setpriv is a Linux tool")
def test_a_dry_run_works_on_a_master_that_it_may_only_read(
    make_sqlite_shop: MakeShop, tmp_path: Path
) -> None:
    shop = make_sqlite_shop(after=NOON.name)
    shop.place(NIGHT)
    for path in [shop.root, *shop.root.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    database = shop.project / "data" / "ecsync.db"
    assert subprocess.run([*unprivileged(), "test", "-w", str(database)], check=False).returncode, (
        "modes do not bite"
    )
    out = tmp_path / "elsewhere"
    words = ["plan", "night", "--out", str(out / "plan"), "--as-of", NIGHT.at.isoformat()]
    done = subprocess.run(
        [*unprivileged(), sys.executable, "-m", "ecsync", "--project", str(shop.project), *words],
        env={"PATH": "/usr/bin:/bin", "LANG": "C", "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
    )
    for path in [shop.root, *shop.root.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert done.returncode == NIGHT.expect, done.stderr
    assert planned_files(out / "plan")
