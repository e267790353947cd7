"""The scan decides whether a file is whole, and says where it is not."""

from __future__ import annotations

import csv
import gzip
import io
import time
import tracemalloc
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.errors import FileRefusedError
from ecsync.mapping import bytestream, units
from ecsync.mapping.model_file import InboundFile
from ecsync.mapping.scan import Scan, record_lines, scan

if TYPE_CHECKING:
    from pathlib import Path


def _file(**words: Any) -> InboundFile:
    return InboundFile(**{"encoding": "cp932", **words})


@pytest.fixture
def of(tmp_path: Path) -> Any:
    def write_and_scan(content: bytes, **words: Any) -> Scan:
        path = tmp_path / "orders.csv"
        path.write_bytes(content)
        return scan(path, _file(**words))

    return write_and_scan


@pytest.fixture
def refusal(of: Any) -> Any:
    def refuse(content: bytes, **words: Any) -> FileRefusedError:
        with pytest.raises(FileRefusedError) as caught:
            of(content, **words)
        return caught.value

    return refuse


@pytest.fixture
def lines_of(tmp_path: Path) -> Any:
    def read(content: bytes, **words: Any) -> list[int]:
        path = tmp_path / "orders.csv"
        path.write_bytes(content)
        file = _file(**words)
        found = list(record_lines(path, file, scan(path, file)))
        return [int(line) for part in found for line in part]

    return read


def test_a_plain_file_has_its_shape(of: Any) -> None:
    shape = of("注文番号,名前\r\n1,山田\r\n2,佐藤\r\n".encode("cp932"))
    assert shape.header == "注文番号,名前".encode("cp932")
    assert (shape.columns, shape.records, shape.plain, shape.line_end) == (2, 2, True, b"\r\n")
    assert shape.data.line == 2


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
def test_every_line_end_is_known(of: Any, lines_of: Any, newline: bytes) -> None:
    content = newline.join([b"a,b", b"1,2", b"3,4", b""])
    assert of(content).records == 2
    assert of(content).line_end == newline
    assert lines_of(content) == [2, 3]


def test_line_ends_may_mix(lines_of: Any) -> None:
    assert lines_of(b"a,b\r\n1,2\n3,4\r5,6\r\n7,8\n") == [2, 3, 4, 5]


def test_physical_lines_count_blank_lines_and_lines_inside_quotes(of: Any, lines_of: Any) -> None:
    content = b'a,b\n\n1,"x\ny"\n\r\n2,"p\r\nq\rr"\n3,4\n\n'
    assert lines_of(content) == [3, 6, 9]
    shape = of(content)
    assert (shape.records, shape.plain) == (3, False)


def test_a_header_may_hold_line_ends_and_stand_below_a_preamble(of: Any, lines_of: Any) -> None:
    content = 'これは説明"です\n二行目\n"見出\nし",b\n1,2\n'.encode("cp932")
    shape = of(content, preamble=2)
    assert shape.header == '"見出\nし",b'.encode("cp932")
    assert lines_of(content, preamble=2) == [5]


def test_a_headerless_file_begins_with_its_first_row(of: Any, lines_of: Any) -> None:
    content = b"\n1,2\n3,4\n"
    shape = of(content, header="none", names=("a", "b"))
    assert (shape.header, shape.records) == (b"", 2)
    assert lines_of(content, header="none", names=("a", "b")) == [2, 3]


def test_the_longest_record_is_measured_with_its_line_end(of: Any) -> None:
    assert of(b"a,b\n1,2\n" + b"1," + b"x" * 500 + b"\r\n").longest == 504


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n\r\n", b"\xef\xbb\xbf"])
def test_a_file_without_anything_is_refused(refusal: Any, content: bytes) -> None:
    assert refusal(content, encoding="utf-8").reason == "empty"


def test_a_header_alone_is_a_whole_file_without_rows(of: Any) -> None:
    assert of(b"a,b\n").records == 0


@pytest.mark.parametrize("required", ["required", "optional"])
def test_a_header_without_a_line_end_may_have_been_cut(refusal: Any, required: str) -> None:
    assert refusal(b'"a","b"', final_newline=required).reason == "no_final_newline"


PLACES = [
    # content, reason, line, cell, offset
    (b'a,b\n1,x"y\n', "lone_quote", 2, "2", 7),
    (b'a,b\n1,"x"y\n', "glued_text", 2, "2", 9),
    (b'a,b\n1,"x" \n', "glued_text", 2, "2", 9),
    (b'a,b\n1, "x"\n', "lone_quote", 2, "2", 7),
    (b'a,b\n"1\n2","x"y\n', "glued_text", 3, "2", 13),
    (b'a,b\n1,"5" TV"\n', "glued_text", 2, "2", 9),
    (b'a,b\n1,"x\n2,3\n', "open_quote", 2, "2", 6),
    (b"a,b\n1,2\n1,2,3\n", "ragged", 3, "3", 8),
    (b"a,b\n1,2\n1\n", "ragged", 3, "1", 8),
    (b"a,b\n1,2,\n", "ragged", 2, "3", 4),
    (b"a,b\n1,2\n3,4\x00\n", "nul_byte", 3, "", 11),
    (b"a,b\n1,2\n3,4", "no_final_newline", 3, "2", 10),
]


