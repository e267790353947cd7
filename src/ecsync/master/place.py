"""Where a SQLite master may stand (a local file system, readable by its owner only), and how it is opened."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from ecsync.errors import ConfigurationError
from ecsync.locale import _

if TYPE_CHECKING:
    from collections.abc import Iterable

# SQLite's locks do not hold across hosts on these.
_NETWORK: Final = frozenset(
    {
        "afs", "beegfs", "ceph", "cifs", "davfs", "fuse.ceph", "fuse.davfs2", "fuse.glusterfs", "fuse.gvfsd-fuse",
        "fuse.rclone", "fuse.s3fs", "fuse.smbnetfs", "fuse.sshfs", "gfs2", "glusterfs", "gpfs", "lustre", "ncpfs",
        "nfs", "nfs3", "nfs4", "ocfs2", "prl_fs", "smb", "smb2", "smb3", "smbfs", "vboxsf", "vmhgfs",
    }
)  # fmt: skip
_MOUNTS: Final = Path("/proc/mounts")
_MOUNT_FIELDS: Final = 4  # device, point, type, options


def refuse_network_share(path: Path, mounts: Path = _MOUNTS) -> None:
    """Raise ConfigurationError where `path` visibly lies on a network file system."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return
    kind = file_system_of(path, lines)
    if kind in _NETWORK:
        raise ConfigurationError(
            _("{path} is on a network share ({kind}); SQLite cannot lock there").format(path=path, kind=kind),
            hint=_("move the database to a local disk, or use PostgreSQL: [database] url in ecsync.toml"),
        )


def file_system_of(path: Path, mounts: Iterable[str]) -> str:
    """Return the file system type of the deepest mount above `path`, '' where unknown.

    `mounts` are lines of /proc/mounts; a later mount on the same point hides an earlier one. The file shares
    that Windows gives to WSL are told apart from other 9p mounts by their option, and count as `smb`.
    """
    resolved = path.resolve()
    best_depth, kind = -1, ""
    for line in mounts:
        fields = line.split(" ")
        if len(fields) < _MOUNT_FIELDS:
            continue
        point = Path(_unescape(fields[1]))
        if (point == resolved or point in resolved.parents) and len(point.parts) >= best_depth:
            best_depth = len(point.parts)
            kind = "smb" if fields[2] == "9p" and "aname=drvfs" in fields[3] else fields[2]
    return kind


def _unescape(text: str) -> str:
    for code, sign in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, sign)
    return text


def sqlite_uri(path: Path, *, read_only: bool) -> str:
    """Return the URI that opens a SQLite file and never creates one.

    A file that may only be read is opened as immutable where no -wal lies beside it: SQLite could not make one.
    """
    mode = "mode=ro" if read_only else "mode=rw"
    if read_only and not _folder_is_writable(path) and not path.with_name(path.name + "-wal").exists():
        mode += "&immutable=1"
    return f"file:{quote(str(path))}?{mode}"


def _folder_is_writable(path: Path) -> bool:
    return os.access(path.parent, os.W_OK)


def create_private_file(path: Path) -> None:
    """Create an empty file with mode 0600, in a folder that is made with mode 0700; leave an existing one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_CREAT | os.O_RDWR | os.O_CLOEXEC
    os.close(os.open(path, flags, 0o600))


def free_name(path: Path) -> Path:
    """Return `path`, or the first of `path-2`, `path-3` ... that nothing has."""
    candidate, number = path, 1
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return candidate


def sync_file(path: Path) -> None:
    """Make a file's content durable."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
