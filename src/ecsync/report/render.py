"""A report as bytes in the form that is asked for: text, JSON, CSV, HTML or a workbook."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecsync.report.blocks import Block, Report


class Form(StrEnum):
    """The forms of a report; the value is also the ending of its file."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    HTML = "html"
    XLSX = "xlsx"


def form_of_name(name: str) -> Form | None:
    """Return the form that a file's name asks for by its ending."""
    ending = name.rpartition(".")[2].lower()
    return Form.TEXT if ending == "txt" else next((form for form in Form if form.value == ending), None)


def render(report: Report, form: Form) -> bytes:
    """Return the report in a form, the same bytes for the same report."""
    if form is Form.JSON:
        return as_json(report).encode("utf-8")
    if form is Form.CSV:
        from ecsync.report.render_csv import as_csv  # noqa: PLC0415

        return as_csv(report)
    if form is Form.HTML:
        from ecsync.report.render_html import as_html  # noqa: PLC0415

        return as_html(report)
    if form is Form.XLSX:
        from ecsync.report.render_xlsx import as_xlsx  # noqa: PLC0415

        return as_xlsx(report)
    from ecsync.report.render_text import as_text  # noqa: PLC0415

    return as_text(report).removeprefix("\n").encode("utf-8")


def as_json(report: Report) -> str:
    """Return the report's data, or where it has none, its blocks."""
    value = report.data if report.data is not None else _as_data(report)
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _as_data(report: Report) -> dict[str, object]:
    return {"title": report.title, "about": report.about, "blocks": [_block(b) for b in report.blocks]}


def _block(block: Block) -> dict[str, object]:
    return {
        "heading": block.heading,
        "lines": block.lines,
        "columns": [column.title for column in block.table_columns],
        "rows": (*block.rows, *block.rest),
        "notes": block.notes,
    }
