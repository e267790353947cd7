"""Deliver what is in the outbox: by priority, then by number; a partner that is down delays only its own files."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ecsync.config import Settings
from ecsync.errors import AuthenticationError, ConfigurationError, TransferError, UnreachableError
from ecsync.exchange import outbox, telling
from ecsync.exchange.endpoint import Endpoint
from ecsync.exchange.handover_direct import DirectHandOver
from ecsync.exchange.handover_done_file import DoneFileHandOver
from ecsync.exchange.handover_rename import RenameHandOver
from ecsync.exchange.handover_rows import RowsHandOver
from ecsync.exchange.opening import open_endpoint
from ecsync.exchange.stepping import Fence, Stepper
from ecsync.locale import N_
from ecsync.progress import step

if TYPE_CHECKING:
    from pathlib import Path

    from ecsync.exchange.handover import HandOver
    from ecsync.exchange.journal import DeliveryJournal
    from ecsync.exchange.outbox import OutboxFile
    from ecsync.exchange.steps import Steps
    from ecsync.findings import FindingLog

_HAND_OVERS: Final[dict[str, type[HandOver]]] = {
    "rename": RenameHandOver,
    "direct": DirectHandOver,
    "done_file": DoneFileHandOver,
    "rows": RowsHandOver,
}

MISDIRECTED: Final = N_("ecsync.toml no longer sends this flow to this place")
DAMAGED: Final = N_("its file in the outbox folder is missing or was changed")
BEHIND: Final = N_("an earlier file of the same name is not delivered yet")

OpenEndpoint = Callable[[str, Settings], AbstractContextManager[Endpoint]]


@dataclass
class Delivered:
    """What became of the outbox: files by state, and the exit statuses that follow."""

    counts: Counter[str] = field(default_factory=Counter)
    statuses: set[int] = field(default_factory=set)
    unreachable: dict[str, str] = field(default_factory=dict)
    unknown: list[int] = field(default_factory=list)
    conflicts: list[int] = field(default_factory=list)


def deliver(
    steps: Steps,
    settings: Settings,
    journal: DeliveryJournal,
    findings: FindingLog,
    *,
    now: str,
    run_id: int,
    fence: Fence,
    open_door: OpenEndpoint = open_endpoint,
) -> Delivered:
    """Hand over every file that is not settled; say what waits, and what a person must look at.

    Raises LockedError where the fence says that another run has taken over.
    """
    with steps.begin() as conn:
        files = outbox.unsettled(conn)
    stepper = Stepper(steps, journal, fence, now, run_id)
    with ExitStack() as stack:
        round_ = _Round(settings, stepper, findings, _Doors(settings, open_door, stack))
        with step(N_("sending files"), total=len(files)) as advance:
            for file in files:
                round_.take(file)
                advance(1)
    return round_.delivered


class _Doors:
    """Each partner's door, opened once; one that stays shut is not tried again in this run."""

    def __init__(self, settings: Settings, open_door: OpenEndpoint, stack: ExitStack) -> None:
        self._settings = settings
        self._open_door = open_door
        self._stack = stack
        self._open: dict[str, Endpoint] = {}
        self.shut: dict[str, UnreachableError | AuthenticationError] = {}

    def get(self, name: str) -> Endpoint:
        if name in self.shut:
            raise self.shut[name]
        if name not in self._open:
            self._open[name] = self._stack.enter_context(self._open_door(name, self._settings))
        return self._open[name]


@dataclass
class _Round:
    settings: Settings
    stepper: Stepper
    findings: FindingLog
    doors: _Doors
    delivered: Delivered = field(default_factory=Delivered)
    held: set[tuple[str, str, str]] = field(default_factory=set)

    def take(self, file: OutboxFile) -> None:
        """Deliver one file; whatever stops it stops no other partner's."""
        after = file
        if file.state not in outbox.NEEDS_PERSON:
            reason = self._reason_to_wait(file)
            if reason:
                self._wait(file, reason=reason)
            else:
                after = self._hand_over(file)
        self._account(after)

    def _reason_to_wait(self, file: OutboxFile) -> str:
        if not _is_configured(file, self.settings):
            self.delivered.statuses.add(ConfigurationError.exit_status)
            return MISDIRECTED
        if file.place in self.held:
            return BEHIND
        return ""

    def _hand_over(self, file: OutboxFile) -> OutboxFile:
        payload = self.settings.path("outbox") / file.payload_path
        if not _is_whole(payload, file):
            self.delivered.statuses.add(_LOOK)
            self._wait(file, reason=DAMAGED)
            return file
        hand_over: HandOver | None = None
        try:
            hand_over = _HAND_OVERS[file.handover](file, self.doors.get(file.endpoint), payload, self.stepper)
            return hand_over.run()
        except (UnreachableError, AuthenticationError, ConfigurationError) as error:
            self.delivered.statuses.add(error.exit_status)
            if isinstance(error, UnreachableError | AuthenticationError) and not isinstance(
                error, TransferError
            ):
                self.doors.shut[file.endpoint] = error
                self.delivered.unreachable[file.endpoint] = error.message
            self._wait(file, **telling.reasoned(error))
            return hand_over.file if hand_over is not None else file

    def _wait(self, file: OutboxFile, **why: str) -> None:
        params = {"advice": "", **why, "endpoint": file.endpoint}
        self.findings.add("delivery_waits", file.remote_name, **params)

    def _account(self, file: OutboxFile) -> None:
        self.delivered.counts[file.state] += 1
        if file.state in outbox.SETTLED:
            return
        self.held.add(file.place)
        if file.state == "unknown":
            self.delivered.unknown.append(file.outbox_id)
            self.delivered.statuses.add(_LOOK)
            self.findings.add(
                "delivery_unknown", file.remote_name, outbox_id=file.outbox_id, endpoint=file.endpoint
            )
        elif file.state == "conflict":
            self.delivered.conflicts.append(file.outbox_id)
            self.delivered.statuses.add(_PERSON)
            self._say_conflict(file)
        elif file.state == "waiting":
            self._wait(file, reason=file.detail)

    def _say_conflict(self, file: OutboxFile) -> None:
        about = {"outbox_id": file.outbox_id, "endpoint": file.endpoint}
        if file.handover == "rows":
            self.findings.add("rows_conflict", file.remote_name, **about, **outbox.why(file.detail))
        else:
            self.findings.add("delivery_conflict", file.remote_name, **about)


_LOOK: Final = 16
_PERSON: Final = 3


def _is_configured(file: OutboxFile, settings: Settings) -> bool:
    """Tell whether ecsync.toml still sends the file's flow where the row says: no file goes anywhere else."""
    return any(
        (flow.name, flow.party, flow.mapping, flow.endpoint, flow.path)
        == (file.flow, file.party, file.mapping, file.endpoint, file.remote_dir)
        for flow in settings.outbound
    )


def _is_whole(payload: Path, file: OutboxFile) -> bool:
    digest = hashlib.sha256()
    try:
        with payload.open("rb") as content:
            while block := content.read(1 << 20):
                digest.update(block)
    except OSError:
        return False
    return digest.hexdigest() == file.sha256
