"""Every finding code with its desk, its sentence and the action it asks for (msgids, English).

Sentences name what staff know: shop, order number, SKU, file. {subject} and named parameters are filled in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from ecsync.locale import N_


@dataclass(frozen=True)
class FindingKind:
    """A kind of finding. `needs_person` makes the run end with status 3."""

    desk: Literal["orders", "shipping", "stock", "accounting", "system"]
    sentence: str
    action: str = ""
    needs_person: bool = False


CATALOGUE: Final[dict[str, FindingKind]] = {
    # files
    "file_refused": FindingKind(
        "system",
        N_("File {subject} was not taken: {reason}"),
        N_("Ask the partner for a whole file and put it in again"),
        needs_person=True,
    ),
    "file_missing": FindingKind(
        "system",
        N_("No file for {subject}; expected by {by}"),
        N_("Fetch the file from the partner, or ask why it is late"),
        needs_person=True,
    ),
    "file_stale": FindingKind(
        "system",
        N_("The newest file for {subject} is of {as_of}; it is older than {hours} hours"),
        N_("Fetch a newer file from the partner"),
    ),
    "file_known": FindingKind("system", N_("File {subject} was taken before; nothing in it is new")),
    "file_unstable": FindingKind(
        "system", N_("File {subject} is still being written; it waits for the next run")
    ),
    "pair_waits": FindingKind(
        "system", N_("File {subject} waits for its other half ({missing}); the next run looks again")
    ),
    "pair_incomplete": FindingKind(
        "orders",
        N_(
            "File {subject} has been waiting since {since} for its other half: no file {pattern} of {missing} came"
        ),
        N_("Export both files anew at the shop and put them in; until then no order in it is taken"),
        needs_person=True,
    ),
    "partner_unreachable": FindingKind(
        "system",
        N_("{subject} could not be reached: {reason}"),
        N_("Try again later, or check the connection with `ecsync doctor`"),
    ),
    "name_refused": FindingKind(
        "system", N_("A remote file of {subject} has a name that is not safe and was left alone: {reason}")
    ),
    "guard_stopped": FindingKind(
        "system",
        N_("Guard {guard} stopped {subject}: {detail}"),
        N_("Check the file; if it is right, run once with --override {guard}:{subject}"),
        needs_person=True,
    ),
    "guard_overridden": FindingKind("system", N_("Guard {guard} was let pass once for {subject}")),
    "unknown_columns": FindingKind(
        "system", N_("File {subject} has columns that the mapping does not name: {columns}")
    ),
    "rows_quarantined": FindingKind(
        "system",
        N_("{count} rows of {subject} could not be used: {reason} (column {column}, line {line})"),
        N_(
            "Export them with `ecsync quarantine export`, mend them, and put them back with `ecsync quarantine retry`"
        ),
        needs_person=True,
    ),
    "text_replaced": FindingKind(
        "shipping",
        N_("{subject}: a character that the receiver cannot read was replaced in {column} ({code_point})"),
    ),
    "row_not_writable": FindingKind(
        "shipping",
        N_("{subject}: {column} cannot be written, and is not sent: {reason} {code_point}"),
        N_("Change it at its source, then run again"),
        needs_person=True,
    ),
    # orders
    "order_conflict": FindingKind(
        "orders",
        N_("Order {subject}: two files of the same time say different things"),
        N_("Fetch the order anew from the mall"),
        needs_person=True,
    ),
    "order_held": FindingKind("orders", N_("Order {subject} is held: {reason}"), N_("{advice}")),
    "changed_after_instruction": FindingKind(
        "orders",
        N_("Order {subject} was changed after its shipping instruction {parcel_no}: {fields}"),
        N_("Call the warehouse, or ship as instructed"),
        needs_person=True,
    ),
    "cancelled_after_instruction": FindingKind(
        "orders",
        N_(
            "Order {subject} was cancelled after its shipping instruction {parcel_no}; a recall goes to the warehouse"
        ),
        N_("Wait for the warehouse's answer; if it has left, take the return"),
    ),
    "cancelled_after_shipment": FindingKind(
        "orders",
        N_("Order {subject} was cancelled after it was shipped"),
        N_("Agree with the customer on the return"),
        needs_person=True,
    ),
    "changed_after_shipment": FindingKind(
        "accounting",
        N_("Order {subject} was changed after it was shipped: {fields}"),
        N_("Check the amounts"),
    ),
    "decision_taken": FindingKind("orders", N_("Order {subject}: {by} decided: {reason}")),
    "release_ended": FindingKind(
        "orders",
        N_("Order {subject}: what {by} released has changed, so the release is over: {reason}"),
    ),
    "before_cutover": FindingKind(
        "orders", N_("{count} orders of {subject} are from before the cut-over and stay with the old system")
    ),
    # shipping
    "recall_failed": FindingKind(
        "shipping",
        N_("The recall of {subject} failed: the warehouse answered {answer}"),
        N_("Call the customer; take the return when it comes"),
        needs_person=True,
    ),
    "recall_requested": FindingKind("shipping", N_("A recall of {subject} is asked of the warehouse")),
    "short_pick": FindingKind(
        "shipping",
        N_("The warehouse was short of {qty} of SKU {sku} for {subject}"),
        N_("Count the shelf; tell the customer if the rest is late"),
        needs_person=True,
    ),
    "event_rejected": FindingKind(
        "shipping",
        N_("Warehouse event {subject} does not fit: {reason}"),
        N_("Ask the warehouse what it means"),
        needs_person=True,
    ),
    "label_rejected": FindingKind(
        "shipping",
        N_("A label of parcel {subject} is not taken for a shipment: {reason}"),
        N_("See whether the parcel has left, and stop it where it must not go"),
        needs_person=True,
    ),
    "label_date_moved": FindingKind(
        "shipping",
        N_(
            "The label of parcel {subject} now says {ship_date}; it was taken for shipped before, and stays so"
        ),
    ),
    "labels_not_issued": FindingKind(
        "shipping", N_("{count} parcels of {subject} have a label that is not issued yet")
    ),
    "labels_by_hand": FindingKind(
        "shipping",
        N_("{count} labels of {subject} name no parcel; they were made by hand and are passed over"),
    ),
    "tracking_changed": FindingKind(
        "shipping",
        N_("Order {subject}: parcel {parcel_no} has another tracking number after its shop was told"),
        N_(
            "If the label was issued anew, correct the number in the shop; if it is another box, add it there"
        ),
        needs_person=True,
    ),
    "ship_date_passed": FindingKind(
        "shipping",
        N_("The ship date of {subject} has passed: {ship_date}"),
        N_("Tell the customer"),
        needs_person=True,
    ),
    "ship_by_today": FindingKind(
        "shipping",
        N_("{subject} should ship today but is not instructed: {reason}"),
        N_("Solve the reason before {by}"),
        needs_person=True,
    ),
    "tracking_suspect": FindingKind(
        "shipping", N_("The tracking number of {subject} has a wrong check digit")
    ),
    # stock
    "stock_differs": FindingKind(
        "stock",
        N_("SKU {subject}: {source} shows {theirs}, we hold {ours}"),
        N_("Count, or correct it at {source}"),
    ),
    "oversold": FindingKind(
        "stock",
        N_("SKU {subject}: {missing} more sold than there is"),
        N_("Buy in, or tell the customers of the newest orders"),
        needs_person=True,
    ),
    "allocation_released": FindingKind(
        "stock", N_("SKU {subject}: {qty} allocated units were released after a count")
    ),
    "unknown_listing": FindingKind(
        "stock", N_("{channel} lists {subject}, which the product master does not know")
    ),
    "unlisted": FindingKind("stock", N_("SKU {subject} is not listed on {channel}")),
    "set_refused": FindingKind(
        "stock",
        N_("Set {subject} cannot be taken apart: it holds itself, or is nested too deeply"),
        N_("Mend the set's components in the core system"),
        needs_person=True,
    ),
    "negative_stock": FindingKind(
        "stock", N_("SKU {subject} is below zero in {warehouse}: {qty}"), N_("Count it"), needs_person=True
    ),
    # money
    "not_booked": FindingKind(
        "accounting",
        N_("Order {subject} was shipped but not booked: {reason}"),
        N_("Mend the order's amounts, then run again"),
        needs_person=True,
    ),
    "tax_differs": FindingKind(
        "accounting", N_("Order {subject}: the mall states {theirs} tax at {rate}, we compute {ours}")
    ),
    "change_not_booked": FindingKind(
        "accounting",
        N_("Order {subject} was changed after it was booked, and the change is not booked: {reason}"),
        N_("Mend the order's amounts, then run again"),
    ),
    "return_not_booked": FindingKind(
        "accounting",
        N_("The return {event_id} of order {subject} was not booked: {reason}"),
        N_("Check what was sold and what came back"),
    ),
    "receivable_also_open": FindingKind(
        "accounting",
        N_(
            "Order {subject} stands among the opening receivables and among the open orders: it would be owed twice"
        ),
        N_("Take it out of one of the two files"),
        needs_person=True,
    ),
    "booking_reversed": FindingKind(
        "accounting", N_("The booking of order {subject} was reversed and booked anew")
    ),
    # proofs and deliveries
    "proof_broken": FindingKind(
        "system",
        N_("Proof {proof} does not hold for {subject}: {detail}"),
        N_("Do not go on before it is understood"),
        needs_person=True,
    ),
    "delivery_unknown": FindingKind(
        "system",
        N_("Whether {subject} arrived is not known"),
        N_("Ask the partner, then `ecsync outbox resolve`"),
        needs_person=True,
    ),
    "delivery_conflict": FindingKind(
        "system",
        N_("{subject}: the partner already has another file of this name"),
        N_("Look at the partner's folder, then `ecsync outbox resolve`"),
        needs_person=True,
    ),
    "delivery_waits": FindingKind("system", N_("{subject} waits to be sent: {reason}")),
    "run_abandoned": FindingKind(
        "system", N_("The unfinished run {subject} was given up; its files go to this run")
    ),
    "run_resumed": FindingKind("system", N_("The unfinished run {subject} was finished")),
    "erased": FindingKind("system", N_("Personal data of {count} orders of {subject} was erased")),
}

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
