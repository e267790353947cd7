"""The catalogue finds mappings, and says what is wrong with one at its line and column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecsync.entities import ENTITIES
from ecsync.errors import MappingError
from ecsync.mapping.catalogue import (
    check_file,
    load_inbound,
    load_mapping,
    load_outbound,
)
from ecsync.mapping.listing import list_mappings
from ecsync.mapping.model_in import FromColumn
from mapping_project import INBOUND, OUTBOUND, TABLE, put

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = [entry.name for entry in list_mappings()]


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_mapping_is_right(name: str) -> None:
    mapping = load_mapping(name)
    assert check_file(mapping.path) == []
    assert mapping.mapping == name


def test_every_shipped_code_table_is_right() -> None:
    tables = {path for entry in list_mappings() for path in entry.path.parent.glob("tables/*.yaml")}
    assert tables
    assert [error for path in sorted(tables) for error in check_file(path)] == []


def test_every_canonical_frame_has_a_shipped_mapping() -> None:
    assert {load_mapping(name).entity for name in SHIPPED} == set(ENTITIES)


def test_a_projects_mapping_comes_before_the_shipped_one_and_beside_the_others(tmp_path: Path) -> None:
    put(tmp_path, "core/stock", INBOUND.replace("partner/stock", "core/stock"))
    put(tmp_path, "partner/stock", INBOUND)
    entries = {entry.name: entry for entry in list_mappings(tmp_path)}
    assert (entries["core/stock"].origin, entries["core/stock"].overrides) == ("project", True)
    assert (entries["partner/stock"].origin, entries["partner/stock"].overrides) == ("project", False)
    assert entries["core/products"].origin == "shipped"
    sku = load_inbound("core/stock", tmp_path).columns["sku"]
    assert isinstance(sku, FromColumn)
    assert sku.from_.names == ("商品コード",)


def test_a_mapping_that_is_not_there_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="no mapping rakuten/order") as caught:
        load_mapping("rakuten/order", tmp_path)
    assert "rakuten/orders" in caught.value.hint


@pytest.mark.parametrize("name", ["../secrets/x", "rakuten/../orders", "/etc/passwd", "rakuten", ""])
def test_a_name_cannot_leave_the_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(MappingError):
        load_mapping(name, tmp_path)


def test_a_mapping_of_the_wrong_direction_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "partner/stock", INBOUND)
    put(tmp_path, "partner/recall", OUTBOUND)
    with pytest.raises(MappingError, match="comes in"):
        load_outbound("partner/stock", tmp_path)
    with pytest.raises(MappingError, match="goes out"):
        load_inbound("partner/recall", tmp_path)


def test_the_fingerprint_moves_with_the_mapping_and_with_its_tables(tmp_path: Path) -> None:
    mapping = INBOUND.replace("entity: stock_levels", "entity: warehouse_events")
    columns = """\
columns:
  event_id: 番号
  kind: {const: shipped}
  carrier: {from: 会社, table: partner/carriers}
  at: {from: 日時, formats: ["%Y-%m-%d %H:%M"]}
