"""Find a mapping's headers among the cells of a header record, by name and never by position."""

from __future__ import annotations

import csv
import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecsync.mapping.bytestream import cell_encoding, is_byte_safe
from ecsync.mapping.rejects import FileFault, refused
from ecsync.mapping.tables import fold_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecsync.errors import FileRefusedError
    from ecsync.mapping.model import InboundMapping
    from ecsync.mapping.model_file import InboundFile
    from ecsync.mapping.model_in import Header

_MOST_NAMED: Final = 20
_MOST_COMPARED: Final = 500
# What a Japanese file may really be written in, whatever the mapping says.
_GUESSES: Final = ("utf-8", "cp932", "euc_jp", "iso2022_jp")


@dataclass(frozen=True)
class Layout:
    """Where in a file the columns of a mapping stand.

    `names` are the header cells as the file has them (by position), `unknown` those that the mapping does
    not name.
    """

    names: tuple[str, ...]
    unknown: tuple[str, ...]
    _positions: dict[tuple[str, int], int]

    def position(self, header: Header) -> int | None:
        """Return the position of a header; None where the file lacks it."""
        for name in header.names:
            at = self._positions.get((fold_name(name), header.nth))
            if at is not None:
                return at
        return None

    def name(self, header: Header) -> str:
        """Return a header as the file has it, or as the mapping prefers it where the file lacks it."""
        at = self.position(header)
        return header.names[0] if at is None else self.names[at]


def split_record(record: bytes, file: InboundFile) -> list[bytes]:
    """Return the cells of one record of a byte-safe encoding, quotes taken off."""
    if not file.has_quotes:
        return record.split(file.delimiter.encode())
    # latin-1 gives every byte a character of its own, so the bytes come back as they were.
    rows = csv.reader([record.decode("latin-1")], delimiter=file.delimiter, strict=True)
    return [cell.encode("latin-1") for cell in next(rows, [])]


def is_header(file: InboundFile, record: bytes) -> bool:
    """Tell whether the first record of a file is its header: one of its cells is one of the declared names."""
    encoding = cell_encoding(file)
    cells = {_decoded(cell, encoding) for cell in split_record(record, file)}
    return not {fold_name(name) for name in file.names}.isdisjoint(map(fold_name, filter(None, cells)))


def find_headers(mapping: InboundMapping, header: bytes, line: int) -> Layout:
    """Return where the mapping's columns stand below the raw header record, which begins at `line`.

    Raises FileRefusedError where a required column is missing or one stands twice, and where the cells
    show that the file is written in another encoding than the declared one.
    """
    file = mapping.file
    if not header and file.header != "required":
        return layout_of(mapping, list(file.names))
    raw = split_record(header, file)
    encoding = cell_encoding(file)
    try:
        cells = [cell.decode(encoding) for cell in raw]
    except UnicodeDecodeError:
        raise _wrong_encoding(mapping, header, raw, line) from None
    layout = layout_of(mapping, cells)
    wanted = mapping.headers
    known = {fold_name(name) for one in wanted for name in one.names}
    missing = [one for one in wanted if not one.optional and layout.position(one) is None]
    strangers = [cell for cell, name in zip(raw, cells, strict=True) if fold_name(name) not in known]
    if strangers and _other_encoding(mapping, header, strangers):
        raise _wrong_encoding(mapping, header, strangers, line)
    if missing:
        # Where no cell is a known header the record may be a row, and its cells somebody's address.
        is_header = any(fold_name(name) in known for name in cells)
        params = {
            "missing": _listed(_title(one) for one in missing),
            "strange": _listed(_strange(mapping, cells, known, missing)) if is_header else "-",
        }
        raise refused(FileFault.HEADER_MISSING, line=line, params=params)
    doubled = _doubled(wanted, cells)
    if doubled:
        raise refused(FileFault.HEADER_DOUBLED, line=line, params={"doubled": ", ".join(doubled)})
    return layout


