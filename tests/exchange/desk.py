"""A project with one partner: put files into its outbox, deliver, and look at the partner's folder."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pytest import MonkeyPatch  # noqa: PT013

from ecsync import faultpoints
from ecsync.config import Settings
from ecsync.exchange import inbox, outbox
from ecsync.exchange.arrival import AsOf
from ecsync.exchange.delivery import Delivered, deliver
from ecsync.exchange.endpoint import Endpoint
from ecsync.exchange.journal import DeliveryJournal
from ecsync.exchange.opening import open_endpoint
from ecsync.exchange.steps import CommittingSteps
from ecsync.findings import FindingLog
from master_under_test import NOW, MasterUnderTest

FLOW = {"name": "out", "party": "main", "mapping": "plain/out", "endpoint": "partner", "path": "in"}
HANDOVERS = ("rename", "direct", "done_file")


class KilledError(BaseException):
    """Stands for SIGKILL inside one process."""


@dataclass
class Desk:
    """One master, one partner, and the flows between them."""

    master: MasterUnderTest
    partner: Path
    endpoint: dict[str, Any]
    outbound: list[dict[str, Any]] = field(default_factory=lambda: [dict(FLOW)])
    inbound: list[dict[str, Any]] = field(default_factory=list)
    findings: FindingLog = field(default_factory=FindingLog)
    others: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.partner / "in").mkdir(exist_ok=True)
        (self.master.folder / "outbox").mkdir(exist_ok=True)
        (self.master.folder / "spool").mkdir(exist_ok=True)

    @property
    def settings(self) -> Settings:
        return self.master.make_settings(
            endpoints={"partner": self.endpoint, **self.others}, outbound=self.outbound, inbound=self.inbound
        )

    @property
    def steps(self) -> CommittingSteps:
        return CommittingSteps(self.master.engine)

    @property
    def journal(self) -> DeliveryJournal:
        return DeliveryJournal(self.master.folder / "outbox" / "journal.jsonl")

    def flow(self, **words: Any) -> None:
        """Change the words of the one outbound flow."""
        self.outbound[0] |= words

    def put(
        self,
        content: bytes,
        name: str = "orders_001.csv",
        keys: Sequence[str] | Mapping[str, str] = ("P-1",),
        *,
        priority: int = 50,
        flow: str = "out",
    ) -> int:
        """Put a file into the outbox, as a run's commit does."""
        sha256 = hashlib.sha256(content).hexdigest()
        payload = self.master.folder / "outbox" / f"{sha256[:16]}.payload"
        payload.write_bytes(content)
        settings = self.settings
        chosen = next(f for f in settings.outbound if f.name == flow)
        draft = outbox.OutboxDraft(
            flow=chosen,
            document="parcels",
            remote_name=name,
            sha256=sha256,
            size=len(content),
            row_count=1,
            payload_path=payload.name,
            priority=priority,
            readable=settings.endpoints[chosen.endpoint].readable,
            created_at=NOW,
            run_id=1,
        )
        with self.master.engine.begin() as conn:
            conn.execute(sa.text("CREATE TEMPORARY TABLE tmp_told (business_key TEXT, reference TEXT)"))
            numbers = keys if isinstance(keys, Mapping) else dict.fromkeys(keys, "")
            rows = [{"key": key, "number": number} for key, number in numbers.items()]
            conn.execute(sa.text("INSERT INTO tmp_told VALUES (:key, :number)"), rows)
            query = "SELECT business_key, reference FROM tmp_told"
            outbox_id = outbox.enqueue(conn, draft, outbox.ToldKeys(query, {}, len(keys)))
            conn.execute(sa.text("DROP TABLE tmp_told"))
            return outbox_id

    def deliver(self, **words: Any) -> Delivered:
        """Deliver as a run does."""
        self.findings = FindingLog()
        words.setdefault("fence", lambda _conn: None)
        return deliver(self.steps, self.settings, self.journal, self.findings, now=NOW, run_id=1, **words)

    def state(self, outbox_id: int = 1) -> str:
        """Return the state of a delivery."""
        return str(self.master.scalar("SELECT state FROM outbox_file WHERE outbox_id = :id", id=outbox_id))

    def set_state(self, state: str, outbox_id: int = 1) -> None:
        """Put a delivery into a state, as a restored or hand-mended master may have it."""
        with self.master.engine.begin() as conn:
            conn.exec_driver_sql(f"UPDATE outbox_file SET state = '{state}' WHERE outbox_id = {outbox_id}")

    def there(self, folder: str = "in") -> dict[str, bytes]:
        """Return what the partner has."""
        return {p.name: p.read_bytes() for p in sorted((self.partner / folder).iterdir()) if p.is_file()}

    def open(self) -> Any:
        """Open the partner's door."""
        return open_endpoint("partner", self.settings)

    def inflow(self, **words: Any) -> None:
        """Declare the one inbound flow."""
        self.inbound = [
            {"name": "orders", "party": "rakuten1", "mapping": "plain/orders", "endpoint": "partner"}
            | {"path": "out", "pattern": "*.csv"}
            | words
        ]
        (self.partner / "out").mkdir(exist_ok=True)

    def collect(
        self,
        nature: str = "events",
        as_of: AsOf | None = None,
        *,
        now: str = NOW,
        run_id: int = 1,
        endpoint: Endpoint | None = None,
        **words: Any,
    ) -> inbox.Collected:
        """Collect the inbound flow as a run does."""
        self.findings = FindingLog()
        settings = self.settings
        facts = inbox.FlowFacts("plain/orders", nature, as_of or AsOf())
        spool = self.master.folder / "spool"
        arguments = {"run_id": run_id, "now": now, "findings": self.findings, **words}
        if endpoint is not None:
            return inbox.collect(self.steps, settings.inbound[0], facts, endpoint, spool, **arguments)
        with self.open() as opened:
            return inbox.collect(self.steps, settings.inbound[0], facts, opened, spool, **arguments)

    def place(self, name: str, content: bytes, mtime: int = 1_795_000_000) -> Path:
        """Let the partner put a file out."""
        path = self.partner / "out" / name
        path.write_bytes(content)
        os.utime(path, (mtime, mtime))
        return path


def killed_at(monkeypatch: MonkeyPatch, number: int) -> list[str]:
    """Kill at the n-th fault point from now on; the list names the points passed. 0 kills nowhere."""
    passed: list[str] = []

    def act(name: str) -> None:
        passed.append(name)
        if len(passed) == number:
            raise KilledError

    monkeypatch.setattr(faultpoints, "_setting", "test")
    monkeypatch.setattr(faultpoints, "_act", act)
    return passed
