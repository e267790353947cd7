"""docs/adding-a-partner.md leads to a partner that holds, followed word for word, and no Python is touched."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ecsync.mapping.catalogue import load_inbound
from ecsync.mapping.golden import check_mapping
from ecsync.mapping.reader import open_reader
from face import speaker

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "adding-a-partner.md").read_text(encoding="utf-8")
# A command, or a file with its encoding where that is not UTF-8.
STEP = re.compile(
    r"^```sh\n(?P<commands>.*?)^```$|^`(?P<path>[^`\n]+)`(?: \((?P<encoding>\w+)\))?\n\n^```\w+\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
IN_A_PROJECT, IN_A_CHECKOUT = PAGE.split("\n## 7. ")


@pytest.fixture
def followed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Follow the guide in an empty project, up to where the partner holds there; return the project."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "ecsync.toml").touch()
    monkeypatch.chdir(project)
    ecsync = speaker(capsys, project)
    steps = list(STEP.finditer(IN_A_PROJECT))
    assert len(steps) == IN_A_PROJECT.count("\n```") // 2
    commands = 0
    for step in steps:
        for line in (step["commands"] or "").splitlines():
            program, *words = shlex.split(line)
            assert program == "ecsync"
            said = ecsync(*words)
            assert said.status == 0, (line, said.out, said.err)
            commands += 1
        if step["path"]:
            # The scaffold has made the place of every file but the code table's.
            path = project / step["path"]
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(step["text"].encode(step["encoding"] or "utf-8"))
    assert commands == 6
    return project


def test_the_guide_followed_word_for_word_adds_a_partner(followed: Path) -> None:
    assert all(one.holds for one in check_mapping("minato/results", followed))
    sample = followed / "mappings/minato/samples/results/example.csv"
    rows = [
        row
        for batch in open_reader(sample, load_inbound("minato/results", followed))
        for row in batch.rows.to_pylist()
    ]
    assert [(row["parcel_no"], row["carrier"], row["ship_date"]) for row in rows] == [
        ("P0000001", "other", "2026-11-24"),
        ("P0000002", "yamato", "2026-11-24"),
        ("P0000003", "other", ""),
    ]


def everything(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not {"__pycache__", ".hypothesis"} & set(path.parts)
    }


@pytest.mark.slow
def test_contributed_it_changes_mappings_and_a_generated_page_and_the_tests_take_it_as_it_is(
    followed: Path,
) -> None:
    checkout = followed.parent / "ecsync"
    for name in ("docs", "mappings", "samples", "src", "tests", "tools"):
        shutil.copytree(ROOT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, checkout)
    before = everything(checkout)
    environment = {**os.environ, "PYTHONPATH": str(checkout / "src"), "PYTHONDONTWRITEBYTECODE": "1"}

    def run(*words: str, folder: Path = checkout) -> None:
        done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (words, done.stdout[-3000:], done.stderr[-3000:])

    (commands,) = [step["commands"].splitlines() for step in STEP.finditer(IN_A_CHECKOUT)]
    copy, change_folder, *makes = commands
    assert (change_folder, makes) == ("cd ../ecsync", ["make docs", "make lint test"])
    run(*shlex.split(copy), folder=followed)
    pages = re.findall(r"python (tools/\w+_page\.py)$", before["Makefile"].decode(), re.MULTILINE)
    assert "tools/partners_page.py" in pages
    for page in pages:
        run(sys.executable, page)
    # Of `make test`, what has to do with it; no test was written for this partner.
    rooms = [
        f"tests/{name}"
        for name in (
            "mapping/test_golden.py",
            "mapping/test_reader_drift.py",
            "project/test_docs_partners.py",
        )
    ]
    run(
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-m",
        "",
        "-k",
        "minato or current",
        *rooms,
    )
    after = everything(checkout)
    changed = {name for name in after if after[name] != before.get(name)}
    assert set(before) <= set(after)
    assert {name for name in changed if not name.startswith("mappings/minato/")} == {"docs/partners.md"}
    assert not [name for name in changed if name.endswith(".py")]


def test_the_places_that_the_guide_names_are_there() -> None:
    for name in re.findall(r"`(tests/[^`]+)`", PAGE):
        assert (ROOT / name).exists(), name
