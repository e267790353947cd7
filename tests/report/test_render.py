"""One report, five forms: each reads back as what the report holds, and none runs a formula."""

from __future__ import annotations

import csv
import io
import json
from html.parser import HTMLParser

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.locale import speaking
from ecsync.report.blocks import Block, Column, Page, Report, table_report
from ecsync.report.cells import shown
from ecsync.report.render import Form, form_of_name, render
from ecsync.report.render_text import as_text

COLUMNS = (Column("SKU", "code"), "商品名", Column("在庫", "count", "点"), Column("金額", "yen", "(税込)"))
ROWS = [
    ("00042", "タオル<大>", 1234, 12340),
    ("A-1", "=HYPERLINK(1)", -3, -500),
    ("B-2", "改行\nあり", None, 0),
]
STOCK = table_report("在庫", COLUMNS, ROWS, [{"sku": "00042"}])


def html_cells(page: str) -> list[list[str]]:
    """Return the text of each table row of a page."""

    class Cells(HTMLParser):
        rows: list[list[str]]
        inside = False

        def handle_starttag(self, tag, _attributes):
            if tag == "tr":
                self.rows.append([])
            self.inside = tag in {"td", "th"}
            if self.inside:
                self.rows[-1].append("")

        def handle_endtag(self, tag):
            self.inside = self.inside and tag not in {"td", "th"}

        def handle_data(self, data):
            if self.inside:
                self.rows[-1][-1] += data

    parser = Cells()
    parser.rows = []
    parser.feed(page)
    return parser.rows


@pytest.mark.parametrize(
    ("cell", "column", "read"),
    [
        (12340, Column("", "yen", "(税込)"), "¥12,340(税込)"),
        (-500, Column("", "yen"), "-¥500"),
        (1234, Column("", "count", "点"), "1,234点"),
        (0, Column("", "count", "件"), "0件"),
        (42, Column("", "code"), "42"),
        (None, Column("", "count", "件"), ""),
        ("00042", Column("", "code"), "00042"),
        ("two\nlines\x1b[31m", Column(""), "two lines [31m"),
    ],
)
def test_a_cell_reads_as_people_write_it(cell, column, read):
    assert shown(cell, column) == read


def test_json_gives_the_report_s_data_or_its_blocks():
    assert json.loads(render(STOCK, Form.JSON)) == [{"sku": "00042"}]
    plain = json.loads(render(Report("T", (Block("H", ("a",)),)), Form.JSON))
    assert plain["blocks"] == [{"heading": "H", "lines": ["a"], "columns": [], "rows": [], "notes": []}]


def test_csv_opens_in_a_spreadsheet_program_and_keeps_numbers_bare():
    content = render(STOCK, Form.CSV)
    assert content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))) == [
        ["SKU", "商品名", "在庫", "金額"],
        ["00042", "タオル<大>", "1234", "12340"],
        ["A-1", "'=HYPERLINK(1)", "-3", "-500"],
        ["B-2", "改行 あり", "", "0"],
    ]


def test_csv_of_several_tables_names_each_by_its_heading():
    first, second = Block("一", ("文",), notes=("他 3件",)), Block("二", columns=("a",), rows=(("1",),))
    third = Block("三", columns=("b",), rows=((2,),))
    rows = list(
        csv.reader(io.StringIO(render(Report("T", (first, second, third)), Form.CSV).decode("utf-8-sig")))
    )
    assert rows == [["一"], ["文"], ["他 3件"], [], ["二"], ["a"], ["1"], [], ["三"], ["b"], ["2"]]
    only = Report("T", (first, second, third), table=third)
    assert render(only, Form.CSV).decode("utf-8-sig") == "b\r\n2\r\n"


def test_a_workbook_keeps_leading_zeros_and_adds_up():
    book = openpyxl.load_workbook(io.BytesIO(render(STOCK, Form.XLSX)))
    sheet = book["在庫"]
    cells = [list(row) for row in sheet.iter_rows(values_only=True)]
    top = cells.index(["SKU", "商品名", "在庫", "金額"])
    assert cells[top + 1] == ["00042", "タオル<大>", 1234, 12340]
    assert cells[top + 2] == ["A-1", "'=HYPERLINK(1)", -3, -500]
    assert cells[top + 3] == ["B-2", "改行 あり", None, 0]
    assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)
    assert sheet.cell(top + 2, 4).number_format == '¥#,##0"(税込)"'
    assert sheet.cell(top + 2, 1).number_format == "@"