@pytest.mark.parametrize(("content", "reason", "line", "cell", "offset"), PLACES)
def test_a_fault_is_named_with_its_place(
    refusal: Any, content: bytes, reason: str, line: int, cell: str, offset: int
) -> None:
    error = refusal(content)
    assert (error.reason, error.line, error.column, error.offset) == (reason, line, cell, offset)
    assert f"line {line}" in error.message
    assert f"byte {offset}" in error.message


@pytest.mark.parametrize(("content", "reason", "line", "cell", "offset"), PLACES)
def test_places_hold_behind_a_byte_order_mark(
    refusal: Any, content: bytes, reason: str, line: int, cell: str, offset: int
) -> None:
    error = refusal(b"\xef\xbb\xbf" + content, encoding="utf-8-sig")
    assert (error.reason, error.line, error.column, error.offset) == (reason, line, cell, offset + 3)


@pytest.mark.parametrize(("content", "reason", "line", "cell", "offset"), PLACES)
def test_places_hold_in_a_file_that_is_transcoded(
    refusal: Any, content: bytes, reason: str, line: int, cell: str, offset: int
) -> None:
    marked = content.decode().encode("utf-16")
    error = refusal(marked, encoding="utf-16")
    assert (error.reason, error.line, error.column, error.offset) == (reason, line, cell, 2 + 2 * offset)
    bare = content.decode().encode("utf-16-be")
    assert refusal(bare, encoding="utf-16be").offset == 2 * offset


@pytest.mark.parametrize(("content", "reason", "line", "cell", "offset"), PLACES)
def test_places_hold_when_blocks_are_tiny(
    refusal: Any,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes,
    reason: str,
    line: int,
    cell: str,
    offset: int,
) -> None:
    for block in range(1, 9):
        monkeypatch.setattr(units, "BLOCK", block)
        error = refusal(content)
        assert (error.reason, error.line, error.column, error.offset) == (reason, line, cell, offset)


def test_the_error_holds_no_cell(refusal: Any) -> None:
    error = refusal(b'name,phone\nCANARY-TARO,"090-0000-0001"x\n')
    assert "CANARY" not in f"{error} {error!r} {error.message} {error.params}"
    assert "090" not in f"{error} {error!r} {error.message} {error.params}"


def _quoted(encoding: str) -> bytes:
    rows = [
        ["注文番号", "名前", "備考"],
        ["A-1", '山田 "太郎"', "一行目\n二行目"],
        ["A-2", "高橋", ""],
        ["A-3", "", "表,ソ"],
    ]
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode(encoding)


def _bare(encoding: str) -> bytes:
    return "注文番号,名前,数\r\nA-1,山田太郎,12\r\nA-2,高橋,345\r\nA-3,,\r\n".encode(encoding)


def _row_ends(content: bytes) -> set[int]:
    """Return where a record ends, with and without its line end, told by a plain reading byte by byte."""
    ends, inside = set(), False
    for at, byte in enumerate(content):
        inside ^= byte == ord('"')
        if not inside and byte == ord("\n"):
            ends |= {at - 1, at, at + 1}
    return ends


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "euc_jp"])
@pytest.mark.parametrize("content_of", [_quoted, _bare])
@pytest.mark.parametrize("final_newline", ["required", "optional"])
def test_a_file_cut_at_any_byte_is_refused_or_ends_with_a_whole_row(
    tmp_path: Path, encoding: str, content_of: Any, final_newline: str
) -> None:
    content = content_of(encoding)
    file = _file(encoding=encoding, final_newline=final_newline)
    path = tmp_path / "cut.csv"
    whole_rows = [0, 1, 2, 3]
    accepted = {}
    for length in range(len(content)):
        path.write_bytes(content[:length])
        try:
            accepted[length] = scan(path, file).records
        except FileRefusedError:
            continue
    assert set(accepted) <= _row_ends(content)
    assert set(accepted.values()) <= set(whole_rows)
    if final_newline == "required":
        # A CR alone is a line end, so a cut between CR and LF still leaves a whole row.
        assert all(content[length - 1 : length] in {b"\r", b"\n"} for length in accepted)
    for length, rows in accepted.items():
        assert rows == content_of(encoding)[:length].rstrip(b"\r\n").count(b"A-")


def test_the_last_cell_shows_that_it_is_whole_only_by_its_quote(of: Any, refusal: Any) -> None:
    assert of(b'a,b\n1,"2"', final_newline="optional").records == 1
    assert refusal(b"a,b\n1,2", final_newline="optional").reason == "no_final_newline"
    assert refusal(b'a,b\n1,"2"', final_newline="required").reason == "no_final_newline"


