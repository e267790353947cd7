"""A command's help names every status that it can end with: what its code calls brings them along."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import typer.main

from command_reference import commands, statuses_of
from ecsync.cli.app import build
from ecsync.cli.statuses import STATUSES
from ecsync.locale import speaking

# What stands in the code of a command, or of a function of the face that it calls -> statuses that may come of it.
BRINGS: dict[str, set[int]] = {
    r"state\.settings\(|project_folder\(": {10},
    r"\breading\(|open_engine\(|read_facts\(": {10, 15},
    r"\bwriting\(|\brun_lock\(|run_restore\(": {10, 11, 15},
    r"\brun_sync\(|apply_plan\(|\brun_push\(": {3, 10, 11, 12, 13, 14, 15, 16},
    r"make_plan\(": {3, 10, 11, 12, 13, 14, 15, 16},
    r"load_opening_folder\(": {3, 10, 11, 14, 15},
    r"check_project\(": {3, 10, 12, 13, 15, 16},
    r"host_keys\.": {12, 13},
    r"read_export\(|infer_file\(": {14},
    r"return 4\b": {4},
    r"load_mapping\(|list_mappings\(|check_mapping\(": {10},
}

with speaking("en"):
    TREE = {" ".join(way): command for way, command in commands(typer.main.get_command(build()))}


def sources_of(function: Callable[..., Any]) -> Iterator[str]:
    """Yield the code of a function and of every function of the face that it calls, each once."""
    waiting, seen = [function], set()
    while waiting:
        here = inspect.unwrap(waiting.pop())
        if here in seen:
            continue
        seen.add(here)
        text = inspect.getsource(here)
        yield text
        module = sys.modules[here.__module__]
        for name in set(re.findall(r"\b(\w+)\(", text)):
            called = getattr(module, name, None)
            if inspect.isfunction(called) and called.__module__.startswith("ecsync.cli"):
                waiting.append(called)


def brought(command: Any) -> set[int]:
    text = "\n".join(sources_of(command.callback))
    return {status for pattern, some in BRINGS.items() if re.search(pattern, text) for status in some}


@pytest.mark.parametrize("name", TREE)
def test_every_status_that_its_code_brings_is_named(name: str) -> None:
    missing = brought(TREE[name]) - set(statuses_of(TREE[name]))
    assert not missing, f"{name} may end with {sorted(missing)}"


def test_what_brings_statuses_is_found_in_the_code() -> None:
    assert brought(TREE["sync"]) >= {3, 4, 10, 11, 12, 13, 14, 15, 16}
    assert brought(TREE["doctor"]) == {3, 10, 12, 13, 15, 16}
    assert brought(TREE["db check"]) == {10, 15}
    assert brought(TREE["init"]) == {3, 10, 11, 14, 15}


@pytest.mark.parametrize("name", TREE)
def test_a_status_is_named_in_words_in_both_languages(name: str) -> None:
    for language in ("en", "ja"):
        with speaking(language):
            tree = {" ".join(way): command for way, command in commands(typer.main.get_command(build()))}
            from ecsync.locale import _

            for status in statuses_of(TREE[name]):
                assert f"{status} {_(STATUSES[status])}" in tree[name].epilog


def test_every_status_of_the_table_has_a_test_of_its_own() -> None:
    from pathlib import Path

    text = "\n".join(
        (Path(__file__).parent / name).read_text(encoding="utf-8")
        for name in ("test_exit_statuses.py", "../run/test_signals.py")
    )
    for status in STATUSES:
        assert re.search(rf"def test_{status}_\w+|\b{status}\b", text), status
    for status in set(STATUSES) - {130, 143}:
        assert re.search(rf"def test_{status}_\w+", text), status
