"""One piece of work ahead: the same items in the same order, one more in the making and never two."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from ecsync.mapping.ahead import one_ahead

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_the_items_come_in_order(count: int) -> None:
    assert list(one_ahead(iter(range(count)))) == list(range(count))


def test_none_is_an_item_like_any_other() -> None:
    assert list(one_ahead(iter([None, 1, None]))) == [None, 1, None]


def test_what_the_making_raises_comes_after_what_was_made() -> None:
    def items() -> Iterator[int]:
        yield 1
        message = "broken"
        raise ValueError(message)

    ahead = one_ahead(items())
    assert next(ahead) == 1
    with pytest.raises(ValueError, match="broken"):
        next(ahead)


def test_no_more_than_one_is_made_ahead() -> None:
    made = []

    def items() -> Iterator[int]:
        for number in range(10):
            made.append(number)
            yield number

    for item in one_ahead(items()):
        assert len(made) <= item + 2


def test_who_stops_early_leaves_no_thread() -> None:
    before = threading.active_count()
    ahead = one_ahead(iter(range(100)))
    assert next(ahead) == 0
    ahead.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before
