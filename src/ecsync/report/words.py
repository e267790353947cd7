"""The words that staff read for what the program knows by a code: one word for one thing, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.locale import N_, _, current_language

if TYPE_CHECKING:
    from ecsync.finding_catalogue import Due

# The one table of words: what it is, and the msgid whose translation staff read.
WORDS: Final[dict[str, str]] = {
    "oversell risk": N_("Oversell risk"),
    "lost sale": N_("Lost sale"),
    "drift": N_("Stock drift"),
    "unlisted": N_("Unlisted"),
    "unknown code": N_("Unknown code"),
    "quarantined row": N_("Rows not taken in"),
    "hold": N_("To be checked"),
    "waits for money": N_("Waits for payment"),
    "waits for stock": N_("Waits for stock"),
    "waits for its release": N_("Waits for its release day"),
    "waits for its date": N_("Waits for its date"),
    "waits to be merged": N_("Waits to be packed together"),
    "duplicate": N_("Perhaps taken in twice"),
    "changed after instruction": N_("Changed after its shipping instruction"),
    "missing": N_("Order that the file no longer shows"),
    "recall": N_("Recall"),
    "notice": N_("Shipping notice (tracking numbers)"),
    "dry run": N_("Dry run (nothing is sent)"),
    "proof": N_("Proof of rows, units and yen"),
    "outbox": N_("Sending"),
    "unknown outcome": N_("Outcome unknown (ask whether it arrived)"),
    "stale plan": N_("Things moved after the check (make the plan anew)"),
    "settlement": N_("Settlement"),
    "deposit": N_("Deposit"),
    "match": N_("Match"),
}

# The pages of a run report in their order; `system` is what nobody but the manager decides.
DESKS: Final[dict[str, str]] = {
    "orders": N_("Orders"),
    "shipping": N_("Shipping"),
    "stock": N_("Products and stock"),
    "accounting": N_("Accounting"),
    "system": N_("Manager"),
}

KINDS: Final[dict[str, str]] = {
    "morning": N_("Morning run"),
    "noon": N_("Noon run"),
    "evening": N_("Evening run"),
    "night": N_("Night run"),
    "stock": N_("Stock run"),
    "opening": N_("Opening run"),
    "push": N_("Sending what waits"),
}

WAITS: Final[dict[str, str]] = {
    "money": WORDS["waits for money"],
    "stock": WORDS["waits for stock"],
    "date": WORDS["waits for its date"],
    "release": WORDS["waits for its release"],
    "merge": WORDS["waits to be merged"],
}
# Whose page a wait stands on.
WAIT_DESKS: Final[dict[str, str]] = {"money": "orders", "stock": "stock", "date": "shipping"}

# What a file holds: the inbound and outbound frames.
DOCUMENTS: Final[dict[str, str]] = {
    "order_lines": N_("orders"),
    "products": N_("products"),
    "set_components": N_("set components"),
    "stock_levels": N_("stock"),
    "channel_listings": N_("channel listings"),
    "warehouse_events": N_("warehouse events"),
    "parcel_results": N_("labels"),
    "opening_stock": N_("opening stock"),
    "opening_orders": N_("opening orders"),
    "opening_receivables": N_("opening receivables"),
    "opening_counters": N_("opening counters"),
    "shipping_instructions": N_("shipping instructions"),
    "parcels": N_("shipping labels"),
    "recalls": N_("recalls"),
    "shipping_notices": N_("shipping notices"),
    "notice_lines": N_("shipping notices by line"),
    "channel_quantities": N_("channel quantities"),
    "payment_orders": N_("orders for a payment company"),
    "payment_shipments": N_("shipping reports for a payment company"),
    "payment_captures": N_("amounts to capture"),
    "core_entries": N_("entries for the core system"),
    "core_receipts": N_("receipts for the core system"),
    "journal_lines": N_("journal entries"),
}
# Which desk reads the file's as-of on its page.
DOCUMENT_DESKS: Final[dict[str, str]] = {
    "order_lines": "orders",
    "opening_orders": "orders",
    "warehouse_events": "shipping",
    "parcel_results": "shipping",
    "opening_receivables": "accounting",
}

TABLES: Final[dict[str, str]] = {
    "allocation": N_("allocations"),
    "booking": N_("bookings"),
    "channel_listing": N_("channel listings"),
    "channel_quantity": N_("channel quantities"),
    "core_entry": N_("entries for the core system"),
    "journal_entry": N_("journal entries"),
    "opening_receivable": N_("opening receivables"),
    "order_hold": N_("orders on hold"),
    "order_line": N_("order lines"),
    "order_wait": N_("waiting destinations"),
    "parcel_result": N_("labels"),
    "product": N_("products"),
    "recall": N_("recalls"),
    "sales_order": N_("orders"),
    "set_component": N_("set components"),
    "shipping_instruction": N_("shipping instructions"),
    "shipping_notice": N_("shipping notices"),
    "stock_movement": N_("stock movements"),
    "warehouse_event": N_("warehouse events"),
}

# A proof by its name: what must be equal.
PROOFS: Final[dict[str, str]] = {
    "file.rows": N_("rows of files"),
    "order.yen": N_("yen of each order"),
    "order.lines": N_("lines of each order"),
    "order.revisions": N_("versions of each order"),
    "orders.yen": N_("yen of all orders"),
    "order.instructed": N_("units instructed of each order"),
    "order.answered": N_("units answered by the warehouse"),
    "order.entries": N_("yen of each order in the core system"),
    "stock.units": N_("units of each warehouse"),
    "sku.ledger": N_("units of each SKU"),
    "sku.allocation": N_("allocated units of each SKU"),
    "sku.shipped": N_("shipped units of each SKU"),
    "entry.balance": N_("debit and credit of each journal entry"),
    "day.balance": N_("debit and credit of the day"),
    "journals.bookings": N_("bookings in the journals"),
    "core.bookings": N_("bookings told to the core system"),
    "bookings.orders": N_("bookings and orders"),
    "opening.receivables": N_("opening receivables"),
}

GUARDS: Final[dict[str, str]] = {
    "min_rows": N_("fewer rows than there must be"),
    "row_drop": N_("far fewer rows than usual"),
    "rows_unaccounted": N_("rows that are not accounted for"),
    "zero_share": N_("too much stock would fall to zero"),
}

DELIVERY_STATES: Final[dict[str, str]] = {
    "": N_("not sent (dry run)"),
    "planned": N_("waits to be sent"),
    "waiting": N_("waits to be sent"),
    "uploading": N_("being sent"),
    "uploaded": N_("being sent"),
    "renaming": N_("being sent"),
    "renamed": N_("sent"),
    "verified": N_("sent"),
    "acknowledged": N_("sent, the partner has it"),
    "dropped": N_("not sent, as was decided"),
    "unknown": WORDS["unknown outcome"],
    "conflict": N_("not sent: another file of this name is there"),
}

FIELDS: Final[dict[str, str]] = {
    "address": N_("address"),
    "billed": N_("amount billed"),
    "city": N_("address"),
    "coupon_mall": N_("coupon"),
    "coupon_shop": N_("coupon"),
    "delivery_method": N_("delivery method"),
    "dest_id": N_("destination"),
    "destination_added": N_("destination added"),
    "destination_removed": N_("destination removed"),
    "discount": N_("discount"),
    "goods": N_("amount of goods"),
    "item_key": N_("item"),
    "kana": N_("name"),
    "line_added": N_("line added"),
    "line_removed": N_("line removed"),
    "name": N_("name"),
    "noshi": N_("gift wrapping"),
    "options": N_("options"),
    "order_status": N_("order status"),
    "payment_method": N_("payment method"),
    "phone": N_("phone number"),
    "points": N_("points"),
    "postcode": N_("postcode"),
    "prefecture": N_("prefecture"),
    "qty": N_("quantity"),
    "shipping": N_("shipping fee"),
    "sku": N_("SKU"),
    "sku_code": N_("SKU"),
    "sku_key": N_("SKU"),
    "tax_rate": N_("tax rate"),
    "unit_price": N_("unit price"),
    "wished_date": N_("wished date"),
    "wished_slot": N_("wished time"),
    "wrapping": N_("gift wrapping"),
}


# Japanese counts each kind of thing with its own word; an English heading names it already.
UNITS: Final[dict[str, str]] = {"orders": "件", "parcels": "個口", "units": "点"}


def unit(thing: str) -> str:
    """Return the word that follows a count of this thing in the language spoken now; '' in English."""
    return UNITS[thing] if current_language() == "ja" else ""


def said(words: dict[str, str], code: str) -> str:
    """Return the word for a code in the language spoken now; the code itself where there is none."""
    return _(words[code]) if code in words else code


def field_words(names: str) -> str:
    """Return the words for field names separated by commas, each once; `ship_name` is the receiver's name."""
    return _(", ").join(dict.fromkeys(_field(name.strip()) for name in names.split(",") if name.strip()))


def _field(name: str) -> str:
    if name in FIELDS:
        return _(FIELDS[name])
    for prefix, whose in (("ship_", N_("receiver's {field}")), ("buyer_", N_("buyer's {field}"))):
        bare = name.removeprefix(prefix)
        if bare != name and bare in FIELDS:
            return _(whose).format(field=_(FIELDS[bare]))
    return _("other fields")


def due_word(due: Due) -> str:
    """Return by when in one word, for a column."""
    return {"cut_off": _("before the cut-off"), "today": _("today"), "note": _("for information")}[due]
