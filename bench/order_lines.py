"""Time a whole noon run over a large order file, stage by stage, with its peak memory.

`make bench ARGS="20000 100000"` runs one process per size, each on a fresh SQLite master with folder endpoints, and
prints seconds, lines per second and peak memory, and how both grow from the first size to the last.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tools")]

DEFAULT_SIZES = ("10000", "50000")


def write_orders(path: Path, lines: int) -> None:
    """Write `lines` rows of the 158-column layout: one shop's noon orders again and again, with new numbers."""
    from partner_files import rakuten  # noqa: PLC0415
    from partner_files.one_shop import NOON, WORLD  # noqa: PLC0415

    rows = [row for order in NOON for row in rakuten.rows(order, WORLD)]
    with path.open("wb") as out:
        out.write((",".join(f'"{name}"' for name in rakuten.COLUMNS) + "\r\n").encode("cp932"))
        for index in range(lines):
            block, row = index // len(rows) + 1, dict(rows[index % len(rows)])
            number = row["注文番号"]
            row["注文番号"] = f"{number[:-10]}{int(number[-10:]) + block * 100:010d}"
            row["商品明細ID"] = str(int(row["商品明細ID"]) + block * 100_000)
            row["送付先ID"] = f"{int(row['送付先ID']) + block * 1_000:010d}"
            out.write((",".join(f'"{row[name]}"' for name in rakuten.COLUMNS) + "\r\n").encode("cp932"))


def measure(lines: int) -> dict[str, float]:
    """Run once over `lines` order lines; return seconds per stage, the whole, and the peak memory in MB."""
    from ecsync.run import session  # noqa: PLC0415
    from shop import NOON, Shop  # noqa: PLC0415

    times: dict[str, float] = {}
    plain = session._run_stage  # noqa: SLF001

    def timed(ctx: object, position: int, stage: object) -> None:
        start = time.perf_counter()
        plain(ctx, position, stage)  # type: ignore[arg-type]
        times[stage.name] = time.perf_counter() - start  # type: ignore[attr-defined]

    session._run_stage = timed  # type: ignore[assignment]  # noqa: SLF001
    with tempfile.TemporaryDirectory(prefix="ecsync-bench-") as folder:
        shop = Shop(Path(folder) / "shop").set_up()
        shop.place(NOON)
        (shop.partners / "rms/orders/order_20261124_1130.csv").unlink()
        target = shop.partners / "rms/orders/order_bench.csv"
        write_orders(target, lines)
        moment = NOON.place[-1].mtime.timestamp()
        os.utime(target, (moment, moment))
        start = time.perf_counter()
        shop.sync(NOON)
        times["whole run"] = time.perf_counter() - start
    times["peak MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return times


def main(sizes: tuple[str, ...]) -> None:
    """Measure every size in a process of its own, and print what grew."""
    results = {}
    for size in sizes:
        done = subprocess.run(
            [sys.executable, __file__, "--one", size], check=True, capture_output=True, text=True
        )
        results[size] = json.loads(done.stdout.splitlines()[-1])
        whole = results[size]["whole run"]
        lines, peak = int(size), results[size]["peak MB"]
        print(f"{lines:>9,} lines  {whole:7.1f} s  {lines / whole:8,.0f} lines/s  {peak:6.0f} MB")
        for name, value in sorted(results[size].items(), key=lambda item: -item[1]):
            if name not in {"whole run", "peak MB"} and value > 0.05 * whole:
                print(f"           {name:<16} {value:7.1f} s")
    first, last = sizes[0], sizes[-1]
    if first != last:
        grown = int(last) / int(first)
        slower = results[last]["whole run"] / results[first]["whole run"]
        fatter = results[last]["peak MB"] / results[first]["peak MB"]
        print(f"{grown:.0f} times the lines: {slower:.1f} times the time, {fatter:.2f} times the memory")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(int(sys.argv[2]))))
    else:
        main(tuple(sys.argv[1:]) or DEFAULT_SIZES)
