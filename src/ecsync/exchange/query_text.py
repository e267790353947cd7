"""A query of the project: one statement that reads, in a file of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ecsync.errors import ConfigurationError
from ecsync.exchange import names
from ecsync.locale import N_
from ecsync.locale.said import said

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST: Final = 1_000_000
_READS: Final = frozenset({"SELECT", "WITH"})
_WRITES: Final = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "INTO"})

# What is no word of the statement: comments, texts, quoted names.
_ASIDE: Final = r"--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]|"
_TEXT: Final = r"'(?:[^']|'')*'"
# MySQL, and E'' of PostgreSQL, escape a quote by a backslash.
_ESCAPED_TEXT: Final = r"'(?:[^'\\]|''|\\.)*'"
_OPEN: Final = re.compile(r"['\"`]|/\*")
_WORD: Final = re.compile(r"\w+")


def read_query(project: Path, place: str) -> str:
    """Return the query in a file of the project.

    Raises ConfigurationError where it cannot be read, or is anything else than one SELECT (or WITH ... SELECT).
    """
    path = project.joinpath(*names.folder_parts(place))
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(
            said(N_("the query {path} is missing, or not UTF-8"), path=place),
            hint=said(N_("write the query into a file of the project, and name it in ecsync.toml")),
        ) from None
    if len(raw) > _LONGEST or not (_only_reads(text, _TEXT) and _only_reads(text, _ESCAPED_TEXT)):
        raise ConfigurationError(
            said(N_("the query {path} is not one SELECT statement"), path=place),
            hint=said(N_("a query reads: one SELECT, or WITH ... SELECT, without INTO or FOR UPDATE")),
        )
    return text.strip().rstrip(";").rstrip()


def _only_reads(text: str, text_sign: str) -> bool:
    """Tell whether a text is one statement that reads, by its words outside of quotes and comments.

    The transaction that it runs in can only read; this finds out before a database is asked.
    """
    bare = re.sub(_ASIDE + text_sign, " ", text, flags=re.DOTALL).strip()
    if _OPEN.search(bare) or "\0" in text or ";" in bare.removesuffix(";"):
        return False
    words = [word.upper() for word in _WORD.findall(bare)]
    return bool(words) and words[0] in _READS and _WRITES.isdisjoint(words)
