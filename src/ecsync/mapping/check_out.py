"""What an outbound mapping must keep: columns that the frame has, texts that the partner can read."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from ecsync.entities.codes import CODE_LISTS
from ecsync.locale import _
from ecsync.mapping.cell_text import CellFormat
from ecsync.mapping.check_fault import Fault, column_fault, table_of, zone_faults
from ecsync.mapping.complaints import near
from ecsync.mapping.model_out import (
    DEFAULT_WRITING,
    ChosenColumn,
    FixedColumn,
    PositionColumn,
    RunningColumn,
    SettingColumn,
    Split,
    ValueColumn,
    Writes,
    Writing,
    part_of,
)
from ecsync.text.widths import byte_length

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecsync.entities import Column
    from ecsync.mapping.model import OutboundMapping
    from ecsync.mapping.positions import Location

# The kinds of canonical columns that a writing takes.
_FITS: Final[dict[Writing, frozenset[str]]] = {
    "text": frozenset({"text", "code", "yen", "count", "rate", "flag", "date", "time"}),
    "number": frozenset({"yen", "count", "rate", "flag"}),
    "yen": frozenset({"yen"}),
    "flag": frozenset({"flag"}),
    "date": frozenset({"date"}),
    "datetime": frozenset({"time"}),
    "percent": frozenset({"rate"}),
    "fraction": frozenset({"rate"}),
    "half_kana": frozenset({"text"}),
}
_AMOUNTS: Final = frozenset({"yen", "count", "rate"})


def outbound_faults(mapping: OutboundMapping) -> Iterator[Fault]:
    """Yield every fault of an outbound mapping."""
    for name in mapping.group:
        yield from column_fault(name, mapping, ("group",))
    for word in ("keep_rows_when", "skip_rows_when"):
        for number, condition in enumerate(getattr(mapping, word)):
            for name in condition:
                yield from column_fault(name, mapping, (word, number))
    for number, (header, source) in enumerate(mapping.named_columns):
        location: Location = ("columns", number, header)
        yield from _text_faults(header, mapping, location)
        yield from _source_faults(source, mapping, location)
    yield from _parts(mapping)
    for title, condition in mapping.takes_only.items():
        for name in condition:
            yield from column_fault(name, mapping, ("takes_only", title))
    for number, row in enumerate(mapping.file.preamble):
        for text in row:
            yield from _text_faults(text, mapping, ("file", "preamble", number))


def _text_faults(
    text: str, mapping: OutboundMapping, location: Location, source: Writes | None = None
) -> Iterator[Fault]:
    cells = CellFormat(mapping.file)
    limit, unit = (None, "") if source is None else source.limit(cells.encoding)
    folded, _replaced = cells.receiver.written(text)
    lacking = cells.receiver.first_lacking(folded)
    if lacking is not None:
        message = _("{encoding} lacks the sign {code_point}").format(
            encoding=mapping.file.encoding, code_point=lacking.code_point
        )
        yield Fault(message, location)
    elif limit is not None and source is not None and byte_length(folded, unit) > limit:
        sentence = (
            _("the text is longer than {limit} characters")
            if source.max_chars
            else _("the text is longer than {limit} bytes")
        )
        yield Fault(sentence.format(limit=source.max_chars or limit), location)


def _source_faults(source: Writes, mapping: OutboundMapping, location: Location) -> Iterator[Fault]:
    unknown = [fault for name in source.values for fault in column_fault(name, mapping, location)]
    yield from unknown
    yield from zone_faults(source.zone, location)
    if source.default is not None:
        yield from _text_faults(source.default, mapping, (*location, "default"), source)
    if isinstance(source, ChosenColumn):
        for number, case in enumerate(source.when):
            below = (*location, "when", number, "then")
            yield from _source_faults(case.then, mapping, below)
            if isinstance(case.then, RunningColumn) or (
                isinstance(case.then, Split) and case.then.part is not None
            ):
                yield Fault(_("this stands in a column of its own, not in a case"), below)
    elif isinstance(source, FixedColumn):
        yield from _text_faults(source.const, mapping, (*location, "const"), source)
    elif isinstance(source, SettingColumn) and not re.fullmatch(r"\w+(\.\w+)+", source.setting):
        yield Fault(_("a setting reads section.name"), (*location, "setting"), "sender.name")
    elif _counts_groups(source) and not mapping.group:
        yield Fault(_("a record group needs group: at the head of the mapping"), location)
    if not unknown:
        yield from _value_faults(source, mapping, location)


def _counts_groups(source: Writes) -> bool:
    return (
        isinstance(source, PositionColumn)
        or (isinstance(source, RunningColumn) and source.running == "group")
        or (isinstance(source, ValueColumn) and source.again is not None)
    )


def _value_faults(source: Writes, mapping: OutboundMapping, location: Location) -> Iterator[Fault]:
    column = mapping.frame.by_name[source.value] if isinstance(source, ValueColumn) else None
    if source.on is not None and mapping.frame.by_name[source.on].kind != "date":
        yield Fault(_("{name} is no date").format(name=source.on), (*location, "on"))
    if isinstance(source, ValueColumn) and column is not None:
        writing = source.as_ or DEFAULT_WRITING[column.kind]
        if column.kind not in _FITS[writing]:
            message = _("as: {writing} does not fit {column}, which is of kind {kind}").format(
                writing=writing, column=column.name, kind=column.kind
            )
            fitting = [one for one, kinds in _FITS.items() if column.kind in kinds]
            yield Fault(message, (*location, "as"), near(writing, fitting))
        yield from _limit_faults(source, column, location)
        if source.format and writing not in ("date", "datetime"):
            yield Fault(_("a format belongs to a date or a time"), (*location, "format"))
        elif source.format and "%" not in source.format:
            yield Fault(_("{form} is no format of a time").format(form=source.format), (*location, "format"))
    yield from _code_faults(source, column, mapping, location)


def _limit_faults(source: ValueColumn, column: Column, location: Location) -> Iterator[Fault]:
    for word in ("minimum", "maximum"):
        if getattr(source, word) is not None and column.kind not in _AMOUNTS:
            yield Fault(_("{name} is no amount and no count").format(name=column.name), (*location, word))
    if source.days is not None and column.kind != "date":
        yield Fault(_("{name} is no date").format(name=column.name), (*location, "days"))


def _code_faults(
    source: Writes, column: Column | None, mapping: OutboundMapping, location: Location
) -> Iterator[Fault]:
    known = CODE_LISTS[column.codes] if column is not None and column.codes else None
    for code, text in (source.map or {}).items():
        if known is not None and code not in known:
            message = _("{value} is no code of {column}").format(
                value=code, column=column.name if column else ""
            )
            yield Fault(message, (*location, "map", code), near(code, known))
        yield from _text_faults(text, mapping, (*location, "map", code), source)
    if source.table is None:
        return
    table, missing = table_of(source.table, mapping, location)
    yield from missing
    if table is None:
        return
    if table.dated and source.on is None:
        message = _("the code table {name} has dates; say on: which date picks").format(name=source.table)
        yield Fault(message, (*location, "table"))
    for code, entries in table.entries.items():
        if known is not None and code not in known:
            message = _("the code table {name} holds {value}, which is no code of {column}").format(
                name=source.table, value=code, column=column.name if column else ""
            )
            yield Fault(message, (*location, "table"), near(code, known))
        for entry in entries:
            yield from _text_faults(entry.value, mapping, (*location, "table"), source)


def _parts(mapping: OutboundMapping) -> Iterator[Fault]:
    parts: dict[str, list[int]] = defaultdict(list)
    for _header, source in mapping.named_columns:
        if isinstance(source, Split) and source.part is not None:
            parts[part_of(source)].append(source.part)
    for value, numbers in parts.items():
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            message = _("the parts of {name} must be 1, 2, 3 ... each once").format(name=value)
            yield Fault(message, ("columns",))
