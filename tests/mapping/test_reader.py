"""A partner's file becomes the canonical frame; what cannot be used is put aside with its reason."""

from __future__ import annotations

import csv
import io
import traceback
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecsync.entities import ENTITIES
from ecsync.errors import FileRefusedError
from ecsync.mapping import parse
from ecsync.mapping.catalogue import load_inbound
from ecsync.mapping.reader import ReadOptions
from ecsync.mapping.rejects import ROW_REASONS
from mapping_reading import ORDER, ORDER_HEADER, Read, as_csv, mapping_of, order_file, orders, stock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ecsync.mapping.model import InboundMapping

    ReadText = Callable[..., Read]


@pytest.fixture
def read(tmp_path: Path) -> ReadText:
    def write_and_read(
        text: str | bytes, mapping: InboundMapping, options: ReadOptions | None = None
    ) -> Read:
        path = tmp_path / "partner.csv"
        encoding = mapping.file.encoding
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return Read(path, mapping, options)

    return write_and_read


@pytest.fixture
def refusal(read: ReadText) -> Callable[..., FileRefusedError]:
    def refuse(text: str | bytes, mapping: InboundMapping) -> FileRefusedError:
        with pytest.raises(FileRefusedError) as caught:
            read(text, mapping)
        return caught.value

    return refuse


# --- the frame ---------------------------------------------------------------------------------------------


def test_a_row_becomes_the_canonical_frame(read: ReadText) -> None:
    found = read(order_file(), orders(file={"encoding": "cp932"}))
    row = found.rows[0]
    expected = {
        "order_no": "A-1",
        "ordered_at": "2026-11-21T23:00:00Z",
        "ordered_at_offset": 540,
        "order_status": "ready",
        "payment_method": "card",
        "line_id": "1",
        "unit_price": 1200,
        "qty": 2,
        "src_line": 2,
    }
    assert {name: row[name] for name in expected} == expected
    assert (found.reader.rows_in, found.reader.rows_skipped, found.reader.unknown_columns) == (1, 0, ())


def test_a_batch_has_every_column_of_the_entity_with_its_type(read: ReadText) -> None:
    batch = read(order_file(), orders()).batches[0].rows
    entity = ENTITIES["order_lines"]
    assert batch.schema.names == [*entity.column_names, "src_line", "src_totals_gap"]
    for column in entity.columns:
        assert batch.schema.field(column.name).type == (pa.int64() if column.is_integer else pa.string())
    assert batch.schema.field("src_line").type == pa.int64()


def test_a_column_that_the_mapping_does_not_fill_is_blank_or_null(read: ReadText) -> None:
    row = read(order_file(), orders()).rows[0]
    assert (row["buyer_name"], row["updated_at"], row["wished_date"]) == ("", "", "")
    assert (row["goods"], row["checking_flag"], row["tax_rate"], row["src_totals_gap"]) == (
        None,
        None,
        None,
        None,
    )
    assert row["unfixed_flag"] == 0


def test_frames_without_orders_have_no_totals(read: ReadText) -> None:
    batch = read("商品コード,在庫数\nA,1\n", stock()).batches[0].rows
    assert batch.schema.names == ["sku", "qty", "observed_at", "observed_at_offset", "src_line"]


def test_a_file_without_rows_yields_nothing(read: ReadText) -> None:
    found = read("商品コード,在庫数\n", stock())
    assert (found.rows, found.reader.rows_in) == ([], 0)


def test_a_headerless_file_is_read_by_position(read: ReadText) -> None:
    file = {"header": "none", "names": ["商品コード", "x", "在庫数"]}
    found = read("A,-,1\nB,-,2\n", stock(file=file))
    assert [(row["sku"], row["qty"], row["src_line"]) for row in found.rows] == [("A", 1, 1), ("B", 2, 2)]


def test_a_preamble_is_passed_over(read: ReadText) -> None:
    found = read("※取扱注意\n期間,2026\n商品コード,在庫数\nA,1\n", stock(file={"preamble": 2}))
    assert found.column("src_line") == [4]


def test_tabs_delimit(read: ReadText) -> None:
    assert read("商品コード\t在庫数\nA,B\t1\n", stock(file={"delimiter": "\t"})).column("sku") == ["A,B"]


# --- headers -----------------------------------------------------------------------------------------------


