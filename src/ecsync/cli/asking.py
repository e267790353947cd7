"""Ask a person for what no flag says."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

import typer

from ecsync.cli import console
from ecsync.errors import UsageError
from ecsync.locale import _

_Answer = TypeVar("_Answer")


class Asking:
    """Ask a person for what no flag says; where nobody is there, take the default or say what is missing."""

    def __init__(self, *, yes: bool, flags: str) -> None:
        """Remember whether to take defaults (`yes`), and the flags to name where nobody can be asked."""
        self._yes = yes
        self._flags = flags
        self._there = sys.stdin is not None and sys.stdin.isatty()

    @property
    def is_talking(self) -> bool:
        """Tell whether there is a person who is asked."""
        return self._there and not self._yes

    def text(self, given: str, question: str, default: str, flag: str) -> str:
        """Return what was given, else the answer; raise UsageError where there is neither."""
        if given:
            return given
        if self._yes and default:
            return default
        if self._yes or not self._there:
            raise UsageError(
                _("nobody is there to ask, and {flag} is not given").format(flag=flag),
                hint=_("give all of {flags}; or --yes for the defaults").format(flags=self._flags),
            )
        return str(typer.prompt(question, default=default or None, err=True)).strip()

    def until_right(
        self, given: str, question: str, default: str, flag: str, read: Callable[[str], _Answer]
    ) -> _Answer:
        """Ask until the answer can be read; a flag that cannot is wrong usage."""
        while True:
            word = self.text(given, question, default, flag)
            try:
                return read(word)
            except UsageError as error:
                if given or self._yes or not self._there:
                    raise
                console.complain(error.message)