def test_compressed_files_and_spreadsheets_are_named(refusal: Any) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("orders.csv", "a,b\n1,2\n")
    assert refusal(gzip.compress(b"a,b\n1,2\n")).params == {"kind": "gzip"}
    assert refusal(packed.getvalue()).params == {"kind": "zip / xlsx"}
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600).params == {"kind": "xls"}


@pytest.mark.parametrize(
    ("content", "declared", "found"),
    [
        ("a,b\n".encode("utf-8-sig"), "cp932", "utf-8"),
        ("a,b\n".encode("utf-16"), "utf-8", "utf-16"),
        (b"\xfe\xff\x00a", "utf-16le", "utf-16"),
    ],
)
def test_a_byte_order_mark_that_contradicts_the_mapping_is_refused(
    refusal: Any, content: bytes, declared: str, found: str
) -> None:
    error = refusal(content, encoding=declared)
    assert (error.reason, error.params["found"]) == ("encoding_other", found)


def test_utf8_is_taken_with_and_without_its_mark(of: Any) -> None:
    for encoding in ("utf-8", "utf-8-sig"):
        for mark in (b"", b"\xef\xbb\xbf"):
            assert of(mark + b"a,b\n1,2\n", encoding=encoding).header == b"a,b"


def test_what_cannot_be_transcoded_is_refused_with_its_place(refusal: Any) -> None:
    content = "番号\r\n一\r\n".encode("iso2022_jp") + b"\x83\x84\r\n"
    error = refusal(content, encoding="iso2022_jp")
    assert (error.reason, error.line, error.offset) == ("encoding", 3, content.index(b"\x83"))
    assert refusal("a\n1\n".encode("utf-16-le") + b"\x31", encoding="utf-16le").reason == "encoding"


def test_iso2022_jp_is_parsed_after_transcoding(of: Any, lines_of: Any) -> None:
    # Its two-byte characters are made of ASCII bytes, quotes and commas among them.
    content = '番号,名\r\n"一","あいう"\r\n'.encode("iso2022_jp")
    shape = of(content, encoding="iso2022_jp")
    assert (shape.columns, shape.records, shape.header.decode()) == (2, 1, "番号,名")
    assert lines_of(content, encoding="iso2022_jp") == [2]


def test_a_delimiter_that_is_a_trail_byte_of_cp932_delimits_only_where_it_stands_alone(of: Any) -> None:
    content = "番号|名\n1|ポ\n".encode("cp932")
    assert b"|" in "ポ".encode("cp932")
    assert of(content, delimiter="|").columns == 2


def test_tabs_delimit(of: Any) -> None:
    assert of(b"a\tb,c\n1\t2,3\n", delimiter="\t").columns == 2


def test_a_huge_cell_is_refused_soon_and_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as target:
        target.write(b'a,b\n1,2\n3,"')
        for _block in range(100):
            target.write(b"x" * (1 << 20))
    tracemalloc.start()
    begun = time.monotonic()
    with pytest.raises(FileRefusedError) as caught:
        scan(path, _file())
    assert time.monotonic() - begun < 2
    assert tracemalloc.get_traced_memory()[1] < 60 << 20
    tracemalloc.stop()
    assert (caught.value.reason, caught.value.line) == ("record_too_long", 3)


def test_ten_thousand_columns_are_refused(refusal: Any) -> None:
    assert refusal(b",".join([b"a"] * 10_000) + b"\n").reason == "too_many_columns"


def test_a_file_of_many_blocks_counts_every_row_once(tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    row = '"A-1","山田\n太郎",3\r\n'.encode("cp932")
    path.write_bytes(b"a,b,c\r\n" + row * 200_000)
    file = _file()
    shape = scan(path, file)
    assert path.stat().st_size > 3 * bytestream.BLOCK
    assert shape.records == 200_000
    lines = np.concatenate(list(record_lines(path, file, shape)))
    assert np.array_equal(lines, 2 + 2 * np.arange(200_000))


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8) | st.sampled_from(
    ['"', '""', ",", "\n", "\r", "\r\n", ' "x" ', "表", "", " "]
)


@given(
    rows=st.integers(1, 4).flatmap(
        lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=1, max_size=8)
    ),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
    block=st.sampled_from([1, 3, 7, 64, 1 << 20]),
)
def test_whatever_a_csv_writer_quotes_is_whole_and_its_lines_are_right(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], newline: str, block: int
) -> None:
    path = tmp_path_factory.mktemp("scan") / "any.csv"
    width = len(rows[0])
    expected, text = [], ",".join(f'"h{i}"' for i in range(width)) + newline
    for row in rows:
        expected.append(1 + len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")) - 1)
        text += ",".join('"' + cell.replace('"', '""') + '"' for cell in row) + newline
    path.write_bytes(text.encode())
    file = _file(encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(units, "BLOCK", block)
        shape = scan(path, file)
        found = [int(line) for part in record_lines(path, file, shape) for line in part]
    assert shape.records == len(rows)
    assert found == expected
