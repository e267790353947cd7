"""Tell a file that is written in UTF-8 although another encoding is declared.

Short UTF-8 texts often decode as cp932 without an error, and come out as other signs. Header cells show it where
they are Japanese; where they are all ASCII, or there is no header, the bytes themselves must.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Final

from ecsync.mapping.bytestream import is_byte_safe

if TYPE_CHECKING:
    from ecsync.mapping.model_file import InboundFile

_DECLARED: Final = frozenset({"cp932", "euc_jp"})
# Two half-width kana of cp932 may be one sign of UTF-8, and by chance two kanji and a half; not twice in a row.
_ENOUGH: Final = 2
_FIRST_OF_THREE_BYTES: Final = "\u0800"


class Utf8Witness:
    """Look at a file's bytes, block by block, until one of them is no UTF-8."""

    def __init__(self, file: InboundFile) -> None:
        """Look only where cp932 or EUC-JP is declared, and its own bytes are what is read."""
        asked = file.encoding in _DECLARED and is_byte_safe(file)
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict") if asked else None
        self._long = 0

    def look(self, block: bytes) -> None:
        """Take the next block of the file."""
        if self._decoder is None:
            return
        try:
            text = self._decoder.decode(block)
        except UnicodeDecodeError:
            self._decoder = None
            return
        if not text.isascii() and self._long < _ENOUGH:
            self._long += sum(sign >= _FIRST_OF_THREE_BYTES for sign in text)

    @property
    def says_utf8(self) -> bool:
        """Tell whether all that was seen is UTF-8, with Japanese signs in it."""
        return self._decoder is not None and self._long >= _ENOUGH
