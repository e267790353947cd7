"""How a run ended, and with which exit status."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ecsync.findings import FindingLog

if TYPE_CHECKING:
    from ecsync.config import Settings
    from ecsync.master.proof import Proof
    from ecsync.run.facts import FileFact, StandingOrder
    from ecsync.run.publish import Published

# Where several apply, the first of these counts.
PRECEDENCE: Final = (1, 2, 10, 11, 15, 16, 12, 13, 14, 3, 4, 0)


@dataclass
class Outcome:
    """One run, ready to be told: what it did, what it found, and its status."""

    run_id: int
    kind: str
    business_date: str
    clock: str
    dry: bool
    published: list[Published] = field(default_factory=list)
    findings: FindingLog = field(default_factory=FindingLog)
    proofs: list[Proof] = field(default_factory=list)
    files_taken: list[str] = field(default_factory=list)
    changes: dict[str, int] = field(default_factory=dict)
    deliveries: dict[str, int] = field(default_factory=dict)
    statuses: set[int] = field(default_factory=set)
    generation: int = 0
    standing: tuple[StandingOrder, ...] = ()
    local_clock: str = ""
    files: tuple[FileFact, ...] = ()
    figures: dict[str, int] = field(default_factory=dict)
    finished: tuple[int, ...] = ()  # earlier runs that were committed, and that this one delivered
    settings: Settings | None = field(default=None, repr=False, compare=False)

    @property
    def exit_status(self) -> int:
        """Return the one status by precedence."""
        applying = set(self.statuses)
        if self.findings.needs_person:
            applying.add(3)
        if self._only_refused:
            applying.add(14)
        return first_of(applying)

    @property
    def _only_refused(self) -> bool:
        # A refused file beside others that were used is a matter for a person (3); nothing usable at all is 14.
        refused = any(finding.code == "file_refused" for finding in self.findings)
        return refused and not self.files_taken and not self.published


def first_of(statuses: set[int]) -> int:
    """Return the status that counts where several apply; 0 where none does."""
    return next((status for status in PRECEDENCE if status in statuses), 0)
