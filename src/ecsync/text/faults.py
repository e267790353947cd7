"""What can be wrong with one text: the answer of a reader that could not read it."""

from __future__ import annotations

from enum import Enum, unique
from typing import Final

from ecsync.locale import N_


@unique
class TextFault(Enum):
    """Why a text is not what it should be; the value is the code for findings, the text goes nowhere.

    No string by itself, so that the type checker finds who takes a fault for a value.
    """

    EMPTY = "empty"
    EXCEL_DAMAGE = "excel_damage"
    NOT_A_NUMBER = "not_a_number"
    FRACTION = "fraction"
    TOO_LARGE = "too_large"
    NOT_A_RATE = "not_a_rate"
    NOT_A_TIME = "not_a_time"
    NOT_A_DATE = "not_a_date"
    NOT_DIGITS = "not_digits"
    WRONG_LENGTH = "wrong_length"
    NOT_A_POSTCODE = "not_a_postcode"
    NOT_A_PHONE = "not_a_phone"
    PREFECTURE_UNKNOWN = "prefecture_unknown"
    NO_HOUSE_NUMBER = "no_house_number"
    TOO_LONG = "too_long"
    NOT_A_SLOT = "not_a_slot"


# msgids; what staff read beside the line of the file.
FAULT_TITLES: Final[dict[TextFault, str]] = {
    TextFault.EMPTY: N_("It is empty"),
    TextFault.EXCEL_DAMAGE: N_(
        "A spreadsheet program has changed it; export the file anew and do not open it"
    ),
    TextFault.NOT_A_NUMBER: N_("It is not a number"),
    TextFault.FRACTION: N_("It has a fraction of a yen or of a unit"),
    TextFault.TOO_LARGE: N_("The number is too large"),
    TextFault.NOT_A_RATE: N_("It is not a tax rate"),
    TextFault.NOT_A_TIME: N_("It is not a date and time of the declared form"),
    TextFault.NOT_A_DATE: N_("It is not a date of the declared form"),
    TextFault.NOT_DIGITS: N_("It may hold digits only"),
    TextFault.WRONG_LENGTH: N_("It has too many or too few digits"),
    TextFault.NOT_A_POSTCODE: N_("It is not a postcode of seven digits"),
    TextFault.NOT_A_PHONE: N_("It is not a phone number of ten or eleven digits"),
    TextFault.PREFECTURE_UNKNOWN: N_("It does not begin with a prefecture"),
    TextFault.NO_HOUSE_NUMBER: N_("It has no house number"),
    TextFault.TOO_LONG: N_("It is longer than the receiver takes"),
    TextFault.NOT_A_SLOT: N_("It is not a delivery time; write for example 午前中 or 14-16"),
}
