"""An act of a partner's is tried again where the line broke, each time after a longer pause, and not for ever."""

from __future__ import annotations

import pytest

from ecsync.config import Endpoint
from ecsync.errors import TransferError, UnreachableError
from ecsync.exchange.trying_again import trying_again

BROKEN = UnreachableError("the line broke", at_once=True)
SILENT = UnreachableError("no answer")
REFUSED = TransferError("no")


@pytest.mark.parametrize(
    ("faults", "retries", "tried", "pauses"),
    [
        pytest.param([], 2, 1, [], id="at once"),
        pytest.param([BROKEN], 2, 2, [10.0], id="the second time"),
        pytest.param([BROKEN, BROKEN], 2, 3, [10.0, 20.0], id="the last time"),
        pytest.param(
            [BROKEN] * 5, 5, 6, [10.0, 20.0, 40.0, 60.0, 60.0], id="no pause is longer than a minute"
        ),
    ],
)
def test_it_ends_well(faults: list[UnreachableError], retries: int, tried: int, pauses: list[float]) -> None:
    assert outcome(faults, retries) == ("done", tried, pauses, faults)


@pytest.mark.parametrize(
    ("faults", "retries", "tried", "pauses"),
    [
        pytest.param([BROKEN], 0, 1, [], id="never again"),
        pytest.param([BROKEN, BROKEN], 1, 2, [10.0], id="as often as the endpoint says"),
        pytest.param([SILENT], 2, 1, [], id="a silence would only come again"),
        pytest.param([BROKEN, REFUSED], 2, 2, [10.0], id="a no is an answer"),
    ],
)
def test_it_raises_the_last_fault(
    faults: list[UnreachableError], retries: int, tried: int, pauses: list[float]
) -> None:
    assert outcome(faults, retries) == (faults[-1], tried, pauses, faults)


def outcome(
    faults: list[UnreachableError], retries: int
) -> tuple[str | UnreachableError, int, list[float], list[UnreachableError]]:
    """Return what came of it, how often it was tried, the pauses in seconds, and the faults that were told."""
    left, tries, pauses, told = list(faults), [0], list[float](), list[UnreachableError]()

    def act() -> str:
        tries[0] += 1
        if left:
            raise left.pop(0)
        return "done"

    settings = Endpoint(kind="folder", root=".", retries=retries, retry_delay_seconds=10)
    try:
        ended: str | UnreachableError = trying_again(act, settings, failed=told.append, sleep=pauses.append)
    except UnreachableError as error:
        ended = error
    return ended, tries[0], pauses, told
