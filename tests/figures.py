"""Figures of the long run: how often something was tried, how often it went wrong, and with which seed.

Each test that counts writes one line per part of its work to `faults.json` in the folder that ECSYNC_FIGURES names;
`tools/fault_table.py` adds the lines up. ECSYNC_LONG_SCALE makes every long test larger or smaller (1 is the size
that docs/reliability.md asks for), ECSYNC_LONG_SEED gives it other random numbers.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

FILE = "faults.json"
SEED = os.environ.get("ECSYNC_LONG_SEED", "1")


def scaled(trials: int) -> int:
    """Return how many trials a long test makes: its own number, times the scale that was asked for."""
    return max(1, round(trials * float(os.environ.get("ECSYNC_LONG_SCALE", "1"))))


def random_for(*words: object) -> Random:
    """Return random numbers that depend on these words alone, so that one trial can be repeated by itself."""
    return Random(":".join(str(word) for word in words))  # noqa: S311


@dataclass
class Count:
    """What a test counts while it runs."""

    trials: int = 0
    violations: list[str] = field(default_factory=list)
    where: dict[str, int] = field(default_factory=dict)

    def tried(self, violations: list[str], where: str = "") -> None:
        """Count a trial, and where on its way the fault fell."""
        self.trials += 1
        self.violations += violations
        if where:
            self.where[where] = self.where.get(where, 0) + 1


@contextmanager
def counting(row: int, what: str, *, seed: str = "") -> Iterator[Count]:
    """Give a count; write its line at the end, and fail where anything was violated.

    `row` is the row of the list of faults in docs/reliability.md, `what` says what was tried and on what.
    """
    count, began = Count(), time.monotonic()
    try:
        yield count
    except BaseException as error:
        count.violations.append(f"broke off: {type(error).__name__}")
        raise
    finally:
        _write(row, what, count, seed, time.monotonic() - began)
    assert count.violations == [], f"{len(count.violations)} violations in {count.trials} trials"


@contextmanager
def one_figure(name: str) -> Iterator[None]:
    """Write that a whole test was one trial, unless the test counts by itself."""
    written = _written.copy()
    count, began = Count(), time.monotonic()
    try:
        yield
    except BaseException as error:
        count.violations.append(type(error).__name__)
        raise
    finally:
        count.trials = 1
        if _written == written:
            _write(0, name, count, "", time.monotonic() - began)


_written: list[str] = []


def _write(row: int, what: str, count: Count, seed: str, seconds: float) -> None:
    _written.append(what)
    folder = os.environ.get("ECSYNC_FIGURES")
    if not folder:
        return
    line: Mapping[str, object] = {
        "row": row,
        "what": what,
        "trials": count.trials,
        "violations": len(count.violations),
        "seed": seed,
        "seconds": round(seconds, 1),
        "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "where": count.where,
        "said": count.violations[:20],
    }
    Path(folder).mkdir(parents=True, exist_ok=True)
    # One write of one line: several processes may append at once.
    with (Path(folder) / FILE).open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n")
