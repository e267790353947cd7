"""The face: parse, call one function, render. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    from ecsync.cli.entry import run  # noqa: PLC0415  (import ecsync.cli stays light)

    return run(list(sys.argv[1:] if arguments is None else arguments))
