"""What a command imports before it answers: nothing heavy where nothing heavy is needed, and help at once."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from shop import Shop

# Each takes a tenth of a second or more, or brings what does.
HEAVY = (
    "adbc_driver_manager", "adbc_driver_sqlite", "alembic", "asyncssh", "jaconv", "jinja2", "numpy", "openpyxl",
    "pandas", "pandera", "paramiko", "psycopg", "pyarrow", "sqlalchemy", "xlsxwriter",
)  # fmt: skip
# Typer itself reads options with pydantic as soon as a command has one; help of the whole tree has none.
TYPER_NEEDS = ("pydantic",)
WORDS_ONLY = (*HEAVY, *TYPER_NEEDS, "jpholiday", "rich", "sqlite3", "yaml")
# Command line -> what it must not import.
LIGHT: dict[tuple[str, ...], tuple[str, ...]] = {
    ("--help",): WORDS_ONLY,
    ("--version",): WORDS_ONLY,
    ("mappings", "--help"): (*HEAVY, "jpholiday", "rich", "sqlite3", "yaml"),
    ("mappings", "list"): (*HEAVY, "jpholiday", "sqlite3", "yaml"),
    ("sync", "--help"): (*HEAVY, "jpholiday", "rich", "sqlite3", "yaml"),
    ("status",): HEAVY,
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Shop(tmp_path_factory.mktemp("quick")).set_up().project


def imported(words: Sequence[str], project: Path) -> set[str]:
    program = (
        "import sys, json; from ecsync.cli import main; status = main(sys.argv[1:]); "
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr); sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "--project", str(project), *words],
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout, words
    return {name.partition(".")[0] for name in json.loads(done.stderr.splitlines()[-1])}


@pytest.mark.parametrize("words", LIGHT, ids=" ".join)
def test_a_light_command_imports_nothing_heavy(words: tuple[str, ...], project: Path) -> None:
    assert imported(words, project) & set(LIGHT[words]) == set()


def test_the_heavy_are_seen_where_they_are_needed(project: Path) -> None:
    assert {"sqlalchemy", "pydantic"} <= imported(("db", "check", "--json"), project)


BARE = """
import typer
app = typer.Typer(add_completion=False, rich_markup_mode=None)
@app.command()
def one(name: str = "x") -> None:
    "Say one."
@app.command()
def two(name: str = "x") -> None:
    "Say two."
app()
"""


@pytest.mark.slow  # a matter of milliseconds, which a busy machine blurs
def test_help_takes_little_more_than_a_bare_program_s() -> None:
    programs = {
        "ecsync": [sys.executable, "-m", "ecsync", "--help"],
        "bare": [sys.executable, "-c", BARE, "--help"],
    }
    times: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(15):
        for name, words in programs.items():
            start = time.perf_counter()
            subprocess.run(words, capture_output=True, check=True)
            times[name].append(time.perf_counter() - start)
    # Measured 1.2; the bar is 1.5, and what a busy machine adds to both.
    assert min(times["ecsync"]) < 1.6 * min(times["bare"])
    assert statistics.median(times["ecsync"]) < 1.8 * statistics.median(times["bare"])
