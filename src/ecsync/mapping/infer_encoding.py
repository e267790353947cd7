"""In which encodings a file can be read from its first byte to its last: what is proven, and what is not."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecsync.mapping.bytestream import BLOCK
from ecsync.mapping.encodings import is_utf16

if TYPE_CHECKING:
    from pathlib import Path

# The likeliest first: where several remain, the first of them is taken for the rest, and said not to be proven.
_CANDIDATES: Final = ("utf-8", "cp932", "euc_jp", "iso2022_jp")
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Trial:
    """Whether all of a file decodes; where not, the line and byte offset of the first byte that does not."""

    encoding: str
    holds: bool
    line: int = 0
    offset: int = 0


@dataclass(frozen=True)
class Encodings:
    """The trials, and the line of the first byte that is no ASCII, 0 where there is none."""

    trials: tuple[Trial, ...]
    telling_line: int

    @property
    def possible(self) -> tuple[str, ...]:
        """Return the encodings in which the whole file decodes."""
        return tuple(one.encoding for one in self.trials if one.holds)

    @property
    def proven(self) -> bool:
        """Tell whether exactly one candidate remains."""
        return len(self.possible) == 1


def try_encodings(path: Path) -> Encodings:
    """Decode the whole file under every candidate, a block at a time."""
    with path.open("rb") as file:
        head = file.read(4_096)
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), "")
    candidates = (marked,) if marked else _CANDIDATES
    if not marked and is_utf16(head):
        candidates = ("utf-16le",) if head[1::2].count(0) > head[0::2].count(0) else ("utf-16be",)
    return Encodings(tuple(_tried(path, one) for one in candidates), _first_telling_line(path))


def _tried(path: Path, encoding: str) -> Trial:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    lines, read = 1, 0
    with path.open("rb") as file:
        while True:
            block = file.read(BLOCK)
            read += len(block)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                lines += error.object[: error.start].count(b"\n")
                return Trial(encoding, holds=False, line=lines, offset=read - len(error.object) + error.start)
            lines += text.count("\n")
            if not block:
                return Trial(encoding, holds=True)


def _first_telling_line(path: Path) -> int:
    lines = 1
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            if not block.isascii() or b"\x1b" in block:
                at = next(at for at, byte in enumerate(block) if byte > 0x7F or byte == 0x1B)  # noqa: PLR2004
                return lines + block[:at].count(b"\n")
            lines += block.count(b"\n")
    return 0
