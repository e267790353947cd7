"""docs/commands.md is what the program says of itself today."""

import re

from command_reference import PAGE, commands, page, statuses_of
from ecsync.cli.statuses import STATUSES


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "make docs"


def test_every_command_has_its_section_with_its_statuses() -> None:
    text = PAGE.read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## ecsync ([\w ]+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    import typer.main

    from ecsync.cli.app import build
    from ecsync.locale import speaking

    with speaking("en"):
        tree = {" ".join(way): command for way, command in commands(typer.main.get_command(build()))}
    assert list(sections) == list(tree)
    for name, command in tree.items():
        named = re.search(r"^Exit status: ([\d, ]+)\.$", sections[name], re.MULTILINE)
        assert named, name
        assert tuple(map(int, named[1].split(", "))) == statuses_of(command), name
        assert {0, 1, 2, 130, 143} <= set(statuses_of(command)) <= set(STATUSES), name


def test_no_option_is_without_a_word_about_it() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) > 30
    assert [name for name, meaning in rows if len(meaning) < 5] == []
