"""The writer: the partner's bytes, whole record groups or none, and never a question mark."""

from __future__ import annotations

import csv
import hashlib
import io
import tracemalloc
from datetime import date, time
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.errors import ConfigurationError
from ecsync.mapping.catalogue import load_outbound
from ecsync.mapping.inverse import as_received
from ecsync.mapping.model import CodeTable, OutboundMapping
from ecsync.mapping.writer import Change, WriteOptions, Written, file_name, write_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., tuple[Written, bytes]]

INSTRUCTION = {
    "parcel_no": "P1",
    "line_no": 1,
    "channel": "rakuten1",
    "order_no": "000001-20261124-0000000001",
    "warehouse": "main",
    "ship_date": "2026-11-24",
    "sku": "MUG",
    "qty": 2,
}


def mapping_of(
    *columns: Any, entity: str = "shipping_instructions", group: Any = (), **file: Any
) -> OutboundMapping:
    return OutboundMapping.model_validate(
        {
            "mapping": "partner/out",
            "title": {"ja": "外", "en": "Out"},
            "entity": entity,
            "group": group,
            "file": {"encoding": "cp932", "name": "out.csv", **file},
            "columns": [{f"c{number}": column} for number, column in enumerate(columns, start=1)],
        }
    )


def batch_of(mapping: OutboundMapping, rows: list[dict[str, Any]]) -> pa.RecordBatch:
    names = [column.name for column in mapping.frame.columns]
    if any("business_key" in row for row in rows):
        names.append("business_key")
    kinds = {c.name: pa.int64() if c.is_integer else pa.string() for c in mapping.frame.columns}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in names])
    full = [
        {name: row.get(name, None if kinds.get(name) == pa.int64() else "") for name in names} for row in rows
    ]
    return pa.RecordBatch.from_pylist(full, schema=schema)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def run(mapping: OutboundMapping, rows: list[dict[str, Any]], size: int = 1_000, **settings: str) -> Any:
        target = tmp_path / "out"
        batch = batch_of(mapping, rows)
        batches = [batch.slice(start, size) for start in range(0, batch.num_rows, size)]
        written = write_file(mapping, batches, target, WriteOptions(settings))
        return written, target.read_bytes()

    return run


def cells(content: bytes, encoding: str = "cp932") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(encoding), newline="")))


WORDS = [
    ({"value": "sku"}, {"sku": "MUG-白"}, "MUG-白"),
    ({"value": "qty"}, {"qty": 12_345}, "12345"),
    ({"value": "cod_amount"}, {"cod_amount": -3_300}, "-3300"),
    ({"value": "cod_amount"}, {"cod_amount": None}, ""),
    ({"value": "cod_amount", "default": "0"}, {"cod_amount": None}, "0"),
    ({"value": "cod_amount", "default": "0"}, {"cod_amount": 5}, "5"),
    ({"value": "ship_date"}, {"ship_date": "2026-11-05"}, "2026-11-05"),
    ({"value": "ship_date", "format": "%Y/%m/%d"}, {"ship_date": "2026-11-05"}, "2026/11/05"),
    ({"value": "ship_date", "format": "%Y%m%d"}, {"ship_date": "2026-11-05"}, "20261105"),
    ({"value": "wished_date", "format": "%Y/%m/%d"}, {"wished_date": ""}, ""),
    ({"value": "payment_method", "map": {"cod": "2"}, "default": "0"}, {"payment_method": "cod"}, "2"),
    ({"value": "payment_method", "map": {"cod": "2"}, "default": "0"}, {"payment_method": "card"}, "0"),
    ({"value": "payment_method", "map": {"cod": "2"}, "default": "0"}, {"payment_method": ""}, "0"),
    ({"value": "payment_method", "map": {"cod": "2", "": "9"}}, {"payment_method": ""}, "9"),
    ({"value": "payment_method", "map": {"cod": "2"}}, {"payment_method": ""}, ""),
    ({"const": "固定"}, {}, "固定"),
    ({"setting": "sender.name"}, {}, "波止場商店"),
    ({"setting": "sender.name", "max_bytes": 6, "overflow": "cut"}, {}, "波止場"),
    ({"join": ["ship_city", "ship_address"]}, {"ship_city": "港区", "ship_address": "芝1-2"}, "港区芝1-2"),
    ({"join": ["ship_city", "ship_address"], "separator": " "}, {"ship_address": "芝1-2"}, "芝1-2"),
    ({"join": ["sku", "qty"], "separator": "x"}, {"sku": "MUG", "qty": 2}, "MUGx2"),
    ({"value": "noshi", "max_bytes": 4, "overflow": "cut"}, {"noshi": "御祝い"}, "御祝"),
    ({"value": "noshi", "max_bytes": 5, "overflow": "cut"}, {"noshi": "御祝い"}, "御祝"),
    ({"value": "noshi", "max_bytes": 6}, {"noshi": "御祝い"}, "御祝い"),
    ({"when": [{"if": {"payment_method": "cod"}, "then": {"value": "cod_amount"}}]}, {"cod_amount": 9}, ""),
    (
        {"when": [{"if": {"payment_method": "cod"}, "then": {"value": "cod_amount"}}]},
        {"cod_amount": 9, "payment_method": "cod"},
        "9",
    ),
    (
        {"when": [{"if": {"qty": [1, 2]}, "then": {"const": "few"}}, {"then": {"const": "many"}}]},
        {"qty": 2},
        "few",
    ),
    (
        {"when": [{"if": {"qty": [1, 2]}, "then": {"const": "few"}}, {"then": {"const": "many"}}]},
        {"qty": 3},
        "many",
    ),
]


