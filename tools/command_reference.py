"""Write docs/commands.md from the command tree; `--check` only says whether it is current."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer.main

from ecsync.cli.app import build
from ecsync.locale import speaking
from generated_page import keep

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parents[1] / "docs" / "commands.md"

HEAD = """\
# Commands

Every command with its arguments, its options and the exit statuses that it can end with; what a status means and
asks for stands in [exit-status.md](exit-status.md). This page is made from the program by `make docs`.

Everywhere, before or after the command:

| option | meaning |
|---|---|
| `--project DIR` | the project's folder; without it, the nearest `ecsync.toml` upwards |
| `--as-of TIME` | the clock of this command, `2026-11-24T22:00` or with an offset; without it, now |
| `--json` | stdout is data and nothing else |
| `--quiet` | say only what went wrong |
| `--verbose` | say more |
| `--lang ja`, `--lang en` | the language of the terminal; without it, the environment's |
| `--help` | what the command does, its options and its exit statuses |
"""


def commands(command: Any, way: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command that does something, in the order of the tree, with its words."""
    below = getattr(command, "commands", None)
    if below is None:
        yield way, command
        return
    for name, part in below.items():
        yield from commands(part, (*way, name))


def statuses_of(command: Any) -> tuple[int, ...]:
    """Return the exit statuses that a command's help names, in its order."""
    _before, _colon, listed = (command.epilog or "").partition("Exit status:")
    return tuple(int(found) for found in re.findall(r"(?:^|;)\s*(\d+) ", listed))


def page() -> str:
    """Return the page, in English."""
    with speaking("en"):
        tree = typer.main.get_command(build())
        parts = [HEAD]
        parts += [_section(way, command) for way, command in commands(tree)]
    return "\n".join(parts)


def _section(way: tuple[str, ...], command: Any) -> str:
    context = command.make_context(" ".join(("ecsync", *way)), [], resilient_parsing=True)
    records = [param.get_help_record(context) for param in command.params if param.name != "help"]
    arguments = [param for param in command.params if param.param_type_name == "argument"]
    words = [_word(param) for param in arguments]
    line = " ".join(("ecsync", *way, *words, *(["[OPTIONS]"] if len(records) > len(arguments) else [])))
    lines = [f"## ecsync {' '.join(way)}", "", command.help or "", "", "```", line, "```", ""]
    rows = [
        f"| `{_cell(_named(record[0]))}` | {_cell(record[1])} |" for record in records if record is not None
    ]
    if rows:
        lines += ["| argument or option | meaning |", "|---|---|", *rows, ""]
    lines += ["Exit status: " + ", ".join(map(str, statuses_of(command))) + ".", ""]
    return "\n".join(lines)


def _word(param: Any) -> str:
    name = (param.metavar or param.name).strip("[]").upper()
    return name if param.required else f"[{name}]"


def _named(name: str) -> str:
    # Where no other word stands for a value, the library writes its type.
    return re.sub(
        r" <(\w+)>$",
        lambda found: "" if found[1] in {"str", "path", "int", "float"} else f" {found[1]}",
        name,
    )


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(keep(PAGE, page()))
