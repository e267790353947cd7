"""What ecsync ships beside its code is found in a checkout and in an installed wheel."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ecsync.shipped import mappings_dir, samples_dir

ROOT = Path(__file__).resolve().parents[2]


def test_a_checkout_keeps_them_at_its_root() -> None:
    assert mappings_dir() == ROOT / "mappings"
    assert samples_dir() == ROOT / "samples"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    checkout = tmp_path_factory.mktemp("checkout")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, checkout / name)
    (checkout / "src").mkdir()
    shutil.copytree(
        ROOT / "src" / "ecsync", checkout / "src" / "ecsync", ignore=shutil.ignore_patterns("__pycache__")
    )
    for folder in ("mappings", "samples"):
        (checkout / folder / "partner").mkdir(parents=True)
        (checkout / folder / "partner" / "orders.yaml").write_text("", encoding="utf-8")
    target = tmp_path_factory.mktemp("dist")
    # The backend itself, as pip would call it: no network, no isolation.
    build = f"import hatchling.build; print(hatchling.build.build_wheel({str(target)!r}))"
    subprocess.run([sys.executable, "-c", build], cwd=checkout, check=True, capture_output=True)
    return next(target.glob("*.whl"))


def test_a_wheel_carries_them_inside_the_package(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    program = "from ecsync import shipped; print(shipped.mappings_dir(), shipped.samples_dir(), sep='\\n')"
    answer = subprocess.run(
        [sys.executable, "-P", "-c", program],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    found = [Path(line) for line in answer.stdout.splitlines()]
    assert found == [tmp_path / "ecsync" / "_data" / name for name in ("mappings", "samples")]
    assert all((folder / "partner" / "orders.yaml").is_file() for folder in found)


def test_a_wheel_carries_the_catalogues_and_the_mark_of_types(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert "ecsync/locale/ja/LC_MESSAGES/ecsync.mo" in names
    assert "ecsync/py.typed" in names
    assert not any(name.startswith(("src/", "tests/", "mappings/")) for name in names)
