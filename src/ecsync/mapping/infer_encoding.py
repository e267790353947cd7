"""In which encodings a file can be read from its first byte to its last: what is proven, and what is not."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecsync.mapping.bytestream import BLOCK
from ecsync.mapping.encodings import is_utf16

if TYPE_CHECKING:
    from pathlib import Path

# The likeliest first: where several remain, the first of them is taken for the rest, and said not to be proven.
CANDIDATES: Final = ("utf-8", "cp932", "euc_jp", "iso2022_jp")
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HEAD: Final = 4_096
# What a decoder lets through although nobody writes it: the shift of another encoding, and bytes that mean nothing.
_NO_TEXT: Final = re.compile("[\x1b\uf8f0-\uf8f3]")
# Beyond these bytes the candidates read alike: no byte above 0x7F, and none that shifts to another set of signs.
_TELLING: Final = re.compile(rb"[\x0e\x0f\x1b\x80-\xff]")


@dataclass(frozen=True)
class Trial:
    """Whether all of a file decodes; where not, the line and byte offset of the first byte that does not."""

    encoding: str
    holds: bool
    line: int = 0
    offset: int = 0


@dataclass(frozen=True)
class Encodings:
    """The trials; the byte order mark's encoding, '' where there is none; the line of the first byte beyond ASCII."""

    trials: tuple[Trial, ...]
    mark: str
    telling_line: int

    @property
    def possible(self) -> tuple[str, ...]:
        """Return the encodings in which the whole file decodes."""
        return tuple(one.encoding for one in self.trials if one.holds)

    @property
    def is_ascii(self) -> bool:
        """Tell whether every candidate reads the same signs, so that the bytes say nothing."""
        return not self.telling_line

    @property
    def proven(self) -> bool:
        """Tell whether exactly one candidate remains, by bytes that could have shown otherwise."""
        return len(self.possible) == 1 and not self.is_ascii


def try_encodings(path: Path) -> Encodings:
    """Decode the whole file under every candidate, a block at a time."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    mark = next((name for sign, name in _MARKS if head.startswith(sign)), "")
    if not mark and is_utf16(head):
        mark = "utf-16le" if head[1::2].count(0) > head[0::2].count(0) else "utf-16be"
        return Encodings((_tried(path, mark),), "", telling_line=1)
    if mark:
        return Encodings((_tried(path, mark),), mark, telling_line=1)
    telling = _first_telling_line(path)
    if not telling:
        return Encodings(tuple(Trial(one, holds=True) for one in CANDIDATES), "", 0)
    return Encodings(tuple(_tried(path, one) for one in CANDIDATES), "", telling)


def _tried(path: Path, encoding: str) -> Trial:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    lines, read = 1, 0
    with path.open("rb") as file:
        while True:
            block = file.read(BLOCK)
            begun = read - len(decoder.getstate()[0])
            read += len(block)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                lines += error.object[: error.start].count(b"\n")
                return Trial(encoding, holds=False, line=lines, offset=read - len(error.object) + error.start)
            if found := _NO_TEXT.search(text):
                before = text[: found.start()]
                offset = begun + len(before.encode(encoding))
                return Trial(encoding, holds=False, line=lines + before.count("\n"), offset=offset)
            lines += text.count("\n")
            if not block:
                return Trial(encoding, holds=True)


def _first_telling_line(path: Path) -> int:
    lines = 1
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            found = _TELLING.search(block)
            if found:
                return lines + block[: found.start()].count(b"\n")
            lines += block.count(b"\n")
    return 0
