"""Which files a comparison rests on, each with its own time, in staff's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.locale import N_, _
from ecsync.report.blocks import Block, Column
from ecsync.report.figures import moment, party_title

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecsync.config import Settings
    from ecsync.findings import FindingLog
    from ecsync.run.sources import Source

_STATES: Final = {
    "missing": N_("today's file has not come"),
    "stale": N_("too old"),
    "none": N_("no file yet"),
}


def sources_block(settings: Settings, sources: Sequence[Source]) -> Block:
    """Return the files with their as-of times; one read just now is marked."""
    rows = tuple(
        (
            party_title(settings, source.party),
            source.flow,
            source.name,
            moment(settings, source.as_of),
            _remark(source),
        )
        for source in sources
    )
    columns = (_("partner"), _("flow"), Column(_("file"), "code"), _("as of"), _("remark"))
    return Block(_("Files that this rests on"), columns=columns, rows=rows)


def _remark(source: Source) -> str:
    remarks = [_(_STATES[source.state])] if source.state else []
    if source.fresh:
        remarks.append(_("read now, not taken in"))
    return ", ".join(remarks)


def findings_block(findings: FindingLog) -> Block:
    """Return what could not be read or reached, each with what to do."""
    lines = []
    for finding in findings:
        action = finding.action()
        lines.append(f"{finding.sentence()} → {action}" if action else finding.sentence())
    return Block(_("Could not be looked at"), tuple(lines))


def sources_data(sources: Sequence[Source]) -> list[dict[str, object]]:
    """Return the same as plain data."""
    return [vars(source) for source in sources]


def findings_data(findings: FindingLog) -> list[dict[str, str]]:
    """Return the findings as plain data."""
    return [{"code": f.code, "subject": f.subject, "text": f.sentence()} for f in findings]
