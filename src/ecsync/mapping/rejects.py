"""Why a row or a whole file cannot be used: the closed list of reasons, with what staff read and what to do.

A reason's code goes into findings and the quarantine; its sentence never holds a cell of the file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import TYPE_CHECKING, Final, NamedTuple

from ecsync.errors import FileRefusedError
from ecsync.locale import N_, _
from ecsync.text.faults import FAULT_TITLES, TextFault

if TYPE_CHECKING:
    from collections.abc import Mapping


@unique
class FileFault(StrEnum):
    """Why a file is refused whole."""

    EMPTY = "empty"
    NOT_TEXT = "not_text"
    ENCODING = "encoding"
    ENCODING_OTHER = "encoding_other"
    NUL_BYTE = "nul_byte"
    OPEN_QUOTE = "open_quote"
    LONE_QUOTE = "lone_quote"
    GLUED_TEXT = "glued_text"
    RAGGED = "ragged"
    NO_FINAL_NEWLINE = "no_final_newline"
    RECORD_TOO_LONG = "record_too_long"
    TOO_MANY_COLUMNS = "too_many_columns"
    COLUMN_COUNT = "column_count"
    HEADER_MISSING = "header_missing"
    HEADER_DOUBLED = "header_doubled"
    CHANGED_WHILE_READ = "changed_while_read"
    NOTHING_KEPT = "nothing_kept"


@unique
class RowFault(StrEnum):
    """Why a row is put aside, beside the faults of its texts."""

    REQUIRED = "required"
    UNKNOWN_CODE = "unknown_code"
    EXCEL_SCIENTIFIC = "excel_scientific"
    OUT_OF_RANGE = "out_of_range"
    NOT_A_FLAG = "not_a_flag"


class Reason(NamedTuple):
    """What staff read beside the place, and what to do about it (msgids)."""

    title: str
    hint: str


@dataclass(frozen=True)
class Reject:
    """One cell that makes its row unusable.

    `line` is the physical line where the record begins, `column` the partner's header name, `reason` a code
    of ROW_REASONS. `params` holds no cell value; `value` does, and belongs to the quarantine alone.
    `business_key` is the first key column of the row, '' where it could not be read.
    """

    line: int
    column: str
    reason: str
    params: Mapping[str, str] = field(default_factory=dict)
    value: str = field(default="", repr=False)
    business_key: str = ""


_MEND: Final = N_("Mend the cell and put the row in again")
_EXPORT_ANEW: Final = N_("Export the file anew and put it in without opening it in a spreadsheet program")

ROW_REASONS: Final[dict[str, Reason]] = {
    **{fault.value: Reason(title, _MEND) for fault, title in FAULT_TITLES.items()},
    TextFault.EXCEL_DAMAGE.value: Reason(FAULT_TITLES[TextFault.EXCEL_DAMAGE], _EXPORT_ANEW),
    RowFault.EXCEL_SCIENTIFIC.value: Reason(
        N_("A spreadsheet program has turned the number into the form 1.23E+12; its digits are lost"),
        _EXPORT_ANEW,
    ),
    RowFault.REQUIRED.value: Reason(
        N_("It is empty, and must not be"), N_("Fill the cell in and put the row in again")
    ),
    RowFault.UNKNOWN_CODE.value: Reason(
        N_("The code is not known; known are: {known}"),
        N_("Add the code to the mapping's table, or mend the cell and put the row in again"),
    ),
    RowFault.OUT_OF_RANGE.value: Reason(
        N_("It lies outside what is possible ({minimum} to {maximum})"), _MEND
    ),
    RowFault.NOT_A_FLAG.value: Reason(N_("It is neither 0 nor 1"), _MEND),
}

_WHOLE: Final = N_("Fetch the file from the partner again")
_BY_HAND: Final = N_("Fetch the file anew; if someone has edited it, undo that")

FILE_REASONS: Final[dict[FileFault, Reason]] = {
    FileFault.EMPTY: Reason(N_("it is empty"), _WHOLE),
    FileFault.NOT_TEXT: Reason(
        N_("it is no CSV file but {kind}"), N_("Unpack or export it as CSV and put that in")
    ),
    FileFault.ENCODING: Reason(
        N_("it is not written in {encoding}"), N_("Export it in the declared encoding, or change the mapping")
    ),
    FileFault.ENCODING_OTHER: Reason(
        N_("it is written in {found}, not in {encoding}"),
        N_("Export it in the declared encoding, or change the mapping"),
    ),
    FileFault.NUL_BYTE: Reason(N_("it holds a NUL byte"), _WHOLE),
    FileFault.OPEN_QUOTE: Reason(N_("it ends inside a quoted cell: it was cut"), _WHOLE),
    FileFault.LONE_QUOTE: Reason(N_("a quote stands inside a cell that is not quoted"), _BY_HAND),
    FileFault.GLUED_TEXT: Reason(N_("text follows a closing quote"), _BY_HAND),
    FileFault.RAGGED: Reason(N_("a row has {found} cells instead of {expected}"), _BY_HAND),
    FileFault.NO_FINAL_NEWLINE: Reason(
        N_("its last row has no line end: whether it was cut cannot be known"),
        N_("Fetch the file again; if it is whole, add a line end"),
    ),
    FileFault.RECORD_TOO_LONG: Reason(
        N_("a row is longer than {limit} bytes; a quote may be missing"), _BY_HAND
    ),
    FileFault.TOO_MANY_COLUMNS: Reason(N_("it has {found} columns, more than {limit}"), _WHOLE),
    FileFault.COLUMN_COUNT: Reason(
        N_("it has {found} columns and no header; what stands where is known for: {known}"),
        N_("Export it with its header, or write the layout into a mapping of your own"),
    ),
    FileFault.HEADER_MISSING: Reason(
        N_("columns are missing: {missing}; columns that are not known: {strange}"),
        N_("Choose all columns in the partner's export, or change the mapping"),
    ),
    FileFault.HEADER_DOUBLED: Reason(
        N_("columns stand more than once: {doubled}"), N_("Choose each column once in the partner's export")
    ),
    FileFault.CHANGED_WHILE_READ: Reason(
        N_("it changed while it was read"), N_("Run again when it is complete")
    ),
    FileFault.NOTHING_KEPT: Reason(
        N_("none of its rows is one that is looked for: {kept}"),
        N_("Correct the name in ecsync.toml or in the mapping"),
    ),
}


def refused(
    fault: FileFault,
    *,
    line: int = 0,
    column: str = "",
    offset: int = 0,
    params: Mapping[str, str] | None = None,
) -> FileRefusedError:
    """Return the error that refuses a whole file, with its place in the sentence."""
    known = FILE_REASONS[fault]
    given = dict(params or {})
    sentence = _(known.title).format_map(given)
    if where := place(line, column, offset):
        told = _(where).format(line=line, column=column, offset=offset)
        sentence = f"{sentence} ({told})"
    return FileRefusedError(
        sentence,
        reason=fault.value,
        line=line,
        column=column,
        offset=offset,
        params=given,
        hint=_(known.hint),
        fault=known.title,
        advice=known.hint,
    )


def place(line: int, column: str, offset: int) -> str:
    """Return the msgid that names a place in a file; '' where there is none to name."""
    if not line:
        return ""
    if column and not offset:
        return N_("line {line}, column {column}")
    return N_("line {line}, column {column}, byte {offset}") if column else N_("line {line}, byte {offset}")


def told(error: FileRefusedError) -> dict[str, object]:
    """Return what a finding keeps of a refused file, so that it can be said in any language."""
    where = place(error.line, error.column, error.offset)
    return {
        **error.params,
        "reason": "{fault} ({place})" if where else "{fault}",
        "fault": error.fault,
        "place": where,
        "advice": error.advice,
        "code": error.reason,
        "line": error.line,
        "column": error.column,
        "offset": error.offset,
    }