def test_headers_may_stand_in_any_order_and_width(read: ReadText) -> None:
    mapping = mapping_of(
        {"sku": {"from": "SKU(コード)", "as": "key"}, "qty": "在庫数"}, entity="stock_levels"
    )
    assert read("在庫数, ＳＫＵ（ｺｰﾄﾞ） \n3,A\n", mapping).column("qty") == [3]


def test_a_header_may_have_several_spellings(read: ReadText) -> None:
    mapping = mapping_of(
        {"sku": {"from": {"any": ["SKU", "商品コード"]}, "as": "key"}, "qty": "在庫数"}, entity="stock_levels"
    )
    assert read("商品コード,在庫数\nA,1\n", mapping).column("sku") == ["A"]
    assert read("在庫数,SKU\n1,B\n", mapping).column("sku") == ["B"]


def test_the_nth_of_equal_headers_is_meant(read: ReadText) -> None:
    columns = {"sku": {"from": {"name": "コード", "nth": 2}, "as": "key"}, "qty": "在庫数"}
    mapping = mapping_of(columns, entity="stock_levels")
    assert read("コード,コード,在庫数\nA,B,1\n", mapping).column("sku") == ["B"]


def test_a_doubled_header_is_refused_where_which_one_is_meant_is_not_known(
    refusal: Any, read: ReadText
) -> None:
    error = refusal("商品コード,在庫数,商品コード\nA,1,B\n", stock())
    assert (error.reason, error.params["doubled"]) == ("header_doubled", "商品コード")
    assert read("商品コード,在庫数,備考,備考\nA,1,x,y\n", stock()).column("sku") == ["A"]


def test_a_missing_column_refuses_the_file_and_names_what_is_there(refusal: Any) -> None:
    error = refusal("商品コード,数量\nA,1\n", stock())
    assert (error.reason, error.line) == ("header_missing", 1)
    assert error.params == {"missing": "在庫数", "strange": "数量"}
    assert "在庫数" in error.message


def test_a_row_in_the_place_of_the_header_is_not_named(refusal: Any) -> None:
    error = refusal("山田太郎,090-0000-0001\n佐藤,090-0000-0002\n", stock())
    assert error.reason == "header_missing"
    assert "山田" not in error.message + str(error.params)


def test_a_column_that_the_mapping_does_not_name_is_reported(read: ReadText) -> None:
    assert read("商品コード,新列,在庫数,\nA,x,1,\n", stock()).reader.unknown_columns == ("新列",)
    assert read("商品コード,新列,在庫数\nA,x,1\n", stock(unused=["新列"])).reader.unknown_columns == ()


def test_an_optional_column_may_be_missing(read: ReadText) -> None:
    mapping = orders(
        {"tax_rate": {"from": "税率", "optional": True}, "noshi": {"from": "のし", "optional": True}}
    )
    row = read(order_file(), mapping).rows[0]
    assert (row["tax_rate"], row["noshi"]) == (None, "")


# --- encodings ---------------------------------------------------------------------------------------------

ENCODINGS = ["cp932", "utf-8", "utf-8-sig", "euc_jp", "iso2022_jp", "utf-16le"]
SAME = {("utf-8", "utf-8-sig"), ("utf-8-sig", "utf-8")}
CODECS = {"utf-16le": "utf-16-le"}


def _in(actual: str, rows: int) -> bytes:
    text = as_csv(["商品コード", "在庫数"], *([f"品番{n}", str(n)] for n in range(rows)))
    return text.encode(CODECS.get(actual, actual))


@pytest.mark.parametrize("rows", [1, 2, 5, 100])
@pytest.mark.parametrize("declared", ENCODINGS)
@pytest.mark.parametrize("actual", ENCODINGS)
def test_another_encoding_than_the_declared_one_is_stopped(
    read: ReadText, declared: str, actual: str, rows: int
) -> None:
    mapping = stock(file={"encoding": declared})
    if declared == actual or (declared, actual) in SAME:
        assert read(_in(actual, rows), mapping).column("sku") == [f"品番{n}" for n in range(rows)]
        return
    with pytest.raises(FileRefusedError) as caught:
        read(_in(actual, rows), mapping)
    assert caught.value.exit_status == 14


@pytest.mark.parametrize("actual", ["utf-8", "euc_jp", "iso2022_jp"])
def test_the_encoding_that_was_found_is_named(refusal: Any, actual: str) -> None:
    error = refusal(_in(actual, 1), stock(file={"encoding": "cp932"}))
    assert (error.reason, error.params) == ("encoding_other", {"found": actual, "encoding": "cp932"})