def layout_of(mapping: InboundMapping, names: list[str]) -> Layout:
    """Return where the mapping's columns stand among header cells, whatever is missing."""
    known = {fold_name(name) for header in mapping.headers for name in header.names}
    positions: dict[tuple[str, int], int] = {}
    seen: dict[str, int] = {}
    for at, name in enumerate(names):
        folded = fold_name(name)
        seen[folded] = seen.get(folded, 0) + 1
        positions[folded, seen[folded]] = at
    if mapping.unused == "any":
        return Layout(tuple(names), (), positions)
    known |= {fold_name(name) for name in mapping.unused}
    unknown = tuple(name for name in names if fold_name(name) and fold_name(name) not in known)
    return Layout(tuple(names), unknown, positions)


def _doubled(wanted: Iterable[Header], cells: list[str]) -> list[str]:
    """Return headers that stand more often than the mapping speaks of: which of them is meant is not known."""
    most: dict[str, int] = {}
    for header in wanted:
        for name in header.names:
            most[fold_name(name)] = max(most.get(fold_name(name), 0), header.nth)
    folded = [fold_name(cell) for cell in cells]
    return [name for name, count in most.items() if folded.count(name) > count]


def _strange(mapping: InboundMapping, cells: list[str], known: set[str], missing: list[Header]) -> list[str]:
    """Return the headers that the mapping does not name at all, those first that look most like a missing one."""
    named = known | ({fold_name(name) for name in mapping.unused} if mapping.unused != "any" else set())
    strange = [name.strip() for name in cells if name.strip() and fold_name(name) not in named]
    wanted = [header.names[0] for header in missing[:_MOST_NAMED]]

    def unlike(name: str) -> float:
        return -max(difflib.SequenceMatcher(None, name, one).ratio() for one in wanted)

    return sorted(strange[:_MOST_COMPARED], key=unlike)


def _listed(names: Iterable[str]) -> str:
    """Return names for a sentence: what stands in the place of a missing column is among the few that are strange."""
    listed = list(names)
    return ", ".join([*listed[:_MOST_NAMED], *(["..."] if len(listed) > _MOST_NAMED else [])]) or "-"


def _title(header: Header) -> str:
    return header.names[0] if header.nth == 1 else f"{header.names[0]} ({header.nth})"


def _wrong_encoding(
    mapping: InboundMapping, header: bytes, cells: list[bytes], line: int
) -> FileRefusedError:
    declared = mapping.file.encoding
    found = _other_encoding(mapping, header, cells)
    if found:
        return refused(FileFault.ENCODING_OTHER, line=line, params={"found": found, "encoding": declared})
    return refused(FileFault.ENCODING, line=line, params={"encoding": declared})


def _other_encoding(mapping: InboundMapping, header: bytes, cells: list[bytes]) -> str:
    """Return another encoding in which a cell is a known header, "" where there is none.

    Short UTF-8 files often decode as cp932 without an error, and come out as other headers.
    """
    file = mapping.file
    if not is_byte_safe(file):
        return ""
    unused = () if mapping.unused == "any" else mapping.unused
    names = (*unused, *(name for header in mapping.headers for name in header.names))
    known = {fold_name(name) for name in names if not name.isascii()}
    for guess in _GUESSES:
        if guess != file.encoding.removesuffix("-sig") and known & _names_in(
            guess, header, cells, file.delimiter
        ):
            return guess
    return ""


def _names_in(encoding: str, header: bytes, cells: list[bytes], delimiter: str) -> set[str]:
    if encoding == "iso2022_jp":
        # Its characters are made of quotes and commas, so only the whole record can be decoded.
        whole = _decoded(header, encoding) or ""
        return {fold_name(part.strip('"')) for part in whole.split(delimiter)}
    return {fold_name(name) for cell in cells if (name := _decoded(cell, encoding)) is not None}


def _decoded(part: bytes, encoding: str) -> str | None:
    try:
        return part.decode(encoding)
    except UnicodeDecodeError:
        return None
