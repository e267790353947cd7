"""What became of each mutant, kept line by line so that a run that was stopped goes on, and counted."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from mutation.declared import Declared

KILLED: Final = "killed"
SURVIVED: Final = "survived"
UNREACHED: Final = "unreached"  # no test passes there: survived
STILLBORN: Final = "stillborn"  # the database does not understand the text: no mutant at all
EQUIVALENT: Final = "equivalent"


@dataclass(frozen=True)
class Result:
    """The end of one mutant."""

    module: str
    source: str  # the digest of the module's text
    key: str
    line: int
    end: str
    by: str  # the test that noticed, or how else it showed
    tests: int
    seconds: float
    around: str = ""  # the digest of the tests and of all other code


class ResultFile:
    """The results so far. They count as long as neither the code nor a test has changed since.

    `keep_kills` lets a kill count as long as its own module has not: while tests are written that kill more.
    """

    def __init__(self, path: Path, *, keep_kills: bool = False) -> None:
        self._path = path
        self._keep_kills = keep_kills
        self._known: dict[tuple[str, str, str], Result] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                result = Result(**json.loads(line))
                self._known[result.module, result.source, result.key] = result

    def known(self, module: str, source: str, key: str, around: str) -> Result | None:
        """Return what became of a mutant, if it was tried."""
        result = self._known.get((module, source, key))
        if result is None or result.around == around:
            return result
        return result if self._keep_kills and result.end in {KILLED, STILLBORN} else None

    def add(self, result: Result) -> None:
        """Keep one more."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")


@dataclass
class Score:
    """The counts of a module or a group."""

    name: str
    mutants: int = 0
    tried: int = 0
    killed: int = 0
    survived: int = 0
    equivalent: int = 0

    @property
    def percent(self) -> float:
        """Return how many of a hundred mutants were noticed; 100 where there was none."""
        counted = self.killed + self.survived
        return 100 * self.killed / counted if counted else 100.0


def total(name: str, scores: Iterable[Score]) -> Score:
    """Return the counts of a group of modules."""
    columns = zip(*((s.mutants, s.tried, s.killed, s.survived, s.equivalent) for s in scores), strict=True)
    return Score(name, *(sum(column) for column in columns))


def score(module: str, mutants: int, results: Iterable[Result], declared: Declared) -> Score:
    """Count the results of a module."""
    ends = Counter(end_of(result, declared) for result in results)
    killed, survived, equivalent = ends[KILLED], ends[SURVIVED] + ends[UNREACHED], ends[EQUIVALENT]
    return Score(module, mutants, killed + survived + equivalent, killed, survived, equivalent)


def end_of(result: Result, declared: Declared) -> str:
    """Return a result's end; a survivor that is declared to be no change is none."""
    survived = result.end in {SURVIVED, UNREACHED}
    return EQUIVALENT if survived and (result.module, result.key) in declared.equivalent else result.end


def table(groups: Iterable[tuple[str, list[Score]]]) -> list[str]:
    """Return the lines of a table in Markdown: modules, and a line for each group."""
    lines = [
        "| module | mutants | tried | killed | survived | equivalent | score |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, scores in groups:
        lines += [_line(one) for one in [*scores, total(f"**{name}**", scores)]]
    return lines


def _line(score: Score) -> str:
    cells = (
        score.name.removeprefix("ecsync."),
        score.mutants,
        score.tried,
        score.killed,
        score.survived,
        score.equivalent,
        f"{score.percent:.0f} %",
    )
    return f"| {' | '.join(map(str, cells))} |"