def test_a_wrong_encoding_shows_in_a_column_that_may_be_missing(refusal: Any) -> None:
    columns = {
        "sku": {"from": "sku", "as": "key"},
        "qty": "qty",
        "observed_at": {"from": "時刻", "formats": ["%Y"]},
    }
    columns["observed_at"] = {"from": "時刻", "formats": ["%Y-%m-%d"], "optional": True}
    mapping = mapping_of(columns, entity="stock_levels", file={"encoding": "cp932"})
    assert refusal("sku,qty,時刻\nA,1,\n".encode(), mapping).reason == "encoding_other"
    unused = mapping_of(
        {"sku": "sku", "qty": "qty"}, entity="stock_levels", file={"encoding": "cp932"}, unused=["備考"]
    )
    assert refusal("sku,qty,備考\nA,1,\n".encode(), unused).reason == "encoding_other"


@pytest.mark.parametrize("plain", [True, False])
def test_a_cell_in_another_encoding_refuses_the_file_with_its_place(refusal: Any, plain: bool) -> None:
    before = '"一\n行",1' if not plain else "一行,1"
    good = f"商品コード,在庫数\n{before}\n".encode("cp932")
    error = refusal(good + "髙,".encode("cp932") + b"\x81\xff\n", stock(file={"encoding": "cp932"}))
    assert (error.reason, error.line, error.column) == ("encoding", 3 if plain else 4, "2")
    assert error.offset == len(good) + 3


def test_utf16_is_read_with_and_without_its_mark(read: ReadText) -> None:
    text = as_csv(["商品コード", "在庫数"], ["品番\n一", "1"])
    mapping = stock(file={"encoding": "utf-16"})
    assert read(text.encode("utf-16"), mapping).column("sku") == ["品番\n一"]
    assert read(b"\xfe\xff" + text.encode("utf-16-be"), mapping).column("sku") == ["品番\n一"]


def test_cp932_keeps_the_characters_that_shift_jis_lacks(read: ReadText) -> None:
    names = ["髙橋", "山﨑", "①㈱", "～－∥", "ソ表十", "ﾊﾝｶｸ"]
    mapping = orders({"buyer_name": "氏名"}, file={"encoding": "cp932"})
    assert read(order_file({"氏名": names}, 6), mapping).column("buyer_name") == names


# --- lines -------------------------------------------------------------------------------------------------


def test_a_row_knows_its_physical_line(read: ReadText) -> None:
    text = '商品コード,在庫数\r\n\r\n"A\r\nA",1\r\nB,2\n\n"C\n\nC",3\r\n'
    assert read(text, stock()).column("src_line") == [3, 5, 7]


def test_lines_are_right_over_many_batches(read: ReadText, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse, "BATCH_ROWS", 100)
    monkeypatch.setattr(parse, "BLOCK", 1 << 16)
    text = "商品コード,在庫数\n" + "".join(f'"S{n}{chr(10) * (n % 3)}x",{n}\n' for n in range(20_000))
    found = read(text, stock())
    assert len(found.batches) > 3
    line, expected = 2, []
    for n in range(20_000):
        expected.append(line)
        line += 1 + n % 3
    assert found.column("src_line") == expected
    assert found.column("qty") == list(range(20_000))


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(CELL, CELL), max_size=12),
    newline=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_whatever_a_csv_writer_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], newline: str, encoding: str
) -> None:
    columns = {"sku": {"const": "X"}, "name": "名前", "supplier": "備考"}
    mapping = mapping_of(columns, entity="products", file={"encoding": encoding})
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator=newline)
    writer.writerow(["名前", "備考"])
    lines = []
    for row in rows:
        before = out.getvalue()
        lines.append(1 + before.count("\n") + before.count("\r") - before.count("\r\n"))
        writer.writerow(row)
    path = tmp_path_factory.mktemp("any") / "any.csv"
    path.write_bytes(out.getvalue().encode(encoding))
    found = Read(path, mapping)
    assert [(row["name"], row["supplier"]) for row in found.rows] == [(a.strip(), b.strip()) for a, b in rows]
    assert found.column("src_line") == lines
    assert found.reader.rows_in == len(rows)


# --- rows that are put aside -------------------------------------------------------------------------------


def test_a_row_that_cannot_be_used_is_put_aside_and_the_rest_goes_on(read: ReadText) -> None:
    found = read("商品コード,在庫数\nA,1\nB,たくさん\nC,3\n", stock())
    assert found.column("sku") == ["A", "C"]
    (reject,) = found.rejects
    assert (reject.line, reject.column, reject.reason) == (3, "在庫数", "not_a_number")
    assert (reject.value, reject.business_key) == ("たくさん", "B")
    assert found.reader.rows_in == 3


