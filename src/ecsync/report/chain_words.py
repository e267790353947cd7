"""Words for what a chain is made of: movements, deliveries, parcels, waits."""

from __future__ import annotations

from typing import Final

from ecsync.finding_catalogue import HOLD_REASONS
from ecsync.locale import N_, _

MOVEMENTS: Final[dict[str, str]] = {
    "opening": N_("opening stock"),
    "receipt": N_("receipt"),
    "shipment": N_("shipment"),
    "short": N_("short pick"),
    "return": N_("return"),
    "adjustment": N_("stock adjustment"),
    "sold": N_("sale over the counter"),
    "count": N_("set right by a count"),
    "transfer": N_("transfer"),
    "scrap": N_("scrapped"),
}
EVENTS: Final[dict[str, str]] = {
    "shipped": N_("shipment"),
    "short": N_("short pick"),
    "receipt": N_("receipt"),
    "return": N_("return"),
    "adjustment": N_("stock adjustment"),
    "sold": N_("sale over the counter"),
    "recalled": N_("stopped before it left"),
    "refused": N_("could not be stopped"),
}
DELIVERIES: Final[dict[str, str]] = {
    "": N_("not sent"),
    "planned": N_("waits to be sent"),
    "waiting": N_("waits to be sent"),
    "uploading": N_("being sent"),
    "uploaded": N_("being sent"),
    "renaming": N_("being sent"),
    "renamed": N_("sent"),
    "verified": N_("sent"),
    "acknowledged": N_("sent, and the partner has it"),
    "dropped": N_("given up, not sent"),
    "unknown": N_("whether it arrived is not known"),
    "conflict": N_("not sent: another file of its name is there"),
}
WAITS: Final[dict[str, str]] = {
    "money": N_("waits for payment"),
    "stock": N_("waits for stock"),
    "date": N_("waits for its ship date"),
}


def word(words: dict[str, str], code: str) -> str:
    """Return the word for a code in the current language; the code itself where there is none."""
    return _(words[code]) if code in words else code


def hold_reason(reason: str) -> str:
    """Return why an order is held, in staff's words."""
    return _(HOLD_REASONS[reason][0]) if reason in HOLD_REASONS else reason


def because(kind: str, what: str) -> str:
    """Return what an order waits for: a hold's reason, a wait, or the parcel that it is in."""
    if kind == "hold":
        return _("to be checked: {reason}").format(reason=hold_reason(what))
    if kind == "parcel":
        return _("told to the warehouse as {parcel}").format(parcel=what)
    return word(WAITS, what)
