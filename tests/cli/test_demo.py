"""`ecsync demo` plays its three days over SFTP, keeps the shop, and what it says to try next can be tried."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from face import speaker
from shop import NAMES

MOST_LINES = 260  # it must stay readable: some forty lines a run


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_demo_plays_and_can_be_looked_at_afterwards(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECSYNC_DEMO_PASSWORD", "")  # the demo sets its own, and the test gives it back
    kept = tmp_path / "kept"
    ecsync = speaker(capsys, kept / "shop")
    done = ecsync("demo", "--keep", str(kept))
    assert done.status == 0, done.out + done.err
    ending = done.out.partition("How the days ended")[2]
    rows = [line for line in ending.splitlines() if line.startswith(NAMES)]
    assert len(rows) == len(NAMES) == 6
    assert all(line.rstrip().endswith("the same bytes") for line in rows)
    assert done.out.count("To do before today's cut-off") == 6
    assert len(done.out.splitlines()) < MOST_LINES
    assert "\x1b" not in done.out
    for name in NAMES:
        report = kept / "shop" / "reports" / f"{name}.html"
        assert stat.S_IMODE(report.stat().st_mode) == 0o600
        assert report.read_text(encoding="utf-8").startswith("<!doctype html>")
    next_steps = [
        line.split()[1:] for line in ending.splitlines() if line.strip().startswith("ecsync --project")
    ]
    assert len(next_steps) >= 5
    for words in next_steps:
        assert words[:2] == ["--project", str(kept / "shop")]
        answer = ecsync(*words[2:])
        assert answer.status in {0, 4}, (words, answer.err)
        assert answer.out.strip(), words


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    done = speaker(capsys, tmp_path)("demo", "--keep", str(tmp_path))
    assert done.status == 2
    assert "is not empty" in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