def test_several_faults_of_a_row_are_all_named_and_the_row_counts_once(read: ReadText) -> None:
    rows = as_csv(ORDER_HEADER, ["A-1", "きのう", "999", "現金書留", "1", "1.5", "2"], ORDER)
    found = read(rows, orders())
    (batch,) = found.batches
    assert [(reject.line, reject.column, reject.reason) for reject in batch.rejects] == [
        (2, "注文日時", "not_a_time"),
        (2, "ステータス", "unknown_code"),
        (2, "支払方法", "unknown_code"),
        (2, "単価", "fraction"),
    ]
    assert (batch.rejected_rows, batch.rows.num_rows, found.reader.rows_in) == (1, 1, 2)


def test_an_unknown_code_says_which_are_known(read: ReadText) -> None:
    mapping = orders(file={"encoding": "cp932"})
    (reject,) = read(as_csv(ORDER_HEADER, [*ORDER[:2], "999", *ORDER[3:]]), mapping).rejects
    assert reject.params == {"known": "300, 900"}


def test_what_the_entity_requires_is_asked_of_every_row(read: ReadText) -> None:
    blank = as_csv(ORDER_HEADER, ["", " ", "300", "", "1", "", "-1"])
    found = read(blank, orders())
    assert {(reject.column, reject.reason) for reject in found.rejects} == {
        ("注文番号", "required"),
        ("注文日時", "required"),
        ("支払方法", "required"),
        ("単価", "required"),
        ("個数", "out_of_range"),
    }
    (outside,) = [reject for reject in found.rejects if reject.reason == "out_of_range"]
    assert (outside.params, outside.value) == ({"minimum": "0", "maximum": "99999"}, "-1")


def test_what_the_mapping_requires_is_asked_too(read: ReadText) -> None:
    mapping = orders({"buyer_name": {"from": "氏名", "required": True}})
    found = read(order_file({"氏名": ["", "山田"]}, 2), mapping)
    assert [(reject.line, reject.column, reject.reason) for reject in found.rejects] == [
        (2, "氏名", "required")
    ]


def test_rejects_stand_in_the_order_of_the_file(read: ReadText) -> None:
    text = "商品コード,在庫数\n" + "".join(
        f"{'' if n % 3 else 'S'},{'x' if n % 2 else n}\n" for n in range(600)
    )
    found = read(text, stock())
    lines = [reject.line for reject in found.rejects]
    assert lines == sorted(lines)
    rejected = sum(batch.rejected_rows for batch in found.batches)
    assert rejected == len(set(lines)) == sum(bool(n % 3 or n % 2) for n in range(600))
    assert len(found.rows) + rejected == found.reader.rows_in == 600


def test_a_batch_in_which_every_row_fails_is_read_to_its_end(read: ReadText) -> None:
    found = read("商品コード,在庫数\n" + ",99999999\n" * 5_000, stock())
    assert found.rows == []
    assert found.reader.rows_in == 5_000
    assert {(reject.reason, reject.line) for reject in found.rejects} == {
        (reason, line) for reason in ("required", "out_of_range") for line in range(2, 5_002)
    }


def test_no_cell_stands_in_what_a_reject_shows_of_itself(read: ReadText) -> None:
    found = read("商品コード,在庫数\nA,CANARY\n,CANARY\n", stock())
    assert all("CANARY" not in f"{reject!r} {reject.params}" for reject in found.rejects)
    assert {reject.reason for reject in found.rejects} <= set(ROW_REASONS)


def test_no_cell_stands_in_the_error_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "canary.csv"
    path.write_bytes("氏名,在庫数,商品コード\nCANARY,1,".encode("cp932") + b"\x81\xff\n")
    with pytest.raises(FileRefusedError) as caught:
        Read(path, stock(file={"encoding": "cp932"}))
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + str(caught.value.params)
    assert "CANARY" not in told
    assert caught.value.__cause__ is None


# --- words for rows ----------------------------------------------------------------------------------------


