"""Which fields of an order people may correct, and how what they type is read.

Quantities, prices and fees are not among them: they change what the customer pays, so they are changed on
the mall's screen and come with its next file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from ecsync.entities.codes import TIME_SLOT
from ecsync.locale import N_
from ecsync.text.addresses import address_fault, split_prefecture
from ecsync.text.amounts import parse_rate
from ecsync.text.dates import parse_date
from ecsync.text.faults import TextFault
from ecsync.text.folding import fold_key
from ecsync.text.phones import normalise_phone
from ecsync.text.postcodes import normalise_postcode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

DATE_FORMS: Final = ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y%m%d")
_LONGEST: Final = 200
_POSTCODE: Final = re.compile(r"〒\s*([0-9０-９]{3}[-‐−－ー]?[0-9０-９]{4})\s*")
_RATES: Final = frozenset({0, 800, 1000})
# A date that a spreadsheet program shows as its day count: from 2009 to 2064.
_SERIAL: Final = re.compile(r"[45][0-9]{4}")
_SERIAL_ZERO: Final = date(1899, 12, 30)
# What a person writes for "no wish".
_NONE: Final = frozenset({"なし", "指定なし", "none", "-"})
_SLOT_WORDS: Final = {"午前中": "am", "午前": "am", "午後": "pm", "その他": "other"}


@dataclass(frozen=True)
class AmendableField:
    """A column of the master that a correction may set.

    `name` is what a revision calls it. `part_column` is the key below the order. `mall_value` is the SQL of what
    the partner stated, over the row `t` of `table`: the column itself, but for what we work out ourselves.
    """

    name: str
    table: str
    column: str
    part_column: str
    mall_value: str
    personal: bool = False
    integer: bool = False

    @property
    def scope(self) -> str:
        """Return what stands before the part in order_change."""
        return "dest:" if self.part_column == "dest_id" else "line:"


def _destination(name: str, column: str = "", *, integer: bool = False) -> AmendableField:
    target = column or name
    stated = f"CAST(t.{target} AS TEXT)" if integer else f"t.{target}"
    return AmendableField(name, "order_destination", target, "dest_id", stated, integer=integer)


def _receiver(name: str, column: str) -> AmendableField:
    return AmendableField(name, "person", column, "dest_id", f"t.{column}", personal=True)


FIELDS: Final[dict[str, AmendableField]] = {
    field.name: field
    for field in (
        _receiver("ship_name", "name"),
        _receiver("ship_kana", "kana"),
        _receiver("ship_postcode", "postcode"),
        _destination("ship_prefecture"),
        _receiver("ship_city", "city"),
        _receiver("ship_address", "address"),
        _destination("ship_address_ok", "address_ok", integer=True),
        _receiver("ship_phone", "phone"),
        _receiver("noshi", "noshi"),
        _destination("wished_date"),
        _destination("wished_slot"),
        _destination("delivery_method"),
        AmendableField(
            "sku",
            "order_line",
            "sku",
            "line_id",
            "t.item_key || '|' || t.sku_key || '|' || t.sku_code",
        ),
        AmendableField(
            "tax_rate",
            "order_line",
            "tax_rate",
            "line_id",
            "COALESCE(CAST(t.file_tax_rate AS TEXT), '')",
            integer=True,
        ),
    )
}


@dataclass(frozen=True)
class Correction:
    """What a person may type: its word, how it is read into fields, and what a right one looks like."""

    word: str
    read: Callable[[str], dict[str, str] | TextFault]
    example: str


def _one(field: str, read: Callable[[str], str | TextFault]) -> Callable[[str], dict[str, str] | TextFault]:
    def into(text: str) -> dict[str, str] | TextFault:
        value = read(text)
        return value if isinstance(value, TextFault) else {field: value}

    return into


def _plain(text: str) -> str | TextFault:
    """Return a name or the like: one line, not empty, not without end."""
    plain = " ".join(text.split())
    if not plain:
        return TextFault.EMPTY
    return plain if len(plain) <= _LONGEST else TextFault.TOO_LONG


def _wish(text: str) -> str | TextFault:
    return "" if fold_key(text) in _NONE else _plain(text)


def _date(text: str) -> str | TextFault:
    written = fold_key(text)
    if written in _NONE:
        return ""
    if _SERIAL.fullmatch(written):
        return (_SERIAL_ZERO + timedelta(days=int(written))).isoformat()
    return parse_date(text, DATE_FORMS)


def _slot(text: str) -> str | TextFault:
    written = fold_key(text)
    if written in _NONE:
        return ""
    code = _SLOT_WORDS.get(written, written.replace("時", "").replace("~", "-").replace("〜", "-"))
    return code if code and code in TIME_SLOT else TextFault.NOT_A_SLOT


def _rate(text: str) -> str | TextFault:
    rate = parse_rate(text)
    if isinstance(rate, TextFault):
        return rate
    return str(rate) if rate in _RATES else TextFault.NOT_A_RATE


def read_address(text: str) -> dict[str, str] | TextFault:
    """Return the fields of a whole address: 〒 first where it is given, then prefecture and the rest in one."""
    plain = " ".join(text.split())
    fields: dict[str, str] = {}
    if plain.startswith("〒"):
        written = _POSTCODE.match(plain)
        postcode = normalise_postcode(written[1]) if written else TextFault.NOT_A_POSTCODE
        if isinstance(postcode, TextFault):
            return postcode
        fields["ship_postcode"] = postcode
        plain = plain[written.end() :] if written else ""
    prefecture, rest = split_prefecture(plain)
    fault = address_fault(prefecture, rest) if plain else TextFault.EMPTY
    if fault is not None:
        return fault
    if len(rest) > _LONGEST:
        return TextFault.TOO_LONG
    return {
        **fields,
        "ship_prefecture": prefecture,
        "ship_city": "",
        "ship_address": rest,
        "ship_address_ok": "1",
    }


CORRECTIONS: Final[dict[str, Correction]] = {
    "address": Correction(N_("address"), read_address, "〒100-0001 東京都千代田区千代田1-1"),
    "postcode": Correction(N_("postcode"), _one("ship_postcode", normalise_postcode), "060-0001"),
    "name": Correction(N_("receiver"), _one("ship_name", _plain), "架空 太郎"),
    "kana": Correction(N_("receiver in kana"), _one("ship_kana", _plain), "カクウ タロウ"),
    "phone": Correction(
        N_("phone"),
        _one("ship_phone", lambda text: normalise_phone(text, restore_zero=True)),
        "090-0000-0000",
    ),
    "noshi": Correction(N_("gift wrapping text"), _one("noshi", _wish), "内祝"),
    "wished_date": Correction(N_("delivery date"), _one("wished_date", _date), "2026-12-01"),
    "wished_slot": Correction(N_("delivery time"), _one("wished_slot", _slot), "14-16"),
    "delivery_method": Correction(N_("delivery method"), _one("delivery_method", _plain), "宅配便"),
    "sku": Correction(N_("our SKU"), _one("sku", _plain), "MUG-WHITE"),
    "tax_rate": Correction(N_("tax rate"), _one("tax_rate", _rate), "10%"),
}


_ADDRESS_FIELDS: Final = frozenset({"ship_prefecture", "ship_city", "ship_address", "ship_address_ok"})


def words_of(fields: Iterable[str]) -> tuple[str, ...]:
    """Return the words of the corrections that stand behind these fields, as msgids, each once."""
    given = {"address" if field in _ADDRESS_FIELDS else field.removeprefix("ship_") for field in fields}
    return tuple(correction.word for name, correction in CORRECTIONS.items() if name in given)
