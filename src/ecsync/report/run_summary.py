"""The report of a run that has just ended, from its outcome: all that a dry run leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecsync.config import Settings
from ecsync.config.project import Project
from ecsync.report.run_report import report_of as report_of_facts
from ecsync.run.facts import RunFacts, SentFact, gather

if TYPE_CHECKING:
    from ecsync.report.blocks import Block, Report
    from ecsync.run.outcome import Outcome


def facts_of(outcome: Outcome, settings: Settings) -> RunFacts:
    """Return the facts of an outcome."""
    party = {flow.name: flow.party for flow in settings.outbound}
    return RunFacts(
        run_id=outcome.run_id,
        kind=outcome.kind,
        business_date=outcome.business_date,
        clock=outcome.clock,
        dry=outcome.dry,
        state="" if outcome.dry else "delivered",
        exit_status=outcome.exit_status,
        findings=tuple(outcome.findings),
        files=outcome.files,
        sent=tuple(
            SentFact(
                flow=sent.flow,
                document=sent.document,
                party=party.get(sent.flow, ""),
                endpoint=sent.endpoint,
                path=sent.remote_dir,
                name=sent.remote_name,
                sha256=sent.sha256,
                size=sent.size,
                row_count=sent.row_count,
                state="" if outcome.dry else "planned",
            )
            for sent in outcome.published
        ),
        proofs=gather(outcome.proofs),
        standing=outcome.standing,
        figures=dict(outcome.figures),
    )


def report_of(outcome: Outcome, *, place: str = "") -> Report:
    """Return the report of an outcome in every form."""
    settings = outcome.settings or Settings(project=Project(name=""))
    return report_of_facts(facts_of(outcome, settings), settings, place=place)


def blocks(outcome: Outcome) -> tuple[Block, ...]:
    """Return what a terminal shows of an outcome."""
    return report_of(outcome).blocks