def test_a_workbook_is_set_up_for_reading_and_for_a4():
    sheet = openpyxl.load_workbook(io.BytesIO(render(STOCK, Form.XLSX)))["在庫"]
    header = next(cell.row for row in sheet.iter_rows() for cell in row if cell.value == "SKU")
    assert sheet.freeze_panes == f"A{header + 1}"
    assert sheet.auto_filter.ref == f"A{header}:D{header + 3}"
    assert sheet.page_setup.paperSize == 9
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.fitToHeight == 0
    assert sheet.column_dimensions["B"].width >= 12


def test_sheets_have_names_that_excel_takes():
    titles = ("商品・在庫", "a/b:c*?[d]", "x" * 40, "X" * 40, "")
    book = openpyxl.load_workbook(
        io.BytesIO(render(Report("T", pages=tuple(Page(t, (Block("h"),)) for t in titles)), Form.XLSX))
    )
    assert len({name.casefold() for name in book.sheetnames}) == len(titles)
    assert all(0 < len(name) <= 31 for name in book.sheetnames)


def test_a_page_escapes_what_it_shows_and_asks_for_nothing():
    page = render(STOCK, Form.HTML).decode()
    assert html_cells(page)[1] == ["00042", "タオル<大>", "1,234点", "¥12,340(税込)"]
    assert html_cells(page)[2][1] == "'=HYPERLINK(1)"
    assert "タオル&lt;大&gt;" in page
    for outside in ("http:", "https:", "src=", "@import", "url(", "<script", "<link"):
        assert outside not in page


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_page_says_its_language(language):
    with speaking(language):
        assert f'<html lang="{language}">' in render(STOCK, Form.HTML).decode()


def test_text_is_whole_where_there_is_no_edge_and_folds_where_there_is():
    long = table_report("長い", ("a", "b"), [("x" * 300, "y" * 300)], None)
    whole = as_text(long)
    assert "x" * 300 in whole
    assert "y" * 300 in whole
    assert "\x1b" not in whole
    folded = as_text(long, width=80)
    assert folded.count("x") == folded.count("y") == 300
    assert "…" not in folded


def test_an_empty_block_says_so_in_every_form_for_people():
    report = table_report("一覧", ("a",), [], [], empty="ありません")
    for form in (Form.TEXT, Form.HTML):
        assert "ありません" in render(report, form).decode()
    sheet = openpyxl.load_workbook(io.BytesIO(render(report, Form.XLSX)))["一覧"]
    assert "ありません" in [cell for row in sheet.iter_rows(values_only=True) for cell in row]
    assert render(report, Form.CSV).decode("utf-8-sig") == "a\r\n"


@pytest.mark.parametrize("form", list(Form))
def test_the_same_report_is_the_same_bytes(form):
    assert render(STOCK, form) == render(STOCK, form)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.xlsx", Form.XLSX),
        ("a.HTML", Form.HTML),
        ("b.csv", Form.CSV),
        ("c.json", Form.JSON),
        ("d.txt", Form.TEXT),
        ("e", None),
        ("f.pdf", None),
    ],
)
def test_a_file_s_ending_names_its_form(name, form):
    assert form_of_name(name) == form


@given(st.lists(st.tuples(st.text(max_size=20), st.integers(-(10**9), 10**9)), min_size=1, max_size=5))
def test_whatever_stands_in_a_cell_no_form_runs_it(rows):
    report = table_report("T", ("text", Column("n", "count")), list(rows), None)
    read = list(csv.reader(io.StringIO(render(report, Form.CSV).decode("utf-8-sig"), newline="")))
    assert len(read) == len(rows) + 1
    for text, number in read[1:]:
        assert len(text) < 2 or text[0] not in "=@＝＠"
        assert int(number) in {n for _text, n in rows}
    assert len(html_cells(render(report, Form.HTML).decode())) == len(rows) + 1
