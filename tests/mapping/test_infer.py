"""What `mappings infer` says of a file is what its bytes and cells prove, and never more."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecsync.errors import FileRefusedError
from ecsync.mapping import infer_keys
from ecsync.mapping.infer import Inferred, infer_file
from ecsync.mapping.infer_encoding import try_encodings
from ecsync.mapping.infer_kinds import KINDS, shape_of
from ecsync.text.amounts import parse_integer, parse_yen
from ecsync.text.dates import parse_date
from ecsync.text.phones import normalise_phone
from ecsync.text.postcodes import normalise_postcode

ENCODINGS = ("utf-8", "cp932", "euc_jp", "iso2022_jp")
# Words that all four encodings can write, and that no other of them reads.
WORDS = st.text("波佐見焼今治港区山本渚東京注文伝票漢字送料数量商品", min_size=2, max_size=6)


def seen_in(folder: Path, content: bytes, *, header: bool | None = True) -> Inferred:
    path = folder / "file.csv"
    path.write_bytes(content)
    return infer_file(path, (), header=header)


def table(rows: list[list[str]], delimiter: str = ",", quoting: int = csv.QUOTE_MINIMAL) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator="\r\n").writerows(rows)  # type: ignore[arg-type]
    return text.getvalue()


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.lists(WORDS, min_size=3, max_size=3), min_size=3, max_size=20),
    encoding=st.sampled_from(ENCODINGS),
    delimiter=st.sampled_from((",", "\t", ";", "|")),
    quoting=st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
)
def test_encoding_and_delimiter_of_a_written_file_are_found(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[list[str]],
    encoding: str,
    delimiter: str,
    quoting: int,
) -> None:
    seen = seen_in(tmp_path_factory.mktemp("file"), table(rows, delimiter, quoting).encode(encoding))
    assert encoding in seen.encodings.possible
    assert seen.encodings.proven == (seen.encodings.possible == (encoding,))
    if seen.encodings.proven:
        assert seen.file.encoding == encoding
        assert seen.file.delimiter == delimiter
        assert seen.layout.proven
        assert seen.layout.ends.records == {"CRLF": len(rows)}
        assert (seen.layout.ends.quoted == seen.layout.ends.cells) == (quoting == csv.QUOTE_ALL)


def test_ascii_decodes_as_everything_and_that_is_no_proof(tmp_path: Path) -> None:
    found = seen_in(tmp_path, b"sku,qty\r\nA,1\r\n").encodings
    assert found.possible == ENCODINGS
    assert found.is_ascii
    assert not found.proven


@pytest.mark.parametrize(
    ("name", "mark", "told"),
    [
        ("utf-8", b"\xef\xbb\xbf", "utf-8-sig"),
        ("utf-16-le", b"\xff\xfe", "utf-16"),
        ("utf-16-be", b"\xfe\xff", "utf-16"),
        ("utf-16-le", b"", "utf-16le"),
        ("utf-16-be", b"", "utf-16be"),
    ],
)
def test_a_byte_order_mark_and_utf_16_are_named(tmp_path: Path, name: str, mark: bytes, told: str) -> None:
    seen = seen_in(tmp_path, mark + "sku,品名\r\nA,波佐見焼\r\nB,今治\r\n".encode(name))
    assert seen.file.encoding == told
    assert seen.encodings.proven
    assert seen.header.names == ("sku", "品名")
    assert seen.contents.rows == 2


def test_what_does_not_decode_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes("品名\r\n波佐見焼\r\n".encode("cp932"))
    wrong = {one.encoding: (one.line, one.offset) for one in try_encodings(path).trials if not one.holds}
    assert wrong["utf-8"] == (1, 0)
    path.write_bytes(b"a\r\n\xff\xff\r\n")
    with pytest.raises(FileRefusedError) as refused:
        infer_file(path, ())
    assert (refused.value.reason, refused.value.line, refused.value.offset) == ("encoding", 2, 3)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04rest", b"a,b\r\n1,2\r\n3\r\n", b'a,b\r\n"1,2\r\n'])
def test_what_is_no_table_is_refused_with_the_reader_s_words(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(FileRefusedError):
        seen_in(tmp_path, content)


def test_a_header_alone_is_no_row(tmp_path: Path) -> None:
    seen = seen_in(tmp_path, "注文番号,数量\r\n".encode())
    assert seen.contents.rows == 0
    assert [(one.kind, one.filled) for one in seen.contents.columns] == [("", 0), ("", 0)]
    assert seen.contents.keys.best == ()


def test_rows_above_the_header_are_found_by_the_width_of_the_rows_below(tmp_path: Path) -> None:
    seen = seen_in(tmp_path, "みなと商店\r\n\r\n注文番号,数量\r\nA,1\r\nB,2\r\n".encode())
    assert seen.file.preamble == 1  # a blank line below is none of its own
    assert seen.contents.rows == 2
    assert seen.header.names == ("注文番号", "数量")


def test_two_delimiters_that_both_hold_prove_nothing(tmp_path: Path) -> None:
    seen = seen_in(tmp_path, b"a;b,c\r\n1;2,3\r\n")
    assert not seen.layout.proven
    assert not seen_in(tmp_path, b"a\r\n1\r\n").layout.proven


def test_a_quote_that_encloses_nothing_is_a_sign(tmp_path: Path) -> None:
    seen = seen_in(tmp_path, b'size\tqty\r\n5" nail\t1\r\n')
    assert seen.file.quote == "none"


CELLS = st.one_of(
    st.sampled_from(["0", "1", "0120", "-5", "1,200", "¥3,000", "12.50", "10%", "1.23E+12", "９０", "", " "]),
    st.dates(date(1999, 1, 1), date(2030, 12, 31)).flatmap(
        lambda day: st.sampled_from(
            [f"{day:%Y-%m-%d}", f"{day:%Y/%m/%d}", f"{day:%Y%m%d}", f"{day:%d/%m/%Y}"]
        )
    ),
    st.sampled_from(["2026-02-29", "2026/13/01", "20261301", "2026-11-24 09:15", "2026-11-24 25:00"]),
    st.sampled_from(["090-0000-0001", "0312345678", "105-0011", "1050011", "000-0000", "taro@example.jp"]),
    st.integers(-(10**14), 10**14).map(str),
    st.text("ab1-/: ", max_size=8),
)
READS = {
    "integer": parse_integer,
    "flag": parse_integer,
    "yen": parse_yen,
    "phone": normalise_phone,
    "postcode": normalise_postcode,
}


@settings(max_examples=80, deadline=None)
@given(cells=st.lists(CELLS, min_size=1, max_size=8))
def test_a_kind_is_claimed_only_where_every_cell_is_read_as_it(
    tmp_path_factory: pytest.TempPathFactory, cells: list[str]
) -> None:
    rows = [["n", "v"], *([str(number), cell] for number, cell in enumerate(cells))]
    seen = seen_in(tmp_path_factory.mktemp("file"), table(rows).encode())
    column = seen.contents.columns[1]
    filled = [cell.strip() for cell in cells if cell.strip()]
    assert (column.filled, column.blank) == (len(filled), len(cells) - len(filled))
    for kind in column.fitting:
        if kind in READS:
            assert not [cell for cell in filled if not isinstance(READS[kind](cell), (int, str))]
        if kind in {"date", "month_first", "day_first"} and not any(" " in form for form in column.forms):
            forms = list(column.kinds[kind].forms)
            assert not [cell for cell in filled if not isinstance(parse_date(cell, forms), str)]
    if column.nearly:
        kind, against = column.nearly
        assert against.against.count == sum(not KINDS[kind](cell) for cell in filled) > 0


@settings(max_examples=50, deadline=None)
@given(
    rows=st.lists(st.tuples(*[st.sampled_from("abcd")] * 3), min_size=1, max_size=12),
    buckets=st.sampled_from([2, 1 << 62]),
)
def test_a_key_is_unique_as_brute_force_finds_it_whatever_the_hashes_do(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]], buckets: int
) -> None:
    content = table([["id", "sku", "no"], *map(list, rows)]).encode()
    with pytest.MonkeyPatch.context() as patch:
        original = infer_keys._BatchHashes.of
        patch.setattr(infer_keys._BatchHashes, "of", lambda self, key: original(self, key) % buckets)
        keys = seen_in(tmp_path_factory.mktemp("file"), content).contents.keys
    for key in (*keys.singles, *keys.pairs):
        cells = [tuple(row[at] for at in key.columns) for row in rows]
        assert key.unique == (len(set(cells)) == len(cells))
        if not key.unique:
            first, second = (line - 2 for line in key.lines)
            assert first < second
            assert cells[first] == cells[second]


def test_a_column_with_a_blank_is_no_key(tmp_path: Path) -> None:
    rows = [["A", "1"], ["B", "2"], ["", "3"]]
    keys = seen_in(tmp_path, table([["注文番号", "行番号"], *rows]).encode()).contents.keys
    assert keys.best == (1,)


def test_equal_rows_far_apart_are_found_by_their_lines(tmp_path: Path) -> None:
    rows = [[str(number % 70_000)] for number in range(70_001)]
    key = seen_in(tmp_path, table([["id"], *rows]).encode()).contents.keys.singles[0]
    assert (key.unique, key.lines) == (False, (2, 70_002))


def test_rows_of_one_order_stand_together_or_do_not(tmp_path: Path) -> None:
    together = [[f"M-{number // 3}", str(number)] for number in range(30)]
    apart = [*together[:2], *together[3:], together[2]]
    for rows, stands in ((together, True), (apart, False)):
        shared = seen_in(tmp_path, table([["注文番号", "行"], *rows]).encode()).contents.keys.shared
        assert [(one.different, one.most, one.together) for one in shared if one.column == 0] == [
            (10, 3, stands)
        ]


def test_what_is_nearly_a_key_and_what_numbers_records_are_both_followed(tmp_path: Path) -> None:
    rows = [["105-0011", f"M-{number // 3}", f"{number - (number == 29)}", "x"] for number in range(30)]
    keys = seen_in(tmp_path, table([["郵便番号", "注文番号", "明細ID", "n"], *rows]).encode()).contents.keys
    assert [one.column for one in keys.shared] == [2, 1]
    assert [(one.columns, one.lines) for one in keys.singles] == [((2,), (30, 31)), ((1,), (2, 3))]


def test_a_kind_that_nearly_all_cells_fit_is_told_with_the_lines_that_do_not(tmp_path: Path) -> None:
    day = date(2026, 1, 5)
    rows = [[f"{day + timedelta(number):%Y/%m/%d}"] for number in range(100)]
    rows[17] = ["未定"]
    column = seen_in(tmp_path, table([["発送日"], *rows]).encode()).contents.columns[0]
    assert column.kind == ""
    assert column.nearly is not None
    kind, against = column.nearly
    assert (kind, against.against.lines, against.shape) == ("date", [19], "ああ")


def test_a_kind_of_all_cells_survives_any_number_of_rows(tmp_path: Path) -> None:
    rows = [[f"{number:07}", f"x{number}" if number % 2 else str(number)] for number in range(5_000)]
    code, mixed = seen_in(tmp_path, table([["code", "mixed"], *rows]).encode()).contents.columns
    assert code.kind == "digits"
    assert code.marks["leading_zero"].count == 5_000
    assert mixed.kind == ""
    assert mixed.nearly is None


def test_what_a_spreadsheet_program_has_done_is_counted_with_lines(tmp_path: Path) -> None:
    content = table(
        [
            ["jan", "sku", "day", "code"],
            ["4.90123E+12", "#REF!", "2026/1/5", '="0012"'],
            ["4901234567894", "A-1", "2026/11/24", "1月2日"],
        ]
    ).encode()
    jan, sku, day, code = seen_in(tmp_path, content).contents.columns
    assert jan.marks["scientific"].lines == [2]
    assert sku.marks["error_cell"].lines == [2]
    assert day.marks["short_day"].lines == [2]
    assert code.marks["formula_text"].lines == [2]
    assert code.marks["became_day"].lines == [3]


def test_month_and_day_first_are_both_told_where_no_day_is_beyond_the_twelfth(tmp_path: Path) -> None:
    both = seen_in(tmp_path, b"d\r\n05/06/2026\r\n").contents.columns[0]
    assert (both.kind, both.also) == ("month_first", ["day_first"])
    one = seen_in(tmp_path, b"d\r\n05/06/2026\r\n13/06/2026\r\n").contents.columns[0]
    assert (one.kind, one.also) == ("day_first", [])


def test_a_row_is_not_taken_for_a_header(tmp_path: Path) -> None:
    rows = [["P0000001", "山本 渚", "105-0011", "3"], ["P0000002", "港 太郎", "231-0005", "1"]]
    seen = seen_in(tmp_path, table(rows).encode(), header=None)
    assert not seen.header.is_there
    assert seen.header.names == ("c1", "c2", "c3", "c4")
    assert seen.contents.rows == 2
    assert seen.header.fingerprint == ""
    told = seen_in(tmp_path, table([["番号", "名前", "〒", "個数"], *rows]).encode(), header=None)
    assert told.header.reason == "differs"
    assert told.contents.rows == 2


def test_a_fingerprint_is_that_of_the_names_as_they_are_compared(tmp_path: Path) -> None:
    one = seen_in(tmp_path, "ＳＫＵ, 数量 \r\nA,1\r\n".encode()).header.fingerprint
    assert one == seen_in(tmp_path, "SKU,数量\r\nB,2\r\nC,3\r\n".encode("cp932")).header.fingerprint
    assert one != seen_in(tmp_path, "数量,SKU\r\n1,A\r\n".encode()).header.fingerprint


def test_the_shape_of_a_cell_says_nothing_that_it_says() -> None:
    assert shape_of("090-0000-0001") == "999-9999-9999"
    assert shape_of("山本 Taro") == "ああ aaaa"
    assert shape_of("x" * 30) == "a" * 24 + "…"
