"""`mappings infer` on the command line: its report in every form, its statuses, and nobody's name in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from canaries import CANARIES, heard, with_canaries
from ecsync.cli.inferred_report import report_of
from ecsync.mapping.catalogue import load_inbound
from ecsync.mapping.golden import samples_folder
from ecsync.mapping.infer import infer_file, known_mappings
from ecsync.mapping.infer_draft import draft_of
from ecsync.mapping.infer_nearest import nearest
from ecsync.report.render import Form, render
from face import Ecsync, speaker
from partner_files.base import read_table, table

ROWS = (
    "注文番号,注文日,状態,受取人,電話,数量,備考\r\n"
    "M-1,2026/11/24,入金済,山本 渚,090-0000-0001,2,\r\n"
    "M-1,2026/11/24,入金済,山本 渚,090-0000-0001,1,\r\n"
    "M-2,2026/11/25,新規,港 太郎,090-0000-0002,1,\r\n"
    "M-3,2026/11/25,新規,港 太郎,03-0000-0002,4,\r\n"
)


@pytest.fixture
def ecsync(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Ecsync:
    """Give the command line on a project without anything."""
    return speaker(capsys, tmp_path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a file of an unknown partner."""
    path = tmp_path / "unknown.csv"
    path.write_bytes(ROWS.encode("cp932"))
    return path


def test_the_report_says_what_is_proven_and_what_is_a_guess(ecsync: Ecsync, file: Path) -> None:
    said = ecsync("mappings", "infer", str(file))
    assert said.status == 0
    assert "encoding: cp932; the whole file decodes so, and not as utf-8 (line 1)" in said.out
    assert "comma; all 5 records have 7 cells, and no other delimiter holds" in said.out
    assert "line ends of the records: CRLF 5" in said.out
    assert "all 4: date %Y/%m/%d" in said.out
    assert "all 4: phone number" in said.out
    assert "empty in all 4 rows: 備考" in said.out
    assert "注文番号: 3 different, at most 2 rows of one, which stand together" in said.out
    assert "注文番号: not unique, lines 2 and 3 are equal" in said.out
    assert "only 4 rows" in said.out


def test_json_holds_the_same_as_data(ecsync: Ecsync, file: Path) -> None:
    told = ecsync("mappings", "infer", str(file), "--json").data
    assert told["encoding"] == {
        "taken": "cp932",
        "possible": ["cp932"],
        "proven": True,
        "ascii": False,
        "mark": "",
    }
    assert told["delimiter"] == {"taken": ",", "proven": True, "columns": 7, "records": 5}
    assert told["columns"][1]["forms"] == ["%Y/%m/%d"]
    assert told["shared"][0] == {"column": "注文番号", "different": 3, "most": 2, "together": True}


def test_codes_are_shown_where_they_are_known_or_vouched_for(ecsync: Ecsync, file: Path) -> None:
    plain = ecsync("mappings", "infer", str(file), "--json").data["columns"][2]
    assert "山本" not in ecsync("mappings", "infer", str(file)).out
    assert sum(plain["codes"].values()) + plain["codes_not_shown"] >= 1
    shown = ecsync("mappings", "infer", str(file), "--show", "状態", "--json").data["columns"][2]
    assert shown["codes"] == {"入金済": 2, "新規": 2}
    assert ecsync("mappings", "infer", str(file), "--show", "無い列").status == 2


def test_where_no_header_is_seen_no_cell_is_shown_as_one(ecsync: Ecsync, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("".join(ROWS.splitlines(keepends=True)[1:]), encoding="utf-8", newline="")
    said = ecsync("mappings", "infer", str(path))
    assert "header: none" in said.out
    assert "say --header" in said.out
    assert "山本" not in said.out + said.err
    assert ecsync("mappings", "infer", str(path), "--no-header", "--json").data["rows"] == 4


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (None, 2),
        (b"", 14),
        (b"PK\x03\x04rest", 14),
        (b"a,b\r\n1,2\r\n3\r\n", 14),
        ("注文番号,数量\r\n".encode(), 0),
    ],
)
def test_what_cannot_be_looked_at_ends_with_its_own_status(
    ecsync: Ecsync, tmp_path: Path, content: bytes | None, status: int
) -> None:
    path = tmp_path / "file.csv"
    if content is not None:
        path.write_bytes(content)
    assert ecsync("mappings", "infer", str(path)).status == status


def test_the_draft_is_printed_or_written_and_never_over_another(
    ecsync: Ecsync, file: Path, tmp_path: Path
) -> None:
    words = ("mappings", "infer", str(file), "--like", "order_lines")
    printed = ecsync(*words).out
    assert "mapping: partner/kind" in printed
    target = tmp_path / "mappings/minato/orders.yaml"
    said = ecsync(*words, "--write", str(target))
    assert "mapping: " not in said.out
    assert "4 faults" in said.err
    text = target.read_text(encoding="utf-8")
    assert "mapping: minato/orders\n" in text
    checked = ecsync("mappings", "check", str(target))
    assert checked.status == 10
    assert [line.rpartition(" ")[2] for line in checked.out.splitlines()] == [
        "order_status",
        "payment_method",
        "line_id",
        "unit_price",
    ]
    again = ecsync(*words, "--write", str(target))
    assert again.status == 2
    assert target.read_text(encoding="utf-8") == text
    assert ecsync(*words, "--write", str(tmp_path / "Orders.yaml")).status == 2
    assert ecsync("mappings", "infer", str(file), "--like", "parcels").status == 2
    assert (
        text.splitlines()[2:]
        == ecsync(*words, "--json")
        .data["draft"]
        .replace(
            "mapping: partner/kind  # its name is its place: mappings/partner/kind.yaml",
            "mapping: minato/orders",
        )
        .replace("partner kind", "minato orders")
        .splitlines()[2:]
    )


@pytest.mark.parametrize("name", CANARIES)
def test_canaries_stay_silent_in_every_form(tmp_path: Path, name: str) -> None:
    mappings = known_mappings()
    mapping = load_inbound(name)
    sample = next(one for one in sorted(samples_folder(mapping).iterdir()) if one.suffix != ".json")
    header, *rows = with_canaries(name, read_table(sample.read_bytes(), mapping.file.encoding))
    path = tmp_path / "canaries.csv"
    for first in (header, [f"x{number}" for number in range(len(header))], rows[0]):
        path.write_bytes(table(first, rows, encoding="utf-8", quote=True, newline="\r\n"))
        seen = infer_file(path, mappings)
        near = nearest(seen.header, mappings)
        draft = draft_of(path, "minato/orders", seen, near, mappings, like="order_lines")
        report = report_of(path, seen, near, mappings, frozenset(), draft=draft)
        for form in (Form.TEXT, Form.JSON, Form.CSV, Form.HTML):
            assert heard(render(report, form).decode("utf-8")) == [], (form, first[:3])


def test_a_machine_without_a_locale_or_a_terminal_gets_plain_utf_8(file: Path) -> None:
    environment = {**os.environ, "LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0"}
    for words in (("--lang", "ja"), ()):
        done = subprocess.run(
            [sys.executable, "-m", "ecsync", *words, "mappings", "infer", str(file)],
            capture_output=True,
            check=True,
            env=environment,
        )
        assert "注文番号" in done.stdout.decode("utf-8")
        assert b"\x1b" not in done.stdout
