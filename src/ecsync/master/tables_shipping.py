"""Shipping: instructions, warehouse events, recalls, parcels and notices."""

from __future__ import annotations

from typing import Final

from ecsync.master.columns import integer, key, number_key, run_id, table, text

# state: instructed | recalling | recalled | shipped (nothing left to ship). One parcel per destination and instruction.
SHIPPING_INSTRUCTION: Final = table(
    "shipping_instruction",
    key("parcel_no"),
    text("channel"),
    text("order_no"),
    text("dest_id"),
    text("warehouse"),
    text("ship_date"),
    integer("cod_amount"),
    text("state", default="instructed"),
    text("instructed_at"),
    integer("revision", default=1),  # the order's revision that was instructed
    integer("sequence", default=1),  # counts the instructions of this destination
    run_id(),
    area="shipping",
)

INSTRUCTION_LINE: Final = table(
    "instruction_line",
    key("parcel_no"),
    number_key("line_no"),
    text("channel"),
    text("order_no"),
    text("line_id"),
    text("line_sku"),  # of the order line when it was instructed; `sku` is a component where that is a set
    text("sku"),
    integer("qty", default=0),
    integer("shipped_qty", default=0),
    integer("short_qty", default=0),
    integer("recalled_qty", default=0),
    integer("returned_qty", default=0),
    run_id(),
    area="shipping",
)

# Every event of a warehouse, once. posted_flag: the stock ledger has taken it. verdict: ok or the finding's code.
WAREHOUSE_EVENT: Final = table(
    "warehouse_event",
    key("warehouse"),
    key("event_id"),
    text("kind"),
    text("parcel_no"),
    integer("line_no"),
    text("sku"),
    integer("qty"),
    text("tracking_no"),
    text("carrier"),
    text("at"),
    integer("at_offset", default=0),
    text("business_date"),  # of `at` in the project's time zone
    text("verdict", default="ok"),
    integer("posted_flag", default=0),
    integer("booked_flag", default=0),
    run_id(),
    area="shipping",
)

# A parcel's label as the carrier's software told it, each tracking number once. verdict: pending, waiting (its ship
# date is to come), ok, or the finding's reason.
PARCEL_RESULT: Final = table(
    "parcel_result",
    key("warehouse"),
    key("parcel_no"),
    key("tracking_no"),
    text("carrier"),
    text("ship_date"),
    text("as_of"),
    text("verdict", default="pending"),
    run_id(),
    area="shipping",
)

RECALL: Final = table(
    "recall",
    key("parcel_no"),
    text("reason"),
    text("requested_at"),
    text("requested_on"),
    text("answer"),  # '' | recalled | refused | shipped
    text("answered_at"),
    run_id(),
    area="shipping",
)

# A tracking number of a parcel, as the warehouse told it; '' for a parcel that left without one.
PARCEL_TRACKING: Final = table(
    "parcel_tracking",
    key("parcel_no"),
    key("tracking_no"),
    text("carrier"),
    text("ship_date"),
    integer("noticed_flag", default=0),  # the channel's notice is decided
    run_id(),
    area="shipping",
)

# Decided notices to a channel; told when its business key stands in outbox_key.
SHIPPING_NOTICE: Final = table(
    "shipping_notice",
    key("channel"),
    key("order_no"),
    key("dest_id"),
    key("tracking_no"),
    text("carrier"),
    text("ship_date"),
    text("decided_at"),
    run_id(),
    area="shipping",
)
