"""Write docs/bad-input.md from the tables of tests/bad_input; `--check` only says whether it is current."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generated_page import keep

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "bad-input.md"
HEAD = """\
# Bad input

What happens when something is wrong with a file, a cell, a partner, the configuration, the disk or the database: what
a person reads in English and Japanese, the [exit status](exit-status.md), and where the data is afterwards. Every row
is a case of `tests/bad_input`, played through the command; this page is made from those tables by `make docs`.

In every case nothing is lost: the very bytes that came are kept, everything else of the run goes on, and once the
mended file has come, or the partner is back, master and partners' folders are as if nothing had happened. No word of a
customer and no secret is said; a cell's value stands in the record that `ecsync quarantine export` writes, and nowhere
else.

The status is that of a run that had other files too. Where a refused file was all that came it is 14.
"""
REFUSED = "the file stays at the partner's and is kept in the spool"
ASIDE = (
    "the rows are put aside as the partner wrote them, the order's other rows with them; all others are taken"
)
TAKEN = "taken"
FILES = {
    "Whole and cut files": "WHOLE_AND_CUT",
    "Columns": "COLUMNS",
    "Encodings": "ENCODINGS",
    "Quotes, commas, line ends": "SHAPES",
    "No CSV at all": "OTHER_KINDS",
}
CELLS = {
    "Numbers": "NUMBERS",
    "Keys and doubled rows": "KEYS",
    "Times": "TIMES",
    "Codes": "CODES",
    "Postcodes and phones": "PEOPLE",
    "Warehouse and labels": "WAREHOUSE",
    "Products": "PRODUCTS",
}


def page() -> str:
    """Return the page."""
    if str(ROOT / "tests") not in sys.path:
        sys.path.insert(0, str(ROOT / "tests"))
    files, cells = import_module("bad_input.cases_files"), import_module("bad_input.cases_cells")
    rest, servers = import_module("bad_input.cases_rest"), import_module("bad_input.cases_servers")
    moments, outgoing = import_module("bad_input.cases_moments"), import_module("bad_input.cases_outgoing")
    parts = [HEAD]
    for module, tables in ((files, FILES), (cells, CELLS)):
        parts += [_section(title, map(_of_file, getattr(module, name))) for title, name in tables.items()]
    sections = {
        "Two files": rest.TWO_FILES,
        "Cuts and bombs": [rest.CUTS, rest.BOMBS],
        "Listings": [servers.LISTING],
        "Configuration": rest.CONFIGURATION,
        "Servers": servers.SERVERS,
        "A full disk": [*moments.DISK, moments.AT_PARTNER],
        "Asked to stop": moments.STOPPED,
        "Database": rest.DATABASE,
    }
    parts.append(_section("What cp932 cannot carry on the way out", map(_of_text, outgoing.OUTGOING)))
    parts += [_section(title, map(_of_trouble, cases)) for title, cases in sections.items()]
    parts.append("\n".join(["## What cannot be told", "", *(f"- {line}" for line in rest.UNTOLD), ""]))
    return "\n".join(parts)


def _section(title: str, rows: Iterable[tuple[str, str, int, str]]) -> str:
    lines = [f"## {title}", "", "| case | what a person reads | status | afterwards |", "|---|---|---|---|"]
    lines += [f"| {_cell(case)} | {read} | {status} | {_cell(after)} |" for case, read, status, after in rows]
    return "\n".join([*lines, ""])


def _of_file(case: Any) -> tuple[str, str, int, str]:
    said = [" → ".join(filter(None, (case.why[language], case.then[language]))) for language in (0, 1)]
    after = case.note or {"refused": REFUSED, "rows": ASIDE, "taken": TAKEN}[case.fate]
    return case.name, _read(said), case.expected_status, after


def _of_text(case: Any) -> tuple[str, str, int, str]:
    said = [f"{line.why} → {line.then}" if line.then else line.why for line in _lines(case)]
    kept = f"the label says {case.label}"
    after = (
        kept if case.label else "the label is not sent, and follows once the name is mended; all others go"
    )
    return case.name, _read(said), case.status, after


def _lines(case: Any) -> list[Any]:
    return [case.wanted(language, "")[0] for language in (0, 1)]


def _of_trouble(case: Any) -> tuple[str, str, int, str]:
    return case.name, _read(case.said), case.status, case.note


def _read(said: Iterable[str]) -> str:
    return "<br>".join(dict.fromkeys(_cell(text) for text in said if text)) or "-"


def _cell(text: str) -> str:
    return " ".join(text.replace("{byte}", "...").split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(keep(PAGE, page()))
