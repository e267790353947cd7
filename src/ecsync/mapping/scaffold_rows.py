"""Invented rows for a scaffold: nobody's name, numbers that are given to nobody, amounts that add up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecsync.entities.codes import CODE_LISTS

if TYPE_CHECKING:
    from ecsync.entities import Column

_TEXTS: Final = {
    "name": ("波佐見焼マグカップ", "今治フェイスタオル"),
    "item_name": ("波佐見焼マグカップ", "今治フェイスタオル"),
    "item_name_1": ("波佐見焼マグカップ", "今治フェイスタオル"),
    "item_name_2": ("", "陶器ドリッパー"),
    "title": ("波佐見焼マグカップ", "今治フェイスタオル"),
    "description": ("波佐見焼マグカップ", "今治フェイスタオル"),
    "jan": ("2000000000015", "2000000000022"),
    "order_no": ("MINATO-0001", "MINATO-0002"),
    "parcel_no": ("P0000001", "P0000002"),
    "tracking_no": ("000000000011", "000000000022"),
    "sku": ("MUG-WHITE", "TOWEL-L"),
    "sku_code": ("MUG-WHITE", "TOWEL-L"),
    "set_sku": ("GIFT-SET", "GIFT-SET"),
    "component_sku": ("MUG-WHITE", "TOWEL-L"),
    "warehouse": ("main", "main"),
    "channel": ("minato", "minato"),
    "position": ("single", "single"),
    "tax_mode": ("included", "included"),
    "line_id": ("1", "1"),
}
# Ends of names: what a person's columns hold.
_PERSON: Final = {
    "_name": ("山本 渚", "港 太郎"),
    "_kana": ("ヤマモト ナギサ", "ミナト タロウ"),
    "_postcode": ("1050011", "2310005"),
    "_prefecture": ("東京都", "神奈川県"),
    "_city": ("港区", "横浜市中区"),
    "_full_address": ("東京都港区芝公園4-2-8", "神奈川県横浜市中区本町1-2-3"),
    "_address": ("芝公園4-2-8", "本町1-2-3"),
    "_phone": ("090-0000-0001", "090-0000-0002"),
    "_email": ("nagisa@example.jp", "taro@example.jp"),
}
_NUMBERS: Final = {
    "goods": (3000, 2200),
    "shipping": (550, 0),
    "billed": (3550, 2200),
    "unit_price": (1500, 2200),
    "qty": (2, 1),
    "line_no": (1, 1),
    "line_count": (1, 1),
    "entry_no": (1, 2),
}
_DEFAULTS: Final = {"yen": (1000, 2000), "count": (3, 5), "rate": (1000, 800), "flag": (1, 0)}


def value(column: Column, row: int) -> Any:  # noqa: ANN401  (an integer or a text)
    """Return a canonical value of the n-th row."""
    at = row - 1
    if column.codes:
        return next(filter(None, CODE_LISTS[column.codes][at:]))
    if column.kind == "time":
        return ("2026-11-24T00:15:00Z", "2026-11-24T00:42:30Z")[at]
    if column.kind == "date":
        return ("2026-11-24", "2026-11-25")[at]
    if column.is_integer:
        return _NUMBERS.get(column.name, _DEFAULTS.get(column.kind, (0, 0)))[at]
    if column.name in _TEXTS:
        return _TEXTS[column.name][at]
    person = next(
        (texts for end, texts in _PERSON.items() if column.personal and column.name.endswith(end)), None
    )
    if person is None and column.name.endswith("_prefecture"):
        person = _PERSON["_prefecture"]
    return person[at] if person else f"{column.name}-{row}"


def cell(column: Column, row: int) -> str:
    """Return the same as a partner's cell, in the words that the scaffold's columns read."""
    if column.kind == "time":
        return ("2026-11-24 09:15:00", "2026-11-24 09:42:30")[row - 1]
    if column.kind == "rate":
        return str(value(column, row) // 100)
    return str(value(column, row))