@pytest.mark.parametrize(("column", "row", "text"), WORDS)
def test_each_word_writes_what_it_says(column: Any, row: dict[str, Any], text: str, write: Write) -> None:
    setting = {"sender.name": "波止場商店"}
    written, content = write(mapping_of(column), [{**INSTRUCTION, **row}], **setting)
    assert cells(content)[1:] == ([[text]] if text else [[]])
    assert (written.row_count, written.refused) == (1, ())


RATES = [("percent", 1000, "10"), ("percent", 825, "8.25"), ("percent", 0, "0"), ("fraction", 800, "0.08")]


@pytest.mark.parametrize(
    ("writing", "rate", "text"), [*RATES, ("text", 1000, "1000"), ("number", 800, "800")]
)
def test_a_rate_is_written_as_the_partner_counts_it(writing: str, rate: int, text: str, write: Write) -> None:
    mapping = mapping_of({"value": "tax_rate", "as": writing}, entity="core_entries")
    assert cells(write(mapping, [{"tax_rate": rate}])[1])[1] == [text]


FAULTS = [
    ({"value": "ship_name"}, {"ship_name": "𩸽田 花子"}, "unencodable", "U+29E3D"),
    ({"value": "ship_name"}, {"ship_name": "花子😀"}, "unencodable", "U+1F600"),
    ({"value": "ship_name"}, {"ship_name": "花\0子"}, "control", "U+0000"),
    ({"value": "noshi", "max_bytes": 5}, {"noshi": "御祝い"}, "too_long", ""),
    ({"value": "qty", "max_bytes": 3}, {"qty": 1000}, "too_long", ""),
    ({"value": "payment_method", "map": {"cod": "2"}}, {"payment_method": "card"}, "unknown_code", ""),
    (
        {"value": "ship_address", "part": 1, "max_bytes": 4},
        {"ship_address": "東京都港区芝1-2-3"},
        "too_long",
        "",
    ),
]


@pytest.mark.parametrize(("column", "row", "rule", "code_point"), FAULTS)
def test_a_text_that_cannot_be_written_keeps_its_row_back(
    column: Any, row: dict[str, Any], rule: str, code_point: str, write: Write
) -> None:
    bad = {**INSTRUCTION, **row}
    good = {**INSTRUCTION, "parcel_no": "P2", "payment_method": "cod", "qty": 1}
    written, content = write(mapping_of(column, {"value": "parcel_no"}), [bad, good])
    assert [line[-1] for line in cells(content)[1:]] == ["P2"]
    assert [(one.business_key, one.column, one.rule, one.code_point) for one in written.refused] == [
        ("P1:1", "c1", rule, code_point)
    ]
    assert b"?" not in content


