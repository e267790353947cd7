"""Tell encodings whose bytes are no text of a byte-safe one: asked only of a file that is refused already."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from ecsync.mapping.model_file import InboundFile

_LOOKED_AT: Final = 4_096
_FEWEST_NULS, _CLEARLY = 3, 8
_JIS: Final = (b"\x1b$@", b"\x1b$B", b"\x1b(I")


def other_encoding(path: Path, file: InboundFile) -> str:
    """Return `utf-16` or `iso2022_jp` where a file shows that it is written so and is not declared so; else ''."""
    with path.open("rb") as raw:
        head = raw.read(_LOOKED_AT)
    if not file.encoding.startswith("utf-16") and is_utf16(head):
        return "utf-16"
    if file.encoding != "iso2022_jp" and any(sign in head for sign in _JIS):
        return "iso2022_jp"
    return ""


def is_utf16(head: bytes) -> bool:
    """Tell whether it is mostly every second byte that is NUL, and the bytes are text when read in pairs."""
    # The other halves hold a NUL here and there: 一 is U+4E00.
    halves = head[0::2].count(0), head[1::2].count(0)
    if max(halves) < max(_FEWEST_NULS, _CLEARLY * min(halves)):
        return False
    name = "utf-16-le" if halves[1] > halves[0] else "utf-16-be"
    try:
        text = codecs.getincrementaldecoder(name)("strict").decode(head)
    except UnicodeDecodeError:
        return False
    return "\n" in text or len(head) == _LOOKED_AT
