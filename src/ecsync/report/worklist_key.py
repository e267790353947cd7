"""The key of a work list's row: which matter it is about, and in which state it was when the list was written.

A key is plain ASCII text that no spreadsheet program takes for a number, a date or a formula.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ecsync.report.matters import Matter

FORMAT: Final = "ecsync-worklist-1"
_STEM: Final = "ecsync-worklist-"
_PARTS: Final = 6


@dataclass(frozen=True)
class RowKey:
    """What a row's key says. `list_id` names the list, `identity` and `fingerprint` the matter and its state."""

    project: str
    list_id: str
    identity: tuple[str, ...]
    fingerprint: str

    @property
    def source_key(self) -> str:
        """Return the name of this row of this list, under which its decision is kept."""
        digest = hashlib.sha256("\x1f".join(self.identity).encode()).hexdigest()
        return f"{self.list_id}#{digest[:16]}"


class KeyFault(ValueError):  # noqa: N818  (a fault of a text, told by its reader)
    """A key that is none, or was made by another version: `older` tells which."""

    def __init__(self, *, older: bool = False) -> None:
        super().__init__("older" if older else "damaged")
        self.older = older


def key_of(matter: Matter, project: str, list_id: str) -> str:
    """Return the key of a matter's row."""
    body = "|".join(
        (FORMAT, _packed(project), list_id, _packed(json.dumps(matter.identity)), matter.fingerprint)
    )
    return f"{body}|{_check(body)}"


def read_key(text: str) -> RowKey:
    """Return what a key says; raise KeyFault where it is damaged, or made by another version."""
    written = text.strip()
    if written.startswith(_STEM) and not written.startswith(f"{FORMAT}|"):
        raise KeyFault(older=True)
    parts = written.split("|")
    body = written.rpartition("|")[0]
    if len(parts) != _PARTS or parts[-1] != _check(body):
        raise KeyFault
    _format, project, list_id, identity, fingerprint, _sum = parts
    try:
        return RowKey(
            _unpacked(project), list_id, tuple(map(str, json.loads(_unpacked(identity)))), fingerprint
        )
    except (ValueError, binascii.Error):
        raise KeyFault from None


def _packed(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _unpacked(text: str) -> str:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()


def _check(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:8]
