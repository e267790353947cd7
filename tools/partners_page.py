"""Write docs/partners.md from the mappings that are shipped; `--check` only says whether it is current."""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from ecsync.mapping.catalogue import load_mapping
from ecsync.mapping.listing import list_mappings
from ecsync.mapping.model import InboundMapping
from ecsync.shipped import mappings_dir
from generated_page import keep

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "partners.md"
SOURCES: Final = ("OFFICIAL", "MANUAL", "CODE", "SAMPLE", "GUESS")
HEAD = """\
# Partners' files

Every mapping that ecsync ships, made from `mappings/` by `make docs`. What a partner's file looks like is known from
the vendor's own page (OFFICIAL), another vendor's manual (MANUAL), programs that read or write it (CODE), real files
(SAMPLE), or is not proven (GUESS); what is a GUESS is a setting of the mapping or of the project, and its comment says
so. A mapping leads to the page that describes its file, where there is a public one. The sentences below are those of
the mapping files, where every column has its own remarks.

The words of a mapping: [mapping language](mapping-language.md).
"""
_SOURCE: Final = re.compile(rf"\b({'|'.join(SOURCES)})\b")


@dataclass(frozen=True)
class Shipped:
    """One mapping, as the page shows it."""

    name: str
    title: str
    way: str
    entity: str
    encoding: str
    sources: str
    remarks: str
    link: str

    @property
    def partner(self) -> str:
        """Return the folder."""
        return self.name.partition("/")[0]

    def row(self) -> str:
        """Return its row of the partner's table."""
        cells = (
            f"[`{self.name}`]({self.link})",
            self.title,
            self.way,
            self.entity,
            self.encoding,
            self.sources,
        )
        return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def shipped() -> list[Shipped]:
    """Return every shipped mapping, by name."""
    return [_shipped(entry.name) for entry in sorted(list_mappings(), key=lambda entry: entry.name)]


def _shipped(name: str) -> Shipped:
    mapping = load_mapping(name)
    text = (mappings_dir() / f"{name}.yaml").read_text(encoding="utf-8")
    at = mapping.documented_at
    return Shipped(
        name=name,
        title=f"{mapping.title.ja}<br>{mapping.title.en}",
        way="in" if isinstance(mapping, InboundMapping) else "out",
        entity=mapping.entity,
        encoding=mapping.file.encoding,
        sources=_sources(text),
        remarks=_remarks(text),
        link=at.removeprefix("docs/") if at.startswith("docs/") else at,
    )


def _sources(text: str) -> str:
    comments = " ".join(line.partition("#")[2] for line in text.splitlines() if "#" in line)
    if "Our own layout" in comments:
        return "our own"
    found = Counter(_SOURCE.findall(comments))
    return ", ".join(f"{name} {found[name]}" for name in SOURCES if found[name]) or "-"


def _remarks(text: str) -> str:
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# ").strip())
    return " ".join(lines)


def page() -> str:
    """Return the page."""
    mappings = shipped()
    partners = {mapping.partner for mapping in mappings}
    parts = [HEAD, f"\n{len(mappings)} mappings, {len(partners)} partners and kinds of partners.\n"]
    for partner, own in groupby(mappings, key=lambda mapping: mapping.partner):
        parts.append(_section(partner, list(own)))
    return "".join(parts)


def _section(partner: str, mappings: list[Shipped]) -> str:
    lines = [
        f"\n## {partner}\n",
        "| mapping | file | way | entity | encoding | facts (how often named) |",
        "|---|---|---|---|---|---|",
        *(mapping.row() for mapping in mappings),
        "",
        *(f"- `{mapping.name}`: {mapping.remarks}" for mapping in mappings if mapping.remarks),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(keep(PAGE, page()))
