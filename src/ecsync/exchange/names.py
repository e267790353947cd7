"""Remote names are data: what is refused, and how a name becomes a path below the configured root."""

from __future__ import annotations

import re
import unicodedata
from fnmatch import fnmatchcase
from typing import Final

from ecsync.errors import ConfigurationError
from ecsync.locale import N_
from ecsync.locale.said import said

_LONGEST: Final = 200
_REGEX: Final = "re:"
_OPEN: Final = {"*": "(.*)", "?": "(.)"}
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

SEPARATOR: Final = N_("a slash or backslash in the name")
CONTROL: Final = N_("a control character in the name")
LEADING: Final = N_("the name begins with a dot or a dash")
PARENT: Final = N_("two dots in a row in the name")
TOO_LONG: Final = N_("the name is longer than 200 bytes")
EMPTY: Final = N_("the name is empty")
NOT_DECODABLE: Final = N_("the name is not in the declared file name encoding")
NOT_A_FILE: Final = N_("it is a folder or a link, not a file")


def refusal(name: str) -> str:
    """Return why a remote name is not safe (a msgid); '' where it is."""
    folded = unicodedata.normalize("NFC", name)
    rules = (
        (EMPTY, not name),
        (SEPARATOR, "/" in folded or "\\" in folded),
        (CONTROL, any(unicodedata.category(sign) in _UNSEEN for sign in folded)),
        (LEADING, folded[:1] in {".", "-"}),
        (PARENT, ".." in folded),
        (TOO_LONG, len(name.encode("utf-8", "surrogatepass")) > _LONGEST),
    )
    return next((reason for reason, broken in rules if broken), "")


def decode(raw: bytes, encoding: str) -> str | None:
    """Decode a remote name; None where it is not text in that encoding, or would not lead back to its bytes."""
    try:
        name = raw.decode(encoding)
        return name if name.encode(encoding) == raw else None
    except UnicodeError:
        return None


def encode(name: str, encoding: str) -> bytes:
    """Encode a name of ours for the partner; raise ConfigurationError where its encoding cannot hold it."""
    try:
        return name.encode(encoding)
    except UnicodeError:
        raise ConfigurationError(
            said(N_("a file name cannot be written in the partner's encoding {encoding}"), encoding=encoding),
            hint=said(N_("set file_name_encoding of the endpoint, or change the name in the mapping")),
        ) from None


def folder_parts(path: str) -> tuple[str, ...]:
    """Return the parts of a configured folder below the root; raise ConfigurationError where it leaves it."""
    parts = tuple(part for part in path.split("/") if part not in {"", "."})
    if path.startswith("/") or any(part == ".." or "\\" in part or "\0" in part for part in parts):
        raise ConfigurationError(
            said(N_("the path {path} must be relative and stay below the endpoint's root"), path=path),
            hint=said(N_("write it without a leading slash and without two dots")),
        )
    return parts


def matches(name: str, pattern: str) -> bool:
    """Tell whether a name fits a flow's pattern: shell signs, or a whole regular expression after `re:`."""
    if pattern.startswith(_REGEX):
        return re.fullmatch(pattern.removeprefix(_REGEX), name) is not None
    return fnmatchcase(name, pattern)


def stamp(name: str, pattern: str) -> str:
    """Return what a name has where its flow's pattern leaves it open: `1124` of orders_1124.csv and orders_*.csv.

    Of a regular expression its groups; "" where nothing is open, or the name does not fit.
    """
    expression = pattern.removeprefix(_REGEX) if pattern.startswith(_REGEX) else _with_groups(pattern)
    found = re.fullmatch(expression, name, re.DOTALL)
    return "" if found is None else "\0".join(part or "" for part in found.groups())


def _with_groups(pattern: str) -> str:
    signs = re.findall(r"\*|\?|\[!?\]?[^\]]*\]|.", pattern, re.DOTALL)
    return "".join(
        _OPEN.get(sign) or (f"({_set(sign)})" if len(sign) > 1 else re.escape(sign)) for sign in signs
    )


def _set(sign: str) -> str:
    inside = sign[1:-1].replace("\\", r"\\")
    return f"[^{inside[1:]}]" if inside.startswith("!") else f"[{inside}]"
