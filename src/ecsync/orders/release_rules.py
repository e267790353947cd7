"""Which holds a person may release, what the release was judged on, and why the others cannot be released."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ecsync.locale import N_


@dataclass(frozen=True)
class ReleaseRule:
    """What a release of one reason means.

    `releasable` holds may be released; `why` says why, or why not, in staff's words. A release ends when
    the reason falls away, or when a revision of the order changes one of the fields of `judged_on`.
    """

    releasable: bool
    why: str
    judged_on: tuple[str, ...] = ()


_AMOUNTS: Final = (
    "goods",
    "wrapping",
    "shipping",
    "cod_fee",
    "payment_fee",
    "buyer_fee",
    "tax_excluded",
    "adjustment",
    "discount",
    "points",
    "coupon_shop",
    "coupon_mall",
    "gift_card",
    "billed",
    "unfixed_flag",
    "unit_price",
    "qty",
    "price_includes_tax",
    "line_added",
    "line_removed",
)
_ADDRESS: Final = ("ship_prefecture", "ship_city", "ship_address", "ship_address_ok", "destination_added")

RELEASE_RULES: Final[dict[str, ReleaseRule]] = {
    "unknown_sku": ReleaseRule(False, N_("nobody knows what to pack; enter the SKU of ours that was sold")),
    "bad_address": ReleaseRule(
        True, N_("somebody made sure that a parcel arrives at this address"), _ADDRESS
    ),
    "address_erased": ReleaseRule(
        False, N_("the address was erased when its time was over, and a parcel needs one; cancel the order")
    ),
    "amount_mismatch": ReleaseRule(
        True,
        N_("somebody looked at the amounts; the order ships, and is booked once its amounts add up"),
        _AMOUNTS,
    ),
    "unfixed_amount": ReleaseRule(
        False, N_("what the customer pays is not known yet; fix the amounts on the mall's screen")
    ),
    "mall_checking": ReleaseRule(
        True, N_("somebody made sure that the shop has no doubt left"), ("checking_flag",)
    ),
    "cancel_pending": ReleaseRule(True, N_("the customer wants the order all the same"), ("order_status",)),
    "refunded": ReleaseRule(
        True,
        N_("somebody saw what was refunded, and all that the order holds is to ship"),
        ("order_status", *_AMOUNTS),
    ),
    # A mall moves these statuses by itself; the release stands until they are left.
    "shipped_at_mall": ReleaseRule(True, N_("somebody made sure that nothing was shipped")),
    "no_tax_rate": ReleaseRule(
        False, N_("it cannot be booked without a tax rate; enter the rate of the line")
    ),
    "order_conflict": ReleaseRule(
        True, N_("somebody compared the order with the mall's screen, and it is as we have it")
    ),
    "incomplete_order": ReleaseRule(
        False, N_("its newest state could not be read; mend its rows, or fetch the order anew")
    ),
    "zero_quantity": ReleaseRule(False, N_("there is nothing to ship; cancel the order")),
    "amendment_contested": ReleaseRule(
        False, N_("our correction and the shop's newest value differ; say which of the two counts")
    ),
    "staff_hold": ReleaseRule(True, N_("what somebody held by hand, somebody lifts by hand")),
    "changed_after_instruction": ReleaseRule(
        False, N_("the parcel is in the warehouse's hands; let it ship as instructed, or recall it")
    ),
}
