"""Real SFTP servers with faults to order: what partners' servers really do, on demand."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh

from ecsync.exchange.throwaway_sftp import FolderSftp, ThrowawayServer

PASSWORD = "invented-password"
PASSWORD_VARIABLE = "ECSYNC_TEST_SFTP_PASSWORD"
USER = "partner"
FOREVER = 3_600
_WHY = "as ordered"


@dataclass
class Faults:
    """What the server does wrong. Acts: open read write close stat list rename remove move."""

    silent_at: str = ""
    refuse_write: int = 0  # the n-th WRITE is refused, and the next one taken
    refuse_writes_from: int = 0
    cut_after_bytes: int = -1  # the connection breaks, once, when that many bytes were taken
    cut_at: str = ""  # before_close, after_close, before_rename, after_rename, before_last_stat; once
    deny: frozenset[str] = frozenset()
    quota: int = -1
    lie_at_close: bool = False
    take_at_once: bool = False
    failing_close: bool = False
    short_reads: int = 0
    acts: list[str] = field(default_factory=list)
    writes: int = 0
    taken_bytes: int = 0
    renamed: bool = False


class FaultySftp(FolderSftp):
    """An SFTP server that keeps to its faults."""

    def __init__(self, channel: Any, folder: Path, faults: Faults) -> None:
        super().__init__(channel, folder)
        self._folder = folder
        self._faults = faults
        self._names: dict[int, bytes] = {}

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> Any:
        await self._act("open")
        opened = await super().open(path, pflags, attrs)
        self._names[id(opened)] = path
        return opened

    async def read(self, file_obj: Any, offset: int, size: int) -> bytes:
        await self._act("read")
        return super().read(file_obj, offset, min(size, self._faults.short_reads or size))

    async def write(self, file_obj: Any, offset: int, data: bytes) -> int:
        await self._act("write")
        faults = self._faults
        faults.writes += 1
        if faults.writes == faults.refuse_write or 0 < faults.refuse_writes_from <= faults.writes:
            raise asyncssh.SFTPFailure(_WHY)
        if 0 <= faults.quota < offset + len(data):
            super().write(file_obj, offset, data[: max(0, faults.quota - offset)])
            raise asyncssh.SFTPFailure(_WHY)
        if 0 <= faults.cut_after_bytes <= faults.taken_bytes + len(data):
            super().write(file_obj, offset, data[: faults.cut_after_bytes - faults.taken_bytes])
            self._cut()
        faults.taken_bytes += len(data)
        return super().write(file_obj, offset, data)

    async def close(self, file_obj: Any) -> None:
        path = self._names.pop(id(file_obj), b"")
        wrote = "w" in file_obj.mode or "+" in file_obj.mode
        if wrote:
            await self._act("close")
            if self._faults.cut_at == "before_close":
                self._cut()
        await super().close(file_obj)
        if wrote:
            local = Path(os.fsdecode(self.map_path(path)))
            if self._faults.lie_at_close and local.stat().st_size:
                content = bytearray(local.read_bytes())
                content[len(content) // 2] ^= 0xFF
                local.write_bytes(content)
            if self._faults.failing_close:
                raise asyncssh.SFTPFailure(_WHY)
            self._take(local)
            if self._faults.cut_at == "after_close":
                self._cut()

    async def lstat(self, path: bytes) -> Any:
        await self._act("stat")
        if self._faults.renamed and self._faults.cut_at == "before_last_stat":
            self._cut()
        return super().lstat(path)

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        await self._act("rename")
        if self._faults.cut_at == "before_rename":
            self._cut()
        super().rename(oldpath, newpath)
        self._faults.renamed = True
        self._take(Path(os.fsdecode(self.map_path(newpath))))
        if self._faults.cut_at == "after_rename":
            self._cut()

    async def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        await self._act("replace")
        super().posix_rename(oldpath, newpath)

    async def remove(self, path: bytes) -> None:
        await self._act("remove")
        super().remove(path)

    async def scandir(self, path: bytes) -> Any:
        await self._act("list")
        async for name in super().scandir(path):
            yield name

    async def _act(self, name: str) -> None:
        self._faults.acts.append(name)
        if self._faults.silent_at == name:
            await asyncio.sleep(FOREVER)
        if name in self._faults.deny:
            raise asyncssh.SFTPPermissionDenied(_WHY)

    def _cut(self) -> None:
        self._faults.cut_at = ""
        self._faults.cut_after_bytes = -1
        self.channel.get_connection().abort()
        raise asyncssh.SFTPConnectionLost(_WHY)

    def _take(self, local: Path) -> None:
        """Act as a receiver that takes a whole file the moment it sees it."""
        if self._faults.take_at_once and not local.name.startswith("."):
            taken = self._folder.parent / "taken"
            taken.mkdir(exist_ok=True)
            local.rename(taken / f"{len(list(taken.iterdir())):03}-{local.name}")


@contextmanager
def faulty_server(root: Path, faults: Faults | None = None, **options: Any) -> Iterator[ThrowawayServer]:
    """Serve `root/partner` to the user partner, with faults."""
    chosen = faults or Faults()
    os.environ[PASSWORD_VARIABLE] = PASSWORD
    options.setdefault("passwords", {USER: PASSWORD})
    passwords = options.pop("passwords")
    with ThrowawayServer(
        root, passwords, sftp=lambda channel, folder: FaultySftp(channel, folder, chosen), **options
    ) as server:
        yield server


def endpoint_table(server: ThrowawayServer, **changes: Any) -> dict[str, Any]:
    """Return the [endpoints.x] table of ecsync.toml for a server, impatient as tests are."""
    return {
        "kind": "sftp",
        "host": server.host,
        "port": server.port,
        "user": USER,
        "password": {"env": PASSWORD_VARIABLE},
        "host_key": server.fingerprint,
        "timeout_seconds": 5,
        "retries": 1,
        "retry_delay_seconds": 0,
        **changes,
    }


@contextmanager
def mute_server() -> Iterator[tuple[str, int]]:
    """Take connections and never say a word."""
    door = socket.create_server(("127.0.0.1", 0))
    taken: list[socket.socket] = []

    def take() -> None:
        while True:
            try:
                taken.append(door.accept()[0])
            except OSError:
                return

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    try:
        yield door.getsockname()
    finally:
        door.shutdown(socket.SHUT_RDWR)
        door.close()
        thread.join()
        for connection in taken:
            connection.close()
