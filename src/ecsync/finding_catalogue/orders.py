"""Orders: what a desk decides, and what became of it."""

from __future__ import annotations

from typing import Final

from ecsync.finding_catalogue.kind import FindingKind
from ecsync.locale import N_

ORDERS: Final[dict[str, FindingKind]] = {
    "order_conflict": FindingKind(
        "orders",
        N_("Order {subject}: two files of the same time say different things"),
        N_("Fetch the order anew from the mall"),
        needs_person=True,
        scope="order",
        what=N_("Two files contradict each other"),
        why=N_("two files of the same time say different things"),
    ),
    "state_repeated": FindingKind(
        "orders",
        N_(
            "Order {subject}: file {file} repeats what was stated for {first}, but a file for {newest} says otherwise; "
            "nothing was changed"
        ),
        N_(
            "Look at the order in the shop; where the file is right, put it in again with one more change, or set "
            'repeated = "news" for flow {flow}'
        ),
        needs_person=True,
        scope="order",
        what=N_("An old state came once more"),
        why=N_("file {file} repeats {first}; the newest state is of {newest}"),
    ),
    "amounts_unequal": FindingKind(
        "orders",
        N_("Order {subject} does not add up: {reason}"),
        scope="order",
        what=N_("Amounts that do not add up"),
        why="{reason}",
    ),
    "order_held": FindingKind(
        "orders",
        N_("Order {subject} is held: {reason}"),
        N_("{advice}"),
        scope="order",
        what=N_("To be checked"),
        why="{reason}",
    ),
    "changed_after_instruction": FindingKind(
        "orders",
        N_("Order {subject} was changed after its shipping instruction {parcel_no}: {fields}"),
        N_("Call the warehouse, or ship as instructed"),
        needs_person=True,
        scope="order",
        what=N_("Changed after its shipping instruction"),
        why=N_("{fields} (instruction {parcel_no})"),
    ),
    "cancelled_after_instruction": FindingKind(
        "orders",
        N_(
            "Order {subject} was cancelled after its shipping instruction {parcel_no}; a recall goes to the warehouse"
        ),
        N_("Wait for the warehouse's answer; if it has left, take the return"),
        scope="order",
        what=N_("Cancelled after its shipping instruction"),
        why=N_("a recall goes to the warehouse (instruction {parcel_no})"),
    ),
    "cancelled_after_shipment": FindingKind(
        "orders",
        N_("Order {subject} was cancelled after it was shipped"),
        N_("Agree with the customer on the return"),
        needs_person=True,
        scope="order",
        what=N_("Cancelled after it was shipped"),
        why=N_("it has left the warehouse"),
    ),
    "changed_after_shipment": FindingKind(
        "accounting",
        N_("Order {subject} was changed after it was shipped: {fields}"),
        N_("Check the amounts"),
        scope="order",
        what=N_("Changed after it was shipped"),
        why="{fields}",
    ),
    "decision_taken": FindingKind(
        "orders",
        N_("Order {subject}: {by} decided: {reason}"),
        scope="order",
        what=N_("Decision taken"),
        why="{by}: {reason}",
    ),
    "release_ended": FindingKind(
        "orders",
        N_("Order {subject}: what {by} released has changed, so the release is over: {reason}"),
        scope="order",
        what=N_("Release that is over"),
        why=N_("what {by} released has changed: {reason}"),
    ),
    "before_cutover": FindingKind(
        "orders",
        N_("{count} orders of {subject} are from before the cut-over and stay with the old system"),
        scope="channel",
        what=N_("Orders from before the cut-over"),
        why=N_("{count} orders stay with the old system"),
    ),
}

# Why the amounts of an order do not add up, with both figures.
UNEQUAL_BILL = N_("¥{stated} is billed, but its amounts give ¥{summed}")
UNEQUAL_GOODS = N_("its goods are ¥{stated}, but its lines give ¥{summed}")
