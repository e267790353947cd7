"""The sentences of `mappings infer`: how sure each is stands in its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.locale import N_, _
from ecsync.mapping.infer_header import TOLD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecsync.mapping.infer_columns import ColumnSeen, Seen
    from ecsync.mapping.infer_encoding import Encodings
    from ecsync.mapping.infer_header import HeaderSeen

_DELIMITERS: Final = {",": N_("comma"), "\t": N_("tab"), ";": N_("semicolon"), "|": N_("bar")}
KIND_WORDS: Final = {
    "flag": N_("0 or 1"),
    "date": N_("date"),
    "time": N_("date and time"),
    "month_first": N_("date, the month first"),
    "day_first": N_("date, the day first"),
    "prefecture": N_("prefecture"),
    "mail": N_("e-mail address"),
    "phone": N_("phone number"),
    "jan": N_("JAN, check digit right"),
    "tracking": N_("twelve digits with a carrier's check digit"),
    "integer": N_("whole number"),
    "postcode": N_("postcode"),
    "yen": N_("amount in yen"),
    "percent": N_("percentage"),
    "decimal": N_("number with a fraction"),
    "clock": N_("time of day"),
    "digits": N_("digits that are no number: text"),
    "address": N_("address that begins with its prefecture"),
}
_DATES: Final = frozenset({"date", "time", "month_first", "day_first"})
_MARKS: Final = {
    "scientific": N_(
        "{name}: {count} cells like 1.23E+12: a spreadsheet program has destroyed their digits ({lines})"
    ),
    "error_cell": N_("{name}: {count} cells are errors of a spreadsheet program, like #REF! ({lines})"),
    "formula_text": N_('{name}: {count} cells are written as a formula, like ="..." ({lines})'),
    "became_day": N_(
        "{name}: {count} cells look like codes that a spreadsheet program has turned into days ({lines})"
    ),
    "short_day": N_(
        "{name}: {count} dates lack leading zeros; a spreadsheet program may have written the file ({lines})"
    ),
    "leading_zero": N_(
        "{name}: {count} cells begin with a zero; read it as text, never as a number ({lines})"
    ),
}


def delimiter_word(delimiter: str) -> str:
    """Return what a delimiter is called."""
    return _(_DELIMITERS[delimiter])


def encoding_line(encodings: Encodings, taken: str) -> str:
    """Return in what the file decodes, and whether that proves anything."""
    if encodings.mark:
        return _("encoding: {name}, by its byte order mark; the whole file decodes").format(
            name=encodings.mark
        )
    if encodings.is_ascii:
        return _("encoding: not known; every byte is ASCII, which reads alike in {names}").format(
            names=", ".join(encodings.possible)
        )
    failed = ", ".join(
        _("{name} (line {line})").format(name=one.encoding, line=one.line)
        for one in encodings.trials
        if not one.holds
    )
    if encodings.proven:
        told = (
            _("encoding: {name}; the whole file decodes so, and not as {failed}")
            if failed
            else _("encoding: {name}; the whole file decodes so, and its NUL bytes show two bytes to a sign")
        )
        return told.format(name=taken, failed=failed)
    return _("encoding: GUESS {name}; the whole file decodes as {names}, which proves nothing").format(
        name=taken, names=", ".join(encodings.possible)
    )


def header_line(header: HeaderSeen) -> list[str]:
    """Return whether there is a header, why it is thought so, and its fingerprint."""
    reason = _(TOLD[header.reason]).format_map(header.params)
    if not header.is_there:
        return [_("header: none; {reason}").format(reason=reason)]
    return [
        _("header: yes, by judgement; {reason}").format(reason=reason),
        _("fingerprint of the header: {fingerprint}").format(fingerprint=header.fingerprint),
    ]


def kind_words(kind: str, forms: Sequence[str]) -> str:
    """Return what a kind is called, with the patterns of its dates."""
    word = _(KIND_WORDS[kind])
    return f"{word} {' | '.join(forms)}" if kind in _DATES else word


def kind_sentence(column: ColumnSeen) -> str:
    """Return what the filled cells of a column are, never more than was seen."""
    if not column.filled:
        return _("always empty")
    count = f"{column.filled:,}"
    if column.kind:
        told = _("all {count}: {kind}").format(count=count, kind=kind_words(column.kind, column.forms))
        if column.also:
            words = ", ".join(_(KIND_WORDS[one]) for one in column.also)
            told = _("{told}; could as well be: {others}").format(told=told, others=words)
    elif column.nearly:
        kind, seen = column.nearly
        told = _("{some} of {count}: {kind}; not so: {lines}, first of the form {shape}").format(
            some=f"{column.filled - seen.against.count:,}",
            count=count,
            kind=kind_words(kind, [form for form, _count in seen.forms.most_common()]),
            lines=line_list(seen.against),
            shape=seen.shape,
        )
    else:
        one = column.shortest == column.longest
        told = _("text of {longest} signs") if one else _("text of {shortest} to {longest} signs")
        told = told.format(shortest=column.shortest, longest=column.longest)
    if column.is_list and column.codes is not None:
        told = _("{told}; {count} different").format(told=told, count=len(column.codes))
    return told


def line_list(seen: Seen) -> str:
    """Return the first lines of what was seen, and that there are more."""
    named = ", ".join(map(str, seen.lines))
    told = _("line {lines}") if len(seen.lines) == 1 else _("lines {lines}")
    return told.format(lines=named + (", ..." if seen.count > len(seen.lines) else ""))


def mark_line(column: str, mark: str, seen: Seen) -> str:
    """Return what a person should look at in a column."""
    return _(_MARKS[mark]).format(name=column, count=f"{seen.count:,}", lines=line_list(seen))
