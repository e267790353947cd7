"""Hand over under the final name at once: for receivers that act when a file is closed."""

from __future__ import annotations

from typing import Final

from ecsync.errors import NothingWrittenError
from ecsync.exchange import handover
from ecsync.exchange.handover import HandOver
from ecsync.faultpoints import declare, faultpoint

BEFORE_VERIFY: Final = declare("direct.before_verify", "the state says uploaded; it is not verified")


class DirectHandOver(HandOver):
    """planned -> uploading -> uploaded -> verified."""

    def begin(self) -> None:
        """Look at the final name, then write it."""
        seen = self.look(self.file.remote_name)
        if seen == "same":
            self.already_there()
        elif seen in {"absent", "hidden"} or self.may_replace():
            self.upload()
        else:
            self.stop()

    def already_there(self) -> None:
        """An existing file with our bytes is a delivery made."""
        self.advance("verified", handover.ALREADY_THERE)

    def act(self) -> None:
        """Do what the present state announces; before an upload, look whether the name is still free."""
        if self.file.state == "uploading":
            seen = self.look(self.file.remote_name)
            if seen in {"absent", "hidden"} or self.may_replace():
                self.write_anew()
            elif seen == "same":
                self.uploaded()
            else:
                self.stop()
        else:
            self.finish()

    def take_up(self) -> None:
        """Go on after a dead run."""
        if self.file.state != "uploading":
            self.finish()
            return
        seen = self.look(self.file.remote_name)
        if seen == "same":
            self.uploaded()
        elif seen == "prefix":
            self.write_final()
        elif seen == "other":
            if self.may_replace():
                self.write_final()
            else:
                self.advance("conflict", handover.FOREIGN)
        else:
            self.upload_vanished(hidden=seen == "hidden")

    def upload_vanished(self, *, hidden: bool) -> None:
        """An open may have been asked for, and nothing is there: taken, or never begun."""
        if self.cannot_know(handover.HIDDEN if hidden else handover.ABSENT):
            self.upload(handover.SENT_AGAIN)

    def upload(self, detail: str = "") -> None:
        """Announce the upload and write."""
        self.advance("uploading", detail)
        self.write_anew()

    def write_anew(self) -> None:
        """Write where no part of it lies; refused before its first byte, it is as if it had never been begun."""
        try:
            self.write_final()
        except NothingWrittenError:
            self.advance("planned", handover.NOT_OPENED)
            raise

    def write_final(self) -> None:
        """Write the final name in order, so that what a cut leaves is a true prefix."""
        self.write(self.file.remote_name, in_order=True)
        seen = self.look(self.file.remote_name)
        if seen == "prefix":
            raise self.lost_bytes(self.file.remote_name)
        if seen == "other":
            self.advance("conflict", handover.FOREIGN)
            return
        faultpoint(handover.AFTER_COMPARE)
        if seen == "absent":
            self.vanished_after_close()
        else:
            self.uploaded()

    def vanished_after_close(self) -> None:
        """A receiver that acts on close was faster than our look."""
        self.uploaded(handover.TAKEN)

    def uploaded(self, detail: str = "") -> None:
        """Every byte is confirmed."""
        self.advance("uploaded", detail)
        self.finish()

    def finish(self) -> None:
        """Close the delivery."""
        faultpoint(BEFORE_VERIFY)
        self.advance("verified", self.file.detail)
