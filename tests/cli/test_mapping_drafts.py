"""`mappings new` and `test --record` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from face import Ecsync, speaker


@pytest.fixture
def ecsync(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Ecsync:
    """Give the command line on a project without anything."""
    return speaker(capsys, tmp_path)


def test_new_says_what_it_made_and_that_holds(ecsync: Ecsync, tmp_path: Path) -> None:
    said = ecsync("mappings", "new", "minato/stock", "--entity", "stock_levels", "--json")
    assert said.status == 0
    assert [
        Path(path).relative_to(tmp_path / "mappings/minato").as_posix() for path in said.data["files"]
    ] == [
        "stock.yaml",
        "samples/stock/example.csv",
        "samples/stock/example.json",
    ]
    assert ecsync("mappings", "check", said.data["files"][0]).status == 0
    assert ecsync("mappings", "test", "minato/stock").status == 0


def test_new_overwrites_nothing_and_says_so(ecsync: Ecsync, tmp_path: Path) -> None:
    words = ("mappings", "new", "minato/stock", "--entity", "stock_levels")
    assert ecsync(*words).status == 0
    path = tmp_path / "mappings/minato/stock.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    said = ecsync(*words)
    assert said.status == 2
    assert "stock.yaml" in said.err
    assert path.read_text(encoding="utf-8").endswith("# mine\n")


def test_new_without_a_frame_lists_them(ecsync: Ecsync) -> None:
    said = ecsync("mappings", "new", "minato/stock")
    assert said.status == 2
    assert "order_lines (in)" in said.err
    assert "parcels (out)" in said.err


def test_only_a_project_s_own_expectation_is_recorded(ecsync: Ecsync, tmp_path: Path) -> None:
    ecsync("mappings", "new", "minato/stock", "--entity", "stock_levels")
    sample = tmp_path / "mappings/minato/samples/stock/example.csv"
    sample.write_bytes(sample.read_bytes() + b"CUP,9\r\n")
    assert ecsync("mappings", "test", "minato/stock").status == 10
    said = ecsync("mappings", "test", "minato/stock", "--record")
    assert said.status == 0
    assert "example.json" in said.err
    assert '"qty": 9' in sample.with_suffix(".json").read_text(encoding="utf-8")
    for words in (("core/stock",), ("minato/stock", "core/stock"), ()):
        refused = ecsync("mappings", "test", *words, "--record")
        assert refused.status == 2, words


def test_drift_shows_a_patch_and_writes_it_only_where_asked(ecsync: Ecsync, tmp_path: Path) -> None:
    ecsync("mappings", "new", "minato/stock", "--entity", "stock_levels")
    path = tmp_path / "mappings/minato/stock.yaml"
    before = path.read_bytes()
    file = tmp_path / "changed.csv"
    file.write_bytes(b"sku,qty_pcs,note\r\nMUG,3,x\r\n")
    words = ("mappings", "drift", str(file), "minato/stock")
    said = ecsync(*words, "--exit-code")
    assert said.status == 4
    assert "qty → qty_pcs" in said.out
    assert "+  qty: qty_pcs  # required" in said.out
    assert path.read_bytes() == before
    assert ecsync(*words, "--write", "--json").data["written"] == str(path)
    assert ecsync(*words, "--exit-code").status == 0


def test_drift_writes_a_shipped_mapping_as_the_project_s_own(ecsync: Ecsync, tmp_path: Path) -> None:
    file = tmp_path / "changed.csv"
    file.write_bytes(b"\xef\xbb\xbfsku,qty,shelf\r\n")
    said = ecsync("mappings", "drift", str(file), "core/stock", "--write", "--json")
    assert said.data["added"] == ["shelf"]
    assert said.data["written"] == str(tmp_path / "mappings/core/stock.yaml")
    assert ecsync("mappings", "check").status == 0


def test_drift_of_what_cannot_be_compared_ends_with_its_own_status(ecsync: Ecsync, tmp_path: Path) -> None:
    assert ecsync("mappings", "drift", str(tmp_path / "none.csv"), "core/stock").status == 2
    file = tmp_path / "file.csv"
    file.write_bytes(b"")
    assert ecsync("mappings", "drift", str(file), "core/stock").status == 14
    file.write_bytes(b"PK\x03\x04rest")
    assert ecsync("mappings", "drift", str(file), "core/stock").status == 14
    assert ecsync("mappings", "drift", str(file), "core/stocks").status == 10
