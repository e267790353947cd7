"""A disk that is really full: a small file system, and files that may not grow; once there is room, all is done.

Both bite wherever the run writes: spool, staging files, master and its log, payloads, journals, reports, partners.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bad_input.cases_shop import CasesShop
from bad_input.conftest import Kept
from bad_input.noon import command, unlike
from bad_input.test_moments import RUN, Points, noon, undisturbed  # noqa: F401  (a fixture)
from figures import counting, scaled

PAGE = os.sysconf("SC_PAGE_SIZE")
ROOMY = 256 << 20
FULL = {1, 13, 15}  # our own files, a partner's folder, the database


@contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """Give a file system of its own in memory, for the block."""
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOMY}", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def resize(place: Path, size: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(place)], check=True)


def used(place: Path) -> int:
    room = os.statvfs(place)
    return (room.f_blocks - room.f_bfree) * room.f_frsize


def taken_by_a_run(kept: Kept, place: Path) -> int:
    """Return how many bytes an undisturbed run adds."""
    with small_disk(place) as disk:
        shop = noon(kept, disk / "shop")
        before = used(disk)
        assert command(shop, "en", *RUN).status == 0
        return used(disk) - before


def on_a_full_disk(kept: Kept, expected: CasesShop, place: Path, room: int) -> tuple[list[str], str]:
    """Run with so much room, then again with enough; return what is wrong, and where the first run ended."""
    with small_disk(place) as disk:
        shop = noon(kept, disk / "shop")
        originals = {path.read_bytes() for path in shop.shop.partners.rglob("*") if path.is_file()}
        resize(disk, (used(disk) + room) // PAGE * PAGE)
        said = command(shop, "en", *RUN)
        resize(disk, ROOMY)
        there = {path.read_bytes() for path in shop.shop.partners.rglob("*") if path.is_file()}
        again = command(shop, "ja", *RUN)
        wrong = [
            *([f"status {said.status}: {said.err}"] if said.status not in {0, *FULL} else []),
            *(["nothing is said"] if said.status in FULL and not (said.err or said.out) else []),
            *(["an original file is gone"] if not originals <= there else []),
            *([f"then status {again.status}: {again.err}"] if again.status != 0 else []),
            *([f"differs: {different}"] if (different := unlike(expected, shop)) else []),
        ]
    return [f"{room} bytes of room: {text}" for text in wrong], f"ended with {said.status}"


@pytest.mark.slow
@pytest.mark.parametrize("share", [0, 0.3, 0.6, 0.9])
def test_a_small_disk(kept: Kept, undisturbed: Points, tmp_path: Path, share: float) -> None:  # noqa: F811
    room = int(taken_by_a_run(kept, tmp_path / "roomy") * share)
    wrong, end = on_a_full_disk(kept, undisturbed[0], tmp_path / "small", room)
    assert wrong == []
    assert end != "ended with 0", "the disk was never full"


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_a_small_disk_of_many_sizes(kept: Kept, undisturbed: Points, tmp_path: Path) -> None:  # noqa: F811
    whole, trials = taken_by_a_run(kept, tmp_path / "roomy"), scaled(200)
    with counting(12, "a small disk full at any moment, SQLite") as count:
        for number in range(trials):
            room = whole * number // trials
            count.tried(*on_a_full_disk(kept, undisturbed[0], tmp_path / f"small-{number}", room))
    assert Counter(count.where)["ended with 0"] < trials / 4, "the disk was hardly ever full"


def with_limited_files(shop: CasesShop, limit: int) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, none of whose files may grow beyond the limit."""
    return subprocess.run(
        [sys.executable, "-m", "ecsync", "--project", str(shop.project), "--lang", "en", *RUN],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("limit", [0, 5_000, 300_000])
def test_files_that_may_not_grow(kept: Kept, undisturbed: Points, tmp_path: Path, limit: int) -> None:  # noqa: F811
    expected, _points = undisturbed
    shop = noon(kept, tmp_path / "shop")
    said = with_limited_files(shop, limit)
    assert said.returncode in FULL, said.stderr
    assert "Traceback" not in said.stderr
    assert command(shop, "en", *RUN).status == 0
    assert unlike(expected, shop) == {}
