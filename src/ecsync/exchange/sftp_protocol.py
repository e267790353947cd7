"""SFTP version 3 over a channel, in bytes: every reply is looked at, and every wait has an end.

paramiko's own client drops the reply of a refused WRITE, hides a failed CLOSE, and cannot list a folder
that holds one name outside UTF-8; so ecsync speaks the protocol itself and leaves only the encryption to it.
Raises StatusError where the server says no, TimeoutError where it is silent, EOFError or OSError where the
connection is gone.
"""

from __future__ import annotations

import struct
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

CHUNK: Final = 32_768
_WINDOW: Final = 64
_MOST_EARLY: Final = 1_024
_LONGEST_PACKET: Final = 4 * 1024 * 1024

INIT, VERSION, OPEN, CLOSE, READ, WRITE, LSTAT = 1, 2, 3, 4, 5, 6, 7
OPENDIR, READDIR, REMOVE, MKDIR, STAT, RENAME = 11, 12, 13, 14, 17, 18
STATUS, HANDLE, DATA, NAME, ATTRS, EXTENDED = 101, 102, 103, 104, 105, 200

OK, EOF, NO_SUCH_FILE, PERMISSION_DENIED, FAILURE, OP_UNSUPPORTED = 0, 1, 2, 3, 4, 8

_FLAG_READ, _FLAG_WRITE, _FLAG_CREATE, _FLAG_TRUNCATE = 0x01, 0x02, 0x08, 0x10
_HAS_SIZE, _HAS_OWNER, _HAS_MODE, _HAS_TIMES, _HAS_MORE = 0x01, 0x02, 0x04, 0x08, 0x80000000

POSIX_RENAME: Final = b"posix-rename@openssh.com"
FSYNC: Final = b"fsync@openssh.com"


class StatusError(Exception):
    """The server answered no; `code` is its SFTP status. Its text is dropped: it may be in any encoding."""

    def __init__(self, code: int) -> None:
        """Keep the status."""
        super().__init__(f"SFTP status {code}")
        self.code = code


class OpenRefusedError(StatusError):
    """The server would not open a file for writing: nothing of it is there."""


class ProtocolError(EOFError):
    """The server answered something that is not SFTP; the connection is of no more use."""


class Stream(Protocol):
    """What an SFTP session needs of a channel: bytes out, bytes in, each with a timeout of its own."""

    def sendall(self, data: bytes, /) -> None:
        """Send all bytes."""

    def recv(self, count: int, /) -> bytes:
        """Return up to that many bytes; none at the end."""


@dataclass(frozen=True)
class Attributes:
    """What a server tells of a file; None where it does not."""

    size: int | None
    mode: int | None
    mtime: int | None


@dataclass(frozen=True)
class NamedEntry:
    """One entry of a listing."""

    name: bytes
    attributes: Attributes


