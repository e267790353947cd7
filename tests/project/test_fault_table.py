"""The figures of a long run are added up truthfully: parts of one work together, and a violation is never hidden."""

from __future__ import annotations

from pathlib import Path

import pytest

import fault_table
import figures


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ECSYNC_FIGURES", str(tmp_path))
    return tmp_path


def test_parts_of_one_work_are_one_row(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for part in range(2):
        with figures.counting(2, "kills", seed="7") as count:
            for _trial in range(600 + part):
                count.tried([], "committed")
    with figures.counting(1, "points") as count:
        count.tried([])
    first, second = fault_table.read(folder)
    assert (first.row, first.trials) == (1, 1)
    assert (second.row, second.trials, second.violations, second.seeds) == (2, 1201, 0, {"7"})
    assert fault_table.main([str(folder)]) == 0
    said = capsys.readouterr().out
    assert "| 2 | kills | 1,201 | 0 | 7 |" in said
    assert "committed: 1201" in said


def work(violations: list[str], *, breaks_off: bool = False) -> None:
    with figures.counting(3, "pairs") as count:
        count.tried(violations)
        if breaks_off:
            raise RuntimeError
        count.tried([])


def test_a_violation_fails_its_test_and_the_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(AssertionError, match="1 violations in 2 trials"):
        work(["4: a file is left over"])
    assert fault_table.main([str(folder)]) == 1
    assert "VIOLATED: 4: a file is left over" in capsys.readouterr().out


def test_work_that_broke_off_counts_as_violated(folder: Path) -> None:
    with pytest.raises(RuntimeError):
        work([], breaks_off=True)
    (figure,) = fault_table.read(folder)
    assert (figure.trials, figure.violations) == (1, 1)


def test_no_figures_are_no_success(tmp_path: Path) -> None:
    assert fault_table.main([str(tmp_path)]) == 1


def test_the_scale_makes_a_long_test_larger_or_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    for scale, trials in (("1", 1000), ("0.1", 100), ("3", 3000), ("0.0001", 1)):
        monkeypatch.setenv("ECSYNC_LONG_SCALE", scale)
        assert figures.scaled(1000) == trials
