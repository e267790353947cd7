"""SFTP servers with habits, for the tests of whole runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ecsync.exchange.throwaway_sftp import FolderSftp, ThrowawayServer

FOREVER = 3_600


@contextmanager
def slow_server(root: Path, asked: Path) -> Iterator[ThrowawayServer]:
    """Serve `root/rms` without ever answering a listing; the file `asked` appears once one was asked for."""

    class Silent(FolderSftp):
        async def scandir(self, path: bytes) -> AsyncIterator[Any]:
            asked.touch()
            await asyncio.sleep(FOREVER)
            async for name in super().scandir(path):
                yield name

    with ThrowawayServer(root, {"rms": "invented"}, sftp=Silent) as server:
        yield server
