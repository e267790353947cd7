"""Apply a plan: run the function again on the plan's inputs and clock, and send only what the plan showed."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecsync.exchange import inbox
from ecsync.exchange.opening import open_endpoint
from ecsync.locale import _
from ecsync.master import generation
from ecsync.master.engine import master_errors, open_engine, reading
from ecsync.run import manifest
from ecsync.run.collecting import flow_facts
from ecsync.run.sync import Request, sync

if TYPE_CHECKING:
    from pathlib import Path

    from ecsync.config import Inbound, Settings
    from ecsync.exchange.steps import Steps
    from ecsync.findings import FindingLog
    from ecsync.master.context import RunContext
    from ecsync.run.outcome import Outcome
    from ecsync.run.records import RunRow


def apply_plan(settings: Settings, folder: Path, *, wait_minutes: float = 0) -> Outcome:
    """Make the plan real; raise StalePlanError where an input, a mapping, the settings or the master moved."""
    planned = manifest.read(folder)
    _refuse_moved_master(settings, planned)

    def compare(_ctx: RunContext, outcome: Outcome) -> None:
        manifest.refuse_if_different(planned, outcome)

    return sync(
        settings,
        Request(
            kind=planned.kind,
            clock=planned.clock,
            wait_minutes=wait_minutes,
            owner="apply",
            overrides=planned.overrides,
            collector=lambda space: PlanCollector(settings, folder, space.spool, planned),
            before_commit=compare,
        ),
    )


def _refuse_moved_master(settings: Settings, planned: manifest.Manifest) -> None:
    engine = open_engine(settings)
    try:
        with master_errors(), reading(engine) as conn:
            manifest.refuse_if_moved(planned, settings, generation.current(conn))
    finally:
        engine.dispose()


@dataclass(frozen=True)
class PlanCollector:
    """Take in the plan's own inputs, after the partners were asked whether they still stand as planned."""

    settings: Settings
    folder: Path
    spool: Path
    planned: manifest.Manifest

    def collect(self, steps: Steps, flows: list[Inbound], run: RunRow, findings: FindingLog) -> set[int]:  # noqa: ARG002
        """Check the remote listing, copy the inputs into the spool and record them."""
        by_name = {flow.name: flow for flow in flows}
        fresh = [item for item in self.planned.inputs if not item.pending]
        for endpoint_name in sorted({by_name[item.flow].endpoint for item in fresh}):
            items = [item for item in fresh if by_name[item.flow].endpoint == endpoint_name]
            if self.settings.endpoints[endpoint_name].holds_files:
                self._check_listing(endpoint_name, items, by_name)
        for item in fresh:
            self._take(steps, by_name[item.flow], item, run)
        return set()

    def _check_listing(
        self, endpoint_name: str, items: list[manifest.PlannedInput], flows: dict[str, Inbound]
    ) -> None:
        with open_endpoint(endpoint_name, self.settings) as endpoint:
            for path in sorted({flows[item.flow].path for item in items}):
                there = {file.name: (file.size, file.mtime) for file in endpoint.list_files(path).files}
                for item in items:
                    if flows[item.flow].path == path and there.get(item.name) != (item.size, item.mtime):
                        raise manifest.stale(_("the input {name} vanished or changed").format(name=item.name))

    def _take(self, steps: Steps, flow: Inbound, item: manifest.PlannedInput, run: RunRow) -> None:
        source = self.folder / "inputs" / item.sha256
        if not source.is_file() or hashlib.sha256(source.read_bytes()).hexdigest() != item.sha256:
            raise manifest.stale(_("the plan's copy of {name} is gone or changed").format(name=item.name))
        target = self.spool / item.sha256
        shutil.copyfile(source, target)
        target.chmod(0o600)
        inbox.record_spooled(
            steps,
            flow,
            flow_facts(self.settings, flow),
            name=item.name,
            size=item.size,
            mtime=item.mtime,
            sha256=item.sha256,
            run_id=run.run_id,
            now=run.clock,
        )
