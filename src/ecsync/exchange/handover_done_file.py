"""Hand over a payload and then an empty done-file: the receiver takes nothing before it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from ecsync.exchange import handover
from ecsync.exchange.handover_direct import DirectHandOver
from ecsync.faultpoints import declare, faultpoint

BEFORE_DONE: Final = declare("done_file.before_done", "the done-file is journaled, not asked for")
AFTER_DONE: Final = declare("done_file.after_done", "the done-file is confirmed; the state says renaming")

_NOTHING: Final = Path(os.devnull)


class DoneFileHandOver(DirectHandOver):
    """planned -> uploading -> uploaded -> renaming (the done-file) -> renamed -> verified."""

    @property
    def done_name(self) -> str:
        """Return the name of the done-file."""
        return self.file.remote_name + self.file.done_suffix

    def begin(self) -> None:
        """Write the payload where neither it nor a done-file is in the way."""
        if self.stat(self.done_name) is None:
            super().begin()
        elif self.look(self.file.remote_name) == "same":
            super().already_there()
        elif self.may_replace():
            self.upload()
        else:
            self.stop()

    def already_there(self) -> None:
        """Our payload without its done-file: only the done-file is missing."""
        self.uploaded(handover.ALREADY_THERE)

    def act(self) -> None:
        """Do what the present state announces."""
        if self.file.state == "renaming" and self.look(self.file.remote_name) not in {"same", "hidden"}:
            self.upload()
        elif self.file.state == "renaming":
            self._mark_done()
        else:
            super().act()

    def take_up(self) -> None:
        """Go on after a dead run."""
        if self.file.state == "renaming":
            self._take_up_renaming()
        else:
            super().take_up()

    def upload_vanished(self, *, hidden: bool) -> None:
        """No done-file was asked for: nothing was taken, so the payload is sent again."""
        if hidden or self.stat(self.done_name) is not None:
            super().upload_vanished(hidden=hidden)
        else:
            self.write_final()

    def write_final(self) -> None:
        """Write the payload; an old done-file leaves first, or a part would be taken."""
        if self.stat(self.done_name) is not None:
            self.endpoint.remove(self.file.remote_dir, self.done_name)
        super().write_final()

    def vanished_after_close(self) -> None:
        """Nobody should take a payload before its done-file: whether it was taken or removed, nobody knows."""
        self.advance("unknown", handover.ABSENT)

    def uploaded(self, detail: str = "") -> None:
        """Every byte is confirmed: the done-file may follow."""
        self.advance("uploaded", detail)
        self._announce_done()

    def finish(self) -> None:
        """Go on from `uploaded` or `renamed`; no done-file was asked for before a payload that is whole."""
        if self.file.state == "renamed":
            self.advance("verified", self.file.detail)
        elif self.look(self.file.remote_name) in {"same", "hidden"}:
            self._announce_done()
        else:
            self.upload()

    def _announce_done(self) -> None:
        self.advance("renaming", self.file.detail)
        self._mark_done()

    def _take_up_renaming(self) -> None:
        payload = self.look(self.file.remote_name)
        if self.stat(self.done_name) is not None:
            self._renamed(self.file.detail)
        elif payload == "same":
            self._mark_done()
        elif payload == "absent" and self.file.receiver_removes:
            self._renamed(handover.TAKEN)
        elif payload in {"prefix", "other"}:
            self.advance("conflict", handover.FOREIGN)
        elif self.cannot_know(handover.HIDDEN if payload == "hidden" else handover.GONE):
            self.upload(handover.SENT_AGAIN)

    def _mark_done(self) -> None:
        faultpoint(BEFORE_DONE)
        self.endpoint.write(self.file.remote_dir, self.done_name, _NOTHING, in_order=True)
        faultpoint(AFTER_DONE)
        self._renamed(self.file.detail)

    def _renamed(self, detail: str) -> None:
        self.advance("renamed", detail)
        self.finish()
