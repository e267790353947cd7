"""A work list as a workbook: a row per decision, choices to pick from, made for A4, nothing to break by accident."""

from __future__ import annotations

import io
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter

from ecsync.locale import _
from ecsync.report import worklist_columns as layout
from ecsync.report.cells import plain
from ecsync.report.matter_words import decision_word
from ecsync.text.spreadsheet import neutralise

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from ecsync.report.worklist import WorkList

_A4: Final = 9
_FONT: Final = "Yu Gothic"
# The same list is the same bytes.
_MADE: Final = datetime(2020, 1, 1)  # noqa: DTZ001  (a workbook knows no time zone)
_HEADER_ROW: Final = 3
_INSTRUCTIONS_WIDTH: Final = (24, 96)


def as_workbook(work: WorkList) -> bytes:
    """Return the workbook of a work list, in the language spoken now."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": work.title, "created": _MADE})
    styles = _styles(book)
    _write_list(book.add_worksheet(work.desk_word), work, styles)
    _write_instructions(book.add_worksheet(_("How to")), work, styles)
    book.close()
    return out.getvalue()


def _styles(book: Workbook) -> dict[str, Any]:
    def made(**properties: Any) -> Any:  # noqa: ANN401  (XlsxWriter's own class)
        return book.add_format({"font_name": _FONT, "valign": "top", "text_wrap": True, **properties})

    lines = {"border": 1, "border_color": "#C5CFDA"}
    return {
        "title": made(bold=True, font_size=14, text_wrap=False),
        "note": made(font_color="#5A6673", text_wrap=False),
        "line": made(),
        "header": made(bold=True, bg_color="#E8EEF5", **lines),
        "fill_header": made(bold=True, bg_color="#FFE9A8", **lines),
        "told": made(num_format="@", **lines),
        # Text, so that nothing that is typed turns into a number or a date.
        "fill": made(num_format="@", bg_color="#FFF9E5", locked=False, **lines),
    }


def _write_list(sheet: Worksheet, work: WorkList, styles: dict[str, Any]) -> None:
    columns = layout.columns(personal=work.personal)
    sheet.write_string(0, 0, work.title, styles["title"])
    sheet.write_string(1, 0, work.about, styles["note"])
    for number, column in enumerate(columns):
        style = styles["fill_header" if column in layout.FILLED_IN else "header"]
        sheet.write_string(_HEADER_ROW, number, _(column), style)
        hidden = {"hidden": True} if column == layout.KEY else {}
        sheet.set_column(number, number, layout.WIDTHS[column], None, hidden)
    for offset, row in enumerate(work.rows, start=_HEADER_ROW + 1):
        for number, column in enumerate(columns):
            if column in layout.FILLED_IN:
                sheet.write_blank(offset, number, None, styles["fill"])
            else:
                sheet.write_string(offset, number, neutralise(plain(row.cells[column])), styles["told"])
        _offer_choices(sheet, offset, columns.index(layout.DECISION), row.matter.choices)
    last = _HEADER_ROW + max(len(work.rows), 1)
    sheet.freeze_panes(_HEADER_ROW + 1, columns.index(layout.ORDER) + 1)
    sheet.autofilter(_HEADER_ROW, 0, last, len(columns) - 1)
    sheet.protect("", {"autofilter": True, "format_columns": True, "format_rows": True})
    sheet.repeat_rows(_HEADER_ROW)
    sheet.print_area(0, 0, last, len(columns) - 2)
    _set_up_page(sheet)


def _offer_choices(sheet: Worksheet, row: int, column: int, choices: tuple[str, ...]) -> None:
    sheet.data_validation(
        row,
        column,
        row,
        column,
        {
            "validate": "list",
            "source": [decision_word(kind) for kind in choices],
            "error_title": _("Decision"),
            "error_message": _("Choose one of the list, or leave the cell empty."),
        },
    )


def _write_instructions(sheet: Worksheet, work: WorkList, styles: dict[str, Any]) -> None:
    sheet.set_column(0, 0, _INSTRUCTIONS_WIDTH[0])
    sheet.set_column(1, 1, _INSTRUCTIONS_WIDTH[1])
    sheet.write_string(0, 0, work.title, styles["title"])
    row = 2
    for number, line in enumerate(work.instructions, start=1):
        sheet.write_string(row, 0, str(number), styles["line"])
        sheet.write_string(row, 1, neutralise(plain(line)), styles["line"])
        row += 1
    row += 1
    for number, title in enumerate((_("Decision"), _("What comes of it"))):
        sheet.write_string(row, number, title, styles["header"])
    for word, does in work.decisions:
        row += 1
        sheet.write_string(row, 0, word, styles["told"])
        sheet.write_string(row, 1, does, styles["told"])
    _set_up_page(sheet)


def _set_up_page(sheet: Worksheet) -> None:
    sheet.set_paper(_A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer("&L&A&R&P / &N")
