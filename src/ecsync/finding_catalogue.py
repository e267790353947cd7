"""Every finding code with its desk, its sentence and the action it asks for (msgids, English).

Sentences name what staff know: shop, order number, SKU, file. {subject} and named parameters are filled in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from ecsync.locale import N_

Desk = Literal["orders", "shipping", "stock", "accounting", "system"]
# What the subject of a finding names: `event` is "warehouse number", `channel` any partner, `order` is "channel order_no", with " (parcel)" where one parcel is meant;
# `key` and `proof` are business keys with colons; `sent` a file on its way out.
Scope = Literal[
    "order", "sku", "listing", "file", "flow", "sent", "party", "channel", "event", "key", "proof", "run", ""
]
Due = Literal["cut_off", "today", "note"]


@dataclass(frozen=True)
class FindingKind:
    """A kind of finding. `needs_person` makes the run end with status 3.

    `sentence` and `action` are said in one line, to whoever runs the command. On a staff page the subject has
    a column of its own, so `what`, `why` and `next_step` (`action` where none is given) leave it out; `desk` says
    who, and `deadline` by when.
    """

    desk: Desk
    sentence: str
    action: str = ""
    needs_person: bool = False
    scope: Scope = ""
    what: str = ""
    why: str = ""
    next_step: str = ""
    due: Due | None = None

    @property
    def deadline(self) -> Due:
        """Return by when a person acts: before the cut-off, today, or not at all."""
        if self.due is not None:
            return self.due
        if self.needs_person:
            return "cut_off"
        return "today" if self.next_step or self.action else "note"


CATALOGUE: Final[dict[str, FindingKind]] = {
    # files
    "file_refused": FindingKind(
        "system",
        N_("File {subject} was not taken: {reason}"),
        N_("Ask the partner for a whole file and put it in again"),
        needs_person=True,
        scope="file",
        what=N_("File not taken in"),
        why="{reason}",
    ),
    "file_missing": FindingKind(
        "system",
        N_("No file for {subject}; expected by {by}"),
        N_("Fetch the file from the partner, or ask why it is late"),
        needs_person=True,
        scope="flow",
        what=N_("File that has not come"),
        why=N_("expected by {by}"),
    ),
    "file_stale": FindingKind(
        "system",
        N_("The newest file for {subject} is of {as_of}; it is older than {hours} hours"),
        N_("Fetch a newer file from the partner"),
        scope="flow",
        what=N_("File that is too old"),
        why=N_("the newest is of {as_of}; it is older than {hours} hours"),
    ),
    "file_known": FindingKind(
        "system",
        N_("File {subject} was taken before; nothing in it is new"),
        scope="file",
        what=N_("File taken in before"),
        why=N_("nothing in it is new"),
    ),
    "file_unstable": FindingKind(
        "system",
        N_("File {subject} is still being written; it waits for the next run"),
        scope="file",
        what=N_("File still being written"),
        why=N_("it waits for the next run"),
    ),
    "pair_waits": FindingKind(
        "system",
        N_("File {subject} waits for its other half ({missing}); the next run looks again"),
        scope="file",
        what=N_("File that waits for its other half"),
        why=N_("{missing} has not come; the next run looks again"),
    ),
    "pair_incomplete": FindingKind(
        "orders",
        N_(
            "File {subject} has been waiting since {since} for its other half: no file {pattern} of {missing} came"
        ),
        N_("Export both files anew at the shop and put them in; until then no order in it is taken"),
        needs_person=True,
        scope="file",
        what=N_("File whose other half has not come"),
        why=N_("waiting since {since} for a file {pattern}"),
    ),
    "partner_unreachable": FindingKind(
        "system",
        N_("{subject} could not be reached: {reason}"),
        N_("Try again later, or check the connection with `ecsync doctor`"),
        scope="party",
        what=N_("Partner not reached"),
        why="{reason}",
        next_step=N_("Wait for the next run; if it stays so, tell whoever looks after the system"),
    ),
    "name_refused": FindingKind(
        "system",
        N_("A remote file of {subject} has a name that is not safe and was left alone: {reason}"),
        scope="flow",
        what=N_("File with an unsafe name"),
        why=N_("it was left alone: {reason}"),
    ),
    "guard_stopped": FindingKind(
        "system",
        N_("Guard {guard} stopped {subject}: {detail}"),
        N_("Check the file; if it is right, run once with --override {guard}:{subject}"),
        needs_person=True,
        scope="flow",
        what=N_("File stopped by a safety check"),
        why="{guard}: {detail}",
        next_step=N_(
            "Check the file; if it is right, ask whoever looks after the system to let it pass once"
        ),
    ),
    "guard_overridden": FindingKind(
        "system",
        N_("Guard {guard} was let pass once for {subject}"),
        scope="flow",
        what=N_("Safety check let pass once"),
        why="{guard}",
    ),
    "unknown_columns": FindingKind(
        "system",
        N_("File {subject} has columns that the mapping does not name: {columns}"),
        scope="file",
        what=N_("Columns that are not known"),
        why="{columns}",
    ),
    "rows_quarantined": FindingKind(
        "system",
        N_("{count} rows of {subject} could not be used: {reason} (column {column}, line {line})"),
        N_(
            "Export them with `ecsync quarantine export`, mend them, and put them back with `ecsync quarantine retry`"
        ),
        needs_person=True,
        scope="file",
        what=N_("Rows not taken in"),
        why=N_("{count} rows: {reason} (column {column}, line {line})"),
        next_step=N_(
            "Ask whoever looks after the system for these rows, mend them, and have them put in again"
        ),
    ),
    "text_replaced": FindingKind(
        "shipping",
        N_("{subject}: a character that the receiver cannot read was replaced in {column} ({code_point})"),
        scope="key",
        what=N_("Character replaced for the receiver"),
        why="{column} ({code_point})",
    ),
    "row_not_writable": FindingKind(
        "shipping",
        N_("{subject}: {column} cannot be written, and is not sent: {reason} {code_point}"),
        N_("Change it at its source, then run again"),
        needs_person=True,
        scope="key",
        what=N_("Text that the receiver cannot take"),
        why=N_("{column}: {reason} {code_point}; it was not sent"),
    ),
    # orders
    "order_conflict": FindingKind(
        "orders",
        N_("Order {subject}: two files of the same time say different things"),
        N_("Fetch the order anew from the mall"),
        needs_person=True,
        scope="order",
        what=N_("Two files contradict each other"),
        why=N_("two files of the same time say different things"),
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
    # shipping
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
        N_("The tracking number of {subject} has a wrong check digit"),
        scope="order",
        what=N_("Tracking number with a wrong check digit"),
        why=N_("a digit may be mistyped"),
        next_step=N_("Compare it with the carrier's slip"),
    ),
    # stock
    "stock_differs": FindingKind(
        "stock",
        N_("SKU {subject}: {source} shows {theirs}, we hold {ours}"),
        N_("Count, or correct it at {source}"),
        scope="sku",
        what=N_("Stock drift"),
        why=N_("{source} shows {theirs}, we hold {ours}"),
    ),
    "oversold": FindingKind(
        "stock",
        N_("SKU {subject}: {missing} more sold than there is"),
        N_("Buy in, or tell the customers of the newest orders"),
        needs_person=True,
        scope="sku",
        what=N_("Oversell risk"),
        why=N_("{missing} more sold than there is"),
    ),
    "allocation_released": FindingKind(
        "stock",
        N_("SKU {subject}: {qty} allocated units were released after a count"),
        scope="sku",
        what=N_("Allocated units released"),
        why=N_("{qty} units, after a count"),
    ),
    "unknown_listing": FindingKind(
        "stock",
        N_("{channel} lists {subject}, which the product master does not know"),
        scope="listing",
        what=N_("Unknown code"),
        why=N_("it is listed, but the product master does not know it"),
        next_step=N_("Add it to the core system, or correct the shop's code"),
        due="today",
    ),
    "unlisted": FindingKind(
        "stock",
        N_("SKU {subject} is not listed on {channel}"),
        scope="sku",
        what=N_("Unlisted"),
        why=N_("it is not listed on {channel}"),
    ),
    "set_refused": FindingKind(
        "stock",
        N_("Set {subject} cannot be taken apart: it holds itself, or is nested too deeply"),
        N_("Mend the set's components in the core system"),
        needs_person=True,
        scope="sku",
        what=N_("Set that cannot be taken apart"),
        why=N_("it holds itself, or is nested too deeply"),
    ),
    "negative_stock": FindingKind(
        "stock",
        N_("SKU {subject} is below zero in {warehouse}: {qty}"),
        N_("Count it"),
        needs_person=True,
        scope="sku",
        what=N_("Stock below zero"),
        why="{warehouse}: {qty}",
    ),
    # money
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
    # proofs and deliveries
    "proof_broken": FindingKind(
        "system",
        N_("Proof {proof} does not hold for {subject}: {detail}"),
        N_("Do not go on before it is understood"),
        needs_person=True,
        scope="proof",
        what=N_("Proof that does not hold"),
        why="{proof}: {detail}",
    ),
    "delivery_unknown": FindingKind(
        "system",
        N_("Whether {subject} arrived is not known"),
        N_("Ask the partner, then `ecsync outbox resolve`"),
        needs_person=True,
        scope="sent",
        what=N_("Outcome unknown (ask whether it arrived)"),
        why=N_("whether it arrived is not known"),
        next_step=N_("Ask the partner whether it arrived, and tell whoever looks after the system"),
    ),
    "delivery_conflict": FindingKind(
        "system",
        N_("{subject}: the partner already has another file of this name"),
        N_("Look at the partner's folder, then `ecsync outbox resolve`"),
        needs_person=True,
        scope="sent",
        what=N_("Another file of this name is there"),
        why=N_("the partner already has another file of this name"),
        next_step=N_("Look at the partner's folder, and tell whoever looks after the system"),
    ),
    "delivery_waits": FindingKind(
        "system",
        N_("{subject} waits to be sent: {reason}"),
        scope="sent",
        what=N_("Waits to be sent"),
        why="{reason}",
    ),
    "run_abandoned": FindingKind(
        "system",
        N_("The unfinished run {subject} was given up; its files go to this run"),
        scope="run",
        what=N_("Unfinished run given up"),
        why=N_("its files go to this run"),
    ),
    "run_resumed": FindingKind(
        "system",
        N_("The unfinished run {subject} was finished"),
        scope="run",
        what=N_("Unfinished run finished"),
        why=N_("an earlier run had stopped halfway"),
    ),
    "erased": FindingKind(
        "system",
        N_("Personal data of {count} orders of {subject} was erased"),
        scope="channel",
        what=N_("Personal data erased"),
        why=N_("{count} orders"),
    ),
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