class _Fields:
    """Read the fields of a packet one after another."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self) -> int:
        return int(self._unpack(">I"))

    def long(self) -> int:
        return int(self._unpack(">Q"))

    def text(self) -> bytes:
        length = self.number()
        value = self._data[self._at : self._at + length]
        if len(value) != length:
            raise ProtocolError
        self._at += length
        return value

    def more(self) -> bool:
        return self._at < len(self._data)

    def attributes(self) -> Attributes:
        flags = self.number()
        size = self.long() if flags & _HAS_SIZE else None
        if flags & _HAS_OWNER:
            self.long()
        mode = self.number() if flags & _HAS_MODE else None
        mtime = None
        if flags & _HAS_TIMES:
            self.number()
            mtime = self.number()
        if flags & _HAS_MORE:
            for _pair in range(self.number()):
                self.text()
                self.text()
        return Attributes(size, mode, mtime)

    def _unpack(self, layout: str) -> int:
        try:
            (value,) = struct.unpack_from(layout, self._data, self._at)
        except struct.error:
            raise ProtocolError from None
        self._at += struct.calcsize(layout)
        return int(value)


def _text(value: bytes) -> bytes:
    return struct.pack(">I", len(value)) + value


class SftpSession:
    """One SFTP session. `extensions` names what the server offers beyond version 3."""

    def __init__(self, stream: Stream) -> None:
        """Agree on version 3 with the server."""
        self._stream = stream
        self._next = 0
        self._early: dict[int, tuple[int, _Fields]] = {}
        self._send(INIT, struct.pack(">I", 3))
        kind, data = self._packet()
        if kind != VERSION:
            raise ProtocolError
        fields = _Fields(data)
        fields.number()
        offered = []
        while fields.more():
            offered.append(fields.text())
            fields.text()
        self.extensions = frozenset(offered)

    def listing(self, folder: bytes) -> list[NamedEntry]:
        """Return every entry of a folder but `.` and `..`, names in bytes."""
        handle = self._handle(self._ask(OPENDIR, _text(folder)))
        try:
            entries = self._entries(handle)
        except StatusError:
            self._give_back(handle)
            raise
        self._give_back(handle)
        return entries

    def _entries(self, handle: bytes) -> list[NamedEntry]:
        entries: list[NamedEntry] = []
        while True:
            kind, fields = self._ask(READDIR, _text(handle))
            if kind == STATUS:
                code = fields.number()
                if code == EOF:
                    return entries
                raise StatusError(code)
            _expect(kind, NAME)
            for _entry in range(fields.number()):
                name = fields.text()
                fields.text()
                attributes = fields.attributes()
                if name not in {b".", b".."}:
                    entries.append(NamedEntry(name, attributes))

    def stat(self, path: bytes) -> Attributes:
        """Return the attributes of a file, links not followed."""
        kind, fields = self._ask(LSTAT, _text(path))
        if kind == STATUS:
            raise StatusError(fields.number())
        _expect(kind, ATTRS)
        return fields.attributes()

    def read(self, path: bytes, size: int | None) -> Generator[bytes, None, None]:
        """Yield a file's blocks in order, asking up to 64 blocks ahead but not beyond `size`."""
        handle = self._handle(self._ask(OPEN, _text(path) + struct.pack(">II", _FLAG_READ, 0)))
        asked: deque[tuple[int, int, int]] = deque()
        at = 0
        speaks = True
        try:
            while True:
                while len(asked) < _WINDOW and (not asked or (size is not None and at < size)):
                    asked.append((self._request_block(handle, at, CHUNK), at, CHUNK))
                    at += CHUNK
                number, offset, length = asked.popleft()
                block = self._block(number)
                if not block:
                    return
                yield block
                while len(block) < length:
                    offset, length = offset + len(block), length - len(block)
                    block = self._block(self._request_block(handle, offset, length))
                    if not block:
                        return
                    yield block
        except BaseException as error:
            speaks = isinstance(error, StatusError | GeneratorExit)
            raise
        finally:
            if speaks:
                self._give_back(handle, [number for number, _offset, _length in asked])

    def _give_back(self, handle: bytes, asked: Iterable[int] = ()) -> None:
        # Only where the server still answers: after a silence or a signal nobody waits for it a second time.
        with suppress(StatusError, OSError, EOFError):
            for number in asked:
                self._answer(number)
            self._done(self._ask(CLOSE, _text(handle)))

    def write(self, path: bytes, blocks: Iterable[bytes], *, window: int) -> None:
        """Create or empty a file and write blocks, at most `window` unanswered; every answer is looked at.

        A refused block ends the writing: what was asked before it may be there, nothing after the window is.
        """
        flags = _FLAG_WRITE | _FLAG_CREATE | _FLAG_TRUNCATE
        try:
            handle = self._handle(self._ask(OPEN, _text(path) + struct.pack(">II", flags, 0)))
        except StatusError as error:
            raise OpenRefusedError(error.code) from None
        asked: deque[int] = deque()
        at = 0
        try:
            for block in blocks:
                while len(asked) >= window:
                    self._done(self._answer(asked.popleft()))
                asked.append(self._request(WRITE, _text(handle) + struct.pack(">Q", at) + _text(block)))
                at += len(block)
            while asked:
                self._done(self._answer(asked.popleft()))
            self._make_durable(handle)
        except StatusError:
            self._give_back(handle, asked)
            raise
        self._done(self._ask(CLOSE, _text(handle)))

    def rename(self, old: bytes, new: bytes) -> None:
        """Ask for the plain RENAME, which fails where the target exists."""
        self._done(self._ask(RENAME, _text(old) + _text(new)))

    def posix_rename(self, old: bytes, new: bytes) -> None:
        """Ask for OpenSSH's RENAME, which replaces."""
        self._done(self._ask(EXTENDED, _text(POSIX_RENAME) + _text(old) + _text(new)))

    def remove(self, path: bytes) -> None:
        """Remove a file."""
        self._done(self._ask(REMOVE, _text(path)))

    def make_folder(self, path: bytes) -> None:
        """Make a folder."""
        self._done(self._ask(MKDIR, _text(path) + struct.pack(">I", 0)))

    def _make_durable(self, handle: bytes) -> None:
        if FSYNC not in self.extensions:
            return
        try:
            self._done(self._ask(EXTENDED, _text(FSYNC) + _text(handle)))
        except StatusError as error:
            if error.code != OP_UNSUPPORTED:
                raise

    def _request_block(self, handle: bytes, offset: int, length: int) -> int:
        return self._request(READ, _text(handle) + struct.pack(">QI", offset, length))

    def _block(self, number: int) -> bytes:
        kind, fields = self._answer(number)
        if kind == STATUS:
            code = fields.number()
            if code == EOF:
                return b""
            raise StatusError(code)
        _expect(kind, DATA)
        return fields.text()

    def _handle(self, answer: tuple[int, _Fields]) -> bytes:
        kind, fields = answer
        if kind == STATUS:
            raise StatusError(fields.number())
        _expect(kind, HANDLE)
        return fields.text()

    def _done(self, answer: tuple[int, _Fields]) -> None:
        kind, fields = answer
        _expect(kind, STATUS)
        code = fields.number()
        if code != OK:
            raise StatusError(code)

    def _ask(self, kind: int, body: bytes) -> tuple[int, _Fields]:
        return self._answer(self._request(kind, body))

    def _request(self, kind: int, body: bytes) -> int:
        self._next = (self._next + 1) & 0xFFFFFFFF
        self._send(kind, struct.pack(">I", self._next) + body)
        return self._next

    def _answer(self, number: int) -> tuple[int, _Fields]:
        while number not in self._early:
            kind, data = self._packet()
            fields = _Fields(data)
            self._early[fields.number()] = (kind, fields)
            if len(self._early) > _MOST_EARLY:
                raise ProtocolError
        return self._early.pop(number)

    def _send(self, kind: int, body: bytes) -> None:
        self._stream.sendall(struct.pack(">IB", len(body) + 1, kind) + body)

    def _packet(self) -> tuple[int, bytes]:
        (length,) = struct.unpack(">I", self._exactly(4))
        if not 1 <= length <= _LONGEST_PACKET:
            raise ProtocolError
        data = self._exactly(length)
        return data[0], data[1:]

    def _exactly(self, count: int) -> bytes:
        parts = bytearray()
        while len(parts) < count:
            received = self._stream.recv(count - len(parts))
            if not received:
                raise EOFError
            parts += received
        return bytes(parts)


def _expect(kind: int, wanted: int) -> None:
    if kind != wanted:
        raise ProtocolError
