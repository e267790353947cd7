"""The shop of the cases, played once per session to the end of its morning, and copied for each case."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bad_input.cases_shop import CasesShop, noon_files, open_shop


@dataclass(frozen=True)
class Kept:
    """The shop as it is before noon, and the files of an ordinary noon by flow."""

    before: CasesShop
    files: dict[str, bytes]


@pytest.fixture(scope="session")
def memory_folder() -> Iterator[Path]:
    """Give a folder whose fsync costs nothing."""
    shared = Path("/dev/shm")  # noqa: S108
    place = shared if os.access(shared, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="ecsync-bad-", dir=place) as name:
        yield Path(name)


@pytest.fixture(scope="session")
def kept(memory_folder: Path, sqlite_template: Path) -> Kept:
    """Give the shop before noon."""
    shop = open_shop(memory_folder / "before", sqlite_template)
    return Kept(shop, noon_files(shop))


@pytest.fixture
def before_noon(kept: Kept, tmp_path: Path) -> CasesShop:
    """Give a copy of the shop before noon."""
    return kept.before.copy(tmp_path / "shop")
