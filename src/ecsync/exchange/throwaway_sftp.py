"""A throwaway SFTP server for the demo and the tests (extra `demo`): a user per partner, each in a folder of its own.

It listens on this machine only, makes a new host key every time, and forgets everything when it ends.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self, cast

import asyncssh

if TYPE_CHECKING:
    from types import TracebackType

SftpFactory = Callable[[asyncssh.SSHServerChannel[bytes], Path], asyncssh.SFTPServer]

# The server's own talk is nobody's: it would stand between the lines of the demo.
_log = logging.getLogger("asyncssh")


class FolderSftp(asyncssh.SFTPServer):
    """Serve one folder, and close what a client that was cut off left open."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], folder: Path) -> None:
        """Confine the client to its folder."""
        super().__init__(channel, chroot=str(folder).encode())
        self._left_open: dict[int, IO[bytes]] = {}

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        """Open a file and remember it."""
        opened = cast("IO[bytes]", super().open(path, pflags, attrs))
        self._left_open[id(opened)] = opened
        return opened

    async def close(self, file_obj: object) -> None:
        """Close a file."""
        self._left_open.pop(id(file_obj), None)
        cast("IO[bytes]", file_obj).close()

    def exit(self) -> None:
        """Close the rest."""
        while self._left_open:
            self._left_open.popitem()[1].close()


class _Door(asyncssh.SSHServer):
    def __init__(self, owner: ThrowawayServer) -> None:
        self._owner = owner

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._conn = conn
        self._owner.connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._owner.connections.discard(self._conn)

    def begin_auth(self, username: str) -> bool:  # noqa: ARG002
        return True

    def password_auth_supported(self) -> bool:
        return bool(self._owner.passwords)

    async def validate_password(self, username: str, password: str) -> bool:
        self._owner.logins.append(username)
        if self._owner.silent_login:
            await asyncio.sleep(3_600)
        expected = self._owner.passwords.get(username)
        return expected is not None and hmac.compare_digest(expected.encode(), password.encode())

    def public_key_auth_supported(self) -> bool:
        return bool(self._owner.public_keys)

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        self._owner.logins.append(username)
        return bool(self._owner.public_keys.get(username) == key.export_public_key().split()[1])


class ThrowawayServer:
    """Serve `root/<user>` to every user while the block lasts.

    `public_keys` maps users to OpenSSH public key lines; `options` go to asyncssh.listen. `logins` tells who
    tried to log in, in order.
    """

    host = "127.0.0.1"

    def __init__(
        self,
        root: Path,
        passwords: Mapping[str, str],
        *,
        public_keys: Mapping[str, str] | None = None,
        sftp: SftpFactory = FolderSftp,
        host_key_kinds: Sequence[str] = ("ssh-ed25519",),
        port: int = 0,
        **options: Any,
    ) -> None:
        """Prepare a server; it listens once the block is entered."""
        self.root = root
        self.passwords = dict(passwords)
        self.public_keys = {user: line.encode().split()[1] for user, line in (public_keys or {}).items()}
        self.port = port
        self.logins: list[str] = []
        self._sessions: list[asyncssh.SFTPServer] = []
        self.connections: set[asyncssh.SSHServerConnection] = set()
        self.silent_login = False
        self._sftp = sftp
        self._keys = [asyncssh.generate_private_key(kind) for kind in host_key_kinds]
        self._options = options
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="throwaway-sftp", daemon=True)
        self._listening = threading.Event()
        self._failure: BaseException | None = None

    @property
    def fingerprint(self) -> str:
        """Return the host key's fingerprint as ecsync.toml pins it."""
        return str(self._keys[0].get_fingerprint())

    @property
    def host_key_line(self) -> str:
        """Return the known_hosts line of this server."""
        kind, key = self._keys[0].export_public_key().decode().split()[:2]
        return f"[{self.host}]:{self.port} {kind} {key}"

    def __enter__(self) -> Self:
        """Listen; raise OSError where the port is taken."""
        for user in {*self.passwords, *self.public_keys}:
            (self.root / user).mkdir(mode=0o700, parents=True, exist_ok=True)
        self._thread.start()
        self._listening.wait()
        if self._failure is not None:
            raise self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Cut every connection and stop listening."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        _log.setLevel(logging.CRITICAL)
        try:
            server = self._loop.run_until_complete(self._listen())
        except BaseException as error:  # noqa: BLE001  (told in the thread that asked)
            self._failure = error
            self._listening.set()
            return
        self._listening.set()
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._hang_up(server))
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    async def _hang_up(self, server: asyncssh.SSHAcceptor) -> None:
        server.close()
        for connection in tuple(self.connections):
            connection.abort()
        await server.wait_closed()
        own = asyncio.current_task()
        tasks = [task for task in asyncio.all_tasks() if task is not own]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # A session that was cut while it waited for its client never ends by itself.
        for session in self._sessions:
            session.exit()

    async def _listen(self) -> asyncssh.SSHAcceptor:
        server = await asyncssh.listen(
            self.host,
            self.port,
            server_factory=lambda: _Door(self),
            server_host_keys=self._keys,
            sftp_factory=self._open_sftp,
            allow_scp=False,
            **self._options,
        )
        self.port = server.get_port()
        return server

    def _open_sftp(self, channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
        user = channel.get_connection().get_extra_info("username")
        session = self._sftp(channel, self.root / str(user))
        self._sessions.append(session)
        return session
