"""Bring the inbound files of a run into its spool, each partner on its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ecsync.errors import AuthenticationError, ConfigurationError, TransferError, UnreachableError
from ecsync.exchange import inbox, telling
from ecsync.exchange.opening import open_endpoint
from ecsync.locale import N_
from ecsync.mapping import catalogue
from ecsync.progress import step
from ecsync.run import queries

if TYPE_CHECKING:
    from pathlib import Path

    from ecsync.config import Inbound, Settings
    from ecsync.exchange.endpoint import Endpoint
    from ecsync.exchange.steps import Steps
    from ecsync.findings import FindingLog
    from ecsync.run.records import RunRow


class Collector(Protocol):
    """Fill the spool; return the exit statuses of what could not be reached."""

    def collect(self, steps: Steps, flows: list[Inbound], run: RunRow, findings: FindingLog) -> set[int]:
        """Collect the files of these flows."""


@dataclass(frozen=True)
class RemoteCollector:
    """Collect from the partners themselves."""

    settings: Settings
    spool: Path

    def collect(self, steps: Steps, flows: list[Inbound], run: RunRow, findings: FindingLog) -> set[int]:
        """List, settle, download and record; one that is down, or whose secret is amiss, delays only its own."""
        statuses: set[int] = set()
        endpoints = sorted({flow.endpoint for flow in flows})
        with step(N_("fetching files"), total=len(endpoints)) as advance:
            for endpoint_name in endpoints:
                own = [flow for flow in flows if flow.endpoint == endpoint_name]
                try:
                    with open_endpoint(endpoint_name, self.settings) as endpoint:
                        for flow in own:
                            statuses |= self._collect_flow(steps, flow, endpoint, run, findings)
                except (UnreachableError, AuthenticationError, ConfigurationError) as error:
                    statuses.add(error.exit_status)
                    findings.add("partner_unreachable", endpoint_name, **telling.unreachable(error))
                advance(1)
        return statuses

    def _collect_flow(
        self, steps: Steps, flow: Inbound, endpoint: Endpoint, run: RunRow, findings: FindingLog
    ) -> set[int]:
        try:
            if flow.query:
                queries.refuse_unfit(flow, catalogue.load_inbound(flow.mapping, self.settings.folder))
            inbox.collect(
                steps,
                flow,
                flow_facts(self.settings, flow),
                endpoint,
                self.spool,
                run_id=run.run_id,
                now=run.clock,
                findings=findings,
            )
        except (TransferError, ConfigurationError) as error:
            # The partner answered: this folder or query is wrong, its others need not be.
            findings.add("partner_unreachable", flow.name, **telling.unreachable(error))
            return {error.exit_status}
        return set()


def flow_facts(settings: Settings, flow: Inbound) -> inbox.FlowFacts:
    """Return what the exchange must know of a flow's mapping."""
    mapping = catalogue.load_inbound(flow.mapping, settings.folder)
    return inbox.FlowFacts(mapping=mapping.mapping, nature=mapping.nature, as_of=mapping.as_of)
