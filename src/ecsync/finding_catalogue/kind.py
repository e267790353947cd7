"""What a kind of finding says, to whom and by when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Desk = Literal["orders", "shipping", "stock", "accounting", "system"]
# What the subject of a finding names: `event` is "warehouse number", `channel` any partner, `order` is "channel order_no", with " (parcel)" where one parcel is meant;
# `key` and `proof` are business keys with colons; `sent` a file on its way out.
Scope = Literal[
    "order", "sku", "listing", "file", "flow", "sent", "party", "channel", "event", "key", "proof", "run", ""
]
Due = Literal["cut_off", "today", "note"]


@dataclass(frozen=True)
class FindingKind:
    """A kind of finding. `needs_person` makes the run end with status 3.

    `sentence` and `action` are said in one line, to whoever runs the command. On a staff page the subject has
    a column of its own, so `what`, `why` and `next_step` (`action` where none is given) leave it out; `desk` says
    who, and `deadline` by when.
    """

    desk: Desk
    sentence: str
    action: str = ""
    needs_person: bool = False
    scope: Scope = ""
    what: str = ""
    why: str = ""
    next_step: str = ""
    due: Due | None = None

    @property
    def deadline(self) -> Due:
        """Return by when a person acts: before the cut-off, today, or not at all."""
        if self.due is not None:
            return self.due
        if self.needs_person:
            return "cut_off"
        return "today" if self.next_step or self.action else "note"
