"""A usual night of a merchant with five shops: from the start of the process to the last file delivered.

A day is in the master already. The night brings that day's 5,000 orders again (some of them changed), 5,000 new ones,
what both warehouses shipped, and what 50,000 SKUs count in two warehouses and show in five shops. The command is
`ecsync sync night` in a process of its own, over folders and over a real SFTP server, on SQLite and on PostgreSQL; each
is set against a floor (floor.py) that ran on the same files.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import many_shops
from measuring import ROOT, Measured, arguments, ecsync, keep, postgres, run_child, table

from ecsync.exchange.throwaway_sftp import ThrowawayServer
from ecsync.mapping.catalogue import load_inbound

if TYPE_CHECKING:
    from collections.abc import Callable

BAR = 20.0  # seconds, on SQLite
PART = 0.05  # of the whole; smaller parts are not shown
DONE = (0, 3)  # 3: a person is needed, as on any day


class Prepared:
    """A merchant with a day in the master and the second day's files in place, on one database."""

    def __init__(
        self, root: Path, database: Callable[[], str] | None, skus: int, orders: int, seed: int
    ) -> None:
        """Play the first day."""
        draw = random.Random(seed)  # noqa: S311  (invented data)
        self.root = root
        self.address = database() if database else ""
        self.fresh = database
        self.merchant = many_shops.make(root / "day", many_shops.products(skus, draw), database=self.address)
        many_shops.first_day(self.merchant, orders, draw)
        self.first = self.night(self.merchant, many_shops.NIGHTS[0])
        many_shops.second_day(self.merchant, orders, draw)
        self.copies = 0

    def copy(self) -> many_shops.Merchant:
        """Return a copy of the merchant with a master of its own."""
        self.copies += 1
        made = many_shops.copied(self.merchant, self.root / f"night{self.copies}")
        if self.fresh is not None:
            many_shops.point_at(made.folder, many_shops.copied_database(self.address, self.fresh()))
        return made

    @staticmethod
    def night(merchant: many_shops.Merchant, at: str, env: dict[str, str] | None = None) -> Measured:
        """Run the night for real."""
        words = ("--project", str(merchant.folder), "--as-of", at, "sync", "night")
        return ecsync(*words, statuses=DONE, env=env)

    def floor(self) -> Measured:
        """Read, ingest, merge and write what the night reads and writes, and nothing else."""
        folder = self.root / f"floor{self.copies}"
        folder.mkdir()
        job = {
            "files": [
                [str(path), load_inbound(flow.mapping, None).file.encoding.replace("-sig", ""), flow.mapping]
                for flow in self.merchant.settings.inbound
                for path in sorted((self.merchant.exchange / flow.endpoint / flow.path).glob("*.csv"))
            ],
            "database": self.fresh() if self.fresh else "",
            "sizes": [path.stat().st_size for path in _sent(self.root / f"night{self.copies}")],
            "folder": str(folder),
        }
        (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
        measured = run_child([sys.executable, ROOT / "bench" / "floor.py", folder / "job.json"])
        shutil.rmtree(folder)
        return measured


def _sent(folder: Path) -> list[Path]:
    return sorted((folder / "outbox").rglob("*.payload"))


def nights(prepared: Prepared, *, sftp: bool, times: int) -> list[Measured]:
    """Run the night that often, each on a copy of its own; the last copy stays for the floor."""
    found = []
    for _ in range(times):
        with ExitStack() as stack:
            merchant = prepared.copy()
            env = None
            if sftp:
                passwords = dict.fromkeys(many_shops.USERS, many_shops.PASSWORD)
                server = stack.enter_context(ThrowawayServer(merchant.exchange, passwords))
                many_shops.over_sftp(merchant.folder, server.host, server.port, server.fingerprint)
                env = {"ECSYNC_BENCH_PASSWORD": many_shops.PASSWORD}
            found.append(prepared.night(merchant, many_shops.NIGHTS[1], env))
    return found


def parts(prepared: Prepared) -> dict[str, float]:
    """Run the night once more under a clock of its parts; return their seconds."""
    merchant, told = prepared.copy(), prepared.root / "parts.json"
    words = ("--project", str(merchant.folder), "--as-of", many_shops.NIGHTS[1], "sync", "night")
    run_child([sys.executable, ROOT / "bench" / "stage_clock.py", told, *words], statuses=DONE)
    found: dict[str, float] = json.loads(told.read_text(encoding="utf-8"))
    return found


def measure(prepared: Prepared, name: str, times: int, *, sftp: bool) -> dict[str, Any]:
    """Measure one database; print and return the figures."""
    figures: dict[str, Any] = {"first day": prepared.first}
    rows: list[list[object]] = []
    for way, over in (("folders", False), ("SFTP", True)):
        if over and not sftp:
            continue
        runs = nights(prepared, sftp=over, times=times)
        floors = [prepared.floor() for _ in range(times)]
        best, floor = min(runs, key=lambda one: one.wall), min(floors, key=lambda one: one.wall)
        figures[way] = {"run": best, "floor": floor, "all": [one.wall for one in runs]}
        for what, one in ((way, best), (f"{way}: the floor", floor)):
            rows.append(
                [what, one.wall, one.cpu, one.peak_mb, one.wall / floor.wall, one.peak_mb / floor.peak_mb]
            )
    print(f"{name}: the second night, the quickest of {times}")
    table(["over", "seconds", "CPU s", "peak MB", "times floor", "memory"], rows)
    figures["parts"] = parts(prepared)
    whole = figures["parts"]["whole process"]
    shown = sorted(figures["parts"].items(), key=lambda item: -item[1])
    table(["part", "seconds", "share"], [[n, s, f"{s / whole:.0%}"] for n, s in shown if s >= PART * whole])
    return figures


def main() -> None:
    """Measure what is asked for."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--skus", type=int, default=50_000)
    parser.add_argument("--orders", type=int, default=5_000, help="a day")
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--no-sftp", action="store_true")
    parser.add_argument(
        "--keep", type=Path, help="prepare only, on SQLite, and leave the merchant in this folder"
    )
    given = parser.parse_args()
    if given.keep:
        Prepared(given.keep, None, given.skus, given.orders, given.seed)
        return
    figures: dict[str, Any] = {"skus": given.skus, "orders a day": given.orders, "seed": given.seed}
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ecsync-night-")))
        for name in ("sqlite", "postgres"):
            if given.database in {name, "both"}:
                fresh = stack.enter_context(postgres()) if name == "postgres" else None
                prepared = Prepared(root / name, fresh, given.skus, given.orders, given.seed)
                figures[name] = measure(prepared, name, given.times, sftp=not given.no_sftp)
    keep(given.json, figures)
    if "sqlite" in figures:
        wall = figures["sqlite"]["folders"]["run"].wall
        print(f"bar: {BAR:.0f} s on SQLite over folders; measured {wall:.1f} s")
        if wall > BAR:
            sys.exit(1)


if __name__ == "__main__":
    os.umask(0o077)
    main()
