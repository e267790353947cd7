"""What an inbound mapping must keep: every column that the frame requires, from headers that can be there."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from ecsync.locale import _
from ecsync.mapping.check_fault import Fault, code_fault, column_fault, table_of, zone_faults
from ecsync.mapping.check_pair import pair_faults
from ecsync.mapping.complaints import near
from ecsync.mapping.model import fold_name
from ecsync.mapping.model_in import (
    DEFAULT_READING,
    ConstColumn,
    CountedColumn,
    DifferenceColumn,
    FromColumn,
    JoinColumn,
    Reading,
    Reads,
    SumColumn,
    TotalColumn,
    WhenColumn,
    beyond_a_row,
)
from ecsync.mapping.model_total import LINES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecsync.entities import Column
    from ecsync.mapping.model import InboundMapping
    from ecsync.mapping.positions import Location

# The kinds of canonical columns that a reading may fill.
_FITS: Final[dict[Reading, frozenset[str]]] = {
    "text": frozenset({"text"}),
    "key": frozenset({"text"}),
    "code": frozenset({"code"}),
    "yen": frozenset({"yen"}),
    "count": frozenset({"count"}),
    "rate": frozenset({"rate"}),
    "flag": frozenset({"flag"}),
    "datetime": frozenset({"time"}),
    "date": frozenset({"date"}),
    "postcode": frozenset({"text"}),
    "phone": frozenset({"text"}),
    "tracking": frozenset({"text"}),
    "address_check": frozenset({"flag"}),
    "prefecture": frozenset({"text"}),
    "after_prefecture": frozenset({"text"}),
    "family_first": frozenset({"text"}),
}
_OFFSET: Final = "_offset"
# An early day, so that a format which drops a part of it does not give it back by chance.
_PROBE: Final = datetime(2001, 2, 3, 4, 5)  # noqa: DTZ001  (a probe of formats, no moment)


def inbound_faults(mapping: InboundMapping) -> Iterator[Fault]:
    """Yield every fault of an inbound mapping."""
    for name, source in mapping.columns.items():
        location: Location = ("columns", name)
        if name.endswith(_OFFSET) and name.removesuffix(_OFFSET) in mapping.frame.by_name:
            yield Fault(_("{name} comes from its time by itself; leave it out").format(name=name), location)
        elif name not in mapping.frame.by_name:
            yield from column_fault(name, mapping, location)
        else:
            yield from _source_faults(source, mapping.frame.by_name[name], mapping, location)
    yield from _required(mapping)
    yield from _totals(mapping)
    yield from _keys(mapping)
    yield from _records(mapping)
    yield from _names(mapping)
    yield from _fill_down(mapping)
    yield from _as_of(mapping)
    if mapping.pair is not None and mapping.has_other:
        yield from pair_faults(mapping, mapping.pair, mapping.other)


def _source_faults(
    source: Reads, column: Column, mapping: InboundMapping, location: Location
) -> Iterator[Fault]:
    reading = source.as_ or DEFAULT_READING[column.kind]
    if column.kind not in _FITS[reading]:
        fitting = [one for one, kinds in _FITS.items() if column.kind in kinds]
        message = _("as: {reading} cannot fill {column}, which is of kind {kind}").format(
            reading=reading, column=column.name, kind=column.kind
        )
        yield Fault(message, (*location, "as"), near(reading, fitting))
    yield from zone_faults(source.zone, location)
    if isinstance(source, (WhenColumn, DifferenceColumn)):
        yield from _parts(source, column, mapping, location)
        return
    if source.is_ and reading != "flag":
        yield Fault(
            _("is: answers a question of yes or no, which {column} is not").format(column=column.name),
            (*location, "is"),
        )
    if isinstance(source, CountedColumn):
        yield from _counted(column, location)
    if isinstance(source, ConstColumn):
        yield from code_fault(source.const, column, (*location, "const"))
    yield from _formats(source, reading, location)
    yield from _codes(source, column, mapping, location)
    yield from _amounts(source, reading, location)
    if reading == "address_check" and not isinstance(source, (FromColumn, JoinColumn)):
        yield Fault(
            _("address_check looks at one cell, or joins prefecture and the rest"), location, "join: [...]"
        )


def _parts(
    source: WhenColumn | DifferenceColumn, column: Column, mapping: InboundMapping, location: Location
) -> Iterator[Fault]:
    if isinstance(source, DifferenceColumn):
        if column.kind not in ("yen", "count"):
            yield Fault(_("difference takes yen or counts"), (*location, "difference"))
        for number, part in enumerate(source.difference):
            yield from _source_faults(part, column, mapping, (*location, "difference", number))
        return
    for number, case in enumerate(source.when):
        place = (*location, "when", number, "then")
        yield from _source_faults(case.then, column, mapping, place)
        if any(True for _one in beyond_a_row([case.then])):
            yield Fault(_("counted and total look at every row of a record; no case can"), place)


def _amounts(source: Reads, reading: Reading, location: Location) -> Iterator[Fault]:
    if source.unsigned and reading != "yen":
        yield Fault(_("unsigned belongs to yen"), (*location, "unsigned"))
    if isinstance(source, SumColumn) and reading not in ("yen", "count"):
        yield Fault(_("sum adds yen or counts"), (*location, "sum"))
    if isinstance(source, TotalColumn) and reading not in ("yen", "count"):
        yield Fault(_("total adds yen or counts"), (*location, "total"))
    if isinstance(source, FromColumn) and source.per is not None and reading != "yen":
        yield Fault(_("per divides yen"), (*location, "per"))


def _counted(column: Column, location: Location) -> Iterator[Fault]:
    if column.kind != "text":
        yield Fault(_("counted makes a key, which is a text"), (*location, "counted"))


def _records(mapping: InboundMapping) -> Iterator[Fault]:
    records = list(beyond_a_row(mapping.columns.values()))
    if len({one.within for one in records}) > 1:
        yield Fault(_("a file has one kind of record; every within must be the same"), ("columns",))


def _formats(source: Reads, reading: Reading, location: Location) -> Iterator[Fault]:
    if reading not in ("datetime", "date"):
        if source.formats:
            yield Fault(_("formats belong to a date or a time"), (*location, "formats"))
        return
    if isinstance(source, ConstColumn):
        return
    if not source.formats:
        yield Fault(_("a date or a time needs formats"), location, 'formats: ["%Y-%m-%d"]')
    for form in source.formats:
        try:
            read = datetime.strptime(_PROBE.strftime(form.replace("%z", "+0000")), form)  # noqa: DTZ007
        except ValueError:
            yield Fault(_("{form} is no format of a time").format(form=form), (*location, "formats"))
            continue
        if read.date() != _PROBE.date():
            yield Fault(_("{form} does not hold the whole date").format(form=form), (*location, "formats"))


def _codes(source: Reads, column: Column, mapping: InboundMapping, location: Location) -> Iterator[Fault]:
    for code, value in (source.map or {}).items():
        yield from code_fault(value, column, (*location, "map", code))
    if source.table is None:
        return
    table, missing = table_of(source.table, mapping, location)
    yield from missing
    if table is None:
        return
    if table.dated:
        yield Fault(
            _("the code table {name} has dates, which only a file that goes out can use").format(
                name=source.table
            ),
            (*location, "table"),
        )
    if table.codes != column.codes:
        yield Fault(
            _("the code table {name} holds {theirs}, but {column} takes {ours}").format(
                name=source.table,
                theirs=table.codes or _("free texts"),
                column=column.name,
                ours=column.codes or _("free texts"),
            ),
            (*location, "table"),
        )


def _required(mapping: InboundMapping) -> Iterator[Fault]:
    filled = _filled(mapping)
    for column in mapping.frame.columns:
        implied = column.name.endswith(_OFFSET) and column.name.removesuffix(_OFFSET) in filled
        if column.required and column.name not in filled and not implied:
            message = _("{frame} needs the column {name}").format(frame=mapping.entity, name=column.name)
            yield Fault(message, ("columns",))


def _filled(mapping: InboundMapping) -> frozenset[str]:
    others = mapping.other.columns if mapping.has_other else {}
    return frozenset((*mapping.columns, *others))


def _totals(mapping: InboundMapping) -> Iterator[Fault]:
    amounts = [column.name for column in mapping.frame.columns if column.kind == "yen"]
    if mapping.entity == "order_lines":
        amounts.append(LINES)
    filled = _filled(mapping)
    for number, total in enumerate(mapping.totals):
        for name in sorted(total.names):
            if name not in amounts:
                message = _("{frame} has no amount {name}").format(frame=mapping.entity, name=name)
                yield Fault(message, ("totals", number), near(name, amounts))
        for formula in total.formulas:
            if formula.target not in filled:
                message = _("the total proves {name}, which no column fills").format(name=formula.target)
                yield Fault(message, ("totals", number))
    if mapping.unfixed and "unfixed_flag" not in mapping.frame.by_name:
        message = _("{frame} cannot hold an amount that is not fixed").format(frame=mapping.entity)
        yield Fault(message, ("unfixed",))
    if mapping.unfixed and "unfixed_flag" in mapping.columns:
        message = _("unfixed fills unfixed_flag; leave the column out")
        yield Fault(message, ("columns", "unfixed_flag"))


def _keys(mapping: InboundMapping) -> Iterator[Fault]:
    for name in mapping.counted_columns:
        source = mapping.columns[name]
        key = mapping.duplicates.key if mapping.duplicates else ()
        if isinstance(source, CountedColumn) and source.alike == "one" and name not in key:
            message = _("rows that are one need duplicates with {name} in their key").format(name=name)
            yield Fault(message, ("columns", name, "alike"))
    if mapping.duplicates is None:
        return
    plain = {
        fold_name(name)
        for source in mapping.columns.values()
        if isinstance(source, FromColumn) and source.takes_whole
        for name in source.from_.names
    }
    for name in mapping.duplicates.add:
        column = mapping.frame.by_name.get(name)
        if column is None or column.kind not in ("count", "yen") or name not in mapping.columns:
            amounts = [one.name for one in mapping.frame.columns if one.kind in ("count", "yen")]
            message = _("{name} is no amount and no count that a column fills").format(name=name)
            yield Fault(message, ("duplicates", "add"), near(name, amounts))
    for name in mapping.duplicates.key:
        if fold_name(name) not in plain and name not in mapping.counted_columns:
            message = _("the key {name} is no header that a column takes whole (from)").format(name=name)
            yield Fault(message, ("duplicates", "key"), near(name, plain))


def _names(mapping: InboundMapping) -> Iterator[Fault]:
    if not mapping.file.names:
        return
    there = {fold_name(name) for name in mapping.file.names}
    for header in mapping.headers:
        if not any(fold_name(name) in there for name in header.names):
            message = _("file: names has no {name}").format(name=header.names[0])
            yield Fault(message, ("file", "names"), near(header.names[0], mapping.file.names))


def _fill_down(mapping: InboundMapping) -> Iterator[Fault]:
    there = {fold_name(name): name for header in mapping.headers for name in header.names}
    # A rule that is taken over may name what this mapping no longer reads.
    for number, rule in enumerate(() if mapping.based_on else mapping.fill_down):
        for name in rule.headers:
            if fold_name(name) not in there:
                message = _("no column reads {name}").format(name=name)
                yield Fault(message, ("fill_down", number, "headers"), near(name, there.values()))


def _as_of(mapping: InboundMapping) -> Iterator[Fault]:
    yield from zone_faults(mapping.as_of.zone, ("as_of",))
    name = mapping.as_of.column
    if name and (name not in mapping.columns or mapping.frame.by_name[name].kind != "time"):
        times = [one.name for one in mapping.frame.columns if one.kind == "time"]
        yield Fault(
            _("{name} is no time that a column fills").format(name=name),
            ("as_of", "column"),
            near(name, times),
        )
