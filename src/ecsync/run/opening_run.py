"""A run of kind `opening`: the same function over the files of one folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecsync.config import Endpoint, Inbound, Settings
from ecsync.errors import InputRefusedError, UsageError
from ecsync.locale import _
from ecsync.run.sync import Request, sync

if TYPE_CHECKING:
    from pathlib import Path

    from ecsync.master.context import RunContext
    from ecsync.run.outcome import Outcome

OPENING_FILES = {
    "stock.csv": "opening/stock",
    "orders.csv": "opening/orders",
    "receivables.csv": "opening/receivables",
    "counters.csv": "opening/counters",
}


def load_opening_folder(settings: Settings, folder: Path, clock: str) -> Outcome:
    """Load the opening files that the folder holds; each figure once, proved by the run.

    Raises UsageError where the folder holds none of them; InputRefusedError where one contradicts the master.
    """
    present = {name: mapping for name, mapping in OPENING_FILES.items() if (folder / name).is_file()}
    if not present:
        raise UsageError(
            _("{folder} holds none of {files}").format(folder=folder, files=", ".join(sorted(OPENING_FILES)))
        )
    flows = tuple(
        Inbound(
            name=mapping.replace("/", "-"),
            party="opening",
            mapping=mapping,
            endpoint="opening",
            pattern=name,
        )
        for name, mapping in sorted(present.items())
    )
    widened = settings.model_copy(
        update={
            "endpoints": {**settings.endpoints, "opening": Endpoint(kind="folder", root=str(folder))},
            "inbound": (*settings.inbound, *flows),
        }
    )
    return sync(widened, Request(kind="opening", clock=clock, owner="init", before_commit=_refuse_half))


def _refuse_half(_ctx: RunContext, outcome: Outcome) -> None:
    faulty = {
        f.subject for f in outcome.findings if f.code in {"file_refused", "rows_quarantined", "guard_stopped"}
    }
    if faulty:
        raise InputRefusedError(
            _("the opening is not whole: {files}").format(files=", ".join(sorted(faulty))),
            hint=_("mend these files and load the opening again; nothing was kept"),
        )
