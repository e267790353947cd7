"""Instructions, parcels, labels and what the warehouse tells."""

from __future__ import annotations

from typing import Final

from ecsync.finding_catalogue.kind import FindingKind
from ecsync.locale import N_

SHIPPING: Final[dict[str, FindingKind]] = {
    "recall_failed": FindingKind(
        "shipping",
        N_("The recall of {subject} failed: the warehouse answered {answer}"),
        N_("Call the customer; take the return when it comes"),
        needs_person=True,
        scope="order",
        what=N_("Recall that failed"),
        why=N_("the warehouse answered: {answer}"),
    ),
    "recall_requested": FindingKind(
        "shipping",
        N_("A recall of {subject} is asked of the warehouse"),
        scope="order",
        what=N_("Recall"),
        why=N_("it is asked of the warehouse"),
    ),
    "short_pick": FindingKind(
        "shipping",
        N_("The warehouse was short of {qty} of SKU {sku} for {subject}"),
        N_("Count the shelf; tell the customer if the rest is late"),
        needs_person=True,
        scope="order",
        what=N_("Short pick"),
        why=N_("SKU {sku}: {qty} units were not there"),
    ),
    "event_rejected": FindingKind(
        "shipping",
        N_("Warehouse event {subject} does not fit: {reason}"),
        N_("Ask the warehouse what it means"),
        needs_person=True,
        scope="event",
        what=N_("Warehouse event that does not fit"),
        why="{reason}",
    ),
    "label_rejected": FindingKind(
        "shipping",
        N_("A label of parcel {subject} is not taken for a shipment: {reason}"),
        N_("See whether the parcel has left, and stop it where it must not go"),
        needs_person=True,
        scope="event",
        what=N_("Label not taken for a shipment"),
        why="{reason}",
    ),
    "label_date_moved": FindingKind(
        "shipping",
        N_(
            "The label of parcel {subject} now says {ship_date}; it was taken for shipped before, and stays so"
        ),
        scope="event",
        what=N_("Label with another date"),
        why=N_("it now says {ship_date}; it was taken for shipped before, and stays so"),
    ),
    "labels_not_issued": FindingKind(
        "shipping",
        N_("{count} parcels of {subject} have a label that is not issued yet"),
        scope="channel",
        what=N_("Labels not issued yet"),
        why=N_("{count} parcels have a label that is not issued yet"),
    ),
    "labels_by_hand": FindingKind(
        "shipping",
        N_("{count} labels of {subject} name no parcel; they were made by hand and are passed over"),
        scope="channel",
        what=N_("Labels made by hand"),
        why=N_("{count} labels name no parcel; they are passed over"),
    ),
    "tracking_changed": FindingKind(
        "shipping",
        N_("Order {subject}: parcel {parcel_no} has another tracking number after its shop was told"),
        N_(
            "If the label was issued anew, correct the number in the shop; if it is another box, add it there"
        ),
        needs_person=True,
        scope="order",
        what=N_("Another tracking number after the shop was told"),
        why=N_("parcel {parcel_no}"),
    ),
    "ship_date_passed": FindingKind(
        "shipping",
        N_("The ship date of {subject} has passed: {ship_date}"),
        N_("Tell the customer"),
        needs_person=True,
        scope="order",
        what=N_("Ship date passed"),
        why=N_("its ship date was {ship_date}"),
    ),
    "ship_by_today": FindingKind(
        "shipping",
        N_("{subject} should ship today but is not instructed: {reason}"),
        N_("Solve the reason before {by}"),
        needs_person=True,
        scope="order",
        what=N_("Should ship today, not instructed"),
        why="{reason}",
    ),
    "tracking_suspect": FindingKind(
        "shipping",
        N_("The tracking number of {subject} has a wrong check digit, or too few digits"),
        scope="order",
        what=N_("Tracking number with a wrong check digit"),
        why=N_("a digit may be mistyped, or a leading zero lost"),
        next_step=N_("Compare it with the carrier's slip"),
    ),
}