"""
    mapping = mapping[: mapping.index("columns:")] + columns
    put(tmp_path, "partner/stock", mapping)
    table = put(tmp_path, "partner/tables/carriers", TABLE)
    first = load_mapping("partner/stock", tmp_path).fingerprint
    assert load_mapping("partner/stock", tmp_path).fingerprint == first
    table.write_text(TABLE + "  ゆうパック: japan_post\n", encoding="utf-8")
    second = load_mapping("partner/stock", tmp_path).fingerprint
    put(tmp_path, "partner/stock", mapping + "# a word\n")
    assert len({first, second, load_mapping("partner/stock", tmp_path).fingerprint}) == 3


def test_codes_of_a_table_are_compared_after_nfkc(tmp_path: Path) -> None:
    put(
        tmp_path,
        "partner/stock",
        INBOUND.replace("sku: {from: 商品コード, as: key}", "sku: {from: 商品コード, table: partner/names}"),
    )
    put(
        tmp_path,
        "partner/tables/names",
        "table: partner/names\ntitle: {ja: 名, en: Names}\nentries: {佐川（急便）: S}\n",
    )
    table = load_inbound("partner/stock", tmp_path).tables["partner/names"]
    assert table.on() == {"佐川(急便)": "S"}


def complaint(project: Path, name: str, text: str) -> tuple[int, int, str, str]:
    """Return line, column, message and hint of the first fault of a mapping."""
    path = put(project, name, text)
    error = check_file(path, project)[0]
    assert error.file == str(path)
    assert str(error).startswith(f"{path}:{error.line}:{error.column}: ")
    return error.line, error.column, error.message, error.hint


# old text -> new text, line and column of the fault, words of the message, words of the hint
INBOUND_FAULTS = [
    ("encoding: utf-8", "encodin: utf-8", 5, 1, "encoding is missing", ""),
    ("{encoding: utf-8}", "{encoding: utf-8, delimeter: x}", 5, 25, "no word", "mean delimiter?"),
    ("encoding: utf-8", "encoding: sjis", 5, 8, "must be one of", ""),
    ("nature: snapshot", "nature: often", 4, 1, "must be one of", ""),
    ("entity: stock_levels", "entity: stock_level", 3, 1, "no frame", "mean stock_levels?"),
    ("entity: stock_levels", "entity: recalls", 3, 1, "no frame", "stock_levels"),
    ("mapping: partner/stock", "mapping: partner/stack", 1, 1, "place makes it", "mapping: partner/stock"),
    ("  qty: 在庫数", "  qyt: 在庫数", 6, 1, "needs the column qty", ""),
    ("  qty: 在庫数", "  qty: 在庫数\n  qtty: 在庫数", 9, 3, "no column qtty", "mean qty?"),
    ("as: key", "as: yen", 7, 22, "cannot fill sku", "key"),
    ("as: key", "as: kee", 7, 22, "must be one of", ""),
    ("{from: 商品コード", "{form: 商品コード", 7, 3, "says nowhere", "from, join, first"),
    ("as: key", "optional: maybe", 7, 22, "true or false", ""),
    ("as: key", "zone: Asia/Edo", 7, 22, "no time zone", "Asia/Tokyo"),
    ("as: key", "table: partner/codes", 7, 22, "no code table", "mappings/partner/tables/codes.yaml"),
    ("as: key", 'formats: ["%Y"]', 7, 22, "belong to a date", ""),
    ("  qty: 在庫数", "  qty: {const: many}", 8, 9, "whole number", ""),
    ("  qty: 在庫数", "  qty: 在庫数\n  observed_at: 日時", 9, 3, "needs formats", "%Y"),
    ("  qty: 在庫数", "  qty: 在庫数\n  observed_at_offset: 差", 9, 3, "by itself", ""),
    (
        "  qty: 在庫数",
        '  qty: 在庫数\n  observed_at: {from: 日時, formats: ["%H:%M"]}',
        9,
        27,
        "whole date",
        "",
    ),
    ("  qty: 在庫数", '  qty: 在庫数\n  observed_at: {from: 日時, formats: ["%Q"]}', 9, 27, "no format", ""),
    ("nature: snapshot", "nature: snapshot\nduplicates: {key: [品番]}", 5, 14, "no header", "商品コード"),
    ("nature: snapshot", "nature: events", 1, 1, "duplicates", ""),
    (
        "nature: snapshot",
        "nature: snapshot\nas_of: {from: column, column: at}",
        5,
        23,
        "no time",
        "observed_at",
    ),
    ("nature: snapshot", "nature: snapshot\nunfixed: [-1]", 5, 1, "not fixed", ""),
    ("nature: snapshot", 'nature: snapshot\ntotals: ["qty = sku"]', 5, 10, "no amount", ""),
    (
        "{encoding: utf-8}",
        "{encoding: utf-8, header: none, names: [商品コード]}",
        5,
        39,
        "no 在庫数",
        "商品コード",
    ),
    ("title: {ja: 在庫, en: Stock}", "title: 在庫", 2, 1, "names and values", ""),
    ("  qty: 在庫数", "  qty: 在庫数\n  qty: 数", 9, 3, "stands twice", ""),
    ("{from: 商品コード, as: key}", "&a {from: 商品コード}", 7, 8, "anchors", "write the value out"),
    ("{from: 商品コード, as: key}", "!!python/object x", 7, 8, "tags", ""),
    ("{from: 商品コード, as: key}", "{from: 商品コード", 8, 6, "not YAML", ""),
]


@pytest.mark.parametrize(("old", "new", "line", "column", "message", "hint"), INBOUND_FAULTS)
def test_a_fault_of_an_inbound_mapping_is_told_with_its_place_and_its_fix(
    old: str, new: str, line: int, column: int, message: str, hint: str, tmp_path: Path
) -> None:
    assert old in INBOUND
    found = complaint(tmp_path, "partner/stock", INBOUND.replace(old, new))
    assert found[:2] == (line, column)
    assert message in found[2]
    assert hint in found[3]


OUTBOUND_FAULTS = [
    ("value: parcel_no", "value: parcel", 6, 5, "no column parcel", "mean parcel_no?"),
    ("value: parcel_no", "valu: parcel_no", 6, 5, "says nowhere", "value, join"),
    ("value: parcel_no", "value: parcel_no, as: percent", 6, 30, "does not fit", "text"),
    ("value: parcel_no", "value: parcel_no, format: x", 6, 30, "belongs to a date", ""),
    ("value: parcel_no", 'value: requested_on, format: "x"', 6, 33, "no format", ""),
    ("value: parcel_no", "value: parcel_no, part: 2, max_bytes: 9", 5, 1, "parts of parcel_no", ""),
    ("個口番号", "個口𠮷号", 6, 5, "U+20BB7", ""),
    ("value: parcel_no", "const: 𠮷", 6, 12, "U+20BB7", ""),
    ("value: parcel_no", "setting: name", 6, 12, "section.name", "sender.name"),
    ("value: parcel_no", "running: group", 6, 5, "record group", ""),
    ("value: parcel_no", 'value: parcel_no, again: ""', 6, 5, "record group", ""),
    ("value: parcel_no", "value: parcel_no, table: partner/x, on: reason", 6, 30, "no code table", ""),
    ("entity: recalls", "entity: recalls\ngroup: [parcel]", 4, 1, "no column parcel", ""),
    ("entity: recalls", "entity: products", 3, 1, "no frame", "recalls"),
    ("name: recall.csv", "name: ../recall.csv", 4, 1, "no slash", ""),
    ("value: parcel_no", "when: [{then: {running: file}}]", 6, 20, "column of its own", ""),
]


@pytest.mark.parametrize(("old", "new", "line", "column", "message", "hint"), OUTBOUND_FAULTS)
def test_a_fault_of_an_outbound_mapping_is_told_with_its_place_and_its_fix(
    old: str, new: str, line: int, column: int, message: str, hint: str, tmp_path: Path
) -> None:
    found = complaint(tmp_path, "partner/recall", OUTBOUND.replace(old, new))
    assert found[:2] == (line, column)
    assert message in found[2]
    assert hint in found[3]


def test_an_unknown_code_in_a_map_is_a_fault_at_that_code(tmp_path: Path) -> None:
    text = """\
