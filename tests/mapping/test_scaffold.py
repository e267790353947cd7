"""A scaffold holds from its first moment, whatever it is of, and never takes the place of anything."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from ecsync.entities import ENTITIES
from ecsync.errors import UsageError
from ecsync.locale import speaking
from ecsync.mapping.catalogue import check_file, load_inbound
from ecsync.mapping.golden import check_mapping
from ecsync.mapping.scaffold import make_scaffold


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_scaffold_of_any_frame_is_right_and_proved(entity: str, tmp_path: Path) -> None:
    with speaking("ja"):
        made = make_scaffold("minato/kind", entity, tmp_path)
    assert [path.relative_to(tmp_path / "mappings/minato").as_posix() for path in made[:1]] == ["kind.yaml"]
    assert len(made) == 3
    assert check_file(made[0], tmp_path) == []
    results = check_mapping("minato/kind", tmp_path)
    assert results
    assert [one.detail for one in results if not one.holds] == []


@pytest.mark.parametrize("entity", [name for name, one in ENTITIES.items() if one.direction == "in"])
def test_an_inbound_sample_yields_every_row(entity: str, tmp_path: Path) -> None:
    _path, sample, golden = make_scaffold("minato/kind", entity, tmp_path)
    assert (
        golden.read_text(encoding="utf-8").count('"src_line"')
        == len(sample.read_text("utf-8").splitlines()) - 1
    )
    assert '"rejects": []' in golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932", "euc_jp", "iso2022_jp", "utf-16", "utf-16le"])
def test_the_sample_is_written_as_the_mapping_says(encoding: str, tmp_path: Path) -> None:
    path, sample, _golden = make_scaffold("minato/orders", "order_lines", tmp_path, encoding)
    assert load_inbound("minato/orders", tmp_path).file.encoding == encoding
    rows = list(csv.reader(sample.read_bytes().decode(encoding).splitlines()))
    assert "山本 渚" in rows[1]
    assert check_file(path, tmp_path) == []
    assert all(one.holds for one in check_mapping("minato/orders", tmp_path))


def test_every_column_of_the_frame_is_named(tmp_path: Path) -> None:
    for name, frame in ENTITIES.items():
        path, *_others = make_scaffold(f"minato/{name}", name, tmp_path)
        text = path.read_text(encoding="utf-8")
        missing = [one for one in frame.column_names if f"{one}:" not in text and not one.endswith("_offset")]
        assert missing == [], name


@pytest.mark.parametrize(
    ("name", "entity", "told"),
    [
        ("minato", "stock_levels", "minato"),
        ("../x/y", "stock_levels", "x/y"),
        ("minato/stock", "stocks", "stocks"),
        ("minato/stock", "", "stock_levels (in)"),
        ("core/stock", "stock_levels", "core/stock"),
    ],
)
def test_what_is_no_name_or_no_frame_or_there_is_refused(
    name: str, entity: str, told: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as refused:
        make_scaffold(name, entity, tmp_path)
    assert told in refused.value.message + refused.value.hint
    assert list(tmp_path.iterdir()) == []


def test_an_encoding_in_which_nothing_is_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cp932"):
        make_scaffold("minato/labels", "parcels", tmp_path, "euc_jp")


@pytest.mark.parametrize("there", ["minato/stock.yaml", "minato/samples/stock/own.csv"])
def test_nothing_is_overwritten(there: str, tmp_path: Path) -> None:
    path = tmp_path / "mappings" / there
    path.parent.mkdir(parents=True)
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError):
        make_scaffold("minato/stock", "stock_levels", tmp_path)
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == [path]
    assert path.read_text(encoding="utf-8") == "mine"
