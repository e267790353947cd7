"""Orders by the million lines: pulled, validated, loaded and reconciled, beside a floor and the script of today.

`ecsync sync intake` (a run that takes in orders and nothing else) over a generated file, as a process of its own,
start-up and report included. In the same round: order_floor.py, which is the least that anything must do, and
order_script.py, which is what people write. Then the next night's export of the same orders, of which few have moved.

    make bench ONLY=order_lines ARGS="--sizes 100000 1000000 --databases sqlite postgresql --json FILE"
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import order_files
import order_shop
from measuring import ROOT, Measured, arguments, keep, postgres, run_child, table

if TYPE_CHECKING:
    from collections.abc import Callable

BENCH = Path(__file__).parent
DONE = (0, 3)  # 3: rows were put aside, as they should be
PART = 0.03  # of the whole; smaller parts are not shown
FLOOR, SCRIPT, MEMORY, WIDER, LONGER = 3.0, 1.7, 450.0, 1.25, 1.1  # the bars


def runs_of(
    root: Path, files: list[Path], fresh: Callable[[], str] | None
) -> tuple[dict[str, Measured], dict[str, float]]:
    """Measure one round on fresh databases: the program's two nights, the floor, the script; and the first's parts."""
    shop = root / "shop"
    project = order_shop.make(shop, fresh() if fresh else "")
    found, parts = {}, {}
    for number, (name, clock) in enumerate((("ecsync", order_shop.FIRST), ("next night", order_shop.SECOND))):
        order_shop.place(shop, files[number], f"orders_{number}.csv", clock)
        told = root / f"parts{number}.json"
        words = ["sync", "intake", "--project", project, "--as-of", clock, "--quiet"]
        command = [sys.executable, BENCH / "stage_clock.py", told, *words]
        found[name] = run_child(command, statuses=DONE)
        parts = parts or json.loads(told.read_text(encoding="utf-8"))
    shutil.rmtree(shop)
    for name in ("floor", "script"):
        target = fresh() if fresh else str(root / f"{name}.db")
        environment = {"PYTHONPATH": f"{BENCH}:{ROOT / 'src'}"}
        found[name] = run_child(
            [sys.executable, BENCH / f"order_{name}.py", files[0], target], env=environment
        )
        if not fresh:
            Path(target).unlink()
    return found, parts


def best(rounds: list[dict[str, Measured]]) -> dict[str, Measured]:
    """Return the quickest of each: noise only ever adds."""
    return {
        name: min((one[name] for one in rounds), key=lambda measured: measured.wall) for name in rounds[0]
    }


def show(lines: int, database: str, found: dict[str, Measured], parts: dict[str, float]) -> None:
    """Print what one size took on one database."""
    print(f"\n{lines:,} lines, {database}")
    own = found["ecsync"].wall
    table(
        ("", "seconds", "lines/s", "processor s", "peak MB", "its time / ecsync"),
        [
            (name, one.wall, int(lines / one.wall), one.cpu, one.peak_mb, one.wall / own)
            for name, one in found.items()
        ],
    )
    whole = parts["whole process"]
    large = sorted(
        (
            (name, seconds)
            for name, seconds in parts.items()
            if PART * whole < seconds < whole and "(all)" not in name
        ),
        key=lambda part: -part[1],
    )
    print("of the first night: " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in large))


def bars(found: dict[str, dict[str, Measured]], sizes: list[int]) -> list[tuple[str, float, str, str]]:
    """Return what is asked of the largest size, and of its growth from the smallest."""
    small, large = found[str(sizes[0])], found[str(sizes[-1])]
    own = large["ecsync"]
    grown = sizes[-1] / sizes[0]
    asked = [
        ("times the floor", own.wall / large["floor"].wall, "<=", FLOOR),
        ("times quicker than the script", large["script"].wall / own.wall, ">=", SCRIPT),
        ("peak MB", own.peak_mb, "<", MEMORY),
        ("peak memory, largest / smallest", own.peak_mb / small["ecsync"].peak_mb, "<=", WIDER),
        ("time, largest / smallest", own.wall / small["ecsync"].wall, "<=", LONGER * grown),
    ]
    return [
        (name, value, f"{sign} {bar:g}", "yes" if (value >= bar if sign == ">=" else value <= bar) else "NO")
        for name, value, sign, bar in asked
    ]


def main() -> int:
    """Measure, print, and end with 1 where a bar is not reached."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 1_000_000], metavar="LINES")
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    asked = parser.parse_args()
    figures: dict[str, object] = {}
    missed = False
    with ExitStack() as open_things:
        root = Path(open_things.enter_context(tempfile.TemporaryDirectory(prefix="ecsync-bench-")))
        servers = (
            {"postgresql": open_things.enter_context(postgres())} if "postgresql" in asked.databases else {}
        )
        for database in asked.databases:
            found: dict[str, dict[str, Measured]] = {}
            for lines in asked.sizes:
                files = [root / f"{lines}-{night}.csv" for night in (0, 1)]
                for night, file in enumerate(files):
                    if not file.exists():
                        order_files.write_orders(file, lines, seed=asked.seed, moved_on=bool(night))
                rounds = [runs_of(root, files, servers.get(database)) for _ in range(asked.times)]
                found[str(lines)] = best([one for one, _parts in rounds])
                show(lines, database, found[str(lines)], rounds[0][1])
            print()
            reached = bars(found, asked.sizes)
            table(("asked of the largest size", "measured", "bar", "reached"), reached)
            missed |= any(row[-1] == "NO" for row in reached)
            figures[database] = found
            keep(asked.json, {"seed": asked.seed, "orders": figures})
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