def test_a_case_that_is_not_chosen_keeps_nothing_back(write: Write) -> None:
    column = {"when": [{"if": {"payment_method": "cod"}, "then": {"value": "ship_name"}}]}
    written, _content = write(mapping_of(column), [{**INSTRUCTION, "ship_name": "𩸽"}])
    assert (written.row_count, written.refused) == (1, ())


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_one_bad_row_keeps_its_whole_record_group_back_wherever_batches_end(size: int, write: Write) -> None:
    mapping = mapping_of({"value": "parcel_no"}, {"value": "item_name"}, group=["parcel_no"])
    rows = [
        {**INSTRUCTION, "parcel_no": parcel, "line_no": line, "item_name": name}
        for parcel, line, name in [
            ("A", 1, "皿"),
            ("A", 2, "椀"),
            ("B", 1, "箸"),
            ("B", 2, "𩸽"),
            ("B", 3, "匙"),
            ("C", 1, "鉢"),
        ]
    ]
    written, content = write(mapping, rows, size)
    assert [line[0] for line in cells(content)[1:]] == ["A", "A", "C"]
    assert {one.business_key for one in written.refused} == {"B:1", "B:2", "B:3"}
    assert written.row_count == 3


@pytest.mark.parametrize("size", [1, 2, 100])
def test_one_bad_row_keeps_its_whole_business_key_back(size: int, write: Write) -> None:
    mapping = mapping_of({"value": "item_name"})
    rows = [
        {**INSTRUCTION, "item_name": name, "business_key": key}
        for key, name in [("K1", "皿"), ("K1", "𩸽"), ("K2", "椀"), ("K2", "鉢")]
    ]
    written, content = write(mapping, rows, size)
    assert [line[0] for line in cells(content)[1:]] == ["椀", "鉢"]
    assert [one.business_key for one in written.refused] == ["K1"]


MARKS = {"single": "2000", "first": "2110", "middle": "2100", "last": "2101"}


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_position_and_running_numbers_follow_the_record_group(size: int, write: Write) -> None:
    mapping = mapping_of(
        {"position": MARKS}, {"running": "group"}, {"running": "file"}, {"value": "sku"}, group=["parcel_no"]
    )
    rows = [{**INSTRUCTION, "parcel_no": parcel, "sku": parcel} for parcel in "AABCCCC"]
    _written, content = write(mapping, rows, size)
    assert cells(content)[1:] == [
        ["2110", "1", "1", "A"],
        ["2101", "2", "2", "A"],
        ["2000", "1", "3", "B"],
        ["2110", "1", "4", "C"],
        ["2100", "2", "5", "C"],
        ["2100", "3", "6", "C"],
        ["2101", "4", "7", "C"],
    ]


@pytest.mark.parametrize("size", [1, 2, 100])
def test_further_rows_of_a_group_say_the_partner_s_mark_for_as_above(size: int, write: Write) -> None:
    mapping = mapping_of({"value": "order_no", "again": "〃"}, {"value": "sku"}, group=["parcel_no"])
    rows = [
        {**INSTRUCTION, "parcel_no": parcel, "order_no": "R-1", "sku": sku}
        for parcel, sku in ("AX", "AY", "BX")
    ]
    assert cells(write(mapping, rows, size)[1])[1:] == [["R-1", "X"], ["〃", "Y"], ["R-1", "X"]]


def test_where_the_first_row_of_a_group_cannot_be_written_none_says_as_above(write: Write) -> None:
    mapping = mapping_of({"value": "order_no", "again": "〃"}, {"value": "item_name"}, group=["parcel_no"])
    rows = [
        {**INSTRUCTION, "parcel_no": p, "order_no": p, "item_name": name} for p, name in ("A𩸽", "A皿", "B皿")
    ]
    assert cells(write(mapping, rows)[1])[1:] == [["B", "皿"]]


