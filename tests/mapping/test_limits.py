"""What a partner takes of a value, and what keeps a row back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ecsync.errors import MappingError
from ecsync.mapping.catalogue import check_file
from ecsync.mapping.cell_text import WRITE_RULES
from ecsync.mapping.model import OutboundMapping
from ecsync.mapping.writer import WriteOptions, write_file
from mapping_project import OUTBOUND, put

TODAY = "2026-11-24"


def mapping(column: dict[str, Any], **file: Any) -> OutboundMapping:
    return OutboundMapping.model_validate(
        {
            "mapping": "partner/out",
            "title": {"ja": "試験", "en": "test"},
            "entity": "parcels",
            "file": {"encoding": "cp932", "name": "x.csv", "header": False, **file},
            "columns": [{"列": column}],
        }
    )


def written(tmp_path: Path, made: OutboundMapping, today: str = TODAY, **row: Any) -> tuple[str, str, str]:
    """Return the cell, and the rule and code point that refused it."""
    columns = made.frame.columns
    schema = pa.schema([(c.name, pa.int64() if c.is_integer else pa.string()) for c in columns])
    rows = [{c.name: row.get(c.name, None if c.is_integer else "") for c in columns}]
    target = tmp_path / "x.csv"
    result = write_file(made, [pa.RecordBatch.from_pylist(rows, schema)], target, WriteOptions(today=today))
    refused = result.refused[0] if result.refused else None
    cell = target.read_bytes().decode("cp932").strip()
    return cell, refused.rule if refused else "", refused.code_point if refused else ""


COD = {"value": "cod_amount", "minimum": 1, "maximum": 300_000}
SHIP = {"value": "ship_date", "format": "%Y/%m/%d", "days": {"from": 0, "until": 30}}
PHONE = {"value": "ship_phone", "required": True}
KANA = {"value": "ship_kana", "as": "half_kana", "max_bytes": 6}
CHARS = {"value": "ship_name", "max_chars": 4}
MARKED = {"value": "parcel_no", "between": ["<", ">"], "max_bytes": 5}
CASES: list[tuple[dict[str, Any], str, Any, tuple[str, str, str]]] = [
    (COD, "cod_amount", 300_000, ("300000", "", "")),
    (COD, "cod_amount", 300_001, ("", "too_large", "")),
    (COD, "cod_amount", 0, ("", "too_small", "")),
    (COD, "cod_amount", None, ("", "", "")),
    (SHIP, "ship_date", "2026-11-24", ("2026/11/24", "", "")),
    (SHIP, "ship_date", "2026-12-24", ("2026/12/24", "", "")),
    (SHIP, "ship_date", "2026-11-23", ("", "too_early", "")),
    (SHIP, "ship_date", "2026-12-25", ("", "too_late", "")),
    (CHARS, "ship_name", "山本山本", ("山本山本", "", "")),
    (CHARS, "ship_name", "yamam", ("", "too_long", "")),
    ({**CHARS, "overflow": "cut"}, "ship_name", "yamamoto", ("yama", "", "")),
    (MARKED, "parcel_no", "P01", ("<P01>", "", "")),
    (MARKED, "parcel_no", "", ("", "", "")),
    (MARKED, "parcel_no", "P012", ("", "too_long", "")),
    (PHONE, "ship_phone", "", ("", "missing", "")),
    (PHONE, "ship_phone", "09000000001", ("09000000001", "", "")),
    (KANA, "ship_kana", "ギサ", ("ｷﾞｻ", "", "")),
    (KANA, "ship_kana", "ナギサナギサ", ("", "too_long", "")),
    (KANA, "ship_kana", "山", ("", "not_kana", "U+5C71")),
]


@pytest.mark.parametrize(("column", "name", "value", "told"), CASES)
def test_what_a_column_takes(
    tmp_path: Path, column: dict[str, Any], name: str, value: Any, told: tuple[str, str, str]
) -> None:
    assert written(tmp_path, mapping(column), **{name: value}) == told
    assert told[1] in {"", *WRITE_RULES}


def test_days_are_not_asked_where_nobody_says_which_day_it_is(tmp_path: Path) -> None:
    assert written(tmp_path, mapping(SHIP), today="", ship_date="1999-01-01")[0] == "1999/01/01"


@pytest.mark.parametrize(
    ("words", "text", "told"),
    [
        ({}, "髙①", ("髙①", "", "")),
        ({"characters": "jis"}, "髙①", ("高(1)", "", "")),
        ({"characters": "jis"}, "草彅", ("", "unencodable", "U+5F45")),
        ({"characters": "jis", "replace": {"彅": "なぎ"}}, "草彅", ("草なぎ", "", "")),
        # A shop that does not want the table's form writes the sign as itself.
        ({"characters": "jis", "replace": {"髙": "髙"}}, "髙①", ("", "unencodable", "U+9AD9")),
        ({}, "𠮷🍊", ("", "unencodable", "U+1F34A")),
        ({"emoji": "drop"}, "𠮷🍊", ("吉", "", "")),
        ({"emoji": "drop"}, "🍊", ("", "", "")),
        ({"emoji": "drop", "required": True}, "🍊", ("", "missing", "")),
    ],
)
def test_characters_of_the_receiver(
    tmp_path: Path, words: dict[str, Any], text: str, told: tuple[str, str, str]
) -> None:
    of_file = {word: value for word, value in words.items() if word in {"characters", "replace"}}
    column = {"value": "ship_name", **{word: value for word, value in words.items() if word not in of_file}}
    assert written(tmp_path, mapping(column, **of_file), ship_name=text) == told


@pytest.mark.parametrize("key", ["parcel_no", "order_no"])
@pytest.mark.parametrize("text", ["髙1", "①", "𠮷", "é"])
def test_a_key_is_never_written_in_another_form(tmp_path: Path, key: str, text: str) -> None:
    made = mapping({"value": key}, characters="jis")
    assert written(tmp_path, made, **{key: text})[1] == "unencodable"


def test_a_key_of_invisible_signs_is_none(tmp_path: Path) -> None:
    assert written(tmp_path, mapping({"value": "parcel_no"}), parcel_no="\u200b\xad") == ("", "missing", "")
    assert written(tmp_path, mapping({"value": "noshi"}), noshi="\u200b\xad") == ("", "", "")


@pytest.mark.parametrize("sign", "\x01\x07\x1b\x7f\x85")
def test_a_control_sign_keeps_its_row_back(tmp_path: Path, sign: str) -> None:
    made = mapping({"value": "ship_name"})
    assert written(tmp_path, made, ship_name=f"花{sign}") == ("", "control", f"U+{ord(sign):04X}")


def test_a_setting_may_be_left_out_where_it_has_a_default(tmp_path: Path) -> None:
    assert written(tmp_path, mapping({"setting": "sender.building", "default": "-"}))[0] == "-"


FAULTS = {
    "minimum: 1": ("ship_name", "no amount"),
    "maximum: 1": ("ship_date", "no amount"),
    "days: {from: 0, until: 1}": ("units", "no date"),
    "as: half_kana": ("units", "half_kana"),
}


@pytest.mark.parametrize("words", FAULTS)
def test_a_limit_that_does_not_fit_its_column_is_a_fault(tmp_path: Path, words: str) -> None:
    value, message = FAULTS[words]
    path = tmp_path / "mappings" / "partner" / "out.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(
        "mapping: partner/out\ntitle: {ja: 試験, en: test}\nentity: parcels\n"
        f"file: {{encoding: cp932, name: x.csv}}\ncolumns:\n  - 列: {{value: {value}, {words}}}\n",
        encoding="utf-8",
    )
    faults = check_file(path, tmp_path)
    assert [message in str(fault) for fault in faults] == [True]
    assert all(isinstance(fault, MappingError) for fault in faults)


def test_joined_texts_are_split_like_one(tmp_path: Path) -> None:
    joined = {"join": ["ship_city", "ship_address"], "max_chars": 12}
    made = mapping({**joined, "part": 1}).model_dump(by_alias=True, exclude_unset=True)
    made["columns"] = [{"一": {**joined, "part": 1}}, {"二": {**joined, "part": 2}}]
    where = {"ship_city": "港区見本", "ship_address": "1-2-3 見本荘101"}
    whole = written(tmp_path, OutboundMapping.model_validate(made), **where)
    assert whole == ("港区見本1-2-3 ,見本荘101", "", "")


def test_a_long_setting_is_cut_at_sensible_places(tmp_path: Path) -> None:
    made = OutboundMapping.model_validate(
        {
            "mapping": "partner/out",
            "title": {"ja": "試験", "en": "test"},
            "entity": "recalls",
            "file": {"encoding": "cp932", "name": "x.csv", "header": False},
            "columns": [
                {"住所1": {"setting": "sender.address", "part": 1, "max_bytes": 32}},
                {"住所2": {"setting": "sender.address", "part": 2, "max_bytes": 32}},
            ],
        }
    )
    row = {"parcel_no": "P1", "channel": "c", "order_no": "o", "warehouse": "main", "reason": "x"}
    schema = pa.schema([(c.name, pa.string()) for c in made.frame.columns])
    batch = pa.RecordBatch.from_pylist([{**row, "requested_on": TODAY}], schema)
    target = tmp_path / "x.csv"
    options = WriteOptions(settings={"sender.address": "神奈川県横浜市中区本町1-1 みなと波止場ビル3階"})
    write_file(made, [batch], target, options)
    assert target.read_bytes().decode("cp932").strip() == "神奈川県横浜市中区本町1-1 ,みなと波止場ビル3階"


def test_what_the_layout_has_no_place_for_keeps_its_row_back(tmp_path: Path) -> None:
    words = mapping({"value": "parcel_no"}).model_dump(by_alias=True, exclude_unset=True)
    made = OutboundMapping.model_validate({**words, "takes_only": {"代引": {"cod_amount": ""}}})
    assert written(tmp_path, made, parcel_no="P1") == ("P1", "", "")
    assert written(tmp_path, made, parcel_no="P1", cod_amount=0) == ("", "not_taken", "")
    assert written(tmp_path, made, parcel_no="P1", cod_amount=3410) == ("", "not_taken", "")


def test_a_condition_names_canonical_columns(tmp_path: Path) -> None:
    text = OUTBOUND.replace("columns:", 'takes_only: {代引: {cod_amuont: ""}}\ncolumns:')
    (error,) = check_file(put(tmp_path, "partner/recall", text), tmp_path)
    assert "cod_amuont" in str(error)


def test_a_byte_order_mark_is_no_part_of_a_text(tmp_path: Path) -> None:
    text = OUTBOUND.replace("cp932", "utf-8-sig").replace("{value: reason}", '{const: "060", max_bytes: 3}')
    assert check_file(put(tmp_path, "partner/recall", text.replace(", max_bytes: 3", "")), tmp_path) == []
    text = text.replace("const", "setting: sender.size, default").replace("max_bytes", "max_chars")
    assert check_file(put(tmp_path, "partner/recall", text), tmp_path) == []
    assert check_file(put(tmp_path, "partner/recall", text.replace("max_chars", "max_bytes")), tmp_path) == []
    (error,) = check_file(
        put(tmp_path, "partner/recall", text.replace("max_chars: 3", "max_chars: 2")), tmp_path
    )
    assert "2" in str(error)
