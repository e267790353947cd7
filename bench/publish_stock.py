"""Stock of 100,000 SKUs in five shops: 500,000 listings reconciled, and all their quantities told anew.

Products, listings and a first count are in the master, every quantity was told. Then every SKU is counted otherwise:
`ecsync reconcile stock` compares shops and warehouses with the master and writes nothing; `ecsync sync stock` takes the
counts in and writes every quantity out, over folders. Each runs in a process of its own and is set against a floor: one
SQL comparison over the same rows, and for the run the counts read by Arrow, merged by one upsert, and five CSV files
written by Arrow.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import many_shops
from floor import on_postgres, on_sqlite
from measuring import Measured, arguments, ecsync, keep, postgres, run_child, table

if TYPE_CHECKING:
    from collections.abc import Callable

BAR = 20.0  # seconds, on both databases
DONE = (0, 3, 4)
SECOND = f"{many_shops.DAYS[1]}T22:30+09:00"

_ROWS = """
SELECT l.channel, l.item_key, l.sku_key, l.sku, COALESCE(c.qty_seen, 0) AS seen, COALESCE(b.on_hand, 0) AS on_hand
FROM channel_listing l
LEFT JOIN channel_stock c ON c.channel = l.channel AND c.item_key = l.item_key AND c.sku_key = l.sku_key
LEFT JOIN stock_balance b ON b.sku = l.sku
  AND b.warehouse = CASE WHEN l.channel = 'shopify2' THEN 'store' ELSE 'main' END
WHERE l.sku <> ''
"""
_COMPARE = (
    f"SELECT channel, COUNT(*), SUM(on_hand - seen) FROM ({_ROWS}) r WHERE on_hand <> seen GROUP BY channel"
)
_TELL = (
    f"SELECT item_key, sku_key, on_hand FROM ({_ROWS}) r WHERE channel = '{{}}' ORDER BY item_key, sku_key"
)


def prepare(root: Path, fresh: Callable[[], str] | None, skus: int, seed: int) -> many_shops.Merchant:
    """Make a merchant whose shops show what they were told, and whose warehouses have counted anew."""
    draw = random.Random(seed)  # noqa: S311  (invented data)
    merchant = many_shops.make(
        root / "shop", many_shops.products(skus, draw), database=fresh() if fresh else ""
    )
    many_shops.place_products(merchant, many_shops.DAYS[0])
    units = many_shops.units_of(merchant.products)
    many_shops.place_stock(merchant, units, many_shops.DAYS[0])
    for channel, _platform, _number, _share in many_shops.SHOPS:
        many_shops.place_listings(merchant, channel, {}, many_shops.DAYS[0])
    words = ("--project", str(merchant.folder), "--as-of", many_shops.NIGHTS[0])
    ecsync(*words, "sync", "stock", statuses=DONE)
    for counted in units.values():
        for sku in counted:
            counted[sku] += draw.randrange(1, 20)
    many_shops.place_stock(merchant, units, many_shops.DAYS[1])
    return merchant


def floor_job(job: dict[str, Any]) -> None:
    """Be the floor: compare, and for a run merge the counts and write a file per shop."""
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import csv  # noqa: PLC0415

    files = [(Path(path), "utf-8", "warehouse/stock") for path in job["files"]]
    if job["database"]:
        import psycopg  # noqa: PLC0415

        conn: Any = psycopg.connect(job["database"])
    else:
        conn = sqlite3.connect(job["path"])
    if job["what"] == "run":
        if job["database"]:
            on_postgres(job["database"], files)
        else:
            on_sqlite(Path(job["folder"]) / "floor.db", files)
        for channel, _platform, _number, _share in many_shops.SHOPS:
            columns = list(zip(*conn.execute(_TELL.format(channel)).fetchall(), strict=True))
            rows = pa.table({name: list(values) for name, values in zip("abc", columns, strict=True)})
            with (Path(job["folder"]) / f"{channel}.csv").open("wb") as out:
                csv.write_csv(rows, out)
                out.flush()
                os.fsync(out.fileno())
    else:
        conn.execute(_COMPARE).fetchall()
    conn.close()


def floor_of(merchant: many_shops.Merchant, what: str, address: str, folder: Path) -> Measured:
    """Run the floor in a process of its own."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    job = {
        "what": what,
        "files": [str(path) for path in sorted(merchant.exchange.glob("*/stock/stock_*.csv"))],
        "database": address,
        "path": str(merchant.folder / "data" / "ecsync.db"),
        "folder": str(folder),
    }
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
    return run_child([sys.executable, Path(__file__).resolve(), "--floor", folder / "job.json"])


