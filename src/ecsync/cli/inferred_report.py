"""The report of `mappings infer`: what was seen in a file, how sure it is, and what a person should look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.cli.inferred_words import (
    delimiter_word,
    encoding_line,
    header_line,
    kind_sentence,
    mark_line,
)
from ecsync.locale import _
from ecsync.mapping.infer_codes import known_codes, personal_headers, shown_codes
from ecsync.mapping.rejects import FILE_REASONS, FileFault
from ecsync.report.blocks import Block, Column, Report

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ecsync.mapping.infer import Inferred
    from ecsync.mapping.infer_columns import ColumnSeen
    from ecsync.mapping.infer_keys import KeySeen
    from ecsync.mapping.infer_nearest import Near
    from ecsync.mapping.model import Mapping

_MOST_NEAR: Final = 5
_MOST_NAMES: Final = 12
_FEW_ROWS: Final = 30


_Codes = dict[str, tuple[dict[str, int], int]]


def report_of(
    path: Path,
    seen: Inferred,
    near: Sequence[Near],
    mappings: Sequence[Mapping],
    vouched: frozenset[str],
    *,
    draft: str = "",
) -> Report:
    """Return the report; no cell of the file stands in it but codes that are known, short, or vouched for."""
    known, personal = known_codes(mappings), personal_headers(mappings)
    codes = {
        column.name: shown_codes(column, known, personal, vouched=column.name in vouched)
        for column in seen.contents.columns
        if column.is_list or column.name in vouched
    }
    columns = _columns(seen)
    blocks = (
        Block(_("The bytes of {file}").format(file=path.name), _bytes(seen)),
        columns,
        Block(_("Codes"), tuple(_codes(codes)), empty=_("no column holds a list of codes")),
        Block(_("Look at these"), tuple(_warnings(seen)), empty=_("nothing")),
        Block(_("Keys"), tuple(_keys(seen)), empty=_("nothing tells the rows apart")),
        _near(near, has_header=seen.header.is_there),
    )
    return Report(
        _("What the file says"),
        blocks,
        table=columns,
        data={**_data(path, seen, near, codes), "draft": draft},
    )


def _bytes(seen: Inferred) -> tuple[str, ...]:
    layout, ends = seen.layout, seen.layout.ends
    records = f"{layout.records:,}"
    lines = [encoding_line(seen.encodings, seen.file.encoding)]
    word = delimiter_word(layout.file.delimiter)
    if layout.shape.columns == 1:
        lines.append(_("delimiter: none; all {records} records have one cell").format(records=records))
    else:
        told = (
            _("delimiter: {name}; all {records} records have {cells} cells, and no other delimiter holds")
            if layout.proven
            else _(
                "delimiter: GUESS {name}; all {records} records have {cells} cells, but another one holds too"
            )
        )
        lines.append(told.format(name=word, records=records, cells=layout.shape.columns))
    for other in layout.tried:
        if other is layout.chosen:
            continue
        if other.refusal is None:
            lines.append(
                _("{name} holds too: {cells} cells").format(
                    name=delimiter_word(other.delimiter), cells=other.columns
                )
            )
        else:
            fault = _(FILE_REASONS[FileFault(other.refusal.reason)].title).format_map(other.refusal.params)
            lines.append(
                _("{name} does not hold: {fault} (line {line})").format(
                    name=delimiter_word(other.delimiter), fault=fault, line=other.refusal.line
                )
            )
    lines.append(_quotes(seen))
    none = _("none")
    told_ends = ", ".join(f"{end or none} {count:,}" for end, count in ends.records.items())
    lines.append(_("line ends of the records: {ends}").format(ends=told_ends))
    if ends.in_cells:
        lines.append(_("line ends inside cells: {count}").format(count=f"{ends.in_cells:,}"))
    if ends.blank:
        lines.append(_("blank lines, left out: {count}").format(count=f"{ends.blank:,}"))
    if seen.file.preamble:
        lines.append(_("lines above the header or the first row: {count}").format(count=seen.file.preamble))
    lines += header_line(seen.header)
    lines.append(_("rows: {count}").format(count=f"{seen.contents.rows:,}"))
    return tuple(lines)


def _quotes(seen: Inferred) -> str:
    ends = seen.layout.ends
    if not seen.file.has_quotes:
        return _("quotes: signs like any other; taken as quotes they do not fit")
    if not ends.quoted:
        return _("quotes: none in the file")
    if ends.quoted == ends.cells:
        return _("quotes: around all {count} cells").format(count=f"{ends.cells:,}")
    return _("quotes: around {quoted} of {count} cells; each opens or closes one").format(
        quoted=f"{ends.quoted:,}", count=f"{ends.cells:,}"
    )


def _columns(seen: Inferred) -> Block:
    rows = [
        (number, column.name, column.filled, column.blank, kind_sentence(column))
        for number, column in enumerate(seen.contents.columns, 1)
    ]
    return Block(
        _("Columns"),
        columns=(
            Column("#", "count"),
            Column(_("header"), "code"),
            Column(_("filled"), "count"),
            Column(_("blank"), "count"),
            _("what the filled cells are"),
        ),
        rows=tuple(rows),
    )


def _codes(codes: _Codes) -> list[str]:
    lines = []
    for name, (shown, others) in codes.items():
        told = [f"{code} ({count:,})" for code, count in shown.items()]
        if told and others:
            told.append(_("{count} more that are not known").format(count=others))
        if told:
            lines.append(f"{name}: {', '.join(told)}")
    hidden = [name for name, (_shown, others) in codes.items() if others]
    if hidden:
        lines.append(
            _("not shown, as they may be about a person (--show HEADER shows them): {names}").format(
                names=", ".join(hidden)
            )
        )
    return lines


def _warnings(seen: Inferred) -> list[str]:
    lines = [line for column in seen.contents.columns for line in _marks(column)]
    empty = [column.name for column in seen.contents.columns if not column.filled]
    if empty and seen.contents.rows:
        lines.append(
            _("empty in all {rows} rows: {names}").format(
                rows=f"{seen.contents.rows:,}", names=", ".join(empty)
            )
        )
    if seen.header.doubled:
        names = ", ".join(seen.header.doubled)
        lines.append(
            _("headers that stand more than once, so that no column is mapped: {names}").format(names=names)
        )
    if seen.contents.rows < _FEW_ROWS:
        lines.append(
            _("only {rows} rows: what holds for all of them may be chance").format(rows=seen.contents.rows)
        )
    return lines


def _marks(column: ColumnSeen) -> list[str]:
    return [mark_line(column.name, name, mark) for name, mark in column.marks.items() if mark.count]


def _keys(seen: Inferred) -> list[str]:
    keys = seen.contents.keys
    return [_key_line(seen, one) for one in (*keys.singles, *keys.pairs)] + [
        (
            _("{name}: {different} different, at most {most} rows of one, which stand together")
            if one.together
            else _("{name}: {different} different, at most {most} rows of one, not always together")
        ).format(name=seen.header.names[one.column], different=f"{one.different:,}", most=f"{one.most:,}")
        for one in keys.shared
    ]


def _key_line(seen: Inferred, key: KeySeen) -> str:
    name = " + ".join(seen.header.names[at] for at in key.columns)
    if key.unique:
        return _("{name}: different in all {rows} rows").format(name=name, rows=f"{seen.contents.rows:,}")
    if key.lines:
        return _("{name}: not unique, lines {first} and {second} are equal").format(
            name=name, first=key.lines[0], second=key.lines[1]
        )
    return _("{name}: not proven").format(name=name)


def _near(near: Sequence[Near], *, has_header: bool) -> Block:
    rows = [
        (
            one.mapping.mapping,
            f"{one.score} %" if has_header else "-",
            _("the very header of {sample}").format(sample=one.same_as) if one.same_as else "",
            _named(one.missing),
            _named(one.added),
        )
        for one in near[:_MOST_NEAR]
    ]
    notes = () if has_header else (_("without a header only the number of columns is compared"),)
    return Block(
        _("Nearest known formats"),
        columns=(
            Column(_("mapping"), "code"),
            Column(_("score"), "short"),
            _("same as"),
            _("needs, and the file lacks"),
            _("has, and it does not know"),
        ),
        rows=tuple(rows),
        notes=notes if rows else (),
        empty=_("none has anything in common with it"),
    )


def _named(names: Sequence[str]) -> str:
    rest = len(names) - _MOST_NAMES
    return ", ".join([*names[:_MOST_NAMES], *([_("{count} more").format(count=rest)] if rest > 0 else [])])


def _data(path: Path, seen: Inferred, near: Sequence[Near], codes: _Codes) -> dict[str, object]:
    names = seen.header.names
    keys = seen.contents.keys
    return {
        "file": str(path),
        "encoding": {
            "taken": seen.file.encoding,
            "possible": list(seen.encodings.possible),
            "proven": seen.encodings.proven,
            "ascii": seen.encodings.is_ascii,
            "mark": seen.encodings.mark,
        },
        "delimiter": {
            "taken": seen.file.delimiter,
            "proven": seen.layout.proven,
            "columns": seen.layout.shape.columns,
            "records": seen.layout.records,
        },
        "quote": seen.file.quote,
        "quoted_cells": seen.layout.ends.quoted,
        "line_ends": {end or "none": count for end, count in seen.layout.ends.records.items()},
        "line_ends_in_cells": seen.layout.ends.in_cells,
        "preamble": seen.file.preamble,
        "header": {
            "is_there": seen.header.is_there,
            "reason": seen.header.reason,
            "fingerprint": seen.header.fingerprint,
            "names": list(names),
        },
        "rows": seen.contents.rows,
        "columns": [_column_data(column, codes) for column in seen.contents.columns],
        "keys": [
            {
                "columns": [names[at] for at in one.columns],
                "unique": one.unique,
                "equal_lines": list(one.lines),
            }
            for one in (*keys.singles, *keys.pairs)
        ],
        "shared": [
            {
                "column": names[one.column],
                "different": one.different,
                "most": one.most,
                "together": one.together,
            }
            for one in keys.shared
        ],
        "nearest": [
            {
                "mapping": one.mapping.mapping,
                "score": one.score,
                "same_as": one.same_as,
                "missing": list(one.missing),
                "added": list(one.added),
            }
            for one in near[:_MOST_NEAR]
        ],
    }


def _column_data(column: ColumnSeen, codes: _Codes) -> dict[str, object]:
    shown, others = codes.get(column.name, ({}, 0))
    nearly = column.nearly
    return {
        "header": column.name,
        "filled": column.filled,
        "blank": column.blank,
        "kind": column.kind,
        "also": column.also,
        "forms": column.forms,
        "nearly": "" if nearly is None else nearly[0],
        "exceptions": 0 if nearly is None else nearly[1].against.count,
        "exception_lines": [] if nearly is None else nearly[1].against.lines,
        "shortest": column.shortest,
        "longest": column.longest,
        "codes": shown,
        "codes_not_shown": others,
        "marks": {
            name: {"count": mark.count, "lines": mark.lines}
            for name, mark in column.marks.items()
            if mark.count
        },
    }
