"""A line to a PostgreSQL server that breaks at the commit: before the server hears it, or before its answer arrives."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

SOCKET = ".s.PGSQL.5432"


@dataclass
class CuttingProxy:
    """Carry bytes between clients and a server's socket.

    `cut` says where the next commit of something inserted breaks: before | after. `silent`: from the next such commit
    on nobody answers any more.
    """

    server: Path
    cut: str = ""
    silent: bool = False
    cuts: int = field(default=0, init=False)

    def carry(self, client: socket.socket) -> None:
        """Carry one connection to its end."""
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(str(self.server))
            inserted = False
            while True:
                for one in select.select([client, server], [], [])[0]:
                    data = one.recv(65_536)
                    if not data:
                        return
                    inserted |= one is client and b"INSERT" in data
                    if one is client and b"COMMIT" in data and inserted and self.cut:
                        self._break(server, data)
                        return
                    if one is client and b"COMMIT" in data and inserted and self.silent:
                        self.silent = False
                        client.recv(65_536)
                        return
                    (server if one is client else client).sendall(data)

    def _break(self, server: socket.socket, data: bytes) -> None:
        if self.cut == "after":
            server.sendall(data)
            server.recv(65_536)
        self.cut = ""
        self.cuts += 1


@contextmanager
def cutting_proxy(address: str, folder: Path) -> Iterator[tuple[CuttingProxy, str]]:
    """Yield a proxy in front of a server, and the address of the database through it."""
    url = sa.make_url(address)
    proxy = CuttingProxy(Path(str(url.query["host"])) / SOCKET)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / SOCKET))
        listening.listen()

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client, _name = listening.accept()
                    threading.Thread(target=proxy.carry, args=(client,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield proxy, url.update_query_dict({"host": str(folder)}).render_as_string(hide_password=False)
        listening.shutdown(socket.SHUT_RDWR)
    time.sleep(0.05)
