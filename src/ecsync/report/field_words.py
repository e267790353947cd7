"""What changed in an order, field by field, as staff read it; a personal field is named without its value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.locale import N_, _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecsync.orders.difference_rows import FieldChange

FIELDS: Final[dict[str, str]] = {
    "address": N_("address"),
    "address_ok": N_("completeness of the address"),
    "adjustment": N_("adjustment"),
    "billed": N_("amount billed"),
    "buyer_fee": N_("fee of the buyer"),
    "checking_flag": N_("check by the mall"),
    "city": N_("address"),
    "cod_fee": N_("fee for cash on delivery"),
    "comment": N_("comment"),
    "coupon_mall": N_("coupon"),
    "coupon_shop": N_("coupon"),
    "currency": N_("currency"),
    "delivery_method": N_("delivery method"),
    "dest_id": N_("destination"),
    "destination_added": N_("destination added"),
    "destination_removed": N_("destination removed"),
    "discount": N_("discount"),
    "email": N_("mail address"),
    "fee_rate": N_("tax rate of fees"),
    "gift_card": N_("gift card"),
    "goods": N_("amount of goods"),
    "item_key": N_("item"),
    "item_name": N_("item"),
    "kana": N_("name"),
    "line_added": N_("line added"),
    "line_removed": N_("line removed"),
    "multi_destination_flag": N_("several destinations"),
    "name": N_("name"),
    "noshi": N_("gift wrapping"),
    "options": N_("options"),
    "order_status": N_("order status"),
    "ordered_at": N_("time of the order"),
    "ordered_at_offset": N_("time of the order"),
    "payment_fee": N_("payment fee"),
    "payment_method": N_("payment method"),
    "phone": N_("phone number"),
    "points": N_("points"),
    "postcode": N_("postcode"),
    "prefecture": N_("prefecture"),
    "price_includes_tax": N_("price with or without tax"),
    "qty": N_("quantity"),
    "shipping": N_("shipping fee"),
    "shop_id": N_("shop"),
    "sku": N_("SKU"),
    "sku_code": N_("SKU"),
    "sku_key": N_("SKU"),
    "tax_excluded": N_("tax on top"),
    "tax_rate": N_("tax rate"),
    "tax_reduced": N_("tax at 8%"),
    "tax_standard": N_("tax at 10%"),
    "taxed_reduced": N_("amount taxed at 8%"),
    "taxed_standard": N_("amount taxed at 10%"),
    "taxed_zero": N_("amount without tax"),
    "unfixed_flag": N_("amount not fixed yet"),
    "unit_price": N_("unit price"),
    "wished_date": N_("wished date"),
    "wished_slot": N_("wished time"),
    "wrapping": N_("gift wrapping"),
}
STATUSES: Final[dict[str, str]] = {
    "awaiting_confirmation": N_("awaiting confirmation"),
    "processing": N_("being processed"),
    "ready": N_("waiting to be shipped"),
    "change_pending": N_("change to be confirmed"),
    "shipped": N_("shipped"),
    "settling": N_("payment being settled"),
    "settled": N_("payment settled"),
    "cancel_pending": N_("cancellation to be confirmed"),
    "cancelled": N_("cancelled"),
}
_WHOSE: Final = (("ship_", N_("receiver's {field}")), ("buyer_", N_("buyer's {field}")))


def field_word(name: str) -> str:
    """Return the word for a field; `ship_name` is the receiver's name."""
    if name in FIELDS:
        return _(FIELDS[name])
    for prefix, whose in _WHOSE:
        bare = name.removeprefix(prefix)
        if bare != name and bare in FIELDS:
            return _(whose).format(field=_(FIELDS[bare]))
    return name


def change_words(changes: Iterable[FieldChange]) -> str:
    """Return the changes as one text: `quantity (line 1): 1 → 2, receiver's address`."""
    said = [_one(change) for change in changes if change.field != "updated_at"]
    return _(", ").join(dict.fromkeys(said)) or _("only the time of its last change")


def revision_words(fields: str) -> str:
    """Return the field names of a revision, separated by commas, as one text, each once."""
    names = [name for name in fields.split(",") if name and name != "updated_at"]
    return _(", ").join(dict.fromkeys(map(field_word, names))) or _("only the time of its last change")


def _one(change: FieldChange) -> str:
    name = field_word(change.field)
    where, _colon, part = change.scope.partition(":")
    if where == "line":
        name = _("{field} (line {line})").format(field=name, line=part)
    if change.personal or change.field.endswith(("_flag", "_ok")) or not (change.old or change.new):
        return name
    old, new = (_value(change.field, value) for value in (change.old, change.new))
    return _("{field}: {old} → {new}").format(field=name, old=old, new=new)


def _value(field: str, value: str) -> str:
    if field == "order_status" and value in STATUSES:
        return _(STATUSES[value])
    return value or "-"
