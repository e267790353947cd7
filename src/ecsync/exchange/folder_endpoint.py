"""A folder as a partner's door: a share, a synchronised folder, or the other end of somebody else's transfer."""

from __future__ import annotations

import errno
import os
import stat as modes
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from ecsync.errors import NothingWrittenError, UnreachableError
from ecsync.exchange import names
from ecsync.exchange.endpoint import CHUNK, OF_THE_FOLDER, Act, Endpoint, Entry, RemoteFile, utc_text
from ecsync.faultpoints import declare, faultpoint
from ecsync.locale import N_
from ecsync.locale.said import said

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

DURING_WRITE: Final = declare(
    "folder.during_write", "a block of an outbound file is written to the partner's folder"
)
BETWEEN_LINK_AND_UNLINK: Final = declare(
    "folder.between_link_and_unlink", "the file has its final name and its old one"
)

_NO_HARD_LINKS: Final = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})


class FolderEndpoint(Endpoint):
    """Do every act below one local folder; links are never followed out of it."""

    def __init__(self, name: str, root: Path, *, readable: bool, file_name_encoding: str = "utf-8") -> None:
        """Open the door; raise UnreachableError where the folder is away (an unmounted share, for one)."""
        super().__init__(name, readable=readable)
        self._root = root
        self._encoding = file_name_encoding
        if not root.is_dir():
            raise UnreachableError(
                said(N_("the folder of {endpoint} is not there: {root}"), endpoint=name, root=root),
                hint=said(N_("check its path, and whether the share is mounted")),
            )

    def entries(self, path: str) -> list[Entry]:
        """Return every entry of the folder."""
        found = []
        with self._refusals("list", path), os.scandir(os.fsencode(self._folder(path))) as listing:
            for raw in listing:
                try:
                    status = raw.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                name = names.decode(raw.name, self._encoding)
                found.append(Entry(name, modes.S_ISREG(status.st_mode), status.st_size, int(status.st_mtime)))
        return found

    def stat(self, path: str, name: str) -> RemoteFile | None:
        """Return the file of that name."""
        with self._refusals("stat", path, name):
            try:
                status = os.lstat(self._place(path, name))
            except FileNotFoundError:
                return None
        if not modes.S_ISREG(status.st_mode):
            raise self.refused(path, name, "stat")
        return RemoteFile(name, status.st_size, utc_text(int(status.st_mtime)))

    def read(self, path: str, name: str) -> Generator[bytes, None, None]:
        """Yield the bytes of a file."""
        with self._refusals("read", path, name):
            handle = os.open(self._place(path, name), os.O_RDONLY | os.O_NOFOLLOW)
            try:
                while block := os.read(handle, CHUNK):
                    yield block
            finally:
                os.close(handle)

    def write(self, path: str, name: str, source: Path, *, in_order: bool) -> None:  # noqa: ARG002
        """Write a file, durable when this returns; a local folder always fills in order."""
        with self._refusals("write", path, name), source.open("rb") as ours:
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
            place = self._place(path, name)
            try:
                handle = os.open(place, flags, 0o666)
            except OSError:
                raise self.refused(path, name, "write", NothingWrittenError) from None
            try:
                while block := ours.read(CHUNK):
                    _write_all(handle, block)
                    faultpoint(DURING_WRITE)
                os.fsync(handle)
            finally:
                os.close(handle)
            _fsync_folder(self._folder(path))

    def rename(self, path: str, old: str, new: str) -> None:
        """Link, then unlink: the only way that cannot overwrite."""
        with self._refusals("rename", path, old):
            _rename_to_new(self._place(path, old), self._place(path, new))
            _fsync_folder(self._folder(path))

    def replace(self, path: str, old: str, new: str) -> None:
        """Rename over what is there."""
        with self._refusals("rename", path, old):
            self._place(path, old).replace(self._place(path, new))
            _fsync_folder(self._folder(path))

    def remove(self, path: str, name: str) -> None:
        """Remove a file."""
        with self._refusals("remove", path, name):
            self._place(path, name).unlink(missing_ok=True)
            _fsync_folder(self._folder(path))

    def move(self, path: str, name: str, to_path: str, to_name: str) -> None:
        """Rename into another folder below the root."""
        with self._refusals("move", path, name):
            target = self._folder(to_path)
            target.mkdir(parents=True, exist_ok=True)
            _rename_to_new(self._place(path, name), self._place(to_path, to_name))
            _fsync_folder(target)
            _fsync_folder(self._folder(path))

    def _folder(self, path: str) -> Path:
        folder = self._root.joinpath(*names.folder_parts(path))
        if not folder.resolve().is_relative_to(self._root.resolve()):
            raise self.refused(path, "", "list")
        return folder

    def _place(self, path: str, name: str) -> Path:
        if "/" in name or name in {"", ".", ".."} or "\0" in name:
            raise self.refused(path, "", "stat")
        return self._folder(path) / os.fsdecode(names.encode(name, self._encoding))

    @contextmanager
    def _refusals(self, act: Act, path: str, name: str = "") -> Iterator[None]:
        try:
            yield
        except FileExistsError:
            raise FileExistsError from None
        except FileNotFoundError:
            if act in OF_THE_FOLDER:
                raise self.refused(path, name, act) from None
            raise FileNotFoundError from None
        except OSError:
            raise self.refused(path, name, act) from None


def _write_all(handle: int, block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[os.write(handle, view) :]


def _rename_to_new(old: Path, new: Path) -> None:
    try:
        os.link(old, new, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        if os.path.lexists(new):
            raise FileExistsError from None
        old.rename(new)
        return
    faultpoint(BETWEEN_LINK_AND_UNLINK)
    with suppress(FileNotFoundError):
        old.unlink()


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
