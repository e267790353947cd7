"""What a matter is, why it stands, and what to do about it, in the words of the desks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.finding_catalogue import HOLD_REASONS
from ecsync.locale import N_, _
from ecsync.orders.decision_catalogue import DECISIONS
from ecsync.report import words

if TYPE_CHECKING:
    from ecsync.report.matters import Matter

_WHAT: Final = {
    "hold": words.WORDS["hold"],
    "change": words.WORDS["changed after instruction"],
    "cancelled_here": N_("Cancelled by us"),
}

_WHY_OF_WAIT: Final = {
    "money": N_("the payment is not confirmed yet"),
    "stock": N_("there are not enough units in the warehouse"),
    "date": N_("it ships on {until}"),
}
_DO_OF_WAIT: Final = {
    "money": N_("Remind the customer where it is late"),
    "stock": N_("Buy in, or tell the customer"),
    "date": N_("Nothing; it ships by itself"),
}

# With a work list in hand; `orders held` says the same.
_TO_DO: Final = {
    "unknown_sku": N_(
        "Look the item up in the shop; enter our SKU as the correction and choose 「correct it」"
    ),
    "bad_address": N_(
        "Ask the customer; enter the whole address, prefecture first, as the correction and choose 「correct it」. "
        "Where parcels do arrive there, choose 「ship it」"
    ),
    "address_erased": N_(
        "Cancel the order here; where it must ship after all, ship it outside of this system"
    ),
    "amount_mismatch": N_(
        "Compare the amounts with the mall's screen. Where they are right there, choose 「ship it」; "
        "it is booked once they add up"
    ),
    "unfixed_amount": N_("Fix the amounts on the mall's screen; the order goes on with the shop's next file"),
    "mall_checking": N_("Wait for the mall; where its check is done, choose 「ship it」"),
    "cancel_pending": N_("Agree with the customer; choose 「cancel it」, or 「ship it」"),
    "refunded": N_(
        "See in the shop what was refunded; choose 「cancel it」, or 「ship it」 where all of it is to ship"
    ),
    "shipped_at_mall": N_(
        "Find out whether it was shipped. Where it was, choose 「cancel it」; where it was not, choose 「ship it」"
    ),
    "no_tax_rate": N_("Enter the tax rate (10% or 8%) as the correction and choose 「correct it」"),
    "order_conflict": N_(
        "Compare the order with the mall's screen. Where it is as we have it, choose 「ship it」; "
        "else fetch the order anew"
    ),
    "incomplete_order": N_("Mend the rows that could not be taken in, or fetch the order anew from the shop"),
    "zero_quantity": N_(
        "Check the order on the mall's screen; where nothing is to ship, choose 「cancel it」"
    ),
    "staff_hold": N_("Choose 「ship it」 as soon as it may ship"),
    "amendment_contested": N_(
        "Ask the customer which is right; choose 「keep our correction」, or 「take the shop's value」"
    ),
    "changed_after_instruction": N_(
        "Call the warehouse; choose 「recall it」, or 「ship as instructed」 where the parcel may leave as it is"
    ),
    "cancelled_here": N_(
        "Cancel it on the mall's screen too; where it is to ship after all, choose 「undo the cancellation」"
    ),
}


def desk_word(desk: str) -> str:
    """Return the name of a desk."""
    return words.said(words.DESKS, desk)


def what(matter: Matter) -> str:
    """Return what it is: held, waiting for payment ..."""
    return words.said(words.WAITS, matter.reason) if matter.kind == "wait" else _(_WHAT[matter.kind])


def why(matter: Matter) -> str:
    """Return why it stands, with the SKU, the fields or the parcel that it is about."""
    if matter.kind == "wait":
        return _(_WHY_OF_WAIT[matter.reason]).format(until=matter.until)
    if matter.kind == "cancelled_here":
        return _("the shop does not show it as cancelled yet")
    reason = _(HOLD_REASONS[matter.reason][0])
    if matter.kind == "change":
        return _("parcel {parcel}: {reason} ({fields})").format(
            parcel=matter.parcel_no, reason=reason, fields=words.field_words(matter.fields)
        )
    shown = matter.about if matter.reason in {"unknown_sku", "no_tax_rate"} else ""
    return f"{reason}: {shown}" if shown else reason


def to_do(matter: Matter) -> str:
    """Return what to do next."""
    table = _DO_OF_WAIT if matter.kind == "wait" else _TO_DO
    return _(table[matter.reason])


def decision_word(kind: str) -> str:
    """Return the word of a decision as it stands in the work list."""
    return _(DECISIONS[kind].word)
