"""A full disk and a signal at any moment: said, with its status; the same command again ends as if nothing had been."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bad_input.cases_moments import AT_PARTNER, DISK, LOCAL_WRITES, SIGNALS, STOPPED
from bad_input.cases_shop import NOON, CasesShop
from bad_input.conftest import Kept
from bad_input.noon import LANGUAGES, command, told_on, unlike
from ecsync import faultpoints

RUN = ("sync", "noon", "--as-of", NOON.isoformat())
AT_ONCE = {"publish.before_payload", "SIGINT rename.after_rename"}
Points = tuple[CasesShop, list[str]]


def noon(kept: Kept, root: Path) -> CasesShop:
    shop = kept.before.copy(root)
    for flow, content in kept.files.items():
        if flow != "erp-products":
            shop.put(flow, content)
    return shop


@pytest.fixture(scope="module")
def undisturbed(kept: Kept, memory_folder: Path) -> Points:
    """Give the shop after an undisturbed noon, and the points that its run passed."""
    shop = noon(kept, memory_folder / "moments")
    passed: list[str] = []
    with at_points(passed.append):
        assert command(shop, "en", *RUN).status == 0
    return shop, passed


class at_points:  # noqa: N801  (a block, read as words)
    """Do something at every fault point inside the block."""

    def __init__(self, act: Callable[[str], None]) -> None:
        self._act = act

    def __enter__(self) -> None:
        self._before = faultpoints._act, faultpoints._setting
        faultpoints._act, faultpoints._setting = self._act, "test"

    def __exit__(self, *_: object) -> None:
        faultpoints._act, faultpoints._setting = self._before


def at_nth(number: int, act: Callable[[], None]) -> Callable[[str], None]:
    passed: list[str] = []

    def reach(name: str) -> None:
        passed.append(name)
        if len(passed) == number + 1:
            act()

    return reach


def disk_is_full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def middle(points: list[str], name: str) -> int:
    """Return the number of a point of this name: the one in the middle of them."""
    there = [number for number, point in enumerate(points) if point == name]
    return there[len(there) // 2]


def marked(cases: list[str]) -> list[object]:
    return [pytest.param(key, marks=() if key in AT_ONCE else pytest.mark.slow) for key in cases]


@pytest.mark.parametrize("point", marked(list(LOCAL_WRITES)))
def test_the_disk_is_full(kept: Kept, undisturbed: Points, tmp_path: Path, point: str) -> None:
    case = next(case for case in DISK if case.key == point)
    language = list(LOCAL_WRITES).index(point) % 2
    expected, points = undisturbed
    shop = noon(kept, tmp_path / "shop")
    originals = {content for flow, content in kept.files.items() if flow != "erp-products"}
    with at_points(at_nth(middle(points, point), disk_is_full)):
        said = command(shop, LANGUAGES[language], *RUN)
    assert said.status == case.status
    assert case.said[language] in said.err
    there = {path.read_bytes() for path in shop.shop.partners.rglob("*") if path.is_file()}
    assert originals <= there, "the original files are where they were, or in the partner's archive"
    again = command(shop, LANGUAGES[language], *RUN)
    assert again.status == 0, again.err
    assert unlike(expected, shop) == {}
    assert told_on(shop, said, again) == []


@pytest.mark.slow
def test_the_disk_behind_a_partner_s_folder_is_full(kept: Kept, undisturbed: Points, tmp_path: Path) -> None:
    expected, points = undisturbed
    shop = noon(kept, tmp_path / "shop")
    with at_points(at_nth(middle(points, AT_PARTNER.key), disk_is_full)):
        said = command(shop, "en", *RUN)
    assert said.status == AT_PARTNER.status, said.out
    assert AT_PARTNER.said[0] in said.out
    assert command(shop, "ja", *RUN).status == 0
    assert unlike(expected, shop) == {}


@pytest.mark.parametrize("key", marked([case.key for case in STOPPED]))
def test_asked_to_stop(kept: Kept, undisturbed: Points, tmp_path: Path, key: str) -> None:
    case = next(case for case in STOPPED if case.key == key)
    name, _sep, point = key.partition(" ")
    language = list(SIGNALS).index(name)
    expected, points = undisturbed
    shop = noon(kept, tmp_path / "shop")
    with at_points(at_nth(middle(points, point), lambda: os.kill(os.getpid(), SIGNALS[name][0]))):
        said = command(shop, LANGUAGES[language], *RUN)
    assert said.status == case.status
    assert case.said[language] in said.err
    assert command(shop, LANGUAGES[language], *RUN).status == 0
    assert unlike(expected, shop) == {}
    assert told_on(shop, said) == []


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_the_disk_is_full_at_every_point(kept: Kept, undisturbed: Points, tmp_path: Path) -> None:
    expected, points = undisturbed
    for number in range(len(points)):
        shop = noon(kept, tmp_path / str(number))
        with at_points(at_nth(number, disk_is_full)):
            assert command(shop, "en", *RUN).status in {1, 13}, points[number]
        assert command(shop, "en", *RUN).status == 0, points[number]
        assert unlike(expected, shop) == {}, points[number]


def test_every_kind_of_local_write_is_passed(undisturbed: Points) -> None:
    assert set(LOCAL_WRITES) <= set(undisturbed[1])
