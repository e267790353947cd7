"""From a text to the bytes of one cell: codes, parts, folding, limits, quotes. Asked once per distinct text."""

from __future__ import annotations

import codecs
import re
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ecsync.locale import N_
from ecsync.text.address_parts import split_address
from ecsync.text.faults import TextFault
from ecsync.text.receivers import Receiver
from ecsync.text.widths import byte_length, cut, first_unencodable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ecsync.mapping.model_file import OutboundFile
    from ecsync.mapping.model_out import Writes
    from ecsync.mapping.tables import CodeTable
    from ecsync.text.receivers import Replaced

# Codecs that write a byte order mark with every text: the mark belongs to the file.
_MARKED: Final = {"utf-8-sig": ("utf-8", codecs.BOM_UTF8), "utf-16": ("utf-16-le", codecs.BOM_UTF16_LE)}


# A line end or a tab may stand in quotes; what a terminal or a printer would take for an order may not.
_CONTROL: Final = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")

# Why a text cannot stand in the partner's file, in staff's words.
WRITE_RULES: Final[dict[str, str]] = {
    "unencodable": N_("it holds a character that the receiver cannot read"),
    "control": N_("it holds a control character"),
    "too_long": N_("it is too long for the receiver"),
    "delimiter": N_("it holds a sign that would break the file"),
    "unknown_code": N_("the receiver has no code for it"),
    "too_small": N_("it is less than the receiver takes"),
    "too_large": N_("it is more than the receiver takes"),
    "too_early": N_("the day is earlier than the receiver takes"),
    "too_late": N_("the day is later than the receiver takes"),
    "not_kana": N_("it is not written in kana"),
    "missing": N_("it is missing"),
    "not_taken": N_("the receiver has no place for it"),
}


class CellFault(NamedTuple):
    """Why a text cannot stand in the partner's file; never the text itself."""

    rule: str  # a key of WRITE_RULES
    code_point: str = ""


class Rendered(NamedTuple):
    """The bytes of one cell, the fault that keeps its row back, what was replaced in it and whether it was cut."""

    cell: bytes
    fault: CellFault | None = None
    replaced: tuple[Replaced, ...] = ()
    is_cut: bool = False


class CellFormat:
    """Write texts as cells of one file: encoding, quotes, and what may not stand in a cell."""

    def __init__(self, file: OutboundFile) -> None:
        self.codec, self.mark = _MARKED.get(file.encoding, (file.encoding, b""))
        self.encoding = self.codec
        self.receiver = Receiver(self.codec, file.replace, only_jis=file.characters == "jis")
        self._quote = file.quote
        self._special = re.compile("[" + re.escape(file.delimiter) + '"\r\n]')
        self._plain = self._plain_texts(file)

    def _plain_texts(self, file: OutboundFile) -> str:
        """Return the pattern of texts that nothing is done to; '' where something is done to all."""
        signs = "".join(map(chr, range(0x20, 0x7F)))
        if (
            self.codec not in {"utf-8", "cp932"}
            or self.receiver.written(signs)[1]
            or self.receiver.first_lacking(signs)
        ):
            return ""
        # UTF-8 takes what is no control sign; elsewhere a sign beyond ASCII may be folded, or lacking.
        reads_all = self.codec == "utf-8" and file.characters == "all" and not file.replace
        beyond = "\u00a0-\U0010ffff" if reads_all else ""
        special = {file.delimiter, '"'}
        return "^[" + "".join(f"\\x{ord(sign):02x}" for sign in signs if sign not in special) + beyond + "]+$"

    def is_written_as_it_is(self, texts: pa.Array, max_bytes: int | None) -> NDArray[np.bool_]:
        """Return which of these texts stand in the file byte for byte, quotes of all cells apart."""
        if not self._plain:
            return np.zeros(len(texts), dtype=bool)
        plain = pc.match_substring_regex(texts, self._plain)
        if max_bytes is not None:
            plain = pc.and_(plain, pc.less_equal(pc.binary_length(texts), max_bytes))
        return np.asarray(plain.to_numpy(zero_copy_only=False), dtype=bool)

    def quoted(self, texts: pa.Array) -> pa.Array:
        """Return the bytes of such texts as cells."""
        cells = texts.cast(pa.binary())
        if self._quote != "all":
            return cells
        mark = pa.scalar(b'"', pa.binary())
        return pc.binary_join_element_wise(mark, cells, mark, pa.scalar(b"", pa.binary()))

    def encode(self, text: str) -> bytes:
        """Return the bytes of a text that the file itself brings (delimiter, line end)."""
        return text.encode(self.codec)

    def of_ours(self, text: str) -> Rendered:
        """Return a text that the mapping itself brings as a cell: a header, a constant."""
        return self.finish(self.receiver.written(text)[0])

    def finish(self, text: str, replaced: tuple[Replaced, ...] = (), *, is_cut: bool = False) -> Rendered:
        """Return a folded text as a cell."""
        control = _CONTROL.search(text)
        if control:
            return Rendered(b"", CellFault("control", f"U+{ord(control.group()):04X}"))
        lacking = self.receiver.first_lacking(text)
        if lacking is not None:
            return Rendered(b"", CellFault("unencodable", lacking.code_point))
        special = self._special.search(text)
        if self._quote == "all" or (special and self._quote == "minimal"):
            text = '"' + text.replace('"', '""') + '"'
        elif special:
            return Rendered(b"", CellFault("delimiter", f"U+{ord(special.group()):04X}"))
        return Rendered(text.encode(self.codec), None, replaced, is_cut)


class TextRules:
    """What a column's words do to a text, once it is a text."""

    def __init__(
        self,
        source: Writes,
        table: CodeTable | None,
        cells: CellFormat,
        limits: Sequence[int] = (),
        part: int = 0,
        *,
        for_people: bool = False,
    ) -> None:
        self._source = source
        self._for_people = for_people
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
        folded, replaced = self._cells.receiver.written(
            found, for_people=self._for_people, drops_pictures=self._source.emoji == "drop"
        )
        # A key of nothing but invisible signs would name nothing.
        if found and not folded and (self._source.is_required or not self._for_people):
            return Rendered(b"", CellFault("missing"))
        return self._fitted(folded, replaced)

    def _fitted(self, folded: str, replaced: tuple[Replaced, ...]) -> Rendered:
        limit, unit = self._source.limit(self._cells.encoding)
        if limit is None or not self._encodes(folded):
            return self._cells.finish(folded, replaced)
        if self._part:
            parts = split_address(folded, self._limits, unit)
            if isinstance(parts, TextFault):
                return Rendered(b"", CellFault("too_long"))
            return self._cells.finish(parts[self._part - 1], replaced)
        is_long = byte_length(folded, unit) > limit
        if is_long and self._source.overflow == "error":
            return Rendered(b"", CellFault("too_long"))
        return self._cells.finish(cut(folded, unit, limit) if is_long else folded, replaced, is_cut=is_long)

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