def test_rows_that_are_no_records_are_skipped_and_counted(read: ReadText) -> None:
    columns = {
        "item_key": {"from": "管理番号", "as": "key"},
        "sku_key": {"from": "SKU", "as": "key"},
        "qty": "在庫数",
    }
    mapping = mapping_of(
        columns, entity="channel_listings", skip_rows_when=[{"SKU": ""}, {"在庫数": ["対象外", "－"]}]
    )
    found = read("管理番号,SKU,在庫数\nitem,,\nitem,s1,5\nitem, ,x\nitem,s2,対象外\nitem,s3,-\n", mapping)
    assert [(row["sku_key"], row["qty"], row["src_line"]) for row in found.rows] == [("s1", 5, 3)]
    assert (found.reader.rows_in, found.reader.rows_skipped, found.rejects) == (1, 4, [])


def test_every_row_may_be_skipped(read: ReadText) -> None:
    mapping = stock(skip_rows_when=[{"在庫数": ""}])
    found = read("商品コード,在庫数\nA,\nB,\n", mapping)
    assert (found.rows, found.reader.rows_in, found.reader.rows_skipped) == ([], 0, 2)


AMOUNTS = {"goods": "商品", "shipping": "送料", "points": "ポイント", "billed": "請求"}
TOTAL = "billed = goods + shipping + cod_fee - points"


@pytest.mark.parametrize(
    ("goods", "shipping", "points", "billed", "gap"),
    [
        ("1000", "500", "100", "1400", 0),
        ("1000", "500", "", "1500", 0),
        ("1000", "500", "100", "1500", 100),
        ("1000", "", "", "900", -100),
        ("1000", "500", "100", "", None),
        ("1000", "-9999", "100", "1400", None),
    ],
)
def test_the_control_total_leaves_its_gap(
    read: ReadText, goods: str, shipping: str, points: str, billed: str, gap: int | None
) -> None:
    mapping = orders(AMOUNTS, totals=[TOTAL], unfixed=[-9999])
    cells = {"商品": [goods], "送料": [shipping], "ポイント": [points], "請求": [billed]}
    assert read(order_file(cells), mapping).column("src_totals_gap") == [gap]


def test_a_total_may_hold_in_one_of_several_ways(read: ReadText) -> None:
    total = {"any": ["billed = goods + shipping", "billed = goods"]}
    mapping = orders(AMOUNTS, totals=[total])
    cells = {"商品": ["10"] * 3, "送料": ["5"] * 3, "ポイント": [""] * 3, "請求": ["15", "10", "12"]}
    assert read(order_file(cells, 3), mapping).column("src_totals_gap") == [0, 0, -3]


def test_an_amount_that_is_not_fixed_is_null_and_flagged(read: ReadText) -> None:
    mapping = orders(AMOUNTS, unfixed=[-9999, -99999])
    cells = {"商品": ["10", "10"], "送料": ["-9999", "0"], "ポイント": ["", ""], "請求": ["-99999", "10"]}
    found = read(order_file(cells, 2), mapping)
    assert found.column("shipping") == [None, 0]
    assert found.column("billed") == [None, 10]
    assert found.column("unfixed_flag") == [1, 0]


def test_the_newest_time_of_a_column_is_the_as_of(read: ReadText) -> None:
    columns = {"sku": "品番", "qty": "数", "observed_at": {"from": "時刻", "formats": ["%Y-%m-%d %H:%M:%S"]}}
    mapping = mapping_of(columns, entity="stock_levels", as_of={"from": "column", "column": "observed_at"})
    text = as_csv(
        ["品番", "数", "時刻"], ["A", "1", "2026-11-22 09:00:00"], ["B", "1", "2026-11-22 10:00:00"]
    )
    assert read(text, mapping).reader.as_of == "2026-11-22T01:00:00Z"
    options = ReadOptions(file_as_of="2026-11-01T00:00:00Z")
    assert read("商品コード,在庫数\nA,1\n", stock(), options).reader.as_of == "2026-11-01T00:00:00Z"


# --- the shipped mappings ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "rejects"),
    [
        ("107-columns-excel.csv", [("商品明細ID", "excel_scientific")]),
        ("158-columns.csv", [("支払方法名", "unknown_code")]),
    ],
)
def test_the_samples_of_rakuten_are_read_but_for_what_is_wrong_in_them(
    name: str, rejects: list[tuple[str, str]]
) -> None:
    mapping = load_inbound("rakuten/orders")
    found = Read(mapping.path.parent / "samples" / "orders" / name, mapping)
    assert [(reject.column, reject.reason) for reject in found.rejects] == rejects
    assert found.reader.unknown_columns == ()
    assert len(found.rows) + 1 == found.reader.rows_in > 5
