"""An SFTP server as a partner's door: reads and connects are tried again, what changes something never is."""

from __future__ import annotations

import stat as modes
import time
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Final, TypeVar

import paramiko

from ecsync.errors import NothingWrittenError, TransferError, UnreachableError
from ecsync.exchange import names, sftp_protocol, ssh_connection
from ecsync.exchange.endpoint import (
    OF_THE_FOLDER,
    Act,
    Endpoint,
    Entry,
    Likeness,
    Received,
    RemoteFile,
    utc_text,
)
from ecsync.exchange.sftp_protocol import CHUNK, OpenRefusedError, SftpSession, StatusError
from ecsync.exchange.trying_again import trying_again
from ecsync.faultpoints import declare, faultpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from ecsync.config import Endpoint as EndpointSettings

BEFORE_OPEN: Final = declare("sftp.before_open", "a remote file is about to be opened for writing")
DURING_WRITE: Final = declare("sftp.during_write", "a block of an outbound file is handed to the connection")
AFTER_CLOSE: Final = declare("sftp.after_close", "the partner confirmed the close of a written file")

_WINDOW: Final = 32
_T = TypeVar("_T")


class _ChannelStream:
    """A paramiko channel whose every failure but a timeout is one kind of error, apart from those of our own disk."""

    def __init__(self, channel: paramiko.Channel) -> None:
        self._channel = channel

    @property
    def is_open(self) -> bool:
        transport = self._channel.get_transport()
        return transport.is_active() and not self._channel.closed

    def sendall(self, data: bytes, /) -> None:
        with self._gone():
            self._channel.sendall(data)

    def recv(self, count: int, /) -> bytes:
        with self._gone():
            return self._channel.recv(count)

    @contextmanager
    def _gone(self) -> Iterator[None]:
        try:
            yield
        except TimeoutError:
            raise
        except (OSError, paramiko.SSHException):
            raise EOFError from None


