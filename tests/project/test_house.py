"""The rules of the house that no linter knows."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "ecsync"
SOURCES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
CODE = [*SOURCES, *sorted((ROOT / "tools").rglob("*.py")), *sorted((ROOT / "bench").rglob("*.py"))]

LONGEST_MODULE = 600
EMPTY_NAMES = {"manager", "handler", "util", "utils", "misc", "helper", "helpers", "common"}
# The one module that opens the staging file through ADBC; the master itself is never opened so.
ADBC_MODULES = {PACKAGE / "master" / "staging.py"}
HEAVY = {"pandas", "pandera", "sqlalchemy", "paramiko", "pyarrow", "numpy", "alembic"}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def calls_in(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call))


def called_name(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def imported_by(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def faults(paths: list[Path], found: dict[Path, list[str]]) -> str:
    return "\n".join(f"{name_of(path)}: {', '.join(found[path])}" for path in paths if found.get(path))


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=name_of)
def test_a_module_does_one_thing(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_a_name_says_what_a_module_is(path: Path) -> None:
    words = {word for part in path.relative_to(ROOT).parts for word in re.split(r"[_.]", part)}
    assert not words & EMPTY_NAMES


def test_only_the_staging_writer_uses_adbc() -> None:
    using = {path for path in SOURCES if any(name.startswith("adbc_driver") for name in imported_by(path))}
    assert using <= ADBC_MODULES


def test_frames_are_never_walked_row_by_row() -> None:
    found = {path: [] for path in CODE}
    for path in CODE:
        for call in calls_in(path):
            by_rows = any(
                keyword.arg == "axis" and ast.unparse(keyword.value) in {"1", "'columns'"}
                for keyword in call.keywords
            )
            name = called_name(call)
            if name in {"iterrows", "itertuples"} or (name == "apply" and by_rows):
                found[path].append(f"{name} at {call.lineno}")
    assert not faults(CODE, found)


def test_the_codec_shift_jis_is_never_used() -> None:
    # The codec, not the word: a message may tell people to declare cp932 instead.
    codec = re.compile(r"[\"'](?:shift[_-]?jis|sjis|s_jis|csshiftjis)[\"']", re.IGNORECASE)
    found = {path: codec.findall(path.read_text(encoding="utf-8")) for path in CODE}
    assert not faults(CODE, found)


def test_no_text_is_translated_that_no_catalogue_can_hold() -> None:
    found = {path: [] for path in SOURCES}
    for path in SOURCES:
        for call in calls_in(path):
            if called_name(call) in {"_", "N_", "ngettext"} and any(
                isinstance(argument, ast.JoinedStr) for argument in call.args
            ):
                found[path].append(f"an f-string at {call.lineno}")
    assert not faults(SOURCES, found)


def test_no_text_hides_inside_an_f_string() -> None:
    # Before Python 3.12 nobody finds it there, and the catalogue would lack it.
    found = {
        path: [
            f"{called_name(call)} at {call.lineno}"
            for string in ast.walk(tree_of(path))
            if isinstance(string, ast.JoinedStr)
            for call in ast.walk(string)
            if isinstance(call, ast.Call)
            and called_name(call) in {"_", "N_", "ngettext"}
            and isinstance(call.args[0], ast.Constant)
        ]
        for path in SOURCES
    }
    assert not faults(SOURCES, found)


def test_nothing_is_left_for_later() -> None:
    marks = re.compile(r"\b(?:TODO|FIXME|XXX|HACK|NotImplementedError)\b|not implemented|for now\b")
    found = {path: marks.findall(path.read_text(encoding="utf-8")) for path in CODE}
    assert not faults(CODE, found)


def test_the_face_appears_at_once() -> None:
    program = "import sys, ecsync.cli; print(*{name.partition('.')[0] for name in sys.modules})"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not set(answer.stdout.split()) & HEAVY


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.txt")), ids=name_of)
def test_requirements_are_hashed_and_name_no_address(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|--(?:extra-)?index-url|--find-links|--trusted-host|(?:^|\s)/", text)
    entries = [entry for entry in re.split(r"\n(?=\S)", text.strip()) if not entry.startswith("#")]
    assert entries
    assert all("==" in entry and "--hash=sha256:" in entry for entry in entries)


def pins_of(name: str) -> dict[str, set[str]]:
    pins: dict[str, set[str]] = {}
    for line in (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if match := re.match(r"([a-z0-9-]+)==(\S+)(?: ; (.*?))?(?: \\)?$", line):
            pins.setdefault(match[1], set()).add(match[2])
    return pins


def test_every_set_of_requirements_agrees_with_the_larger_one() -> None:
    demo, test, dev = pins_of("demo"), pins_of("test"), pins_of("dev")
    assert demo.items() <= test.items() <= dev.items()
    assert "hatchling" in demo


def test_every_dependency_is_pinned_and_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    entries = chain(project["dependencies"], *extras.values())
    named = {re.split(r"[\[>=<;]", entry)[0] for entry in entries}
    named.discard(project["name"])
    reasons = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    pinned = pins_of("dev") | pins_of("browser")
    assert [name for name in sorted(named) if name.lower() not in pinned] == []
    assert [name for name in sorted(named) if name not in reasons] == []
