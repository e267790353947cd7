"""How a file is handed over: what every habit of a partner's has in common.

`handover: rename` writes under a temporary name and renames, `direct` writes the final name, `done_file`
writes the final name and then an empty file that says so. A hand-over either begins, or takes up again what
a dead run left; it then looks at the partner's folder first. What cannot be known becomes `unknown`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Literal

from ecsync.errors import TransferError
from ecsync.exchange.endpoint import Endpoint, Likeness, RemoteFile
from ecsync.faultpoints import declare, faultpoint
from ecsync.locale import N_
from ecsync.locale.said import said

if TYPE_CHECKING:
    from pathlib import Path

    from ecsync.exchange.outbox import OutboxFile
    from ecsync.exchange.stepping import Stepper

BEFORE_WRITE: Final = declare("handover.before_write", "the upload is journaled; nothing is at the partner's")
AFTER_WRITE: Final = declare("handover.after_write", "the upload is confirmed, not compared")
AFTER_COMPARE: Final = declare("handover.after_compare", "the upload was compared; its state does not say so")

ALREADY_THERE: Final = N_("the partner already had this file with the same bytes")
TAKEN: Final = N_("the partner took it before it could be looked at")
GONE: Final = N_("it is at the partner's neither under its temporary nor under its final name")
ABSENT: Final = N_("the upload was begun, and nothing is at the partner's")
NOT_OPENED: Final = N_("the partner would not open it for writing; nothing was written")
HIDDEN: Final = N_("the partner does not let us look")
FOREIGN: Final = N_("the partner has another file of this name")
SENT_AGAIN: Final = N_("its arrival was unknown; it is sent again, as the partner allows")

# `hidden`: the partner lets us neither read nor look.
Seen = Likeness | Literal["hidden"]


class HandOver(ABC):
    """One delivery on its way. `file` follows its state."""

    def __init__(self, file: OutboxFile, endpoint: Endpoint, payload: Path, stepper: Stepper) -> None:
        """Take charge of a file that is not settled."""
        self.file = file
        self.endpoint = endpoint
        self.payload = payload
        self.stepper = stepper

    def run(self) -> OutboxFile:
        """Bring the delivery as far as it goes and return the file with its state.

        Raises UnreachableError or TransferError where the next run must go on; the state then tells from where.
        """
        if self.file.state in {"planned", "waiting"}:
            self.begin()
        elif self.stepper.was_journaled(self.file):
            self.take_up()
        else:
            self.stepper.journal_again(self.file)
            self.act()
        return self.file

    @abstractmethod
    def begin(self) -> None:
        """Hand over a file that never left."""

    @abstractmethod
    def act(self) -> None:
        """Do the act of the present state, which surely was not begun."""

    @abstractmethod
    def take_up(self) -> None:
        """Go on from the present state, whose act may have been done, in part or whole."""

    def advance(self, state: str, detail: str = "") -> None:
        """Take the next step: committed and journaled, not acted on."""
        self.file = self.stepper.advance(self.file, state, detail)

    def look(self, name: str) -> Seen:
        """Compare what the partner has under a name with the payload."""
        try:
            return self.endpoint.likeness(self.file.remote_dir, name, self.payload)
        except FileNotFoundError:
            return "absent"
        except TransferError:
            if self.endpoint.readable:
                raise
            return "hidden"

    def stat(self, name: str) -> RemoteFile | None:
        """Look whether a file is there; a partner that hides it shows none."""
        try:
            return self.endpoint.stat(self.file.remote_dir, name)
        except TransferError:
            if self.endpoint.readable:
                raise
            return None

    def write(self, name: str, *, in_order: bool) -> None:
        """Write the payload from its first byte."""
        faultpoint(BEFORE_WRITE)
        self.endpoint.write(self.file.remote_dir, name, self.payload, in_order=in_order)
        faultpoint(AFTER_WRITE)

    def may_replace(self) -> bool:
        """Tell whether what lies under the final name is an older file of ours that may be replaced."""
        if self.file.on_exists != "replace":
            return False
        there = self.stat(self.file.remote_name)
        if there is None:
            return False
        sha256 = ""
        if self.endpoint.readable:
            sha256 = self.endpoint.sha256(self.file.remote_dir, self.file.remote_name)
        return self.stepper.is_older_of_ours(self.file, sha256=sha256, size=there.size)

    def stop(self) -> None:
        """Stop before a foreign file: wait where the mapping says so, else leave it to a person."""
        state = "waiting" if self.file.on_exists == "wait" else "conflict"
        if self.file.state != state:
            self.advance(state, FOREIGN)

    def cannot_know(self, detail: str) -> bool:
        """Say that the outcome is unknown; return True where the partner allows to send again."""
        if self.file.on_unknown == "resend":
            return True
        self.advance("unknown", detail)
        return False

    def lost_bytes(self, name: str) -> TransferError:
        """Return the error for an upload that was confirmed, but is not what we sent."""
        return TransferError(
            said(
                N_("{endpoint} confirmed {name}, but has other bytes"), endpoint=self.endpoint.name, name=name
            ),
            hint=said(
                N_("run again; if it happens again, ask the partner about space and scanners on its server")
            ),
        )

    def remove_quietly(self, name: str) -> None:
        """Remove a temporary file where that is possible."""
        with suppress(TransferError):
            self.endpoint.remove(self.file.remote_dir, name)
