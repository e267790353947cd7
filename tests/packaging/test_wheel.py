"""The wheel carries everything: it works where only it and its dependencies are, without terminal and locale."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ecsync.shipped import mappings_dir, samples_dir

ROOT = Path(__file__).resolve().parents[2]
PINS = ROOT / "requirements" / "demo.txt"
ORDERS = ROOT / "tests" / "fixtures" / "one-shop" / "noon" / "orders.csv"
BARE = {"LANG": "C"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel as pip would: the backend itself, no network, no isolation."""
    checkout = tmp_path_factory.mktemp("checkout")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, checkout / name)
    for name in ("src", "mappings", "samples"):
        shutil.copytree(ROOT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
    target = tmp_path_factory.mktemp("dist")
    build = f"import hatchling.build; print(hatchling.build.build_wheel({str(target)!r}))"
    subprocess.run([sys.executable, "-c", build], cwd=checkout, check=True, capture_output=True)
    return next(target.glob("*.whl"))


def bare_environment(folder: Path) -> Path:
    """Make a virtual environment with nothing in it; return its Python."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder / "bin" / "python"


def link_pinned(python: Path) -> None:
    """Give an environment the pinned dependencies, as links to the files that are installed here."""
    site = next(python.parents[1].glob("lib/python*/site-packages"))
    made: set[Path] = set()
    for name in re.findall(r"^([a-z0-9-]+)==", PINS.read_text(encoding="utf-8"), re.MULTILINE):
        try:
            files = importlib.metadata.distribution(name).files or []
        except importlib.metadata.PackageNotFoundError:
            continue  # a pin of another platform
        for file in files:
            source, target = Path(str(file.locate())), site / str(file)
            if ".." in file.parts or not source.is_file():
                continue
            if target.parent not in made:
                target.parent.mkdir(parents=True, exist_ok=True)
                made.add(target.parent)
            try:
                os.link(source, target)
            except OSError:  # another file system
                shutil.copyfile(source, target)


def install(python: Path, wheel: Path) -> Path:
    """Install the wheel with its extra from this file alone; return the command."""
    words = ["--python", str(python), "install", "--quiet", "--no-index", "--disable-pip-version-check"]
    done = subprocess.run(
        [sys.executable, "-m", "pip", *words, f"ecsync[demo] @ {wheel.as_uri()}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return python.parent / "ecsync"


@pytest.fixture(scope="module")
def ecsync(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the installed command, in an environment that holds its pinned dependencies and nothing else."""
    python = bare_environment(tmp_path_factory.mktemp("environment") / "venv")
    link_pinned(python)
    return install(python, wheel)


def run(command: Path, *words: str, at: Path) -> subprocess.CompletedProcess[str]:
    """Run the command as a bare machine would: no terminal, LANG=C, no PATH, no HOME."""
    return subprocess.run(
        [str(command), *words],
        cwd=at,
        env=BARE,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_it_holds_every_mapping_sample_part_template_and_catalogue(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    wanted = {
        f"ecsync/_data/{part}/{path.relative_to(root)}"
        for part, root in (("mappings", mappings_dir()), ("samples", samples_dir()))
        for path in root.rglob("*")
        if path.is_file()
    }
    source = ROOT / "src"
    wanted |= {
        str(path.relative_to(source))
        for path in (source / "ecsync").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted <= names, sorted(wanted - names)[:10]
    assert not any(name.startswith(("src/", "tests/", "tools/", "mappings/", "samples/")) for name in names)
    assert any(name.endswith("ja/LC_MESSAGES/ecsync.mo") for name in names)


@pytest.mark.slow
def test_a_newcomer_gets_to_a_dry_run_with_it(ecsync: Path, tmp_path: Path) -> None:
    made = run(ecsync, "init", "shop", "--export", str(ORDERS), "--yes", at=tmp_path)
    assert made.returncode == 0, made.stderr
    words = ("--project", "shop", "--as-of", "2026-11-24T12:00+09:00", "--lang", "ja")
    dry = run(ecsync, *words, "sync", "night", "--dry-run", at=tmp_path)
    assert dry.returncode == 3, dry.stderr
    assert "までにすること" in dry.stdout
    assert "\x1b" not in dry.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["shop"], "nothing lies beside the project"


@pytest.mark.slow
def test_every_mapping_is_found_from_there(ecsync: Path, tmp_path: Path) -> None:
    listed = run(ecsync, "mappings", "list", at=tmp_path)
    assert listed.returncode == 0, listed.stderr
    for path in mappings_dir().glob("*/*.yaml"):
        assert f"{path.parent.name}/{path.stem}" in listed.stdout


@pytest.mark.long
@pytest.mark.timeout(900)
def test_installed_from_its_pins_it_plays_the_demo(wheel: Path, tmp_path: Path) -> None:
    """Nothing is shared with this checkout: pip fetches what the hashes name."""
    environment = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    python = environment / "bin" / "python"
    fetched = subprocess.run(
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes",
         "--only-binary", ":all:", "-r", str(PINS)],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert fetched.returncode == 0, fetched.stderr
    command = install(python, wheel)
    empty = tmp_path / "empty"
    empty.mkdir()
    done = run(command, "demo", at=empty)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    assert "the same bytes" in done.stdout
    assert "different" not in done.stdout.partition("How the")[2]
    assert "\x1b" not in done.stdout + done.stderr
    assert list(empty.iterdir()) == []
