"""Each word of the mapping language, carried out: what a text becomes, and why one is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.entities import ENTITIES
from ecsync.mapping.convert import UNFIXED, Outcome, Refusal, text_reader
from ecsync.mapping.convert_times import date_reader, time_reader
from ecsync.mapping.rejects import ROW_REASONS
from ecsync.text.dates import parse_date, parse_time
from mapping_reading import Read, mapping_of, order_file, orders

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Convert = Callable[..., list[Any]]

ORDER = ENTITIES["order_lines"]
EVENT = ENTITIES["warehouse_events"]


def value(text: str, column: str, *, entity: str = "order_lines", **words: Any) -> Outcome:
    """Return what one text becomes in a column that is read with these words."""
    mapping = mapping_of({column: {"from": "h", **words}}, entity=entity, unfixed=[-9999])
    return text_reader(mapping.columns[column], ENTITIES[entity].by_name[column], mapping)(text)


def refused(text: str, column: str, **words: Any) -> str:
    outcome = value(text, column, **words)
    assert isinstance(outcome, Refusal)
    assert str(outcome.reason) in ROW_REASONS
    assert text not in "".join(outcome.params.values())
    return str(outcome.reason)


# --- as ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "column", "words", "expected"),
    [
        (" 山田 太郎\u3000", "buyer_name", {}, "山田 太郎"),
        ("ＡＢＣ－１", "buyer_name", {}, "ＡＢＣ－１"),
        (" ＡＢＣ－１ ", "sku_code", {"as": "key"}, "ABC-1"),
        ("00123", "sku_code", {"as": "key"}, "00123"),
        ("3E001", "sku_code", {"as": "key"}, "3E001"),
        ("1E5", "sku_code", {"as": "key"}, "1E5"),
        ("#12", "sku_code", {"as": "key"}, "#12"),
        ("1,234", "goods", {}, 1234),
        ("１２３４円", "goods", {}, 1234),
        ("¥-500", "goods", {}, -500),
        ("3300.00", "goods", {}, 3300),
        ("-9999", "goods", {}, UNFIXED),
        ("-9999", "qty", {}, -9999),
        ("", "goods", {}, None),
        ("　", "goods", {}, None),
        ("0012", "qty", {}, 12),
        ("0.1", "tax_rate", {}, 1000),
        ("0.08", "tax_rate", {}, 800),
        (".08", "tax_rate", {}, 800),
        ("0", "tax_rate", {}, 0),
        ("10%", "tax_rate", {}, 1000),
        ("１０％", "tax_rate", {}, 1000),
        ("10", "tax_rate", {"unit": "percent"}, 1000),
        ("8.0", "tax_rate", {"unit": "percent"}, 800),
        ("8%", "tax_rate", {"unit": "percent"}, 800),
        ("0.5", "tax_rate", {"unit": "percent"}, 50),
        ("", "tax_rate", {}, None),
        ("1", "checking_flag", {}, 1),
        ("０", "checking_flag", {}, 0),
        ("", "checking_flag", {}, 0),
        ("有", "checking_flag", {"map": {"有": "1", "無": "0"}}, 1),
        ("ready", "order_status", {}, "ready"),
        ("ｒｅａｄｙ", "order_status", {}, "ready"),
        ("123-4567", "buyer_postcode", {"as": "postcode"}, "1234567"),
        ("〒１２３－４５６７", "buyer_postcode", {"as": "postcode"}, "1234567"),
        ("090-0000-0001", "buyer_phone", {"as": "phone"}, "090-0000-0001"),
        ("09000000001", "buyer_phone", {"as": "phone"}, "09000000001"),
        ("90-0000-0001", "buyer_phone", {"as": "phone"}, "090-0000-0001"),
        ("2026/11/24", "wished_date", {"formats": ["%Y-%m-%d", "%Y/%m/%d"]}, "2026-11-24"),
        ("11/4/2026", "wished_date", {"formats": ["%m/%d/%Y"]}, "2026-11-04"),
        ("0000-00-00", "wished_date", {"formats": ["%Y-%m-%d"], "empty": ["0000-00-00"]}, ""),
    ],
)
def test_a_text_is_read_as_its_column_says(
    text: str, column: str, words: dict[str, Any], expected: Any
) -> None:
    assert value(text, column, **words) == expected


@pytest.mark.parametrize(
    ("text", "column", "words", "reason"),
    [
        ("1.23E+12", "line_id", {"as": "key"}, "excel_scientific"),
        ("６.21E+11", "line_id", {"as": "key"}, "excel_scientific"),
        ("#NAME?", "sku_code", {"as": "key"}, "excel_damage"),
        ("####", "sku_code", {"as": "key"}, "excel_damage"),
        ("1.2E+05", "goods", {}, "excel_scientific"),
        ("千円", "goods", {}, "not_a_number"),
        ("10.5", "goods", {}, "fraction"),
        ("9" * 15, "goods", {}, "too_large"),
        ("3 個", "qty", {}, "not_a_number"),
        ("10", "tax_rate", {}, "not_a_rate"),
        ("1", "tax_rate", {}, "not_a_rate"),
        ("十", "tax_rate", {"unit": "percent"}, "not_a_rate"),
        ("200%", "tax_rate", {}, "not_a_rate"),
        ("2", "checking_flag", {}, "not_a_flag"),
        ("はい", "checking_flag", {}, "not_a_flag"),
        ("READY", "order_status", {}, "unknown_code"),
        ("123456", "buyer_postcode", {"as": "postcode"}, "not_a_postcode"),
        ("9.0E+10", "buyer_phone", {"as": "phone"}, "excel_scientific"),
        ("12345", "buyer_phone", {"as": "phone"}, "not_a_phone"),
        ("令和8年", "wished_date", {"formats": ["%Y-%m-%d"]}, "not_a_date"),
        ("2026-02-30", "wished_date", {"formats": ["%Y-%m-%d"]}, "not_a_date"),
    ],
)
def test_a_text_that_is_something_else_is_refused(
    text: str, column: str, words: dict[str, Any], reason: str
) -> None:
    assert refused(text, column, **words) == reason


def test_a_blank_text_is_absent_unless_it_is_required() -> None:
    read = {"formats": ["%Y-%m-%d"]}
    assert value(" ", "wished_date", **read) == ""
    assert value(" ", "wished_date", required=True, **read) == Refusal("required")


@pytest.mark.parametrize(
    ("text", "reason"), [("6.21E+11", "excel_scientific"), ("なし", "not_digits"), ("123", "wrong_length")]
)
def test_a_tracking_number_that_is_none_is_refused(text: str, reason: str) -> None:
    assert refused(text, "tracking_no", entity="warehouse_events", **{"as": "tracking"}) == reason


def test_a_tracking_number_is_digits() -> None:
    assert (
        value("6212-3456-7890", "tracking_no", entity="warehouse_events", **{"as": "tracking"})
        == "621234567890"
    )


# --- map, table, before, empty -----------------------------------------------------------------------------


def test_codes_compare_after_nfkc() -> None:
    words = {"map": {"ローソン、郵便局ATM等（前払）": "convenience", "１": "card"}}
    assert value("ローソン、郵便局ＡＴＭ等(前払)", "payment_method", **words) == "convenience"
    assert value(" 1 ", "payment_method", **words) == "card"


def test_an_unknown_code_names_the_known_ones_as_the_mapping_writes_them() -> None:
    outcome = value("現金", "payment_method", map={"コンビニ（前払）": "convenience", "カード": "card"})
    assert outcome == Refusal("unknown_code", {"known": "カード, コンビニ（前払）"})


def test_long_lists_of_codes_are_cut() -> None:
    outcome = value("x", "delivery_method", map={f"c{n:03}": "y" for n in range(99)})
    assert isinstance(outcome, Refusal)
    assert outcome.params["known"].endswith("c039, ...")


def test_a_blank_cell_may_be_a_code() -> None:
    assert value("", "payment_method", map={"": "other", "1": "card"}) == "other"
    assert value("", "payment_method", map={"1": "card"}) == ""


def test_a_code_that_means_absent_is_absent() -> None:
    assert value("", "wished_slot", map={"0": "", "1": "am"}) == ""
    assert value("0", "wished_slot", map={"0": "", "1": "am"}) == ""
    assert value("なし", "wished_slot", map={"1": "am"}, empty=["なし"]) == ""


def test_a_table_is_a_map_in_a_file_of_its_own(tmp_path: Path) -> None:
    mapping = orders(
        {"wished_slot": {"from": "時間帯", "table": "shop/slots"}},
        tables={"shop/slots": {"０１": "am", "0": ""}},
    )
    path = tmp_path / "orders.csv"
    path.write_text(order_file({"時間帯": ["01", "0", "", "99"]}, 4), encoding="utf-8")
    found = Read(path, mapping)
    assert found.column("wished_slot") == ["am", "", ""]
    assert [(reject.line, reject.reason, reject.params) for reject in found.rejects] == [
        (5, "unknown_code", {"known": "0, ０１"})
    ]


def test_the_part_before_a_sign_is_kept() -> None:
    assert value("000001-20261101-1", "shop_id", before="-") == "000001"
    assert value("なし", "shop_id", before="-") == "なし"


# --- times -------------------------------------------------------------------------------------------------

FORMATS = ["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%m/%d/%Y %H:%M"]


@pytest.mark.parametrize(
    ("text", "utc", "offset"),
    [
        ("2026-11-22 08:00:00", "2026-11-21T23:00:00Z", 540),
        ("2026/11/22 8:05", "2026-11-21T23:05:00Z", 540),
        ("12/10/2023 22:24", "2023-12-10T13:24:00Z", 540),
        ("２０２６-11-22 08:00:00", "2026-11-21T23:00:00Z", 540),
    ],
)
def test_a_time_is_kept_in_utc_with_its_offset(text: str, utc: str, offset: int) -> None:
    assert value(text, "ordered_at", formats=FORMATS) == (utc, offset)


def test_a_time_may_name_its_own_offset() -> None:
    formats = ["%Y-%m-%dT%H:%M:%S%z"]
    assert value("2026-11-22T08:00:00+09:00", "ordered_at", formats=formats) == ("2026-11-21T23:00:00Z", 540)
    assert value("2026-11-22T08:00:00Z", "ordered_at", formats=formats) == ("2026-11-22T08:00:00Z", 0)
    assert value("2026-11-22T08:00:00-0330", "ordered_at", formats=formats) == ("2026-11-22T11:30:00Z", -210)


def test_a_time_without_an_offset_is_in_the_declared_zone() -> None:
    read = {"formats": ["%Y-%m-%d %H:%M:%S"], "zone": "America/New_York"}
    assert value("2026-07-01 12:00:00", "ordered_at", **read) == ("2026-07-01T16:00:00Z", -240)
    assert value("2026-01-01 12:00:00", "ordered_at", **read) == ("2026-01-01T17:00:00Z", -300)


@pytest.mark.parametrize(
    "text", ["2026-11-22 24:00:00", "2026-02-30 08:00:00", "2026-11-22", "1026-11-22 08:00:00"]
)
def test_a_time_that_is_none_is_refused(text: str) -> None:
    assert refused(text, "ordered_at", formats=FORMATS) == "not_a_time"


MOMENTS = st.builds(
    datetime.combine,
    st.dates(min_value=date(1900, 1, 2), max_value=date(2999, 12, 30)),
    st.builds(time, st.integers(0, 23), st.integers(0, 59), st.integers(0, 59)),
)
TIME_FORMS = st.sampled_from(
    [
        "%Y-%m-%d %H:%M:%S",
        "%Y/%m/%d %H:%M:%S",
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%dT%H:%M:%S%z",
        "%d.%m.%Y %H:%M:%S",
    ]
)
MANGLES = st.sampled_from(
    [str, lambda text: text.replace("0", "０"), lambda text: text[:-1], lambda text: f"{text}9"]
)


@given(
    moment=MOMENTS, form=TIME_FORMS, first=TIME_FORMS, minutes=st.integers(-12 * 60, 14 * 60), mangle=MANGLES
)
def test_the_short_way_reads_times_as_the_long_way_does(
    moment: datetime, form: str, first: str, minutes: int, mangle: Callable[[str], str]
) -> None:
    offset = timedelta(minutes=minutes)
    written = mangle(
        moment.replace(tzinfo=UTC).strftime(form.replace("%z", ""))
        + (_offset(offset) if "%z" in form else "")
    )
    zone = ZoneInfo("Asia/Tokyo")
    assert time_reader([first, form], "Asia/Tokyo")(written) == parse_time(written, [first, form], zone)


def _offset(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


@given(
    day=st.dates().filter(lambda day: 1900 <= day.year <= 2999),
    form=st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%m/%d/%Y"]),
    mangle=MANGLES,
)
def test_the_short_way_reads_dates_as_the_long_way_does(
    day: Any, form: str, mangle: Callable[[str], str]
) -> None:
    written = mangle(day.strftime(form))
    assert date_reader([form])(written) == parse_date(written, [form])


# --- join, first, sum, const, when -------------------------------------------------------------------------


@pytest.fixture
def convert(tmp_path: Path) -> Convert:
    """Return what becomes of columns of cells in one canonical column, and what is put aside."""

    def run(column: str, source: dict[str, Any], cells: dict[str, list[str]], **words: Any) -> list[Any]:
        count = len(next(iter(cells.values())))
        path = tmp_path / "orders.csv"
        path.write_text(order_file(cells, count), encoding="utf-8")
        found = Read(path, orders({column: source}, **words))
        values = dict(zip(found.column("src_line"), found.column(column), strict=True))
        aside = {reject.line: (reject.reason, reject.column, reject.value) for reject in found.rejects}
        assert not set(values) & set(aside)
        return [found for _line, found in sorted({**values, **aside}.items())]

    return run


def test_parts_are_joined_and_blank_ones_left_out(convert: Convert) -> None:
    cells = {"姓": ["山田", "", " 佐藤 ", ""], "名": ["太郎", "花子", "", "\u3000"]}
    assert convert("buyer_name", {"join": ["姓", "名"], "separator": " "}, cells) == [
        "山田 太郎",
        "花子",
        "佐藤",
        "",
    ]


def test_a_postcode_in_two_parts_gets_its_zeros_back(convert: Convert) -> None:
    cells = {"〒1": ["123", "60", "１", ""], "〒2": ["4567", "1", "23", ""]}
    source = {"join": ["〒1", "〒2"], "pad": [3, 4], "as": "postcode"}
    assert convert("buyer_postcode", source, cells) == ["1234567", "0600001", "0010023", ""]


def test_a_single_cell_gets_its_zeros_back_too(convert: Convert) -> None:
    source = {"join": ["〒"], "pad": [7], "as": "postcode"}
    assert convert("buyer_postcode", source, {"〒": ["600001", "2310005", "", "060-0001"]}) == [
        "0600001",
        "2310005",
        "",
        "0600001",
    ]


def test_a_code_of_a_rate_means_basis_points(convert: Convert) -> None:
    source = {"from": "税区分", "map": {"10": "1000", "軽減": "800", "": "1000"}}
    assert convert("tax_rate", source, {"税区分": ["10", "軽減", ""]}) == [1000, 800, 1000]


def test_half_a_postcode_is_refused_with_both_columns(convert: Convert) -> None:
    source = {"join": ["〒1", "〒2"], "pad": [3, 4], "as": "postcode"}
    assert convert("buyer_postcode", source, {"〒1": ["123"], "〒2": [""]}) == [
        ("not_a_postcode", "〒1 + 〒2", "123 | ")
    ]


def test_a_phone_in_three_parts_gets_the_zero_back_that_a_spreadsheet_took(convert: Convert) -> None:
    cells = {
        "1": ["090", "90", "3", ""],
        "2": ["0000", "0000", "0000", "03-0000"],
        "3": ["0001", "0002", "0003", "0004"],
    }
    source = {"join": ["1", "2", "3"], "separator": "-", "as": "phone"}
    expected = ["090-0000-0001", "090-0000-0002", "03-0000-0003", "03-0000-0004"]
    assert convert("buyer_phone", source, cells) == expected


def test_the_first_that_is_not_blank_is_taken(convert: Convert) -> None:
    cells = {"a": ["x", " ", ""], "b": ["y", "y", ""]}
    assert convert("sku_code", {"first": ["a", "b"], "as": "key"}, cells) == ["x", "y", ""]


def test_headers_that_a_file_lacks_count_as_blank(convert: Convert) -> None:
    source = {"first": [{"name": "ない", "optional": True}, "b"], "as": "key"}
    assert convert("sku_code", source, {"b": ["y"]}) == ["y"]
    joined = {"join": ["b", {"name": "ない", "optional": True}], "separator": "/"}
    assert convert("ship_address", joined, {"b": ["y"]}) == ["y"]


def test_amounts_are_summed_and_nothing_stays_nothing(convert: Convert) -> None:
    cells = {"a": ["1", "", "-9999", "x", ""], "b": ["2", "5", "1", "1", ""]}
    source = {"sum": ["a", "b"]}
    assert convert("wrapping", source, cells, unfixed=[-9999]) == [
        3,
        5,
        None,
        ("not_a_number", "a + b", "x | 1"),
        None,
    ]


def test_a_constant_stands_in_every_row(convert: Convert) -> None:
    assert convert("currency", {"const": "JPY"}, {"x": ["", ""]}) == ["JPY", "JPY"]
    assert convert("price_includes_tax", {"const": 1}, {"x": [""]}) == [1]


def test_the_first_case_that_fits_is_taken_and_only_its_cells_are_read(convert: Convert) -> None:
    source = {
        "when": [
            {"if": {"種別": "商品"}, "then": "額"},
            {"if": {"種別": ["送料", "手数料"], "国": "日本"}, "then": {"from": "別", "as": "yen"}},
            {"if": {"種別": "値引"}, "then": {"const": "-1"}},
        ]
    }
    cells = {
        "種別": ["商品", "送料", "送料", "値引", "", "商品"],
        "国": ["", "日本", "米国", "", "", ""],
        "額": ["10", "たくさん", "x", "x", "x", "y"],
        "別": ["x", "20", "x", "x", "x", "x"],
    }
    assert convert("goods", source, cells) == [
        10,
        20,
        None,
        -1,
        None,
        ("not_a_number", "額 / 別", "y"),
    ]


def test_a_case_without_a_condition_always_fits(convert: Convert) -> None:
    source = {"when": [{"if": {"種別": "A"}, "then": {"const": "a"}}, {"then": "他"}]}
    assert convert("noshi", source, {"種別": ["A", "B"], "他": ["x", "y"]}) == ["a", "y"]


def test_times_of_several_cases_keep_their_offsets(tmp_path: Path) -> None:
    source = {
        "when": [
            {"if": {"種別": "A"}, "then": {"from": "時", "formats": ["%Y-%m-%dT%H:%M:%S%z"]}},
            {"if": {"種別": "B"}, "then": {"from": "時", "formats": ["%Y-%m-%d %H:%M:%S"]}},
        ]
    }
    cells = {"種別": ["B", "A", "C"], "時": ["2026-11-22 09:00:00", "2026-11-22T09:00:00Z", "x"]}
    path = tmp_path / "orders.csv"
    path.write_text(order_file(cells, 3), encoding="utf-8")
    found = Read(path, orders({"updated_at": source}))
    assert found.column("updated_at") == ["2026-11-22T00:00:00Z", "2026-11-22T09:00:00Z", ""]
    assert found.column("ordered_at_offset") == [540, 540, 540]


def test_an_address_is_checked_as_a_whole(convert: Convert) -> None:
    cells = {
        "県": ["東京都", "東京都", "", "大阪", "東京都港区芝公園", "東京都港区"],
        "市": ["千代田区", "千代田区", "千代田区", "大阪市", "4-2-8", "芝公園"],
        "地": ["神田1-2-3", "神田", "神田1-2-3", "一丁目", "", ""],
    }
    assert convert("ship_address_ok", {"join": ["県", "市", "地"], "as": "address_check"}, cells) == [
        1,
        0,
        0,
        1,
        1,
        0,
    ]


@given(texts=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8), min_size=1))
def test_a_join_is_what_python_would_join(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    cells = {"a": texts, "b": texts[::-1], "c": [""] * len(texts)}
    path = tmp_path_factory.mktemp("join") / "orders.csv"
    path.write_bytes(order_file(cells, len(texts)).encode())
    found = Read(path, orders({"noshi": {"join": ["a", "b", "c"], "separator": "/"}}))
    expected = [
        "/".join(p.strip() for p in (a, b) if p.strip()).strip()
        for a, b in zip(texts, texts[::-1], strict=True)
    ]
    assert found.column("noshi") == expected
