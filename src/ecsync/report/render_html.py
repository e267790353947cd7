"""A report as one HTML file that needs nothing else: no script, no font, no picture from anywhere."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2

from ecsync.locale import _, current_language
from ecsync.report.cells import is_figure, shown
from ecsync.text.spreadsheet import neutralise

if TYPE_CHECKING:
    from ecsync.report.blocks import Cell, Column, Report


def as_html(report: Report) -> bytes:
    """Return the page in the language spoken now."""
    text = _template().render(
        report=report,
        pages=report.all_pages,
        language=current_language(),
        shown=_shown,
        is_figure=is_figure,
        contents=_("Contents"),
        more=_more,
    )
    return text.encode("utf-8")


def _more(count: int) -> str:
    return _("{count} more").format(count=f"{count:,}")


def _shown(cell: Cell, column: Column) -> str:
    # A table of a page is copied into a spreadsheet as easily as a file is opened.
    return neutralise(shown(cell, column)) if isinstance(cell, str) else shown(cell, column)


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("report.html")
