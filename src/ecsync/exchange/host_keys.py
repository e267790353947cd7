"""Whose door it is: host keys against known_hosts or a pinned fingerprint, always; there is no switch."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecsync.errors import AuthenticationError, ConfigurationError
from ecsync.locale import N_
from ecsync.locale.said import said

if TYPE_CHECKING:
    from pathlib import Path

    from ecsync.config import Endpoint, Settings

_SSH_PORT = 22


@dataclass(frozen=True)
class HostKey:
    """A host's public key: its kind (`ssh-ed25519`, ...) and its bytes."""

    kind: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """Return the fingerprint as OpenSSH shows it."""
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.blob).digest()).decode("ascii").rstrip("=")


def host_label(host: str, port: int) -> str:
    """Return how known_hosts calls a host."""
    return host if port == _SSH_PORT else f"[{host}]:{port}"


def known_keys(path: Path, host: str, port: int) -> list[HostKey]:
    """Return the keys that a known_hosts file holds for a host; none where the file is missing.

    Hashed names are understood; lines with a marker (@revoked, @cert-authority) are passed over.
    """
    label = host_label(host, port)
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    except OSError:
        raise AuthenticationError(said(N_("{path} cannot be read"), path=path)) from None
    found = []
    for line in lines:
        fields = line.split()
        if len(fields) < 3 or fields[0].startswith(("#", "@")) or not _is_named(label, fields[0]):  # noqa: PLR2004
            continue
        try:
            found.append(HostKey(fields[1], base64.b64decode(fields[2], validate=True)))
        except binascii.Error:
            continue
    return found


def _is_named(label: str, patterns: str) -> bool:
    if patterns.startswith("|1|"):
        try:
            salt, digest = (base64.b64decode(part) for part in patterns[3:].split("|"))
        except ValueError:
            return False
        return hmac.compare_digest(hmac.new(salt, label.encode(), hashlib.sha1).digest(), digest)
    return label in patterns.split(",")


def check(endpoint: str, offered: HostKey, *, pinned: str, known: list[HostKey]) -> None:
    """Raise AuthenticationError unless the offered key is the pinned one, or stands in known_hosts."""
    if pinned:
        if not hmac.compare_digest(pinned.rstrip("="), offered.fingerprint):
            raise AuthenticationError(
                said(
                    N_("the host key of {endpoint} is {offered}, but ecsync.toml pins {pinned}"),
                    endpoint=endpoint,
                    offered=offered.fingerprint,
                    pinned=pinned,
                ),
                hint=said(
                    N_(
                        "ask the partner by another way whether the key was changed; until then nothing is sent"
                    )
                ),
            )
        return
    if not known:
        raise AuthenticationError(
            said(
                N_("the host key of {endpoint} is not known: it offers {offered}"),
                endpoint=endpoint,
                offered=offered.fingerprint,
            ),
            hint=f"ecsync doctor --trust {endpoint}",
        )
    if offered not in known:
        raise AuthenticationError(
            said(
                N_("the host key of {endpoint} was changed: it offers {offered}, known is {known}"),
                endpoint=endpoint,
                offered=offered.fingerprint,
                known=", ".join(key.fingerprint for key in known),
            ),
            hint=said(
                N_("ask the partner by another way whether the key was changed; until then nothing is sent")
            ),
        )


def fetch(endpoint: Endpoint) -> HostKey:
    """Return the key that an SFTP server offers now, without logging in; `fingerprint` is for a person to compare."""
    from ecsync.exchange.ssh_connection import fetch_host_key  # noqa: PLC0415  (paramiko is heavy)

    return fetch_host_key(endpoint.host, endpoint)


def trust(settings: Settings, endpoint: Endpoint, key: HostKey) -> None:
    """Write a key that a person said yes to; raise ConfigurationError where ecsync.toml pins another."""
    if endpoint.host_key and endpoint.host_key.rstrip("=") != key.fingerprint:
        raise ConfigurationError(
            said(N_("ecsync.toml pins another host key for {host}"), host=endpoint.host),
            hint=said(
                N_("change host_key of this endpoint first, if the partner says that its key was changed")
            ),
        )
    remember(settings.path(endpoint.known_hosts), endpoint.host, endpoint.port, key)


def remember(path: Path, host: str, port: int, key: HostKey) -> None:
    """Write a key into known_hosts (0600, durable) in place of this host's other keys of its kind."""
    label = host_label(host, port)
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    kept = [line for line in lines if not _names_only(line, label, key.kind)]
    kept.append(f"{label} {key.kind} {base64.b64encode(key.blob).decode('ascii')}")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as new:  # noqa: PTH123
        new.write("\n".join(kept) + "\n")
        new.flush()
        os.fsync(new.fileno())
    draft.replace(path)


def _names_only(line: str, label: str, kind: str) -> bool:
    fields = line.split()
    return len(fields) >= 3 and fields[1] == kind and _is_named(label, fields[0])  # noqa: PLR2004
