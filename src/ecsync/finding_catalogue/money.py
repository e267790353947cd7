"""Bookings, returns and receivables."""

from __future__ import annotations

from typing import Final

from ecsync.finding_catalogue.kind import FindingKind
from ecsync.locale import N_

MONEY: Final[dict[str, FindingKind]] = {
    "not_booked": FindingKind(
        "accounting",
        N_("Order {subject} was shipped but not booked: {reason}"),
        N_("Mend the order's amounts, then run again"),
        needs_person=True,
        scope="order",
        what=N_("Shipped, not booked"),
        why="{reason}",
        due="today",
    ),
    "tax_differs": FindingKind(
        "accounting",
        N_("Order {subject}: the mall states {theirs} tax at {rate}, we compute {ours}"),
        scope="order",
        what=N_("Tax that differs"),
        why=N_("at {rate} the mall states {theirs}, we compute {ours}"),
    ),
    "change_not_booked": FindingKind(
        "accounting",
        N_("Order {subject} was changed after it was booked, and the change is not booked: {reason}"),
        N_("Mend the order's amounts, then run again"),
        scope="order",
        what=N_("Change not booked"),
        why="{reason}",
    ),
    "return_not_booked": FindingKind(
        "accounting",
        N_("The return {event_id} of order {subject} was not booked: {reason}"),
        N_("Check what was sold and what came back"),
        scope="order",
        what=N_("Return not booked"),
        why="{event_id}: {reason}",
    ),
    "receivable_also_open": FindingKind(
        "accounting",
        N_(
            "Order {subject} stands among the opening receivables and among the open orders: it would be owed twice"
        ),
        N_("Take it out of one of the two files"),
        needs_person=True,
        scope="order",
        what=N_("Owed twice"),
        why=N_("it stands among the opening receivables and among the open orders"),
        due="today",
    ),
    "booking_reversed": FindingKind(
        "accounting",
        N_("The booking of order {subject} was reversed and booked anew"),
        scope="order",
        what=N_("Booked anew"),
        why=N_("the earlier booking was reversed"),
    ),
}
