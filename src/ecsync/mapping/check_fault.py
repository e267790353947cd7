"""One fault of a mapping, and the questions that both directions ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from ecsync.entities.codes import CODE_LISTS
from ecsync.locale import _
from ecsync.mapping.complaints import near

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecsync.entities import Column
    from ecsync.mapping.model import InboundMapping, OutboundMapping
    from ecsync.mapping.positions import Location
    from ecsync.mapping.tables import CodeTable


class Fault(NamedTuple):
    """What is wrong at one location of the file, and what there is instead."""

    message: str
    location: Location
    hint: str = ""


def zone_faults(zone: str, location: Location) -> Iterator[Fault]:
    """Yield a fault where no such time zone exists."""
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError):
        yield Fault(_("there is no time zone {name}").format(name=zone), (*location, "zone"), "Asia/Tokyo")


def column_fault(name: str, mapping: InboundMapping | OutboundMapping, location: Location) -> Iterator[Fault]:
    """Yield a fault where the frame has no such column."""
    if name not in mapping.frame.by_name:
        message = _("{frame} has no column {name}").format(frame=mapping.entity, name=name)
        yield Fault(message, location, near(name, mapping.frame.column_names))


def table_of(
    name: str, mapping: InboundMapping | OutboundMapping, location: Location
) -> tuple[CodeTable | None, list[Fault]]:
    """Return the code table of that name, or the fault that it is not there."""
    table = mapping.tables.get(name)
    if table is not None:
        return table, []
    folder, _sep, kind = name.partition("/")
    hint = _("write it to {path}").format(path=f"mappings/{folder}/tables/{kind}.yaml")
    return None, [Fault(_("there is no code table {name}").format(name=name), (*location, "table"), hint)]


def code_fault(value: str, column: Column, location: Location) -> Iterator[Fault]:
    """Yield a fault where a value cannot stand in the column: an unknown code, or no number."""
    if column.kind == "code" and value not in ("", *CODE_LISTS[column.codes]):
        message = _("{value} is no code of {column}").format(value=value, column=column.name)
        yield Fault(message, location, near(value, filter(None, CODE_LISTS[column.codes])))
    elif column.kind == "flag" and value not in ("0", "1"):
        message = _("{column} is a flag: 0 or 1").format(column=column.name)
        yield Fault(message, location)
    elif column.kind in ("yen", "count", "rate") and not value.removeprefix("-").isdecimal():
        message = _("{column} is a whole number").format(column=column.name)
        yield Fault(message, location)
