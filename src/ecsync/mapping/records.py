"""The partner's own bytes of single records: what the quarantine keeps, and gives back in the partner's layout."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from ecsync.mapping.bytestream import file_offset, file_text, open_bytes
from ecsync.mapping.rejects import FileFault, refused
from ecsync.mapping.scan import head
from ecsync.mapping.units import Place, skip_lines, units

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from ecsync.errors import FileRefusedError
    from ecsync.mapping.model import InboundMapping


def fetch_records(path: Path, mapping: InboundMapping, lines: Iterable[int]) -> dict[int, bytes]:
    """Return the raw records that begin at these physical lines, each with its own line end.

    A second pass over the file; lines where no record begins are left out.
    """
    return {
        place.line: file_text(path, mapping.file, record) for place, record in _found(path, mapping, lines)
    }


def header_bytes(path: Path, mapping: InboundMapping) -> bytes:
    """Return what stands before the first record: byte order mark, preamble and header, each with its line end."""
    file = mapping.file
    with path.open("rb") as raw:
        return raw.read(file_offset(path, file, head(path, file).data.offset))


def write_quarantine(path: Path, mapping: InboundMapping, records: Mapping[int, bytes], target: Path) -> int:
    """Write records of a file in the partner's own layout, its header before them; return how many.

    `records` come from `fetch_records`, in the order of their lines. The target is made, with mode 0600;
    FileExistsError where it is there already.
    """
    line_end = file_text(path, mapping.file, head(path, mapping.file).line_end or b"\r\n")
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(header_bytes(path, mapping))
        for _line, record in sorted(records.items()):
            ended = record.endswith(
                (line_end, *(file_text(path, mapping.file, one) for one in (b"\n", b"\r")))
            )
            out.write(record if ended else record + line_end)
        out.flush()
        os.fsync(out.fileno())
    return len(records)


def undecodable(path: Path, mapping: InboundMapping, line: int) -> FileRefusedError:
    """Return the refusal of a file whose record at `line` is not in the declared encoding, with its first bad byte."""
    encoding = mapping.file.encoding
    for place, record in _found(path, mapping, [line]):
        start = _first_bad_byte(record, encoding)
        return refused(
            FileFault.ENCODING,
            line=line + record[:start].count(b"\n"),
            column=str(_cell_at(record[:start], mapping.file.delimiter)),
            offset=file_offset(path, mapping.file, place.offset + start),
            params={"encoding": encoding},
        )
    return refused(FileFault.CHANGED_WHILE_READ)


def _first_bad_byte(record: bytes, encoding: str) -> int:
    try:
        record.decode(encoding)
    except UnicodeDecodeError as error:
        return error.start
    return 0


def _cell_at(before: bytes, delimiter: str) -> int:
    """Return the number of the cell that follows these bytes of a record."""
    outside = b"".join(before.split(b'"')[0::2])
    return outside.count(delimiter.encode()) + 1


def _found(path: Path, mapping: InboundMapping, lines: Iterable[int]) -> Iterator[tuple[Place, bytes]]:
    wanted = np.array(sorted(set(lines)), np.int64)
    if not len(wanted):
        return
    with open_bytes(path, mapping.file) as stream:
        begin = skip_lines(stream, mapping.file.preamble)
        for unit in units(stream, begin, quoted=mapping.file.has_quotes):
            for row in np.flatnonzero(np.isin(unit.lines, wanted) & ~unit.blank).tolist():
                start, stop = int(unit.starts[row]), int(unit.stops[row])
                yield unit.place(start), unit.data[start:stop]
            if unit.lines[-1] >= wanted[-1]:
                return
