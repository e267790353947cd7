"""A file whose user decides whether it has a header: known by its first name, read by position without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecsync.errors import FileRefusedError
from ecsync.mapping.catalogue import load_inbound
from ecsync.mapping.reader import open_reader
from ecsync.mapping.records import fetch_records, header_bytes
from mapping_project import put

REST = "," * 38
HEADER = f"お客様管理番号,送り状種類,クール区分,伝票番号,出荷予定日{REST}\r\n"
ROW = f"P1,0,,400900000012,2026/11/24{REST}\r\n"
NOT_ISSUED = f"P2,0,,UMN000000001,2026/11/24{REST}\r\n"
READ = {
    "with a header": HEADER + ROW + NOT_ISSUED,
    "without one": ROW + NOT_ISSUED,
    "its first name in other widths": HEADER.replace("お客様管理番号", " お客様管理番号 ") + ROW + NOT_ISSUED,
    "without one, in the layout of today": (ROW + NOT_ISSUED).replace(REST, "," * 92),
    "other names, other places": (
        "お客様管理番号,出荷日,送り状番号\r\nP1,20261124,4009-0000-0012\r\nP2,20261124,UMN1\r\n"
    ),
    "blank lines": HEADER + "\r\n" + ROW + "\r\n" + NOT_ISSUED,
}


def read(tmp_path: Path, text: str) -> list[tuple[str, str, str]]:
    path = tmp_path / "issued.csv"
    path.write_bytes(text.encode("cp932"))
    reader = open_reader(path, load_inbound("yamato_b2/issued", None))
    rows = [row for batch in reader for row in batch.rows.to_pylist()]
    assert reader.rows_in == len(rows)
    return [(row["parcel_no"], row["tracking_no"], row["ship_date"]) for row in rows]


@pytest.mark.parametrize("case", READ)
def test_it_is_read(tmp_path: Path, case: str) -> None:
    assert read(tmp_path, READ[case]) == [("P1", "400900000012", "2026-11-24"), ("P2", "", "2026-11-24")]


REFUSED = {
    "a header that lacks a column": ("お客様管理番号,送り状種類\r\nP1,0\r\n", "header_missing"),
    "rows with too few cells": ("P1,0,,400900000012\r\n", "column_count"),
    "rows of another layout": ("P1,0,,400900000012,2026/11/24,\r\n", "column_count"),
    "rows of several lengths": (ROW + "P2,0,,400900000023,2026/11/24\r\n", "ragged"),
    "nothing": ("", "empty"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused(tmp_path: Path, case: str) -> None:
    text, reason = REFUSED[case]
    with pytest.raises(FileRefusedError) as error:
        read(tmp_path, text)
    assert error.value.reason == reason


@pytest.mark.parametrize(("text", "header", "line"), [(HEADER + ROW, HEADER, 2), (ROW, "", 1)])
def test_rows_put_aside_keep_their_own_bytes(tmp_path: Path, text: str, header: str, line: int) -> None:
    path = tmp_path / "issued.csv"
    path.write_bytes(text.encode("cp932"))
    mapping = load_inbound("yamato_b2/issued", None)
    assert header_bytes(path, mapping) == header.encode("cp932")
    assert fetch_records(path, mapping, [line]) == {line: ROW.encode("cp932")}


ISSUED = """\
mapping: minato/issued
title: {ja: 発行済み, en: Issued labels}
entity: parcel_results
nature: state
file: {encoding: cp932, header: optional, names: [番号, 届け先, 日付], column_counts: [3, 5]}
unused: any
columns:
  parcel_no: {from: 届け先, between: ["<", ">"], as: key}
  tracking_no: {from: 番号, as: tracking}
  ship_date: {from: 日付, formats: ["%Y/%m/%d"]}
"""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("400900000012,a<P1>,2026/11/24\n", ""),
        ("400900000012,a<P1>,2026/11/24,,\n", ""),
        ("400900000012,a<P1>,2026/11/24,\n", "column_count"),
        ("番号,届け先,日付,他\n400900000012,a<P1>,2026/11/24,\n", ""),
    ],
)
def test_a_layout_that_is_not_known_by_its_width_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    put(tmp_path, "minato/issued", ISSUED)
    path = tmp_path / "issued.csv"
    path.write_bytes(text.encode("cp932"))
    found = ""
    try:
        (batch,) = open_reader(path, load_inbound("minato/issued", tmp_path))
        assert batch.rows.column("parcel_no").to_pylist() == ["P1"]
    except FileRefusedError as error:
        found = error.reason
    assert found == reason


@pytest.mark.parametrize(
    ("cell", "parcel"),
    [
        ("港区1-1 <P1>", "P1"),
        ("<様方> <P1>", "P1"),
        ("<P1> 3階", "P1"),
        ("港区1-1", ""),
        ("P1>", ""),
        ("<P1", ""),
        ("><", ""),
    ],
)
def test_our_number_stands_between_marks(tmp_path: Path, cell: str, parcel: str) -> None:
    put(tmp_path, "minato/issued", ISSUED)
    path = tmp_path / "issued.csv"
    path.write_bytes(f"400900000012,{cell},2026/11/24\n".encode("cp932"))
    (batch,) = open_reader(path, load_inbound("minato/issued", tmp_path))
    assert batch.rows.column("parcel_no").to_pylist() == [parcel]
