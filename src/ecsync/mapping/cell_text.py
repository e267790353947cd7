"""From a text to the bytes of one cell: codes, parts, folding, limits, quotes. Asked once per distinct text."""

from __future__ import annotations

import codecs
import re
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from ecsync.text.addresses import split_address
from ecsync.text.faults import TextFault
from ecsync.text.folding import fold_for
from ecsync.text.widths import byte_length, cut, first_unencodable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecsync.mapping.model_file import OutboundFile
    from ecsync.mapping.model_out import Writes
    from ecsync.mapping.tables import CodeTable

# Codecs that write a byte order mark with every text: the mark belongs to the file.
_MARKED: Final = {"utf-8-sig": ("utf-8", codecs.BOM_UTF8), "utf-16": ("utf-16-le", codecs.BOM_UTF16_LE)}


class CellFault(NamedTuple):
    """Why a text cannot stand in the partner's file; never the text itself."""

    rule: str  # unencodable | control | too_long | delimiter | unknown_code
    code_point: str = ""


class Rendered(NamedTuple):
    """The bytes of one cell, the fault that keeps its row back, and the code points that were replaced."""

    cell: bytes
    fault: CellFault | None = None
    replaced: tuple[str, ...] = ()


class CellFormat:
    """Write texts as cells of one file: encoding, quotes, and what may not stand in a cell."""

    def __init__(self, file: OutboundFile) -> None:
        self.codec, self.mark = _MARKED.get(file.encoding, (file.encoding, b""))
        self.encoding = self.codec
        self._fold = fold_for(file.encoding)
        self._quote = file.quote
        self._special = re.compile("[" + re.escape(file.delimiter) + '"\r\n]')

    def encode(self, text: str) -> bytes:
        """Return the bytes of a text that the file itself brings (delimiter, line end)."""
        return text.encode(self.codec)

    def fold(self, text: str) -> tuple[str, tuple[str, ...]]:
        """Return the text as the encoding can hold it, and the code points that were replaced."""
        folded = self._fold(text)
        if folded == text:
            return text, ()
        gone = sorted(set(text) - set(folded))
        return folded, tuple(f"U+{ord(sign):04X}" for sign in gone) or ("",)

    def finish(self, text: str, replaced: tuple[str, ...] = ()) -> Rendered:
        """Return a folded text as a cell."""
        if "\0" in text:
            return Rendered(b"", CellFault("control", "U+0000"))
        lacking = first_unencodable(text, self.codec)
        if lacking is not None:
            return Rendered(b"", CellFault("unencodable", lacking.code_point))
        special = self._special.search(text)
        if self._quote == "all" or (special and self._quote == "minimal"):
            text = '"' + text.replace('"', '""') + '"'
        elif special:
            return Rendered(b"", CellFault("delimiter", f"U+{ord(special.group()):04X}"))
        return Rendered(text.encode(self.codec), None, replaced)


class TextRules:
    """What a column's words do to a text, once it is a text."""

    def __init__(
        self,
        source: Writes,
        table: CodeTable | None,
        cells: CellFormat,
        limits: Sequence[int] = (),
        part: int = 0,
    ) -> None:
        self._source = source
        self._table = table
        self._cells = cells
        self._limits = limits
        self._part = part
        self._codes: dict[date | None, dict[str, str]] = {}

    def render(self, text: str, code: str, day: str) -> Rendered:
        """Return the cell of a text; `code` is what codes are looked up by, `day` picks a dated entry."""
        found = self._looked_up(text, code, day)
        if isinstance(found, CellFault):
            return Rendered(b"", found)
        folded, replaced = self._cells.fold(found)
        if self._part:
            parts = (
                split_address(folded, self._limits, self._cells.encoding) if self._encodes(folded) else folded
            )
            if isinstance(parts, TextFault):
                return Rendered(b"", CellFault("too_long"))
            return self._cells.finish(parts if isinstance(parts, str) else parts[self._part - 1], replaced)
        limit = self._source.max_bytes
        if limit is not None and self._encodes(folded) and byte_length(folded, self._cells.encoding) > limit:
            if self._source.overflow == "error":
                return Rendered(b"", CellFault("too_long"))
            return self._cells.finish(cut(folded, self._cells.encoding, limit), (*replaced, ""))
        return self._cells.finish(folded, replaced)

    def _encodes(self, text: str) -> bool:
        return first_unencodable(text, self._cells.codec) is None

    def _looked_up(self, text: str, code: str, day: str) -> str | CellFault:
        default = self._source.default
        if self._source.map is not None:
            found = self._source.map.get(code, default)
        elif self._table is not None:
            found = self._entries(day).get(code)
        else:
            return text or (default or "")
        if found is not None:
            return found
        return CellFault("unknown_code") if code else default or ""

    def _entries(self, day: str) -> dict[str, str]:
        when = date.fromisoformat(day) if day else None
        if when not in self._codes and self._table is not None:
            self._codes[when] = self._table.on(when)
        return self._codes[when]
