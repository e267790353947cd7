"""A case of a bad inbound file: what is done to it, what a person reads, and how nothing of it is lost."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bad_input.damage import Damage

Fate = Literal["refused", "rows", "taken"]
# The heading of the line that a person reads, in both languages.
HEADINGS = {
    "refused": ("File not taken in", "取り込めなかったファイル"),
    "rows": ("Rows not taken in", "取込エラー行"),
}
HANDED_OUT = (
    "; whoever looks after the system gives these rows out, and puts mended ones in again",
    "。行の書き出しと、直した行の入れ直しは、システム担当に依頼してください",
)
Two = tuple[str, str]  # English and Japanese


@dataclass(frozen=True)
class Line:
    """One line of a run's report: heading, file or number, reason, next step."""

    what: str
    number: str
    why: str
    then: str

    def fits(self, wanted: Line) -> bool:
        """Tell whether this line is the wanted one, whatever byte it names."""
        pattern = re.escape(wanted.why).replace(re.escape("{byte}"), r"\d+")
        same = (self.what, self.then) == (wanted.what, wanted.then)
        return same and re.fullmatch(pattern, self.why) is not None


@dataclass(frozen=True)
class FileCase:
    """One bad file.

    `fate` is what becomes of it: refused whole, taken but for some rows, or taken as it is. `out` are the rows of
    the good file (1 is the first below the header) that it keeps out; a refused file keeps out all of them.
    `why` and `then` are what a person reads in English and Japanese, empty where nothing is said. `heading` is
    that of the line where it is not the usual one, and `number` what stands there for the file's name.
    """

    name: str
    flow: str
    damage: Damage
    fate: Fate
    why: Two = ("", "")
    then: Two = ("", "")
    out: Sequence[int] = ()
    heading: Two = ("", "")
    number: str = ""
    status: int = -1  # of a run that had other files too
    note: str = ""

    @property
    def line(self) -> int:
        """Return the physical line that the English sentence names, 0 where it names none."""
        found = re.search(r"\bline (\d+)", self.why[0])
        return int(found[1]) if found else 0

    def wanted(self, language: int, file: str) -> Line | None:
        """Return the line that a person reads in English (0) or Japanese (1); None where nothing is said."""
        if not self.why[0]:
            return None
        heading = self.heading if self.heading[0] else HEADINGS[self.fate]
        return Line(heading[language], self.number or file, self.why[language], self.then[language])

    @property
    def expected_status(self) -> int:
        """Return the status of a run that had other files too."""
        if self.status >= 0:
            return self.status
        return 0 if self.fate == "taken" else 3


def lines_of(report: str) -> list[Line]:
    """Return the lines of a report in CSV, whatever its language."""
    rows = list(csv.reader(io.StringIO(report.removeprefix("\ufeff"), newline="")))
    return [Line(*(row[at].removeprefix("'") for at in (3, 2, 4, 5))) for row in rows[1:]]
