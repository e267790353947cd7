"""The draft of `mappings infer` loads as far as it goes, and says of each line how sure it is."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ecsync.locale import speaking
from ecsync.mapping.catalogue import check_file, load_inbound
from ecsync.mapping.infer import infer_file, known_mappings
from ecsync.mapping.infer_draft import draft_of
from ecsync.mapping.infer_nearest import nearest
from ecsync.mapping.model import InboundMapping
from ecsync.mapping.reader import open_reader
from ecsync.shipped import mappings_dir

if TYPE_CHECKING:
    from ecsync.mapping.model import Mapping

INBOUND = sorted(path for path in mappings_dir().glob("*/samples/*/*") if path.with_suffix(".json").exists())
QUICK = {"rakuten/orders", "core/stock", "yamato_b2/issued"}
HEADER = (
    "注文番号,注文日時,状態,支払方法,届け先氏名,届け先電話番号,届け先郵便番号,届け先都道府県,届け先住所,"
    "商品コード,商品名,単価,数量,送料"
)
NAGISA = "山本 渚,090-0000-0001,105-0011,東京都,港区芝公園4-2-8"
TARO = "港 太郎,090-0000-0002,231-0005,神奈川県,横浜市中区本町1-2-3"
UNKNOWN = (
    f"{HEADER}\r\n"
    f"M-1,2026/11/24 9:05,入金済,クレジットカード,{NAGISA},MUG,マグ,1500,2,550\r\n"
    f"M-1,2026/11/24 9:05,入金済,クレジットカード,{NAGISA},TOWEL,タオル,2200,1,550\r\n"
    f"M-2,2026/11/25 10:15,新規,代金引換,{TARO},MUG,マグ,1500,1,550\r\n"
    f"M-3,2026/11/25 11:00,新規,銀行振込,{TARO},TOWEL,タオル,2200,4,0\r\n"
)


@cache
def known() -> tuple[Mapping, ...]:
    return tuple(known_mappings())


def drafted(path: Path, folder: Path, *, like: str = "", vouched: frozenset[str] = frozenset()) -> Path:
    """Write the draft for a file as the mapping minato/file, in English."""
    seen = infer_file(path, known())
    target = folder / "mappings/minato/file.yaml"
    target.parent.mkdir(parents=True, exist_ok=True)
    with speaking("en"):
        near = nearest(seen.header, known())
        text = draft_of(path, "minato/file", seen, near, known(), like=like, vouched=vouched)
    target.write_text(text, encoding="utf-8")
    return target


@pytest.fixture
def unknown(tmp_path: Path) -> Path:
    """Give a file of a partner that nobody has declared."""
    path = tmp_path / "unknown.csv"
    path.write_bytes(UNKNOWN.encode("cp932"))
    return path


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(
            path,
            id=f"{path.parents[2].name}/{path.parent.name}/{path.name}",
            marks=() if f"{path.parents[2].name}/{path.parent.name}" in QUICK else pytest.mark.slow,
        )
        for path in INBOUND
        if path.suffix != ".json"
    ],
)
def test_a_draft_lacks_required_columns_at_most(path: Path, tmp_path: Path) -> None:
    own = next(one for one in known() if one.mapping == f"{path.parents[2].name}/{path.parent.name}")
    likes = {own.entity} if isinstance(own, InboundMapping) else {"order_lines"}
    for like in ("", *likes):
        with speaking("en"):
            faults = [fault.message for fault in check_file(drafted(path, tmp_path, like=like), tmp_path)]
        excused = ("needs the column", "the word entity is missing", "the word columns is missing")
        excused = (
            *excused,
            "the word nature is missing",
            "nature: events needs duplicates",
            "columns must be",
        )
        assert not [fault for fault in faults if not any(one in fault for one in excused)], faults


def test_a_draft_is_finished_in_three_edits_and_reads(unknown: Path, tmp_path: Path) -> None:
    draft = drafted(unknown, tmp_path, like="order_lines", vouched=frozenset({"状態"}))
    with speaking("en"):
        named = [fault.message.rpartition(": ")[2] for fault in check_file(draft, tmp_path)]
    assert named == ["order_lines needs the column order_status", "order_lines needs the column line_id"]
    text = draft.read_text(encoding="utf-8")
    edits = {
        "unused: [状態]\n": "",
        "  # order_status: ...": "  order_status: {from: 状態, map: {入金済: ready, 新規: processing}}",
        "  # line_id: {counted": "  line_id: {counted",
    }
    for before, after in edits.items():
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    draft.write_text(text, encoding="utf-8")
    assert check_file(draft, tmp_path) == []
    mapping = load_inbound("minato/file", tmp_path)
    reader = open_reader(unknown, mapping)
    rows = [row for batch in reader for row in batch.rows.to_pylist() if not batch.rejects]
    assert [(row["order_no"], row["order_status"], row["payment_method"], row["qty"]) for row in rows] == [
        ("M-1", "ready", "card", 2),
        ("M-1", "ready", "card", 1),
        ("M-2", "processing", "cod", 1),
        ("M-3", "processing", "bank_transfer", 4),
    ]
    assert {row["ordered_at"] for row in rows} >= {"2026-11-24T00:05:00Z"}
    assert reader.unknown_columns == ()


def test_every_line_says_where_it_is_from(unknown: Path, tmp_path: Path) -> None:
    text = drafted(unknown, tmp_path, like="order_lines").read_text(encoding="utf-8")
    assert "encoding: cp932  # the whole file decodes so, and in no other encoding that was tried" in text
    assert 'delimiter: ","  # all 5 records have 14 cells' in text
    assert "order_no: {from: 注文番号, as: key}  # GUESS: read so in" in text
    assert "ship_name: 届け先氏名  # GUESS: its header is like 届け先名" in text
    assert "クレジットカード: card  # GUESS: known formats mean it so; rows: 2" in text
    assert "# line_id: {counted: [商品コード], within: [注文番号]}  # MISSING" in text
    assert "different in all 4 rows; GUESS that" in text
    assert "山本" not in text


def test_what_the_cells_contradict_is_not_mapped(unknown: Path, tmp_path: Path) -> None:
    unknown.write_bytes(
        UNKNOWN.replace(",4,0\r\n", ",若干,0\r\n").replace("105-0011", "港区").encode("cp932")
    )
    text = drafted(unknown, tmp_path, like="order_lines").read_text(encoding="utf-8")
    assert re.search(
        "  # qty: 数量  # MISSING: required; GUESS: read so in .*; the cells are something else", text
    )
    assert "ship_postcode: 届け先郵便番号  # " in text
    assert "not every cell is as postcode reads it" in text


def test_of_two_equal_headers_none_is_mapped(tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    path.write_bytes("商品コード,sku,qty,ｑｔｙ\r\nA,S-1,1,2\r\n".encode())
    assert infer_file(path, known()).header.doubled == ("qty",)
    text = drafted(path, tmp_path, like="stock_levels").read_text(encoding="utf-8")
    assert "  sku: {from: sku, as: key}" in text
    assert "  # qty: ...  # MISSING" in text


def test_a_few_cells_that_are_something_else_are_counted_beside_the_column(tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    rows = "".join(f"S-{number},{'?' if number == 50 else number}\r\n" for number in range(100))
    path.write_text(f"sku,qty\r\n{rows}", encoding="utf-8", newline="")
    text = drafted(path, tmp_path, like="stock_levels").read_text(encoding="utf-8")
    assert (
        "  # qty: qty  # MISSING: required; its header is our own name; 1 of 100 cells are something else"
        in text
    )
    assert "first in line 52" in text


def test_a_number_is_a_code_only_under_the_header_of_the_format_that_means_it(tmp_path: Path) -> None:
    sample = mappings_dir() / "rakuten/samples/orders/158-columns.csv"
    text = drafted(sample, tmp_path, like="order_lines").read_text(encoding="utf-8")
    assert '      "300": ready  # GUESS' in text
    path = tmp_path / "other.csv"
    path.write_bytes("番号,進み具合\r\nA,300\r\nB,300\r\n".encode())
    assert "ready  #" not in drafted(path, tmp_path, like="order_lines").read_text(encoding="utf-8")


def test_a_file_of_only_ascii_or_without_a_header_claims_neither(tmp_path: Path) -> None:
    path = tmp_path / "ascii.csv"
    path.write_bytes(b"P0000001,12,A\r\nP0000002,7,B\r\n")
    text = drafted(path, tmp_path, like="stock_levels").read_text(encoding="utf-8")
    assert "encoding: utf-8  # GUESS: it decodes as cp932, euc_jp, iso2022_jp too" in text
    assert "header: none  # GUESS" in text
    assert "    - c1\n" in text
    assert "P0000001" not in text


def test_without_a_frame_the_nearest_format_gives_one_or_none_is_said(unknown: Path, tmp_path: Path) -> None:
    text = drafted(unknown, tmp_path).read_text(encoding="utf-8")
    assert "# entity:  # what is a row? say it with --like:" in text
    sample = mappings_dir() / "rakuten/samples/orders/158-columns.csv"
    text = drafted(sample, tmp_path).read_text(encoding="utf-8")
    assert "entity: order_lines  # GUESS: as in rakuten/orders, the nearest format (100 %)" in text
    assert "based_on: rakuten/orders" in text
