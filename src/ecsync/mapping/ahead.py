"""Do the next piece of work while this one is used: parsing a file and converting its cells take a processor each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")
_END: Final = object()


def one_ahead(items: Iterator[T]) -> Iterator[T]:
    """Yield the items; while one is used, a thread makes the next, never more. Raises what making them raises."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, items, _END)
        while (item := coming.result()) is not _END:
            coming = thread.submit(next, items, _END)
            yield cast("T", item)
