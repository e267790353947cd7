"""A file whose columns have changed is told apart from its mapping, and the patch follows it word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecsync.errors import FileRefusedError, MappingError, UsageError
from ecsync.mapping.catalogue import check_file, load_inbound, load_mapping
from ecsync.mapping.drift import Removed, find_drift, write_patched
from ecsync.mapping.listing import list_mappings
from ecsync.mapping.model import InboundMapping
from ecsync.mapping.named_settings import settings_named, with_settings
from ecsync.mapping.reader import open_reader
from mapping_project import put

MAPPING = """\
# Facts of the shop.
mapping: minato/orders
title: {ja: みなと 受注, en: Minato orders}
entity: stock_levels
nature: snapshot
file: {encoding: cp932}  # as seen in 2026-11
duplicates: {key: [商品コード]}
fill_down:
  - {headers: [商品コード], within: [倉庫]}
skip_rows_when:
  - {倉庫: [商品コード]}  # a code that looks like a header
unused: [メモ]  # the shop's own
columns:
  # The shop's own code.
  sku: {from: 商品コード, as: key, empty: [商品コード]}
  qty: 在庫数 # whole pieces
"""


def project_with(folder: Path, text: str = MAPPING) -> Path:
    put(folder, "minato/orders", text)
    return folder


def a_file(folder: Path, *names: str, encoding: str = "cp932") -> Path:
    path = folder / "file.csv"
    path.write_bytes((",".join(names) + "\r\n").encode(encoding))
    return path


def test_a_file_of_the_declared_layout_has_no_drift(tmp_path: Path) -> None:
    drift = find_drift(
        a_file(tmp_path, "倉庫", "商品コード", "在庫数", "メモ"), "minato/orders", project_with(tmp_path)
    )
    assert drift.is_none
    assert drift.patch == ""


def test_a_renamed_column_is_followed_where_it_is_a_header_and_nowhere_else(tmp_path: Path) -> None:
    project = project_with(tmp_path)
    drift = find_drift(a_file(tmp_path, "倉庫", "商品コード(新)", "在庫数"), "minato/orders", project)
    assert [(one.old, one.new) for one in drift.renamed] == [("商品コード", "商品コード(新)")]
    changed = [
        line for line in drift.patch.splitlines() if line.startswith("+") and not line.startswith("+++")
    ]
    assert changed == [
        "+duplicates: {key: [商品コード(新)]}",
        "+  - {headers: [商品コード(新)], within: [倉庫]}",
        "+  sku: {from: 商品コード(新), as: key, empty: [商品コード]}",
    ]
    assert drift.text.count("#") == MAPPING.count("#")


@pytest.mark.parametrize(
    ("declared", "patched"),
    [
        ("{from: {any: [在庫, 在庫数]}}", "qty: {from: {any: [在庫数量, 在庫, 在庫数]}}"),
        (
            "\n    from:\n      any:\n        - 在庫\n        - 在庫数",
            "any:\n        - 在庫数量\n        - 在庫\n        - 在庫数",
        ),
    ],
)
def test_a_header_of_several_spellings_gets_one_more(declared: str, patched: str, tmp_path: Path) -> None:
    project = project_with(tmp_path, MAPPING.replace(" 在庫数 # whole pieces", f" {declared}"))
    drift = find_drift(a_file(tmp_path, "倉庫", "商品コード", "在庫数量"), "minato/orders", project)
    assert [one.new for one in drift.renamed] == ["在庫数量"]
    assert patched in drift.text
    write_patched(drift, project)
    assert find_drift(tmp_path / "file.csv", "minato/orders", project).renamed == ()


def test_added_columns_go_among_the_unused_ones_and_comments_stay(tmp_path: Path) -> None:
    project = project_with(tmp_path)
    drift = find_drift(
        a_file(tmp_path, "倉庫", "商品コード", "在庫数", "JAN", "yes: no"), "minato/orders", project
    )
    assert drift.added == ("JAN", "yes: no")
    assert 'unused: [メモ, JAN, "yes: no"]  # the shop\'s own' in drift.text
    without = MAPPING.replace("unused: [メモ]  # the shop's own\n", "")
    drift = find_drift(tmp_path / "file.csv", "minato/orders", project_with(tmp_path, without))
    assert 'unused: [JAN, "yes: no"]\ncolumns:\n  # The shop' in drift.text
    told = without.replace("columns:", "# Ours: theirs.\n# And so on.\ncolumns:")
    drift = find_drift(tmp_path / "file.csv", "minato/orders", project_with(tmp_path, told))
    assert 'unused: [JAN, "yes: no"]\n# Ours: theirs.\n# And so on.\ncolumns:' in drift.text
    assert drift.patch.startswith("--- a/mappings/minato/orders.yaml\n")
    block = MAPPING.replace("unused: [メモ]  # the shop's own\n", "unused:\n  - メモ  # the shop's own\n")
    drift = find_drift(tmp_path / "file.csv", "minato/orders", project_with(tmp_path, block))
    write_patched(drift, tmp_path)
    assert load_inbound("minato/orders", tmp_path).unused == ("メモ", "JAN", "yes: no")


def test_a_needed_column_that_is_gone_is_named_and_never_patched_away(tmp_path: Path) -> None:
    drift = find_drift(a_file(tmp_path, "倉庫", "商品コード"), "minato/orders", project_with(tmp_path))
    assert drift.removed == (Removed("在庫数", required=True),)
    assert drift.patch == ""


def test_what_stands_elsewhere_than_in_the_sample_has_moved(tmp_path: Path) -> None:
    project = project_with(tmp_path)
    sample = tmp_path / "mappings/minato/samples/orders/a.csv"
    sample.parent.mkdir(parents=True)
    sample.write_bytes("倉庫,商品コード,在庫数,メモ\r\n".encode("cp932"))
    drift = find_drift(a_file(tmp_path, "メモ", "倉庫", "商品コード", "在庫数"), "minato/orders", project)
    assert drift.moved == ("メモ",)
    assert drift.patch == ""


def test_a_header_of_the_base_is_named_and_its_yaml_left_alone(tmp_path: Path) -> None:
    project = project_with(tmp_path)
    put(tmp_path, "minato/other", "mapping: minato/other\nbased_on: minato/orders\ncolumns: {}\n")
    drift = find_drift(a_file(tmp_path, "倉庫", "商品コード", "在庫数量"), "minato/other", project)
    assert drift.elsewhere == ("在庫数",)
    assert drift.patch == ""


def test_a_file_that_is_another_one_shows_none_of_its_cells(tmp_path: Path) -> None:
    project = project_with(tmp_path)
    with pytest.raises(FileRefusedError) as refused:
        find_drift(a_file(tmp_path, "山本 渚", "090-0000-0001", "3"), "minato/orders", project)
    assert "山本" not in refused.value.message
    with pytest.raises(FileRefusedError, match="utf-8"):
        find_drift(
            a_file(tmp_path, "倉庫", "商品コード", "在庫数", encoding="utf-8"), "minato/orders", project
        )
    (tmp_path / "file.csv").write_bytes(b"")
    with pytest.raises(FileRefusedError):
        find_drift(tmp_path / "file.csv", "minato/orders", project)


def test_columns_known_by_position_cannot_be_compared(tmp_path: Path) -> None:
    rows = MAPPING.replace(
        "encoding: cp932", "encoding: cp932, header: none, names: [倉庫, 商品コード, 在庫数, メモ]"
    )
    with pytest.raises(UsageError):
        find_drift(a_file(tmp_path, "main", "MUG", "3", ""), "minato/orders", project_with(tmp_path, rows))


def test_a_patch_that_would_break_the_mapping_is_not_written(tmp_path: Path) -> None:
    project = project_with(tmp_path)
    drift = find_drift(a_file(tmp_path, "倉庫", "商品コード(新)", "在庫数"), "minato/orders", project)
    broken = type(drift)(drift.mapping, (), (), (), (), drift.patch, drift.text.replace("qty:", "quantity:"))
    with pytest.raises(MappingError):
        write_patched(broken, project)
    assert (tmp_path / "mappings/minato/orders.yaml").read_text(encoding="utf-8") == MAPPING


SHIPPED = [
    one
    for one in (load_mapping(entry.name) for entry in list_mappings())
    if isinstance(one, InboundMapping)
    and one.file.header == "required"
    and not one.based_on
    and not one.settings
]


@pytest.mark.slow
@pytest.mark.parametrize("mapping", SHIPPED, ids=[one.mapping for one in SHIPPED])
def test_every_shipped_mapping_follows_renamed_columns(mapping: InboundMapping, tmp_path: Path) -> None:
    names = [one.names[0] for one in mapping.headers if one.nth == 1 and len(one.names) == 1]
    repeated = {one.names[0] for one in mapping.headers if one.nth > 1}
    # Another letter at the end of every third name: alike enough, and alike to no other.
    new = {name: f"{name}Ω" for name in names[::3] if name not in repeated}
    path = tmp_path / "file"
    cells = [new.get(one.names[0], one.names[0]) for one in mapping.headers]
    quoted = ['"' + cell.replace('"', '""') + '"' if mapping.file.has_quotes else cell for cell in cells]
    record = "\r\n" * mapping.file.preamble + mapping.file.delimiter.join(quoted) + "\r\n"
    path.write_bytes(record.encode(mapping.file.encoding))
    drift = find_drift(path, mapping.mapping, tmp_path)
    assert drift.renamed or not new
    assert {one.old for one in drift.renamed} <= set(new)
    written = write_patched(drift, tmp_path)
    assert check_file(written, tmp_path) == []
    again = find_drift(path, mapping.mapping, tmp_path)
    assert not again.renamed
    if not drift.removed:
        settled = dict.fromkeys(settings_named(mapping), "own")
        open_reader(path, with_settings(load_inbound(mapping.mapping, tmp_path), settled))
    assert written.read_text("utf-8").count("#") == mapping.path.read_text("utf-8").count("#")