def test_running_numbers_of_the_file_leave_no_gap_where_a_row_was_kept_back(write: Write) -> None:
    mapping = mapping_of({"running": "file"}, {"value": "ship_name"})
    rows = [{**INSTRUCTION, "line_no": n, "ship_name": name} for n, name in enumerate(["花", "𩸽", "月"])]
    assert cells(write(mapping, rows)[1])[1:] == [["1", "花"], ["2", "月"]]


def test_the_parts_of_an_address_join_to_it_and_each_fits(write: Write) -> None:
    columns = [{"value": "ship_address", "part": part, "max_bytes": 16} for part in (1, 2, 3)]
    address = "芝公園四丁目2-8 東京タワービル 1201号室"
    _written, content = write(mapping_of(*columns), [{**INSTRUCTION, "ship_address": address}])
    parts = cells(content)[1]
    assert "".join(parts) == address
    assert all(len(part.encode("cp932")) <= 16 for part in parts)


def test_a_dated_code_is_the_one_of_the_rows_day(write: Write) -> None:
    mapping = mapping_of({"value": "carrier", "table": "p/t", "on": "ship_date"}, entity="shipping_notices")
    table = CodeTable.model_validate(
        {
            "table": "p/t",
            "title": {"ja": "表", "en": "Table"},
            "entries": {
                "yamato": [
                    {"value": "old", "until": "2026-09-30"},
                    {"value": "new", "from": "2026-10-01"},
                ]
            },
        }
    )
    rows = [
        {"order_no": str(n), "carrier": "yamato", "ship_date": day}
        for n, day in enumerate(["2026-09-30", "2026-10-01"])
    ]
    _written, content = write(mapping.placed(mapping.path, "", {"p/t": table}), rows)
    assert cells(content)[1:] == [["old"], ["new"]]


def test_a_replaced_sign_is_reported_and_never_a_question_mark(write: Write) -> None:
    row = {**INSTRUCTION, "ship_name": "波〜平−か\u3099", "business_key": "P1"}
    written, content = write(mapping_of({"value": "ship_name"}), [row])
    assert cells(content)[1] == ["波～平－が"]
    assert written.changes == (
        Change("c1", "U+2212", "－", 1, "P1"),
        Change("c1", "U+301C", "～", 1, "P1"),
        Change("c1", "U+304B U+3099", "が", 1, "P1"),
    )


def test_a_sign_is_told_once_for_all_rows_with_the_first_of_them(write: Write) -> None:
    rows = [{**INSTRUCTION, "line_no": n, "ship_name": "〜" if n % 2 else f"波〜{n}"} for n in range(1200)]
    written, _content = write(mapping_of({"value": "ship_name"}), rows)
    first = f"{INSTRUCTION['parcel_no']}:0"
    assert written.changes == (Change("c1", "U+301C", "～", 1200, first),)


def test_a_cut_is_told_apart_from_a_replaced_sign(write: Write) -> None:
    row = {**INSTRUCTION, "item_name": "波〜平", "business_key": "P1"}
    written, content = write(mapping_of({"value": "item_name", "max_bytes": 5, "overflow": "cut"}), [row])
    assert cells(content)[1] == ["波～"]
    assert written.changes == (Change("c1", "", "", 1, "P1"), Change("c1", "U+301C", "～", 1, "P1"))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "|", "%"])
def test_formula_starters_go_to_a_partner_unchanged(start: str, write: Write) -> None:
    text = start + "SUM(A1)"
    _written, content = write(mapping_of({"value": "item_name"}), [{**INSTRUCTION, "item_name": text}])
    assert cells(content)[1:] == [[text]]


QUOTES = [
    ("minimal", "皿", "皿"),
    ("minimal", "皿,椀", '"皿,椀"'),
    ("minimal", '皿"椀', '"皿""椀"'),
    ("minimal", "皿\n椀", '"皿\n椀"'),
    ("all", "皿", '"皿"'),
    ("all", "", '""'),
    ("none", "皿", "皿"),
]


