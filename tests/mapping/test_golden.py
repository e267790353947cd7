"""Every mapping is proved on samples: golden, read back, and written again to the same bytes."""

from __future__ import annotations

import json
import shutil
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecsync.entities.codes import CODE_LISTS
from ecsync.mapping.catalogue import load_mapping, load_outbound
from ecsync.mapping.choosing import chosen
from ecsync.mapping.golden import check_mapping, record_expectations, samples_folder
from ecsync.mapping.inverse import as_received, read_back, split_file
from ecsync.mapping.listing import list_mappings
from ecsync.mapping.model import OutboundMapping
from ecsync.mapping.model_out import SettingColumn
from ecsync.mapping.writer import WriteOptions, write_file
from mapping_project import INBOUND, OUTBOUND, put

if TYPE_CHECKING:
    from pathlib import Path

    from ecsync.entities import Column

NAMES = [entry.name for entry in list_mappings()]
OUTBOUND_NAMES = [name for name in NAMES if isinstance(load_mapping(name), OutboundMapping)]


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_mapping_holds_on_its_samples(name: str) -> None:
    results = check_mapping(name)
    assert [(one.sample, one.proof, one.detail) for one in results if not one.holds] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_has_its_other_half(name: str) -> None:
    folder = samples_folder(load_mapping(name))
    stems = [path.stem for path in folder.iterdir()]
    assert stems
    assert {stems.count(stem) for stem in stems} == {2}


def shop(project: Path) -> Path:
    """Return the samples folder of a project's stock mapping, with one sample."""
    put(project, "partner/stock", INBOUND)
    folder = project / "mappings/partner/samples/stock"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text("商品コード,在庫数\nMUG,3\nCUP,x\n", encoding="utf-8")
    return folder


def test_a_mapping_without_a_sample_does_not_hold(tmp_path: Path) -> None:
    put(tmp_path, "partner/stock", INBOUND)
    (result,) = check_mapping("partner/stock", tmp_path)
    assert not result.holds
    assert "no sample" in result.detail


def test_a_recorded_expectation_tells_rows_and_rejects_and_holds(tmp_path: Path) -> None:
    folder = shop(tmp_path)
    assert record_expectations("partner/stock", tmp_path) == [folder / "a.json"]
    told = json.loads((folder / "a.json").read_text(encoding="utf-8"))
    assert told["rows"] == [{"sku": "MUG", "qty": 3, "src_line": 2}]
    assert [(one["line"], one["column"]) for one in told["rejects"]] == [(3, "在庫数")]
    assert [one.holds for one in check_mapping("partner/stock", tmp_path)] == [True]


def test_what_differs_from_the_expectation_is_shown(tmp_path: Path) -> None:
    folder = shop(tmp_path)
    record_expectations("partner/stock", tmp_path)
    (folder / "a.csv").write_text("商品コード,在庫数\nMUG,4\nCUP,x\n", encoding="utf-8")
    (result,) = check_mapping("partner/stock", tmp_path)
    assert '-   "qty": 3' in result.detail
    assert '+   "qty": 4' in result.detail


def test_a_sample_that_is_refused_whole_is_an_expectation_too(tmp_path: Path) -> None:
    folder = shop(tmp_path)
    (folder / "a.csv").write_text("商品コード\nMUG\n", encoding="utf-8")
    record_expectations("partner/stock", tmp_path)
    assert json.loads((folder / "a.json").read_text(encoding="utf-8"))["refused"]["reason"]
    assert check_mapping("partner/stock", tmp_path)[0].holds


def test_one_changed_byte_of_an_outbound_file_is_shown(tmp_path: Path) -> None:
    put(tmp_path, "partner/recall", OUTBOUND)
    folder = tmp_path / "mappings/partner/samples/recall"
    folder.mkdir(parents=True)
    (folder / "a.json").write_text('{"rows": [{"parcel_no": "M1", "reason": "取消"}]}', encoding="utf-8")
    (expected,) = record_expectations("partner/recall", tmp_path)
    assert [one.proof for one in check_mapping("partner/recall", tmp_path)] == [
        "golden",
        "read back",
        "write again",
    ]
    expected.write_bytes(expected.read_bytes().replace(b"M1", b"M2"))
    golden = check_mapping("partner/recall", tmp_path)[0]
    assert "-M2,取消" in golden.detail
    assert "+M1,取消" in golden.detail


