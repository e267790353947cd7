"""Japanese and English: the language that ecsync speaks.

Msgids are English. `_("...")` translates at the moment of the call, so a module-level table of
texts marks them with `N_("...")` and translates when it prints.
"""

from __future__ import annotations

import gettext
import os
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DOMAIN = "ecsync"
LANGUAGES = ("en", "ja")
DEFAULT_LANGUAGE = "en"

_ENVIRONMENT = ("LC_ALL", "LC_MESSAGES", "LANG")
_spoken_here: ContextVar[str | None] = ContextVar("ecsync_language", default=None)


class _Program:
    """What the whole program speaks: threads start with an empty context, and must speak it too."""

    language: str | None = None
    environment: str | None = None


def language_of(name: str) -> str | None:
    """Return the language of a locale name such as `ja_JP.UTF-8`; None where we do not speak it."""
    language = name.partition(".")[0].partition("@")[0].replace("-", "_").partition("_")[0].lower()
    return language if language in LANGUAGES else None


def language_from(environment: Mapping[str, str]) -> str:
    """Return the language that the environment asks for.

    As POSIX has it, the first of LC_ALL, LC_MESSAGES and LANG that is set decides alone; the C locale
    and languages that we do not speak give English.
    """
    named = next((environment[name] for name in _ENVIRONMENT if environment.get(name)), "")
    return language_of(named) or DEFAULT_LANGUAGE


def set_language(lang: str | None) -> None:
    """Speak `lang` from now on; None gives the choice back to the environment.

    Raises ValueError for a language that has no catalogue.
    """
    _Program.language = None if lang is None else _known(lang)


def chosen_language() -> str | None:
    """Return the language that `set_language` chose; None where the environment decides."""
    return _Program.language


def current_language() -> str:
    """Return the language spoken now: `ja` or `en`."""
    return _spoken_here.get() or _Program.language or _Program.environment or language_from(os.environ)


@contextmanager
def environment_read_once() -> Iterator[None]:
    """Take the environment's language once for the block: a report asks thousands of times."""
    _Program.environment = language_from(os.environ)
    try:
        yield
    finally:
        _Program.environment = None


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Speak `lang` inside the block only: staff files have a language of their own."""
    before = _spoken_here.set(_known(lang))
    try:
        yield
    finally:
        _spoken_here.reset(before)


def _(message: str) -> str:
    """Return `message` in the language spoken now."""
    # The empty text is where gettext keeps a catalogue's header.
    return _catalogue(current_language()).gettext(message) if message else ""


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return the form of the message that fits `count`."""
    return _catalogue(current_language()).ngettext(singular, plural, count)


def N_(message: str) -> str:  # noqa: N802 - the name that gettext's tools look for
    """Mark `message` for the catalogues and return it as it is."""
    return message


def _known(lang: str) -> str:
    language = language_of(lang)
    if language is None:
        message = f"no catalogue for this language; choose one of {', '.join(LANGUAGES)}"
        raise ValueError(message)
    return language


@cache
def _catalogue(lang: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, Path(__file__).parent, languages=[lang], fallback=True)
