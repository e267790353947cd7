"""Try an act of a partner's again where the line broke: from the beginning, each time after a longer pause."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, TypeVar

from ecsync.errors import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecsync.config import Endpoint as EndpointSettings

_LONGEST_PAUSE: Final = 60.0
_T = TypeVar("_T")


def trying_again(
    act: Callable[[], _T],
    settings: EndpointSettings,
    *,
    failed: Callable[[UnreachableError], None],
    sleep: Callable[[float], None] = time.sleep,
) -> _T:
    """Act, as often as the endpoint says; `failed` is told of every fault, for a broken line is hung up.

    Raises the fault that is the last, or that it makes no sense to try again after at once.
    """
    attempt = 0
    while True:
        try:
            return act()
        except UnreachableError as error:
            failed(error)
            if not error.at_once or attempt == settings.retries:
                raise
        sleep(min(settings.retry_delay_seconds * 2**attempt, _LONGEST_PAUSE))
        attempt += 1
