"""The command line as a test speaks it: in this process, with what it said on both streams and its status."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ecsync.cli import main
from ecsync.locale import current_language, set_language

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """Return stdout as the data that --json promises."""
        return json.loads(self.out)


Ecsync = Callable[..., Said]


@contextmanager
def process_as_it_was() -> Iterator[None]:
    """Give back what a command line changes in its process: signals, umask, language."""
    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    mask = os.umask(0o022)
    language = current_language()
    try:
        yield
    finally:
        os.umask(mask)
        set_language(language)
        for number, handler in handlers.items():
            signal.signal(number, handler)


def speaker(capsys: pytest.CaptureFixture[str], project: Path) -> Ecsync:
    """Return `ecsync(...)`: run a command line on a project, in English, and catch what it says."""

    def ecsync(*words: str, lang: str = "en", at_project: Path = project) -> Said:
        capsys.readouterr()
        with process_as_it_was():
            status = main(["--project", str(at_project), "--lang", lang, *words])
        heard = capsys.readouterr()
        return Said(status, heard.out, heard.err)

    return ecsync