def test_a_line_end_alone_is_a_difference(tmp_path: Path) -> None:
    put(tmp_path, "partner/recall", OUTBOUND)
    folder = tmp_path / "mappings/partner/samples/recall"
    folder.mkdir(parents=True)
    (folder / "a.json").write_text('{"rows": [{"parcel_no": "M1", "reason": "取消"}]}', encoding="utf-8")
    (expected,) = record_expectations("partner/recall", tmp_path)
    expected.write_bytes(expected.read_bytes().replace(b"\r\n", b"\n"))
    assert not check_mapping("partner/recall", tmp_path)[0].holds


def test_a_projects_override_is_proved_on_the_projects_samples(tmp_path: Path) -> None:
    shipped = load_mapping("core/stock")
    path = put(tmp_path, "core/stock", shipped.path.read_text(encoding="utf-8"))
    assert not check_mapping("core/stock", tmp_path)[0].holds
    shutil.copytree(samples_folder(shipped), path.parent / "samples" / "stock")
    assert check_mapping("core/stock", tmp_path)[0].holds


TEXTS = st.text(
    st.characters(codec="cp932", exclude_characters="\0", include_characters="¢£¬‖−〜"),
    min_size=1,
    max_size=10,
)
DAYS = st.integers(0, 20_000).map(lambda days: (date(2000, 1, 1) + timedelta(days)).isoformat())

FEW = {
    "time": DAYS.map(lambda day: f"{day}T15:04:05Z"),
    "flag": st.sampled_from([0, 1]),
    "rate": st.sampled_from([0, 800, 1000, 825]),
}


def values(column: Column) -> st.SearchStrategy[Any]:
    """Return canonical values of a column, absent ones too where the frame allows it."""
    if column.codes:
        return st.sampled_from(CODE_LISTS[column.codes])
    if column.kind == "date":
        return DAYS if column.required else DAYS | st.just("")
    if column.kind in FEW:
        return FEW[column.kind]
    if column.is_integer:
        numbers = st.integers(column.minimum or 0, column.maximum or 99_999)
        return numbers if column.required else numbers | st.none()
    return TEXTS if column.required else TEXTS | st.just("")


@pytest.mark.parametrize("name", OUTBOUND_NAMES)
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_a_mapping_writes_reads_back_as_the_fold_of_what_it_was(
    name: str, data: st.DataObject, tmp_path: Path
) -> None:
    mapping = load_outbound(name)
    columns = mapping.frame.columns
    row = st.fixed_dictionaries({column.name: values(column) for column in columns})
    rows = data.draw(st.lists(row, min_size=1, max_size=5))
    for number, one in enumerate(rows):
        one["business_key"] = str(number)
    fields = [(column.name, pa.int64() if column.is_integer else pa.string()) for column in columns]
    batch = pa.RecordBatch.from_pylist(rows, schema=pa.schema([*fields, ("business_key", pa.string())]))
    target = tmp_path / "file"
    asked = {one.setting: "01" for _header, one in mapping.named_columns if isinstance(one, SettingColumn)}
    written = write_file(mapping, [batch], target, WriteOptions(settings=asked))
    refused = {one.business_key for one in written.refused}
    belongs = chosen(mapping, batch).tolist()
    kept = [
        one for one, stays in zip(rows, belongs, strict=True) if stays and one["business_key"] not in refused
    ]
    cells = split_file(mapping, target.read_bytes())
    assert len(cells) == len(kept) == written.row_count
    for one, back in zip(kept, (read_back(mapping, line) for line in cells), strict=True):
        assert back == {
            key: as_received(mapping, key, one[key]) if isinstance(one[key], str) else one[key]
            for key in back
        }, mapping.mapping