@pytest.mark.parametrize(("quote", "text", "bytes_"), QUOTES)
def test_quotes_are_the_partners(quote: str, text: str, bytes_: str, write: Write) -> None:
    mapping = mapping_of({"value": "noshi"}, quote=quote, header=False)
    assert write(mapping, [{**INSTRUCTION, "noshi": text}])[1] == (bytes_ + "\r\n").encode("cp932")


@pytest.mark.parametrize("text", ["皿,椀", '皿"', "皿\n椀"])
def test_without_quotes_a_text_that_needs_them_is_kept_back(text: str, write: Write) -> None:
    written, content = write(mapping_of({"value": "noshi"}, quote="none"), [{**INSTRUCTION, "noshi": text}])
    assert content == b"c1\r\n"
    assert written.refused[0].rule == "delimiter"


FILES: list[tuple[dict[str, Any], bytes]] = [
    ({}, "c1\r\n皿\r\n".encode("cp932")),
    ({"newline": "lf"}, "c1\n皿\n".encode("cp932")),
    ({"header": False}, "皿\r\n".encode("cp932")),
    ({"final_newline": False}, "c1\r\n皿".encode("cp932")),
    ({"encoding": "utf-8"}, "c1\r\n皿\r\n".encode()),
    ({"encoding": "utf-8-sig"}, b"\xef\xbb\xbf" + "c1\r\n皿\r\n".encode()),
    ({"encoding": "utf-16"}, b"\xff\xfe" + "c1\r\n皿\r\n".encode("utf-16-le")),
    ({"encoding": "utf-16be"}, "c1\r\n皿\r\n".encode("utf-16-be")),
    ({"preamble": [["版", "1"], ["注"]]}, "版,1\r\n注\r\nc1\r\n皿\r\n".encode("cp932")),
    ({"delimiter": "\t", "preamble": [["a", "b"]]}, "a\tb\r\nc1\r\n皿\r\n".encode("cp932")),
]


@pytest.mark.parametrize(("file", "content"), FILES)
def test_the_file_is_written_as_the_partner_has_it(
    file: dict[str, Any], content: bytes, write: Write
) -> None:
    written, found = write(mapping_of({"value": "noshi"}, **file), [{**INSTRUCTION, "noshi": "皿"}])
    assert found == content
    assert (written.size, written.sha256) == (len(content), hashlib.sha256(content).hexdigest())


def test_without_rows_there_is_the_header_and_nothing_counts(write: Write) -> None:
    written, content = write(mapping_of({"value": "noshi"}), [])
    assert (content, written.row_count) == (b"c1\r\n", 0)


def test_a_missing_setting_is_named(write: Write) -> None:
    with pytest.raises(ConfigurationError, match=r"partner/out needs the setting sender\.name"):
        write(mapping_of({"setting": "sender.name"}), [INSTRUCTION])


@given(
    texts=st.lists(st.text(max_size=12), min_size=1, max_size=8),
    size=st.sampled_from([1, 2, 5]),
)
def test_what_is_written_reads_back_as_its_fold(texts: list[str], size: int, tmp_path_factory: Any) -> None:
    mapping = mapping_of({"value": "sku"}, {"value": "item_name"})
    rows = [{**INSTRUCTION, "line_no": n, "sku": str(n), "item_name": text} for n, text in enumerate(texts)]
    target = tmp_path_factory.getbasetemp() / "law"
    batch = batch_of(mapping, rows)
    written = write_file(mapping, [batch.slice(n, size) for n in range(0, len(rows), size)], target)
    found = {int(line[0]): line[1] for line in cells(target.read_bytes())[1:]}
    refused = {int(one.business_key.partition(":")[2]) for one in written.refused}
    assert refused.isdisjoint(found)
    assert refused | set(found) == set(range(len(texts)))
    assert all(as_received(mapping, "item_name", texts[n]) == text for n, text in found.items())


