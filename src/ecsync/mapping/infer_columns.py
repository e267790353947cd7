"""What the cells of each column have in common, over the whole file: counted, with the lines of what does not fit.

One pass in batches; a column keeps counts, a few lines, and its distinct cells while they are few.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow.compute as pc

from ecsync.mapping.infer_kinds import IMPLIED, KINDS, PERSONAL, shape_of
from ecsync.text.folding import fold_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ecsync.mapping.infer_kinds import Question
    from ecsync.mapping.raw_cells import Distinct

# A kind with more exceptions than one in twenty, and more than a few, is no kind of the column: no longer asked.
_FEW: Final = 20
_SLACK: Final = 50
_SLICE: Final = 1_024
MOST_LINES: Final = 5
# More distinct cells than these are no list of codes.
MOST_CODES: Final = 40
_CODES: Final = frozenset({"", "flag", "integer", "digits"})

_SCIENTIFIC: Final = r"^\s*[+-]?[0-9](\.[0-9]+)?[Ee]\+[0-9]{2,3}\s*$"
# What a look at a cell shows that a spreadsheet program, or its user, has done to it.
MARKS: Final = {
    "scientific": _SCIENTIFIC,
    "error_cell": r"^\s*(#(NAME\?|REF!|VALUE!|N/A|NUM!|NULL!|DIV/0!|SPILL!|CALC!)|#{2,})\s*$",
    "formula_text": r'^\s*="[^"]*"\s*$',
    "became_day": r"^\s*([0-9]{1,2}月[0-9]{1,2}日|[0-9]{1,2}-(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r"|(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-[0-9]{2})\s*$",
    "short_day": r"^\s*[0-9]{4}/([1-9]/[0-9]{1,2}|[0-9]{2}/[1-9])( |\s*$)",
    "leading_zero": r"^\s*0[0-9]+\s*$",
}


@dataclass
class Seen:
    """How many cells, and the first lines where they stand."""

    count: int = 0
    lines: list[int] = field(default_factory=list)

    def note(self, count: int, lines: NDArray[np.int64], rows: NDArray[np.bool_]) -> None:
        """Add cells that stand in these rows of a batch."""
        self.count += count
        room = MOST_LINES - len(self.lines)
        if room > 0:
            self.lines += lines[np.flatnonzero(rows)[:room]].tolist()


@dataclass
class KindSeen:
    """How the filled cells answer one kind: in which forms, and what does not fit."""

    question: Question
    forms: Counter[str] = field(default_factory=Counter)
    against: Seen = field(default_factory=Seen)
    shape: str = ""
    asked: int = 0

    @property
    def is_hopeless(self) -> bool:
        """Tell whether too many cells do not fit for the kind to be worth asking."""
        return self.against.count > _SLACK + self.asked // _FEW


@dataclass
class ColumnSeen:
    """One column: filled and blank cells, the kinds that are still possible, codes while they are few."""

    name: str
    filled: int = 0
    blank: int = 0
    longest: int = 0
    shortest: int = 0
    kinds: dict[str, KindSeen] = field(
        default_factory=lambda: {name: KindSeen(question) for name, question in KINDS.items()}
    )
    marks: dict[str, Seen] = field(default_factory=lambda: {name: Seen() for name in MARKS})
    codes: Counter[str] | None = field(default_factory=Counter, repr=False)

    @property
    def fitting(self) -> list[str]:
        """Return the kinds that every filled cell fits, what says most first."""
        if not self.filled:
            return []
        found = [name for name, seen in self.kinds.items() if not seen.against.count]
        # Seven digits are a postcode only where one is written as such.
        if found[:2] == ["integer", "postcode"] and "hyphen" in self.kinds["postcode"].forms:
            found[:2] = ["postcode", "integer"]
        return found

    @property
    def kind(self) -> str:
        """Return the kind of all filled cells; "" where they have none in common, or none is filled."""
        return next(iter(self.fitting), "")

    @property
    def also(self) -> list[str]:
        """Return further kinds that every filled cell fits, and that do not follow from the first."""
        return [one for one in self.fitting[1:] if one not in IMPLIED.get(self.kind, ())]

    @property
    def nearly(self) -> tuple[str, KindSeen] | None:
        """Return the kind that all but a few of the filled cells fit, where no kind fits them all."""
        if self.kind or not self.filled:
            return None
        near = min(self.kinds.items(), key=lambda one: one[1].against.count, default=None)
        return near if near and near[1].against.count * _FEW <= self.filled else None

    @property
    def forms(self) -> list[str]:
        """Return the forms of the kind, the most frequent first."""
        return [form for form, _count in self.kinds[self.kind].forms.most_common()] if self.kind else []

    @property
    def is_list(self) -> bool:
        """Tell whether a few cells that may be codes come again and again."""
        return bool(self.codes) and self.kind in _CODES and 2 * len(self.codes or ()) <= self.filled

    @property
    def is_personal(self) -> bool:
        """Tell whether its cells are about a person, as far as they show it themselves."""
        return bool(PERSONAL & set(self.fitting)) or (self.nearly or ("",))[0] in PERSONAL

    def look(self, distinct: Distinct, lines: NDArray[np.int64]) -> None:
        """Take the column's cells of one batch."""
        counts = np.bincount(distinct.codes, minlength=len(distinct.values))
        texts = [text.strip() for text in distinct.texts]
        blank = np.fromiter((not text for text in texts), np.bool_, len(texts))
        self.blank += int(counts[blank].sum())
        self.filled += int(counts[~blank].sum())
        self._measure(texts)
        self._count_codes(texts, counts)
        for name, pattern in MARKS.items():
            hit = pc.match_substring_regex(distinct.values, pattern).to_numpy(zero_copy_only=False)
            if hit.any():
                self.marks[name].note(int(counts[hit].sum()), lines, hit[distinct.codes])
        filled = np.flatnonzero(~blank)
        for name, seen in list(self.kinds.items()):
            _ask(seen, texts, filled, counts, distinct.codes, lines)
            if seen.is_hopeless:
                del self.kinds[name]

    def _measure(self, texts: list[str]) -> None:
        lengths = [len(text) for text in texts if text]
        if lengths:
            self.longest = max(self.longest, *lengths)
            self.shortest = min(self.shortest or self.longest, *lengths)

    def _count_codes(self, texts: list[str], counts: NDArray[np.int64]) -> None:
        if self.codes is None:
            return
        if len(texts) > MOST_CODES + 1:
            self.codes = None
            return
        for text, count in zip(texts, counts.tolist(), strict=True):
            if text:
                self.codes[text] += count
        if len(self.codes) > MOST_CODES:
            self.codes = None


def _ask(
    seen: KindSeen,
    texts: Sequence[str],
    filled: NDArray[np.int64],
    counts: NDArray[np.int64],
    codes: NDArray[np.int64],
    lines: NDArray[np.int64],
) -> None:
    """Ask a kind of the distinct cells of a batch, a slice at a time until it is hopeless."""
    wrong = np.zeros(len(texts), np.bool_)
    against = 0
    for start in range(0, len(filled), _SLICE):
        part = filled[start : start + _SLICE]
        for at in part.tolist():
            text = texts[at]
            form = seen.question(text if text.isascii() else fold_key(text))
            if form:
                seen.forms[form] += int(counts[at])
            else:
                wrong[at] = True
                against += int(counts[at])
                seen.shape = seen.shape or shape_of(text)
        seen.asked += int(counts[part].sum())
        if seen.against.count + against > _SLACK + seen.asked // _FEW:
            break
    if against:
        seen.against.note(against, lines, wrong[codes])
