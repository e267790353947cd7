"""Single records come back as the partner wrote them, and go out again in the partner's own layout."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.mapping import units
from ecsync.mapping.records import fetch_records, header_bytes, write_quarantine
from mapping_reading import Read, as_csv, stock

if TYPE_CHECKING:
    from pathlib import Path

CODECS = {"utf-16le": "utf-16-le", "utf-16be": "utf-16-be"}
ENCODINGS = ["cp932", "utf-8", "utf-8-sig", "euc_jp", "iso2022_jp", "utf-16", "utf-16le", "utf-16be"]


@pytest.fixture
def put(tmp_path: Path) -> Any:
    def write(content: bytes) -> Path:
        path = tmp_path / "stock.csv"
        path.write_bytes(content)
        return path

    return write


def test_records_are_found_at_the_lines_where_they_begin(put: Any) -> None:
    path = put('商品コード,在庫数\r\n"一\n行",1\r\n\r\nB,2\nC,3'.encode("cp932"))
    mapping = stock(file={"encoding": "cp932"})
    assert fetch_records(path, mapping, [2, 5, 6]) == {
        2: '"一\n行",1\r\n'.encode("cp932"),
        5: b"B,2\n",
        6: b"C,3",
    }


def test_lines_where_no_record_begins_are_left_out(put: Any) -> None:
    path = put('商品コード,在庫数\n"一\n行",1\n\n'.encode())
    assert fetch_records(path, stock(), [3, 4, 99]) == {}
    assert fetch_records(path, stock(), []) == {}


@pytest.mark.parametrize("block", [1, 5, 64])
def test_records_are_found_whatever_the_blocks(put: Any, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(units, "BLOCK", block)
    path = put('商品コード,在庫数\n"一\n行",1\nB,2\nC,3\n'.encode())
    assert fetch_records(path, stock(), [4, 5]) == {4: b"B,2\n", 5: b"C,3\n"}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_records_and_header_are_the_very_bytes_of_the_file(put: Any, encoding: str, newline: str) -> None:
    rows = (["商品コード", "在庫数"], ['品"番', "1"], ["品\n番", "2"])
    whole = ("前書き" + newline + as_csv(*rows, newline=newline)).encode(CODECS.get(encoding, encoding))
    mapping = stock(file={"encoding": encoding, "preamble": 1})
    path = put(whole)
    found = fetch_records(path, mapping, [3, 4])
    assert header_bytes(path, mapping) + found[3] + found[4] == whole


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
def test_a_byte_order_mark_stands_before_the_header(put: Any, mark: bytes) -> None:
    codec = "utf-16-le" if mark == b"\xff\xfe" else "utf-16-be"
    whole = mark + "商品コード,在庫数\nA,1\n".encode(codec)
    mapping = stock(file={"encoding": "utf-16"})
    path = put(whole)
    assert header_bytes(path, mapping) + fetch_records(path, mapping, [2])[2] == whole


def test_a_headerless_file_has_no_header(put: Any) -> None:
    mapping = stock(file={"header": "none", "names": ["商品コード", "在庫数"]})
    assert header_bytes(put(b"A,1\nB,2\n"), mapping) == b""


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_was_put_aside_goes_out_in_the_partners_layout_and_comes_in_again(
    put: Any, tmp_path: Path, encoding: str
) -> None:
    text = as_csv(["商品コード", "在庫数"], ["甲", "1"], ["乙", "たくさん"], ["丙\n丁", "?"])
    mapping = stock(file={"encoding": encoding})
    path = put(text.encode(CODECS.get(encoding, encoding)))
    lines = [reject.line for reject in Read(path, mapping).rejects]
    target = tmp_path / "quarantine.csv"
    assert write_quarantine(path, mapping, fetch_records(path, mapping, lines), target) == 2
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    codec = CODECS.get(encoding, encoding)
    mended = target.read_bytes().decode(codec).replace("たくさん", "5").replace("?", "6")
    target.write_bytes(mended.encode(codec))
    again = Read(target, mapping)
    assert [(row["sku"], row["qty"]) for row in again.rows] == [("乙", 5), ("丙\n丁", 6)]
    assert again.rejects == []


def test_a_record_without_a_line_end_gets_that_of_the_file(put: Any, tmp_path: Path) -> None:
    mapping = stock(file={"final_newline": "optional"})
    path = put('商品コード,在庫数\r\nA,1\r\n"B","x"'.encode())
    target = tmp_path / "out.csv"
    records = fetch_records(path, mapping, [3])
    records[2] = fetch_records(path, mapping, [2])[2]
    write_quarantine(path, mapping, records, target)
    assert target.read_bytes() == '商品コード,在庫数\r\nA,1\r\n"B","x"\r\n'.encode()


def test_a_file_that_is_there_is_never_written_over(put: Any, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text("mine")
    with pytest.raises(FileExistsError):
        write_quarantine(put("商品コード,在庫数\nA,1\n".encode()), stock(), {}, target)
    assert target.read_text() == "mine"


@given(
    cells=st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6), min_size=1, max_size=9
    )
)
def test_every_record_of_any_file_is_found(
    tmp_path_factory: pytest.TempPathFactory, cells: list[str]
) -> None:
    path = tmp_path_factory.mktemp("any") / "any.csv"
    path.write_bytes(as_csv(["商品コード", "在庫数"], *([cell, "1"] for cell in cells)).encode())
    lines = [
        *Read(path, stock()).column("src_line"),
        *(reject.line for reject in Read(path, stock()).rejects),
    ]
    found = fetch_records(path, stock(), lines)
    assert (
        header_bytes(path, stock()) + b"".join(record for _line, record in sorted(found.items()))
        == path.read_bytes()
    )
