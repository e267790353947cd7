"""What every page must keep: links that lead somewhere, commands that exist, nothing of one machine."""

import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main

from ecsync.cli.app import build
from ecsync.locale import speaking

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "README.ja.md", *sorted((ROOT / "docs").rglob("*.md"))]
EVERYWHERE = {"--project", "--as-of", "--json", "--quiet", "--verbose", "--lang", "--help"}

COMMAND = re.compile(r"`(ecsync [^`\n]+)`|^\s*(?:[\d*/, -]+)?(ecsync [^\n]+)$", re.MULTILINE)
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
FORBIDDEN = {
    "a path of one machine": r"/(?:home|root|Users|tmp)/\w",
    "work that is left": r"\b(?:TODO|FIXME|TBD)\b|not implemented|coming soon",
    "a real mail address": r"[\w.]+@(?!host\b|openssh\.com\b)(?!example\.)[\w-]+\.\w+",
}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def anchor_of(heading: str) -> str:
    """Return the anchor that a heading gets on the page."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


@cache
def anchors_in(path: Path) -> frozenset[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return frozenset(anchor_of(heading) for heading in headings)


@cache
def command_tree() -> Any:
    with speaking("en"):
        return typer.main.get_command(build())


def fault_of(words: list[str]) -> str:
    """Return what is wrong with a command line; empty where every command and option exists."""
    here = command_tree()
    options: set[str] = set(EVERYWHERE)
    expects_value = ""
    for word in words[1:]:
        if word == "COMMAND":  # stands for any of them
            return ""
        if expects_value:
            expects_value = ""
        elif word.startswith("-") and word != "-":
            name = word.partition("=")[0]
            found = next((p for p in here.params if name in p.opts), None)
            if found is None and name not in options and name != "--version":
                return f"no option {name}"
            takes = (
                not getattr(found, "is_flag", False) if found else name in {"--project", "--as-of", "--lang"}
            )
            expects_value = name if takes and "=" not in word else ""
        elif hasattr(here, "commands"):
            if word not in here.commands:
                return f"no command {word}"
            here = here.commands[word]
    return ""


def commands_in(text: str) -> list[str]:
    found = (match[1] or match[2] for match in COMMAND.finditer(text))
    return [re.split(r"\s{2,}|\s[#&|>]", command)[0].strip() for command in found]


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_command_on_a_page_exists_with_its_options(path: Path) -> None:
    wrong = {}
    for line in commands_in(path.read_text(encoding="utf-8")):
        # `outbox list|resolve` names several at once.
        for variant in _spelled_out(line):
            if fault := fault_of(shlex.split(variant)):
                wrong[variant] = fault
    assert wrong == {}


def _spelled_out(line: str) -> list[str]:
    choice = re.search(r"(\S+(?:\|\S+)+)", line)
    if not choice:
        return [line]
    return [line.replace(choice[1], one) for one in choice[1].split("|")]


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_link_leads_to_a_page_and_a_heading_of_it(path: Path) -> None:
    lost = []
    for link in LINK.findall(path.read_text(encoding="utf-8")):
        if link.startswith(("http://", "https://")):
            continue
        place, _sep, anchor = link.partition("#")
        target = (path.parent / place).resolve() if place else path
        if (
            not target.is_relative_to(ROOT)
            or not target.exists()
            or (anchor and anchor not in anchors_in(target))
        ):
            lost.append(link)
    assert lost == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
@pytest.mark.parametrize("what", FORBIDDEN)
def test_a_page_holds_nothing_that_belongs_to_one_machine(path: Path, what: str) -> None:
    assert re.findall(FORBIDDEN[what], path.read_text(encoding="utf-8"), re.IGNORECASE) == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_tables_are_whole(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        cells = {len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}
        assert len(cells) == 1, table.splitlines()[0]


def test_a_wrong_command_is_noticed() -> None:
    assert fault_of(["ecsync", "sync", "--dry"]) == "no option --dry"
    assert fault_of(["ecsync", "outbox", "forget"]) == "no command forget"
    assert fault_of(["ecsync", "--project", "shop", "sync", "noon", "--wait", "5"]) == ""
