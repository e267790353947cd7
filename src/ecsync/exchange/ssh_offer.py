"""What an SSH server offers before any encryption: read when a handshake fails, to say why in plain words."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from typing import Final

_KEXINIT: Final = 20
_COOKIE: Final = 16
_LONGEST_BANNER: Final = 64
_LONGEST_PACKET: Final = 35_000


@dataclass(frozen=True)
class SshOffer:
    """The server's key exchanges and host key algorithms, in its order."""

    key_exchanges: tuple[str, ...]
    host_keys: tuple[str, ...]

    def __str__(self) -> str:
        """Return both lists as a person reads them."""
        return f"{', '.join(self.key_exchanges) or '-'} / {', '.join(self.host_keys) or '-'}"


def read_offer(host: str, port: int, timeout: float) -> SshOffer | None:
    """Return what the server offers; None where it does not say so in time."""
    try:
        with socket.create_connection((host, port), timeout) as door:
            door.sendall(b"SSH-2.0-ecsync\r\n")
            with door.makefile("rb") as stream:
                for _line in range(_LONGEST_BANNER):
                    if stream.readline(1_024).startswith(b"SSH-"):
                        break
                length, padding = struct.unpack(">IB", stream.read(5))
                if not padding < length <= _LONGEST_PACKET:
                    return None
                return _parse(stream.read(length - 1)[: length - 1 - padding])
    except (OSError, struct.error, UnicodeError):
        return None


def _parse(payload: bytes) -> SshOffer | None:
    if not payload or payload[0] != _KEXINIT:
        return None
    at = 1 + _COOKIE
    lists = []
    for _list in range(2):
        (length,) = struct.unpack_from(">I", payload, at)
        names = payload[at + 4 : at + 4 + length].decode("ascii").split(",")
        lists.append(tuple(name for name in names if not name.startswith(("ext-info-", "kex-strict-"))))
        at += 4 + length
    return SshOffer(lists[0], lists[1])
