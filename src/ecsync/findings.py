"""What a run has to say, and to whom: a closed catalogue of finding codes, and the log of one run.

A finding carries a code, a subject (order number exactly as the mall shows it, SKU, file name ...) and
parameters that are never personal. Its sentence and its action are rendered in the reader's language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from ecsync.finding_catalogue import CATALOGUE, FindingKind
from ecsync.locale import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Desk = Literal["orders", "shipping", "stock", "accounting", "system"]

__all__ = ["CATALOGUE", "Finding", "FindingKind", "FindingLog"]

_MAX_PER_CODE: Final = 10_000
# Parameters that are texts of ours, in the order in which they are said: later ones may name earlier ones.
_WORDED: Final = ("why", "fault", "place", "advice", "answer", "reason")
_NAMED: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Finding:
    """One thing to say. Raises KeyError at once for a code that the catalogue lacks."""

    code: str
    subject: str = ""
    params: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse an unknown code where it is made, not where it is read."""
        CATALOGUE[self.code]

    @property
    def kind(self) -> FindingKind:
        """Return the catalogue entry."""
        return CATALOGUE[self.code]

    @property
    def needs_person(self) -> bool:
        """Tell whether a person is needed before the next cut-off (exit status 3)."""
        return self.kind.needs_person

    def sentence(self) -> str:
        """Say what it is, in the current language."""
        return _(self.kind.sentence).format_map(self._words())

    def action(self) -> str:
        """Say what to do next, in the current language; '' where nothing is to be done."""
        if not self.kind.action:
            return ""
        return _(self.kind.action).format_map(self._words())

    def words(self) -> dict[str, str]:
        """Return the parameters in the current language, with the subject among them.

        A reason is a msgid that may name other parameters, or a sentence that was said already and stays as it is.
        """
        said = {"subject": self.subject, **self.params}
        for name in _WORDED:
            if name in said:
                said[name] = _NAMED.sub(lambda found: said.get(found[1], found[0]), _(said[name]))
        return said

    def _words(self) -> _Blank:
        return _Blank(self.words())


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


class FindingLog:
    """Collect the findings of one run in order, counting what goes beyond 10,000 of one code."""

    def __init__(self) -> None:
        """Start empty."""
        self._items: list[Finding] = []
        self._counts: dict[str, int] = {}

    def add(self, code: str, subject: str = "", /, **params: object) -> None:
        """Record a finding; parameters are turned into text and must not be personal."""
        count = self._counts.get(code, 0) + 1
        self._counts[code] = count
        if count <= _MAX_PER_CODE:
            self._items.append(Finding(code, subject, {k: str(v) for k, v in params.items()}))

    def extend(self, findings: Iterable[Finding]) -> None:
        """Record findings made elsewhere."""
        for finding in findings:
            self.add(finding.code, finding.subject, **finding.params)

    def mark(self) -> tuple[int, dict[str, int]]:
        """Return where the log stands, for `rewind`."""
        return len(self._items), dict(self._counts)

    def rewind(self, mark: tuple[int, dict[str, int]]) -> None:
        """Forget what was recorded since a mark: it belongs to work that was undone."""
        length, counts = mark
        del self._items[length:]
        self._counts = dict(counts)

    def __iter__(self) -> Iterator[Finding]:
        """Iterate in order of recording."""
        return iter(self._items)

    def __len__(self) -> int:
        """Return how many are kept."""
        return len(self._items)

    @property
    def counts(self) -> Mapping[str, int]:
        """Return how many of each code were recorded, kept or not."""
        return self._counts

    @property
    def needs_person(self) -> bool:
        """Tell whether any finding needs a person before the next cut-off."""
        return any(CATALOGUE[code].needs_person for code in self._counts)
