"""Add up the figures that a long run left, and print them as a table.

    python tools/fault_table.py FOLDER

The folder holds faults.json, one line of JSON per part of the work (tests/figures.py writes it). The status is 1 where
anything was violated, or where nothing was counted.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

HEAD = "| row | what | trials | violations | seed | seconds | until |\n|---|---|---|---|---|---|---|"


@dataclass
class Figure:
    """What was tried, over all parts of it."""

    row: int
    what: str
    trials: int = 0
    violations: int = 0
    seconds: float = 0
    until: str = ""
    seeds: set[str] = field(default_factory=set)
    where: dict[str, int] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def line(self) -> str:
        """Return the row of the table."""
        seeds = ", ".join(sorted(self.seeds - {""}))
        number = self.row or ""
        return (
            f"| {number} | {self.what} | {self.trials:,} | {self.violations} | {seeds} | {self.seconds:,.0f} | "
            f"{self.until} |"
        )


def read(folder: Path) -> list[Figure]:
    """Return the figures of a folder, added up, in the order of their rows."""
    found: dict[tuple[int, str], Figure] = {}
    for text in (folder / "faults.json").read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        figure = found.setdefault((line["row"], line["what"]), Figure(line["row"], line["what"]))
        figure.trials += line["trials"]
        figure.violations += line["violations"]
        figure.seconds += line["seconds"]
        figure.until = max(figure.until, line["at"])
        figure.seeds.add(line["seed"])
        figure.said += line["said"]
        for name, times in line["where"].items():
            figure.where[name] = figure.where.get(name, 0) + times
    return [found[key] for key in sorted(found)]


def table(figures: list[Figure]) -> str:
    """Return the table, below it where the faults fell and what was violated."""
    text = [HEAD, *(figure.line() for figure in figures)]
    for figure in figures:
        if figure.where:
            places = "; ".join(f"{name}: {times}" for name, times in sorted(figure.where.items()))
            text.append(f"\n{figure.what}: {places}")
        text += [f"  VIOLATED: {said}" for said in figure.said]
    return "\n".join(text)


def main(arguments: list[str]) -> int:
    """Print the table of a folder."""
    folder = Path(arguments[0])
    if not (folder / "faults.json").is_file():
        print(f"{folder} holds no figures")
        return 1
    figures = read(folder)
    print(table(figures))
    return int(any(figure.violations for figure in figures))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
