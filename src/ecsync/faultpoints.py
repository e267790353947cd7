"""Named points at every I/O edge, where a test may kill the process or make the step fail.

Without the environment variable ECSYNC_FAULT a point costs one comparison. `kill:N` sends SIGKILL to
the process at the N-th point reached, `fail:N` raises OSError(EIO) there, `fail-from:N` from there on, and
`count:PATH` appends each point's name to a file. Every name stands in REGISTRY; tests hold the two together.
"""

from __future__ import annotations

import errno
import os
import signal
from pathlib import Path
from typing import Final

REGISTRY: Final[dict[str, str]] = {}

_setting = os.environ.get("ECSYNC_FAULT", "")
_reached = 0


def declare(name: str, meaning: str) -> str:
    """Enter a point in the registry at import time and return its name."""
    REGISTRY[name] = meaning
    return name


def arm(setting: str) -> None:
    """Ask for a fault in this process, counting points anew; '' asks for none."""
    global _setting, _reached
    _setting, _reached = setting, 0


def faultpoint(name: str) -> None:
    """Pass a named point; do nothing unless a test asked for a fault."""
    if _setting:
        _act(name)


def _act(name: str) -> None:
    global _reached  # noqa: PLW0603  (one count per process is the point)
    _reached += 1
    mode, _sep, argument = _setting.partition(":")
    if mode == "count":
        with Path(argument).open("a", encoding="utf-8") as log:
            log.write(name + "\n")
        return
    at = int(argument)
    if mode == "kill" and _reached == at:
        os.kill(os.getpid(), signal.SIGKILL)
    if (mode == "fail" and _reached == at) or (mode == "fail-from" and _reached >= at):
        raise OSError(errno.EIO, f"fault asked for at {name}")
