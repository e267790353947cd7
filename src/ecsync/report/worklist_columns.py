"""The columns of a work list, in the order in which they stand."""

from __future__ import annotations

from typing import Final

from ecsync.locale import N_, _, speaking

BY_WHEN: Final = N_("By when")
SHOP: Final = N_("Shop")
ORDER: Final = N_("Order number")
PART: Final = N_("Part")
WHAT: Final = N_("What")
WHY: Final = N_("Why")
TO_DO: Final = N_("What to do")
DECISION: Final = N_("Decision")
CORRECTION: Final = N_("Correction")
WHO: Final = N_("Who")
NOTE: Final = N_("Note")
KEY: Final = N_("Key (do not change)")

RECEIVER: Final = N_("Receiver")
POSTCODE: Final = N_("Postcode")
ADDRESS: Final = N_("Address")
PHONE: Final = N_("Phone")

TOLD: Final = (BY_WHEN, SHOP, ORDER, PART, WHAT, WHY, TO_DO)
PERSONAL: Final = (RECEIVER, POSTCODE, ADDRESS, PHONE)
FILLED_IN: Final = (DECISION, CORRECTION, WHO, NOTE)
WIDTHS: Final = {
    BY_WHEN: 15,
    SHOP: 14,
    ORDER: 28,
    PART: 12,
    WHAT: 14,
    WHY: 34,
    TO_DO: 46,
    RECEIVER: 14,
    POSTCODE: 10,
    ADDRESS: 34,
    PHONE: 15,
    DECISION: 20,
    CORRECTION: 34,
    WHO: 10,
    NOTE: 24,
    KEY: 4,
}


def columns(*, personal: bool) -> tuple[str, ...]:
    """Return the columns of a list as msgids."""
    return (*TOLD, *(PERSONAL if personal else ()), *FILLED_IN, KEY)


def column_of_title(title: str) -> str:
    """Return the column that a header cell names in either language; '' for another cell."""
    for language in ("ja", "en"):
        with speaking(language):
            for column in columns(personal=True):
                if _(column) == title:
                    return column
    return ""
