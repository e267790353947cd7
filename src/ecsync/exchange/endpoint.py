"""A partner's door: the few acts that folders and SFTP servers have in common, and what follows from them.

Every act names a folder below the endpoint's root and one safe name in it. Acts raise UnreachableError
where the partner is away or silent, TransferError where it answered no, FileNotFoundError where a file
that an act needs is not there, and FileExistsError where `rename` finds its target taken.
"""

from __future__ import annotations

import hashlib
import os
from abc import ABC, abstractmethod
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal

from ecsync.errors import TransferError
from ecsync.exchange import names
from ecsync.faultpoints import declare, faultpoint
from ecsync.locale import N_
from ecsync.locale.said import said

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

CHUNK: Final = 32_768
Likeness = Literal["absent", "same", "prefix", "other"]
Act = Literal["list", "stat", "read", "write", "rename", "remove", "move"]
# What these acts do not find is the folder: the partner refuses them.
OF_THE_FOLDER: Final = frozenset({"list", "write", "remove"})

_REFUSALS: Final[dict[Act, str]] = {
    "list": N_("{endpoint} does not let us list {place}"),
    "stat": N_("{endpoint} does not let us look at {place}"),
    "read": N_("{endpoint} does not let us read {place}"),
    "write": N_("{endpoint} did not take all of {place}"),
    "rename": N_("{endpoint} does not let us rename {place}"),
    "remove": N_("{endpoint} does not let us remove {place}"),
    "move": N_("{endpoint} does not let us move {place}"),
}

AFTER_DOWNLOAD: Final = declare(
    "endpoint.after_download", "the bytes are in a local temporary file, not yet durable"
)


@dataclass(frozen=True)
class RemoteFile:
    """A plain file with a safe name: size in bytes, mtime in UTC to the second ('' where not told)."""

    name: str
    size: int
    mtime: str


@dataclass(frozen=True)
class RefusedEntry:
    """An entry of a listing that is left alone. `name` is '' where it could not be decoded."""

    name: str
    reason: str


@dataclass(frozen=True)
class Listing:
    """A folder as the partner shows it, files in the order of their names, each once."""

    files: tuple[RemoteFile, ...]
    refused: tuple[RefusedEntry, ...]

    def by_name(self) -> dict[str, RemoteFile]:
        """Return the files by name."""
        return {file.name: file for file in self.files}


@dataclass(frozen=True)
class Received:
    """What a download brought."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Entry:
    """A raw entry of a listing, as the door gives it; `name` None where it could not be decoded."""

    name: str | None
    is_file: bool
    size: int
    mtime: int | None


class Endpoint(ABC):
    """One open door. `readable` tells whether we may read back what we wrote."""

    def __init__(self, name: str, *, readable: bool) -> None:
        """Remember how findings and errors call this door."""
        self.name = name
        self.readable = readable

    @abstractmethod
    def entries(self, path: str) -> list[Entry]:
        """Return every entry of a folder but `.` and `..`, links not followed."""

    @abstractmethod
    def stat(self, path: str, name: str) -> RemoteFile | None:
        """Return the file of that name, None where there is none; a folder or link raises TransferError."""

    @abstractmethod
    def read(self, path: str, name: str) -> Generator[bytes, None, None]:
        """Yield the bytes of a file from its beginning."""

    @abstractmethod
    def write(self, path: str, name: str, source: Path, *, in_order: bool) -> None:
        """Write a file from byte 0, replacing what is there; return when the partner has confirmed every byte.

        `in_order`: block by block, so that what is there after a cut is a true prefix.
        """

    @abstractmethod
    def rename(self, path: str, old: str, new: str) -> None:
        """Rename; raise FileExistsError where the target exists."""

    @abstractmethod
    def replace(self, path: str, old: str, new: str) -> None:
        """Rename over an existing target, so that there is no moment without a file."""

    @abstractmethod
    def remove(self, path: str, name: str) -> None:
        """Remove a file; one that is not there counts as removed."""

    @abstractmethod
    def move(self, path: str, name: str, to_path: str, to_name: str) -> None:
        """Rename into another folder, made where it is missing; raise FileExistsError where the target exists."""

    def list_files(self, path: str) -> Listing:
        """List a folder; names that are not safe, folders and links are reported apart."""
        files: dict[str, RemoteFile] = {}
        refused = []
        for entry in self.entries(path):
            reason = names.NOT_DECODABLE if entry.name is None else names.refusal(entry.name)
            if not reason and not entry.is_file:
                reason = names.NOT_A_FILE
            if reason:
                refused.append(RefusedEntry(entry.name or "", reason))
            elif entry.name is not None:
                files[entry.name] = RemoteFile(entry.name, entry.size, utc_text(entry.mtime))
        return Listing(
            tuple(sorted(files.values(), key=lambda file: file.name)),
            tuple(sorted(set(refused), key=lambda entry: (entry.name, entry.reason))),
        )

    def download(self, path: str, name: str, target: Path) -> Received:
        """Fetch a file to a local temporary path (0600, durable); the caller gives it its name."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        digest = hashlib.sha256()
        size = 0
        with (
            open(os.open(target, flags, 0o600), "wb") as local,  # noqa: PTH123  (a descriptor, not a path)
            closing(self.read(path, name)) as blocks,
        ):
            for block in blocks:
                local.write(block)
                digest.update(block)
                size += len(block)
            faultpoint(AFTER_DOWNLOAD)
            local.flush()
            os.fsync(local.fileno())
        return Received(size, digest.hexdigest())

    def sha256(self, path: str, name: str) -> str:
        """Read a file back and return its SHA-256."""
        digest = hashlib.sha256()
        with closing(self.read(path, name)) as blocks:
            for block in blocks:
                digest.update(block)
        return digest.hexdigest()

    def likeness(self, path: str, name: str, payload: Path) -> Likeness:
        """Compare a remote file with a local one: by bytes, or by size alone where it may not be read."""
        there = self.stat(path, name)
        size = payload.stat().st_size
        if there is None:
            return "absent"
        if not self.readable:
            return "same" if there.size == size else "prefix" if there.size < size else "other"
        seen = 0
        with closing(self.read(path, name)) as blocks, payload.open("rb") as ours:
            for block in blocks:
                if ours.read(len(block)) != block:
                    return "other"
                seen += len(block)
        return "same" if seen == size else "prefix"

    def refused(
        self, path: str, name: str, act: Act, kind: type[TransferError] = TransferError
    ) -> TransferError:
        """Return the error for an act that the partner refused."""
        place = "/".join(part for part in (path, name) if part) or "."
        return kind(
            said(_REFUSALS[act], endpoint=self.name, place=place),
            hint=said(N_("ask the partner about the rights and the space in this folder")),
        )


def utc_text(seconds: int | None) -> str:
    """Return seconds since 1970 as UTC text, '' where unknown."""
    if seconds is None:
        return ""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
