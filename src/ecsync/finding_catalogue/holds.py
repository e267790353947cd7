"""Why an order is held: the reason in staff's words, and the action."""

from __future__ import annotations

from typing import Final

from ecsync.locale import N_

# Why an order is held: the reason in staff's words, and the action.
HOLD_REASONS: Final[dict[str, tuple[str, str]]] = {
    "unknown_sku": (
        N_("the SKU is not in the product master"),
        N_("Add the SKU to the core system, or correct the shop's code"),
    ),
    "bad_address": (
        N_("the address is not complete"),
        N_("Ask the customer and enter the address in the shop"),
    ),
    "address_erased": (
        N_("its address was erased, for the order was open for too long"),
        N_("Cancel the order, or ship it outside of this system"),
    ),
    "amount_mismatch": (N_("its amounts do not add up"), N_("Check the order on the mall's screen")),
    "unfixed_amount": (N_("an amount is not fixed yet"), N_("Fix the amounts on the mall's screen")),
    "mall_checking": (N_("the mall is checking the order"), N_("Wait for the mall")),
    "cancel_pending": (
        N_("a cancellation is pending"),
        N_("Decide on the cancellation on the mall's screen"),
    ),
    "refunded": (
        N_("the shop gave money back before it was shipped"),
        N_("See what was refunded; cancel the order in the shop, or correct it and release it"),
    ),
    "no_tax_rate": (
        N_("no tax rate is known"),
        N_("Enter the tax rate of the SKU in the core system"),
    ),
    "shipped_at_mall": (
        N_("the mall says it is shipped, but we did not ship it"),
        N_("Make sure that nothing is shipped twice"),
    ),
    "order_conflict": (
        N_("two files say different things about it"),
        N_("Fetch the order anew from the mall"),
    ),
    "incomplete_order": (
        N_("a newer state of it could not be read whole"),
        N_("Mend the rows that could not be read and put them back, or fetch the order anew"),
    ),
    "changed_after_instruction": (
        N_("it was changed after its shipping instruction"),
        N_("Settle it with the warehouse"),
    ),
    "staff_hold": (
        N_("somebody holds it by hand"),
        N_("Lift the hold when the order may ship"),
    ),
    "amendment_contested": (
        N_("the shop has changed what we had corrected"),
        N_("Compare with the mall's screen; keep our correction, or take the shop's value"),
    ),
    "zero_quantity": (N_("it has no units to ship"), N_("Check the order on the mall's screen")),
}
