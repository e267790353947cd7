"""Hand over under a temporary name, then rename: nothing partial is ever visible under the final name."""

from __future__ import annotations

from typing import Final

from ecsync.exchange import handover
from ecsync.exchange.handover import HandOver
from ecsync.faultpoints import declare, faultpoint

BEFORE_RENAME: Final = declare("rename.before_rename", "the rename is journaled, not asked for")
AFTER_RENAME: Final = declare("rename.after_rename", "the rename is confirmed; the state says renaming")
BEFORE_VERIFY: Final = declare(
    "rename.before_verify", "the state says renamed; the final name was not looked at"
)


class RenameHandOver(HandOver):
    """planned -> uploading -> uploaded -> renaming -> renamed -> verified."""

    def begin(self) -> None:
        """Look at the final name, upload, rename."""
        seen = self.look(self.file.remote_name)
        if seen == "same":
            self.advance("verified", handover.ALREADY_THERE)
        elif seen in {"absent", "hidden"} or self.may_replace():
            self._upload()
        else:
            self.stop()

    def act(self) -> None:
        """Do what the present state announces."""
        if self.file.state == "uploading":
            self._write()
        elif self.file.state == "renaming" and self.stat(self.file.temp_name) is not None:
            self._rename()
        else:
            self.take_up_uploaded()

    def take_up(self) -> None:
        """Go on after a dead run."""
        if self.file.state == "uploading":
            self._write()
        elif self.file.state == "uploaded":
            self.take_up_uploaded()
        elif self.file.state == "renaming":
            self._take_up_renaming()
        elif self.file.state == "renamed":
            self._verify()

    def take_up_uploaded(self) -> None:
        """No rename was ever asked for: a temporary file that is gone or not ours is written again."""
        if self.file.state == "renamed":
            self._verify()
        elif self.look(self.file.temp_name) in {"same", "hidden"}:
            self._announce_rename()
        else:
            self._upload()

    def _upload(self, detail: str = "") -> None:
        self.advance("uploading", detail)
        self._write()

    def _write(self) -> None:
        self.write(self.file.temp_name, in_order=False)
        if self.look(self.file.temp_name) not in {"same", "hidden"}:
            raise self.lost_bytes(self.file.temp_name)
        faultpoint(handover.AFTER_COMPARE)
        self.advance("uploaded")
        self._announce_rename()

    def _announce_rename(self) -> None:
        self.advance("renaming")
        self._rename()

    def _rename(self) -> None:
        faultpoint(BEFORE_RENAME)
        try:
            self.endpoint.rename(self.file.remote_dir, self.file.temp_name, self.file.remote_name)
        except FileExistsError:
            self._target_exists()
            return
        except FileNotFoundError:
            self._temp_gone()
            return
        faultpoint(AFTER_RENAME)
        self._renamed()

    def _target_exists(self) -> None:
        if self.look(self.file.remote_name) == "same":
            self.remove_quietly(self.file.temp_name)
            self._renamed()
        elif self.may_replace():
            self.endpoint.replace(self.file.remote_dir, self.file.temp_name, self.file.remote_name)
            faultpoint(AFTER_RENAME)
            self._renamed()
        else:
            self.remove_quietly(self.file.temp_name)
            self.stop()

    def _take_up_renaming(self) -> None:
        if self.stat(self.file.temp_name) is not None:
            self._rename()
        else:
            self._temp_gone()

    def _temp_gone(self) -> None:
        seen = self.look(self.file.remote_name)
        if seen == "same":
            self._renamed()
        elif seen == "absent" and self.file.receiver_removes:
            self._renamed(handover.TAKEN)
        elif self.cannot_know(
            {"absent": handover.GONE, "hidden": handover.HIDDEN}.get(seen, handover.FOREIGN)
        ):
            self._upload(handover.SENT_AGAIN)

    def _renamed(self, detail: str = "") -> None:
        self.advance("renamed", detail)
        self._verify()

    def _verify(self) -> None:
        faultpoint(BEFORE_VERIFY)
        there = self.stat(self.file.remote_name)
        if there is None:
            self.advance("verified", handover.TAKEN)
        elif there.size == self.file.size:
            self.advance("verified")
        else:
            self.advance("conflict", handover.FOREIGN)
