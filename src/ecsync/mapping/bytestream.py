"""The bytes of an inbound file, in a form whose commas, quotes and line ends can be found byte by byte.

In cp932, euc_jp and UTF-8 no byte of a longer character equals one of these; files in other encodings
are transcoded to UTF-8 on the way.
"""

from __future__ import annotations

import codecs
import io
from typing import TYPE_CHECKING, Final

from ecsync.mapping.rejects import FileFault, refused

if TYPE_CHECKING:
    from pathlib import Path

    from _typeshed import WriteableBuffer

    from ecsync.mapping.model_file import InboundFile

BLOCK: Final = 1 << 20
_BYTE_SAFE: Final = frozenset({"utf-8", "utf-8-sig", "cp932", "euc_jp"})
_UTF8_MARK: Final = codecs.BOM_UTF8
_MARKS: Final = {
    codecs.BOM_UTF8: ("utf-8", frozenset({"utf-8", "utf-8-sig"})),
    codecs.BOM_UTF16_LE: ("utf-16", frozenset({"utf-16", "utf-16le"})),
    codecs.BOM_UTF16_BE: ("utf-16", frozenset({"utf-16", "utf-16be"})),
}
# What a download wrapped in something else, or a spreadsheet under the name of a CSV, begins with.
_OTHER_KINDS: Final = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip / xlsx",
    b"PK\x05\x06": "zip",
    b"\xfd7zXZ\x00": "xz",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "xls",
    b"%PDF-": "PDF",
}


def is_byte_safe(file: InboundFile) -> bool:
    """Tell whether the file's own bytes can be parsed as they are."""
    # | and \ are trail bytes of cp932, so they delimit only after transcoding.
    trail = file.encoding == "cp932" and file.delimiter >= "@"
    return file.encoding in _BYTE_SAFE and not trail


def cell_encoding(file: InboundFile) -> str:
    """Return the encoding of the cells in the stream of `open_bytes`."""
    if not is_byte_safe(file):
        return "utf-8"
    return "utf-8" if file.encoding == "utf-8-sig" else file.encoding


def open_bytes(path: Path, file: InboundFile, at: int = 0) -> io.BufferedIOBase:
    """Open the stream that is scanned and parsed, at an offset; a byte order mark is not part of it.

    Raises FileRefusedError for an empty file, another kind of file, or a byte order mark that contradicts
    the declared encoding; while reading, where transcoding meets what the encoding does not allow.
    """
    raw = path.open("rb")
    try:
        head = raw.read(16)
        _refuse_other_kinds(head, file)
        raw.seek(0)
        if not is_byte_safe(file):
            stream = io.BufferedReader(_Transcoded(raw, file.encoding), BLOCK)
            stream.read(at)
            return stream
        raw.seek(mark_length(head) + at)
    except BaseException:
        raw.close()
        raise
    return raw


def mark_length(head: bytes) -> int:
    """Return how many bytes of a byte-safe file are its byte order mark."""
    return len(_UTF8_MARK) if head.startswith(_UTF8_MARK) else 0


def file_offset(path: Path, file: InboundFile, offset: int) -> int:
    """Return the offset in the file of an offset in the stream of `open_bytes`."""
    if is_byte_safe(file):
        with path.open("rb") as raw:
            return offset + mark_length(raw.read(len(_UTF8_MARK)))
    return _source_offset(path, file.encoding, offset)


def file_text(path: Path, file: InboundFile, part: bytes) -> bytes:
    """Return a part of the stream of `open_bytes` as the file itself writes it."""
    if is_byte_safe(file):
        return part
    text = part.decode("utf-8")
    if file.encoding != "utf-16":
        return text.encode(file.encoding)
    with path.open("rb") as raw:
        big = raw.read(2) == codecs.BOM_UTF16_BE
    return text.encode("utf-16-be" if big else "utf-16-le")


def _refuse_other_kinds(head: bytes, file: InboundFile) -> None:
    if not head:
        raise refused(FileFault.EMPTY)
    for magic, kind in _OTHER_KINDS.items():
        if head.startswith(magic):
            raise refused(FileFault.NOT_TEXT, params={"kind": kind})
    # What a server answers whose login has run out.
    if head.removeprefix(_UTF8_MARK).lstrip().lower().startswith((b"<!doctype", b"<html")):
        raise refused(FileFault.NOT_TEXT, params={"kind": "HTML"})
    for mark, (found, encodings) in _MARKS.items():
        if head.startswith(mark) and file.encoding not in encodings:
            raise refused(
                FileFault.ENCODING_OTHER, params={"found": found, "encoding": file.encoding}, line=1
            )


class _Transcoded(io.RawIOBase):
    """UTF-8 of a file in another encoding, block by block."""

    def __init__(self, raw: io.BufferedReader, encoding: str) -> None:
        self._raw = raw
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")
        self._pending = b""
        self._lines = 1
        self._read = 0
        self._begun = False
        self._done = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        while not self._pending and not self._done:
            self._pending = self._next_block()
        view = memoryview(buffer).cast("B")
        piece = self._pending[: len(view)]
        self._pending = self._pending[len(piece) :]
        view[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._raw.close()
        super().close()

    def _next_block(self) -> bytes:
        block = self._raw.read(BLOCK)
        self._done = not block
        self._read += len(block)
        try:
            text = self._decoder.decode(block, final=self._done)
        except UnicodeDecodeError as error:
            offset = self._read - len(error.object) + error.start
            lines = self._lines + error.object[: error.start].count(b"\n")
            raise refused(
                FileFault.ENCODING, params={"encoding": self._encoding}, line=lines, offset=offset
            ) from None
        if not self._begun and text:
            self._begun = True
            text = text.removeprefix("\ufeff")
        self._lines += text.count("\n")
        return text.encode("utf-8")


def _source_offset(path: Path, encoding: str, offset: int) -> int:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    counted = {"utf-16": "utf-16-le", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be"}.get(
        encoding, encoding
    )
    left = offset
    with path.open("rb") as raw:
        marked = encoding.startswith("utf-16") and raw.read(2) in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
        raw.seek(0)
        done = 2 if marked else 0
        begun = False
        while block := raw.read(BLOCK):
            text = decoder.decode(block)
            if not begun and text:
                begun = True
                text = text.removeprefix("\ufeff")
            written = text.encode("utf-8")
            if left <= len(written):
                return done + len(written[:left].decode("utf-8", "ignore").encode(counted))
            left -= len(written)
            done += len(text.encode(counted))
    return done