mapping: partner/notices
title: {ja: 通知, en: Notices}
entity: shipping_notices
file: {encoding: cp932, name: n.csv}
columns:
  - 会社:
      value: carrier
      map:
        yamato: "1"
        sagwa: "2"
"""
    line, column, message, hint = complaint(tmp_path, "partner/notices", text)
    assert (line, column) == (10, 9)
    assert "sagwa" in message
    assert "mean sagawa?" in hint


def test_a_code_table_names_the_code_that_we_do_not_know(tmp_path: Path) -> None:
    path = put(tmp_path, "partner/tables/carriers", TABLE.replace("yamato", "kuroneko"))
    error = check_file(path)[0]
    assert (error.line, error.column) == (5, 3)
    assert "kuroneko is no code" in error.message
    assert "yamato" in error.hint


def test_a_code_that_stands_twice_after_nfkc_is_a_fault(tmp_path: Path) -> None:
    path = put(tmp_path, "partner/tables/carriers", TABLE + "  佐川(急便): seino\n")
    assert "twice" in check_file(path)[0].message


def test_a_dated_table_needs_the_day_and_comes_in_nowhere(tmp_path: Path) -> None:
    dated = TABLE.replace("クロネコ: yamato", "クロネコ: {value: yamato, until: 2026-09-30}")
    put(tmp_path, "partner/tables/carriers", dated)
    text = INBOUND.replace("as: key", "table: partner/carriers")
    assert "has dates" in complaint(tmp_path, "partner/stock", text)[2]
    text = OUTBOUND.replace("value: reason", "value: reason, table: partner/carriers")
    assert "say on:" in complaint(tmp_path, "partner/recall", text)[2]


def test_every_fault_of_a_file_is_told_in_its_order(tmp_path: Path) -> None:
    text = INBOUND.replace("商品コード, as: key", "商品コード, az: key").replace("snapshot", "always")
    errors = check_file(put(tmp_path, "partner/stock", text), tmp_path)
    assert [(error.line, error.column) for error in errors] == [(4, 1), (7, 22)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"", "list of words"),
        (b"- a\n- b\n", "list of words"),
        (b"a: 1\n" * 200_000, "larger than"),
        (b"a: " + b"[" * 60, "deeply"),
        (b"a: [" * 20_000, "deeply"),
        (b"? [a]\n: b\n", "a word is a text"),
        (b"a: \x00\n", "not YAML"),
    ],
)
def test_a_file_that_is_no_plain_small_yaml_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    path = put(tmp_path, "partner/stock", "")
    path.write_bytes(content)
    assert message in check_file(path)[0].message


def test_an_alias_bomb_is_refused_before_it_grows(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    path = put(tmp_path, "partner/stock", "\n".join(lines))
    assert "anchors" in check_file(path)[0].message


def test_plain_scalars_stay_what_they_look_like(tmp_path: Path) -> None:
    text = """\
mapping: partner/out
title: {ja: 値, en: Values}
entity: recalls
file: {encoding: cp932, name: out.csv}
columns:
  - a: {const: no}
  - b: {const: 0120}
  - c: {const: 1.10}
  - d: {const: 2026-11-24}
  - e: {const: 7}
  - f: {const: "true"}
"""
    put(tmp_path, "partner/out", text)
    sources = [source for _header, source in load_outbound("partner/out", tmp_path).named_columns]
    values = [source.model_dump(include={"const"})["const"] for source in sources]
    assert values == ["no", "0120", "1.10", "2026-11-24", "7", "true"]
