"""docs/adding-a-partner.md leads to a partner that holds, followed word for word."""

import re
import shlex
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


def test_the_guide_followed_word_for_word_adds_a_partner(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ecsync = speaker(capsys, tmp_path)
    steps = list(STEP.finditer(PAGE))
    assert len(steps) == PAGE.count("\n```") // 2
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
            path = tmp_path / step["path"]
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(step["text"].encode(step["encoding"] or "utf-8"))
    assert commands == 5
    assert all(one.holds for one in check_mapping("minato/results", tmp_path))
    sample = tmp_path / "mappings/minato/samples/results/example.csv"
    rows = [
        row
        for batch in open_reader(sample, load_inbound("minato/results", tmp_path))
        for row in batch.rows.to_pylist()
    ]
    assert [(row["parcel_no"], row["carrier"], row["ship_date"]) for row in rows] == [
        ("P0000001", "other", "2026-11-24"),
        ("P0000002", "yamato", "2026-11-24"),
        ("P0000003", "other", ""),
    ]


def test_the_places_that_the_guide_names_are_there() -> None:
    for name in re.findall(r"`(tests/[^`]+)`", PAGE):
        assert (ROOT / name).exists(), name