def measure(root: Path, name: str, fresh: Callable[[], str] | None, given: Any) -> dict[str, Any]:
    """Measure one database; print and return the figures."""
    merchant = prepare(root, fresh, given.skus, given.seed)
    address = (merchant.folder / many_shops.DATABASE_FILE).read_text(encoding="utf-8") if fresh else ""
    words = ("--project", str(merchant.folder), "--as-of", SECOND)
    figures: dict[str, Any] = {}
    looks = [ecsync(*words, "reconcile", "stock", "--json", statuses=DONE) for _ in range(given.times)]
    floors = [floor_of(merchant, "reconcile", address, root / "floor") for _ in range(given.times)]
    figures["reconcile"] = _pair(looks, floors)
    runs = []
    for number in range(given.times):
        copy = many_shops.copied(merchant, root / f"run{number}")
        if fresh is not None:
            many_shops.point_at(copy.folder, many_shops.copied_database(address, fresh()))
        there = ("--project", str(copy.folder), "--as-of", SECOND)
        runs.append(ecsync(*there, "sync", "stock", statuses=DONE))
    told = sum(path.stat().st_size for path in (root / "run0" / "outbox").rglob("*.payload"))
    floors = [floor_of(merchant, "run", address, root / "floor") for _ in range(given.times)]
    figures["stock run"] = _pair(runs, floors)
    rows: list[list[object]] = []
    for what, pair in figures.items():
        run, floor = pair["run"], pair["floor"]
        rows.append([what, run.wall, run.cpu, run.peak_mb, run.wall / floor.wall])
        rows.append([f"{what}: the floor", floor.wall, floor.cpu, floor.peak_mb, 1.0])
    print(
        f"{name}: {given.skus:,} SKUs in five shops, the quickest of {given.times}; {told / 1e6:.1f} MB told"
    )
    table(["command", "seconds", "CPU s", "peak MB", "times floor"], rows)
    return figures


def _pair(runs: list[Measured], floors: list[Measured]) -> dict[str, Any]:
    return {
        "run": min(runs, key=lambda one: one.wall),
        "floor": min(floors, key=lambda one: one.wall),
        "all": [one.wall for one in runs],
    }


def main() -> None:
    """Measure what is asked for."""
    if sys.argv[1:2] == ["--floor"]:
        floor_job(json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")))
        return
    parser = arguments(__doc__ or "")
    parser.add_argument("--skus", type=int, default=100_000)
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument(
        "--keep", type=Path, help="prepare only, on SQLite, and leave the merchant in this folder"
    )
    given = parser.parse_args()
    if given.keep:
        prepare(given.keep, None, given.skus, given.seed)
        return
    figures: dict[str, Any] = {"skus": given.skus, "seed": given.seed}
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ecsync-stock-")))
        for name in ("sqlite", "postgres"):
            if given.database in {name, "both"}:
                fresh = stack.enter_context(postgres()) if name == "postgres" else None
                figures[name] = measure(root / name, name, fresh, given)
    keep(given.json, figures)
    print(f"bar: {BAR:.0f} s for each of both commands on both databases")
    pairs = [pair for name in ("sqlite", "postgres") for pair in figures.get(name, {}).values()]
    if any(pair["run"].wall > BAR for pair in pairs):
        sys.exit(1)


if __name__ == "__main__":
    os.umask(0o077)
    main()
