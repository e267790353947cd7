"""The vocabulary: what each word says, and what is refused because it says nothing."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from ecsync.mapping.catalogue import json_schema
from ecsync.mapping.model import Header, InboundMapping, MappingWord, OutboundMapping
from ecsync.mapping.model_in import (
    ConstColumn,
    FirstColumn,
    FromColumn,
    InColumn,
    JoinColumn,
    SumColumn,
    WhenColumn,
)
from ecsync.mapping.model_out import (
    ChosenColumn,
    FixedColumn,
    JoinedColumn,
    OutColumn,
    PositionColumn,
    RunningColumn,
    SettingColumn,
    ValueColumn,
)
from ecsync.mapping.model_total import parse_formula

IN_COLUMN: TypeAdapter[Any] = TypeAdapter(InColumn)
OUT_COLUMN: TypeAdapter[Any] = TypeAdapter(OutColumn)
MAPPING: TypeAdapter[Any] = TypeAdapter(MappingWord)
TITLE = {"ja": "在庫", "en": "Stock"}


def inbound(**words: Any) -> dict[str, Any]:
    return {
        "mapping": "partner/stock",
        "title": TITLE,
        "entity": "stock_levels",
        "nature": "snapshot",
        "file": {"encoding": "cp932"},
        "columns": {"sku": "品番", "qty": "在庫数"},
        **words,
    }


def outbound(**words: Any) -> dict[str, Any]:
    return {
        "mapping": "partner/recall",
        "title": TITLE,
        "entity": "recalls",
        "file": {"encoding": "cp932", "name": "recall.csv"},
        "columns": [{"個口番号": {"value": "parcel_no"}}],
        **words,
    }


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("注文番号", FromColumn),
        ({"from": "注文番号"}, FromColumn),
        ({"join": ["姓", "名"]}, JoinColumn),
        ({"first": ["品番", "型番"]}, FirstColumn),
        ({"sum": ["料金1", "料金2"]}, SumColumn),
        ({"const": "JPY"}, ConstColumn),
        ({"when": [{"if": {"区分": "1"}, "then": "甲"}]}, WhenColumn),
    ],
)
def test_the_source_word_says_what_an_inbound_column_is(written: Any, kind: type) -> None:
    assert type(IN_COLUMN.validate_python(written)) is kind


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ({"value": "qty"}, ValueColumn),
        ({"join": ["ship_city", "ship_address"]}, JoinedColumn),
        ({"const": ""}, FixedColumn),
        ({"setting": "sender.name"}, SettingColumn),
        ({"running": "file"}, RunningColumn),
        ({"position": {"single": "2000", "first": "2110", "middle": "2100", "last": "2101"}}, PositionColumn),
        ({"when": [{"then": {"const": "1"}}]}, ChosenColumn),
    ],
)
def test_the_source_word_says_what_an_outbound_column_is(written: Any, kind: type) -> None:
    assert type(OUT_COLUMN.validate_python(written)) is kind


@pytest.mark.parametrize(
    "written",
    [
        {"as": "yen"},  # no source
        {"from": "A", "join": ["B", "C"]},  # two sources
        {"join": ["A"]},  # nothing to glue
        {"join": ["A", "B"], "pad": [3]},  # a width is missing
        {"from": "A", "map": {"1": "x"}, "table": "p/t"},  # two code lists
        {"const": "x", "formats": ["%Y"]},  # a word that would do nothing
        {"when": [{"then": "A"}], "as": "yen"},  # the case reads, not the when
        {"when": []},
        {"from": {"name": "A", "any": ["B"]}},
        {"from": {"nth": 2}},
        {"from": "A", "default": "0"},  # an inbound column has no default
        7,
        None,
    ],
)
def test_an_inbound_column_that_says_nothing_or_too_much_is_refused(written: Any) -> None:
    with pytest.raises(ValidationError):
        IN_COLUMN.validate_python(written)


@pytest.mark.parametrize(
    "written",
    [
        {"value": "a", "part": 1},  # a part of which size
        {"value": "a", "on": "b"},  # a day for no table
        {"value": "a", "map": {"1": "x"}, "table": "p/t"},
        {"const": "x", "max_bytes": 3},
        {"running": "page"},
        {"position": {"single": "1"}},
        {"value": "a", "overflow": "ignore"},
        {"from": "A"},
        "qty",
    ],
)
def test_an_outbound_column_that_says_nothing_or_too_much_is_refused(written: Any) -> None:
    with pytest.raises(ValidationError):
        OUT_COLUMN.validate_python(written)


def test_a_header_has_spellings_and_a_place_among_equal_ones() -> None:
    plain = Header.model_validate("電話番号")
    second = Header.model_validate({"any": ["電話番号", "TEL"], "nth": 2, "optional": True})
    assert (plain.names, plain.nth, plain.optional) == (("電話番号",), 1, False)
    assert (second.names, second.nth, second.optional) == (("電話番号", "TEL"), 2, True)


def test_an_optional_column_makes_each_of_its_headers_optional() -> None:
    column = IN_COLUMN.validate_python({"first": ["A", "B"], "optional": True})
    assert [header.optional for header in column.headers] == [True, True]


def test_a_mapping_lists_each_header_once_and_required_where_any_column_requires_it() -> None:
    mapping = InboundMapping.model_validate(
        inbound(
            columns={
                "sku": {"from": "品番"},
                "qty": {"first": [{"name": "在庫数", "optional": True}, "在庫数"]},
            },
            skip_rows_when=[{"区分": "計"}],
        )
    )
    assert {(h.names[0], h.optional) for h in mapping.headers} == {
        ("品番", False),
        ("在庫数", False),
        ("区分", False),
    }


def test_headers_that_differ_only_in_width_are_one() -> None:
    mapping = InboundMapping.model_validate(inbound(columns={"sku": "ＳＫＵ", "qty": "SKU"}))
    assert len(mapping.headers) == 1


def test_the_key_of_duplicates_is_told_in_canonical_columns() -> None:
    mapping = InboundMapping.model_validate(inbound(duplicates={"key": ["品番"]}))
    assert mapping.duplicate_key() == ("sku",)
    assert InboundMapping.model_validate(inbound()).duplicate_key() == ()


def test_events_without_a_key_are_refused() -> None:
    with pytest.raises(ValidationError, match="duplicates"):
        InboundMapping.model_validate(inbound(nature="events"))


def test_a_list_of_columns_goes_out_and_a_table_of_columns_comes_in() -> None:
    assert isinstance(MAPPING.validate_python(inbound()), InboundMapping)
    assert isinstance(MAPPING.validate_python(outbound()), OutboundMapping)


def test_outbound_columns_keep_the_partners_order() -> None:
    columns = [{"b": {"const": "1"}}, {"a": {"const": "2"}}, {"b": {"const": "3"}}]
    assert OutboundMapping.model_validate(outbound(columns=columns)).header == ("b", "a", "b")


@pytest.mark.parametrize(
    "file",
    [
        {"encoding": "shift_jis"},
        {"encoding": "cp932", "header": "none"},  # by position, but which
        {"encoding": "cp932", "names": ["a"]},
        {"encoding": "cp932", "header": "none", "names": ["a", "a"]},
        {"encoding": "cp932", "delimiter": "||"},
        {"encoding": "cp932", "preamble": -1},
    ],
)
def test_a_file_that_cannot_be_read_so_is_refused(file: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        InboundMapping.model_validate(inbound(file=file))


@pytest.mark.parametrize("name", ["a/b.csv", ".hidden", "{dat}.csv", "x{date.csv", "", "a\\b"])
def test_a_file_name_that_is_unsafe_or_unclear_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        OutboundMapping.model_validate(outbound(file={"encoding": "cp932", "name": name}))


@pytest.mark.parametrize("encoding", ["euc_jp", "iso2022_jp", "shift_jis"])
def test_nothing_goes_out_in_an_encoding_without_a_fold(encoding: str) -> None:
    with pytest.raises(ValidationError):
        OutboundMapping.model_validate(outbound(file={"encoding": encoding, "name": "a.csv"}))


@pytest.mark.parametrize(
    "as_of",
    [
        {"from": "name"},
        {"from": "column"},
        {"from": "mtime", "pattern": "{date}"},
        {"from": "clock"},
        {"from": "name", "pattern": "stock.csv"},
    ],
)
def test_an_as_of_names_what_it_needs(as_of: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        InboundMapping.model_validate(inbound(as_of=as_of))


def test_a_total_is_a_sum_of_names_with_signs() -> None:
    formula = parse_formula("billed = goods + shipping - points")
    assert (formula.target, formula.plus, formula.minus) == ("billed", ("goods", "shipping"), ("points",))


@pytest.mark.parametrize(
    "text",
    [
        "billed",
        "billed = goods * 2",
        "billed = -goods",
        "billed = goods + goods",
        "billed = billed",
        "b = 3",
        "b =",
    ],
)
def test_a_total_is_nothing_else(text: str) -> None:
    with pytest.raises(ValueError, match="total"):
        parse_formula(text)


def test_a_total_may_have_several_readings() -> None:
    mapping = InboundMapping.model_validate(inbound(totals=["a = b", {"any": ["a = b + c", "a = b"]}]))
    assert [len(total.formulas) for total in mapping.totals] == [1, 2]
    assert mapping.totals[1].names == {"a", "b", "c"}


def test_conditions_take_one_value_or_several_and_whole_numbers_as_text() -> None:
    mapping = InboundMapping.model_validate(inbound(skip_rows_when=[{"区分": 9}, {"種別": ["計", 8]}]))
    assert mapping.skip_rows_when == ({"区分": ("9",)}, {"種別": ("計", "8")})


def test_a_mapping_cannot_be_changed() -> None:
    mapping = InboundMapping.model_validate(inbound())
    with pytest.raises(ValidationError):
        mapping.nature = "state"


def test_the_schema_for_editors_knows_both_directions_and_the_short_forms() -> None:
    schema = json_schema()
    assert {"InboundMapping", "OutboundMapping", "Header", "Case"} <= set(schema["$defs"])
    assert {"type": "string"} in schema["$defs"]["FromColumn"]["anyOf"]
    assert schema["$defs"]["InboundMapping"]["additionalProperties"] is False