class SftpEndpoint(Endpoint):
    """Do every act below the configured root of an SFTP server, over one connection opened when needed."""

    def __init__(
        self,
        name: str,
        settings: EndpointSettings,
        project: Path,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Prepare the door; nothing is opened before the first act."""
        super().__init__(name, readable=settings.readable)
        self._settings = settings
        self._project = project
        self._sleep = sleep
        self._open = ExitStack()
        self._session: SftpSession | None = None
        self._stream: _ChannelStream | None = None
        self._inside = False

    def close(self) -> None:
        """Close the connection; the next act opens a new one."""
        self._session = None
        self._stream = None
        with suppress(Exception):
            self._open.close()

    def connect(self) -> None:
        """Open the connection now, so that a partner that is away is noticed at once."""
        self._again(lambda _session: None)

    def entries(self, path: str) -> list[Entry]:
        """Return every entry of a folder; names that are not in the declared encoding come as None."""
        folder = self._remote(path)

        def listing(session: SftpSession) -> list[Entry]:
            with self._refusals("list", path):
                return [
                    Entry(
                        names.decode(entry.name, self._settings.file_name_encoding),
                        _is_file(entry.attributes.mode),
                        entry.attributes.size or 0,
                        entry.attributes.mtime,
                    )
                    for entry in session.listing(folder)
                ]

        return self._again(listing)

    def stat(self, path: str, name: str) -> RemoteFile | None:
        """Return the file of that name."""
        place = self._remote(path, name)

        def look(session: SftpSession) -> RemoteFile | None:
            with self._refusals("stat", path, name):
                try:
                    found = session.stat(place)
                except StatusError as error:
                    if error.code == sftp_protocol.NO_SUCH_FILE:
                        return None
                    raise
            if not _is_file(found.mode):
                raise self.refused(path, name, "stat")
            return RemoteFile(name, found.size or 0, utc_text(found.mtime))

        return self._again(look)

    def read(self, path: str, name: str) -> Generator[bytes, None, None]:
        """Yield the bytes of a file; a broken connection shows here as an error, and `download` begins anew."""
        place = self._remote(path, name)
        session = self._connected()
        with self._ends(), self._refusals("read", path, name):
            size = session.stat(place).size
            yield from session.read(place, size)

    def download(self, path: str, name: str, target: Path) -> Received:
        """Fetch a file, from its beginning again where the connection breaks."""
        fetch = super().download
        return self._again(lambda _session: fetch(path, name, target))

    def sha256(self, path: str, name: str) -> str:
        """Read a file back, from its beginning again where the connection breaks."""
        digest = super().sha256
        return self._again(lambda _session: digest(path, name))

    def likeness(self, path: str, name: str, payload: Path) -> Likeness:
        """Compare, from the beginning again where the connection breaks."""
        compare = super().likeness
        return self._again(lambda _session: compare(path, name, payload))

    def write(self, path: str, name: str, source: Path, *, in_order: bool) -> None:
        """Write a file: 32 blocks ahead where it is read back afterwards, else block by block."""
        place = self._remote(path, name)
        window = 1 if in_order or not self.readable else _WINDOW
        faultpoint(BEFORE_OPEN)
        with self._once() as session, self._refusals("write", path, name):
            session.write(place, _blocks(source), window=window)
        faultpoint(AFTER_CLOSE)

    def rename(self, path: str, old: str, new: str) -> None:
        """Ask for the plain RENAME; whether the target or a right was in its way is looked up afterwards."""
        self._rename(path, old, path, new, "rename")

    def replace(self, path: str, old: str, new: str) -> None:
        """Use posix-rename; where the server has none, remove and rename."""
        source, target = self._remote(path, old), self._remote(path, new)
        with self._once() as session, self._refusals("rename", path, old):
            if sftp_protocol.POSIX_RENAME in session.extensions:
                session.posix_rename(source, target)
                return
            _remove(session, target)
            session.rename(source, target)

    def remove(self, path: str, name: str) -> None:
        """Remove a file."""
        with self._once() as session, self._refusals("remove", path, name):
            _remove(session, self._remote(path, name))

    def move(self, path: str, name: str, to_path: str, to_name: str) -> None:
        """Rename into another folder below the root."""
        with self._once() as session:
            base = ""
            for part in names.folder_parts(to_path):
                base = f"{base}/{part}" if base else part
                with suppress(StatusError):
                    session.make_folder(self._remote(base))
        self._rename(path, name, to_path, to_name, "move")

    def _rename(self, path: str, old: str, to_path: str, new: str, act: Act) -> None:
        source, target = self._remote(path, old), self._remote(to_path, new)
        with self._once() as session, self._refusals(act, path, old):
            try:
                session.rename(source, target)
            except StatusError:
                if not _is_there(session, source):
                    raise FileNotFoundError from None
                if _is_there(session, target):
                    raise FileExistsError from None
                raise

    def _remote(self, path: str, name: str = "") -> bytes:
        parts = [*names.folder_parts(path)]
        if name:
            if "/" in name or "\0" in name or name in {".", ".."}:
                raise self.refused(path, "", "stat")
            parts.append(name)
        root = self._settings.root
        prefix = root if root.endswith("/") or not root else f"{root}/"
        return names.encode(
            prefix + "/".join(parts) if parts else root or ".", self._settings.file_name_encoding
        )

    def _connected(self) -> SftpSession:
        if self._session is not None and self._stream is not None and self._stream.is_open:
            return self._session
        self.close()
        try:
            transport = self._open.enter_context(
                ssh_connection.connected(self.name, self._settings, self._project)
            )
            self._stream = _ChannelStream(ssh_connection.open_sftp(self.name, self._settings, transport))
            with self._ends():
                session = SftpSession(self._stream)
        except BaseException:
            self.close()
            raise
        self._session = session
        return session

    def _again(self, act: Callable[[SftpSession], _T]) -> _T:
        if self._inside:
            return act(self._connected())
        return trying_again(
            lambda: self._acted(act), self._settings, failed=self._close_if_lost, sleep=self._sleep
        )

    def _acted(self, act: Callable[[SftpSession], _T]) -> _T:
        self._inside = True
        try:
            with self._ends():
                return act(self._connected())
        finally:
            self._inside = False

    def _close_if_lost(self, error: UnreachableError) -> None:
        if not isinstance(error, TransferError):
            self.close()

    @contextmanager
    def _once(self) -> Iterator[SftpSession]:
        self.connect()
        try:
            with self._ends():
                yield self._connected()
        except UnreachableError as error:
            self._close_if_lost(error)
            raise

    @contextmanager
    def _ends(self) -> Iterator[None]:
        try:
            yield
        except TimeoutError:
            raise ssh_connection.unreachable(self.name, silent=True) from None
        except EOFError:
            raise ssh_connection.unreachable(self.name, silent=False) from None

    @contextmanager
    def _refusals(self, act: Act, path: str, name: str = "") -> Iterator[None]:
        try:
            yield
        except StatusError as error:
            if error.code == sftp_protocol.NO_SUCH_FILE and act not in OF_THE_FOLDER:
                raise FileNotFoundError from None
            unopened = isinstance(error, OpenRefusedError)
            raise self.refused(path, name, act, NothingWrittenError if unopened else TransferError) from None


def _blocks(source: Path) -> Iterator[bytes]:
    with source.open("rb") as ours:
        while block := ours.read(CHUNK):
            yield block
            faultpoint(DURING_WRITE)


def _is_file(mode: int | None) -> bool:
    return mode is None or modes.S_ISREG(mode)


def _is_there(session: SftpSession, place: bytes) -> bool:
    try:
        session.stat(place)
    except StatusError as error:
        return error.code != sftp_protocol.NO_SUCH_FILE
    return True


def _remove(session: SftpSession, place: bytes) -> None:
    try:
        session.remove(place)
    except StatusError as error:
        if error.code != sftp_protocol.NO_SUCH_FILE:
            raise
