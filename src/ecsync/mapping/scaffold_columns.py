"""The column lines of a scaffold: for each canonical column the words that its kind needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.entities.codes import CODE_LISTS
from ecsync.locale import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecsync.entities import Column, Entity

OFFSET: Final = "_offset"
ADDRESS: Final = ("ship_prefecture", "ship_city", "ship_address")
# What nearly every partner writes, beside what the frame requires and its key.
_USUAL: Final = {
    "order_lines": (
        *(
            "goods",
            "shipping",
            "billed",
            "buyer_name",
            "buyer_phone",
            "ship_name",
            "ship_postcode",
            "ship_phone",
        ),
        *(*ADDRESS, "ship_address_ok", "sku_code", "item_name", "tax_rate", "price_includes_tax"),
    ),
    "products": ("name", "jan", "cost", "price", "tax_rate"),
    "channel_listings": ("sku_code", "qty"),
    "warehouse_events": ("parcel_no", "line_no", "sku", "qty", "tracking_no", "carrier"),
    "parcel_results": ("carrier", "ship_date"),
}
_KEYS: Final = frozenset(
    {
        "sku",
        "set_sku",
        "component_sku",
        "sku_key",
        "sku_code",
        "item_key",
        "item_code",
        "parcel_no",
        "partner_id",
    }
)
_READINGS: Final = {"postcode": "postcode", "phone": "phone", "tracking_no": "tracking"}


def filled_in(frame: Entity, *, with_source: bool = False) -> list[str]:
    """Return the columns that a scaffold fills; `with_source`: only those that have a header of their own."""
    usual = {*frame.key, *_USUAL.get(frame.name, ())}
    return [
        column.name
        for column in frame.columns
        if (column.required or column.name in usual)
        and not column.name.endswith(OFFSET)
        and not (with_source and column.name == "ship_address_ok")
    ]


def columns_in(frame: Entity) -> Iterator[str]:
    """Yield the lines of an inbound mapping, those that are left out as comments behind the others."""
    filled = filled_in(frame)
    for name in filled:
        column = frame.by_name[name]
        mark = "  # " + _("required") if column.required else ""
        if column.codes:
            yield from _block(column, mark)
        else:
            yield f"  {name}: {_source(column, frame)}{mark}"
    for column in frame.columns:
        if column.name not in filled and not column.name.endswith(OFFSET):
            yield f"  # {column.name}: {_source(column, frame)}"


def columns_out(frame: Entity) -> Iterator[str]:
    """Yield the lines of an outbound mapping: every column of the frame."""
    for column in frame.columns:
        if not column.codes:
            yield f"  - {column.name}: {{{_words_out(column)}}}"
            continue
        yield f"  - {column.name}:"
        yield f"      value: {column.name}"
        yield "      # " + _("our code: the partner's")
        yield "      map:"
        yield from (f"        {code}: {code}" for code in CODE_LISTS[column.codes] if code)


def _words_out(column: Column) -> str:
    words = f"value: {column.name}"
    if column.kind == "date":
        return f'{words}, format: "%Y/%m/%d"'
    if column.kind == "time":
        return f'{words}, format: "%Y/%m/%d %H:%M:%S", zone: Asia/Tokyo'
    return f"{words}, as: percent" if column.kind == "rate" else words


def _block(column: Column, mark: str) -> Iterator[str]:
    yield f"  {column.name}:{mark}"
    yield f"    from: {column.name}"
    yield "    # " + _("the partner's code: ours; a long list is a code table: table: partner/name")
    yield "    map:"
    yield from (f"      {code}: {code}" for code in CODE_LISTS[column.codes] if code)


def _source(column: Column, frame: Entity) -> str:
    name = column.name
    if name.endswith("_address_ok"):
        return f"{{join: [{', '.join(ADDRESS)}], as: address_check}}"
    if column.codes:
        codes = ", ".join(f"{code}: {code}" for code in CODE_LISTS[column.codes] if code)
        return f"{{from: {name}, map: {{{codes}}}}}"
    if column.kind == "time":
        return f'{{from: {name}, formats: ["%Y-%m-%d %H:%M:%S"], zone: Asia/Tokyo}}'
    if column.kind == "date":
        return f'{{from: {name}, formats: ["%Y-%m-%d"]}}'
    if column.kind == "rate":
        return f"{{from: {name}, unit: percent}}"
    reading = reading_of(column, frame)
    return f"{{from: {name}, as: {reading}}}" if reading else name


def reading_of(column: Column, frame: Entity) -> str:
    """Return the reading that a column needs beyond that of its kind, "" where it needs none."""
    reading = next((one for end, one in _READINGS.items() if column.name.endswith(end)), "")
    if not reading and column.kind == "text" and (column.name in frame.key or column.name in _KEYS):
        return "key"
    return reading