@given(data=st.data())
def test_batches_do_not_show_in_the_bytes(data: st.DataObject, tmp_path_factory: Any) -> None:
    mapping = mapping_of(
        {"position": MARKS}, {"running": "file"}, {"value": "item_name"}, group=["parcel_no"], quote="all"
    )
    names = data.draw(st.lists(st.sampled_from(["皿", "𩸽", "a,b", ""]), min_size=1, max_size=12))
    parcels = sorted(data.draw(st.lists(st.sampled_from("ABC"), min_size=len(names), max_size=len(names))))
    rows = [
        {**INSTRUCTION, "parcel_no": p, "line_no": n, "item_name": name}
        for n, (p, name) in enumerate(zip(parcels, names, strict=True))
    ]
    batch = batch_of(mapping, rows)
    size = data.draw(st.integers(1, len(rows)))
    target = tmp_path_factory.getbasetemp() / "batches"
    whole = write_file(mapping, [batch], target)
    pieces = write_file(mapping, [batch.slice(n, size) for n in range(0, len(rows), size)], target)
    assert whole == pieces


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    mapping = mapping_of({"value": "sku"}, {"value": "item_name"}, {"value": "qty"}, group=["parcel_no"])
    batch = batch_of(
        mapping, [{**INSTRUCTION, "parcel_no": f"P{n}", "item_name": f"皿{n}"} for n in range(2_000)]
    )

    def peak(times: int) -> int:
        tracemalloc.start()
        write_file(mapping, (batch for _n in range(times)), tmp_path / "out")
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(1)
    assert peak(20) < peak(4) * 1.5


NAMES = [
    ("normal-item.csv", "normal-item.csv"),
    ("b2_{date:%Y%m%d}_{seq:03}.csv", "b2_20261124_007.csv"),
    ("{party}-{date}.csv", "rakuten1-20261124.csv"),
    ("{seq}.csv", "7.csv"),
    ("quantity{date:%Y%m%d}{time:%H%M}{part:02}.csv", "quantity20261124093002.csv"),
    ("{time}-{part}.csv", "0930-2.csv"),
]


@pytest.mark.parametrize(("pattern", "name"), NAMES)
def test_a_file_name_holds_day_time_numbers_and_party(pattern: str, name: str) -> None:
    mapping = mapping_of({"const": ""}, name=pattern)
    day, clock = date(2026, 11, 24), time(9, 30, 15)
    assert file_name(mapping, date=day, clock=clock, sequence=7, part=2, party="rakuten1") == name


def test_files_of_at_most_so_many_rows_have_names_of_their_own() -> None:
    assert mapping_of({"const": ""}, name="a_{seq:03}.csv", max_rows=1).file.max_rows == 1
    with pytest.raises(ValueError, match="one name"):
        mapping_of({"const": ""}, name="a_{date}.csv", max_rows=20_000)


@pytest.mark.parametrize("party", ["../x", "a\\b", "a\nb"])
def test_a_party_cannot_lead_a_file_elsewhere(party: str) -> None:
    with pytest.raises(ConfigurationError):
        file_name(mapping_of({"const": ""}, name="{party}"), date=date(2026, 11, 24), sequence=1, party=party)


def test_yayoi_tax_classes_follow_the_day_and_unknown_ones_hold_the_entry_back(write: Write) -> None:
    mapping = load_outbound("yayoi/journals")
    line = {
        "entry_date": "2026-11-24",
        "debit_account": "売掛金",
        "debit_tax": "out_of_scope",
        "debit_amount": 110,
        "credit_account": "売上高",
        "credit_tax": "sale:included:1000",
        "credit_amount": 110,
    }
    rows = [{**line, "entry_no": 1}, {**line, "entry_no": 2, "credit_tax": "sale:included:500"}]
    written, content = write(mapping, rows)
    assert [one.rule for one in written.refused] == ["unknown_code"]
    (row,) = cells(content)
    assert len(row) == 25
    assert (row[0], row[7], row[13], row[19], row[24]) == ("2000", "対象外", "課税売上込10%", "0", "no")
